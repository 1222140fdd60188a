"""The values for Kubernetes say what the platform's own settings say, with keys that Dagster's chart knows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
import yaml
from dagster._config import validate_config

from tests.conftest import REPOSITORY
from tests.deploy.test_containers import DOCKER, instructions

# What the chart's schema and templates take, of the parts that are used here; existingSecret is the bundled database's.
CHART = {
    "": {
        *("dagster-user-deployments", "runLauncher", "dagsterDaemon", "concurrency", "pythonLogs", "computeLogManager"),
        *("retention", "telemetry", "global", "generatePostgresqlPasswordSecret", "postgresql"),
        *("additionalInstanceConfig",),
    },
    "dagster-user-deployments": {"enabled", "enableSubchart", "imagePullSecrets", "deployments"},
    "runLauncher": {"type", "config"},
    "runLauncher.config.k8sRunLauncher": {
        *("image", "imagePullPolicy", "jobNamespace", "loadInclusterConfig", "kubeconfigFile", "envConfigMaps"),
        *("envSecrets", "envVars", "volumeMounts", "volumes", "labels", "failPodOnRunFailure", "resources"),
        *("schedulerName", "securityContext", "runK8sConfig"),
    },
    "runLauncher.config.k8sRunLauncher.runK8sConfig": {
        *("containerConfig", "podSpecConfig", "podTemplateSpecMetadata", "jobSpecConfig", "jobMetadata"),
    },
    "dagsterDaemon": {"enabled", "runCoordinator", "runMonitoring", "runRetries", "sensors", "schedules"},
    "dagsterDaemon.runMonitoring": {
        *("enabled", "startTimeoutSeconds", "cancelTimeoutSeconds", "maxRuntimeSeconds", "maxResumeRunAttempts"),
        *("pollIntervalSeconds", "freeSlotsAfterRunEndSeconds"),
    },
    "concurrency": {"enabled", "pools", "runs"},
    "concurrency.pools": {"defaultLimit", "granularity", "opGranularityRunBuffer"},
    "pythonLogs": {"pythonLogLevel", "managedPythonLoggers", "dagsterHandlerConfig"},
    "computeLogManager": {"type", "config"},
    "retention": {"enabled", "sensor", "schedule", "autoMaterialize"},
    "retention.sensor": {"purgeAfterDays"},
    "retention.sensor.purgeAfterDays": {"skipped", "success", "failure", "started"},
    "retention.schedule": {"purgeAfterDays"},
    "global": {"postgresqlSecretName", "dagsterHome", "serviceAccountName", "celeryConfigSecretName"},
    "postgresql": {
        *("enabled", "image", "existingSecret", "postgresqlHost", "postgresqlUsername", "postgresqlDatabase"),
        *("postgresqlParams", "postgresqlScheme", "service"),
    },
}
DEPLOYMENT = {
    *("name", "image", "dagsterApiGrpcArgs", "port", "includeConfigInLaunchedRuns", "env", "envSecrets", "volumes"),
    "volumeMounts",
}


@pytest.fixture(scope="module")
def values() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((DOCKER / "kubernetes-values.yaml").read_text(encoding="utf-8"))
    return loaded


@pytest.fixture(scope="module")
def ours() -> dict[str, Any]:
    """What the platform sets wherever it writes ``dagster.yaml`` itself."""
    loaded: dict[str, Any] = yaml.safe_load((REPOSITORY / "dagster_home" / "dagster.yaml").read_text(encoding="utf-8"))
    return loaded


@pytest.fixture
def deployment(values: dict[str, Any]) -> dict[str, Any]:
    [found] = values["dagster-user-deployments"]["deployments"]
    return dict(found)


def snake(value: Any) -> Any:
    """The chart's names as Dagster's settings write them."""
    if isinstance(value, Mapping):
        return {re.sub(r"(?<!^)([A-Z])", r"_\1", str(key)).lower(): snake(each) for key, each in value.items()}
    return value


@pytest.mark.parametrize("place", CHART)
def test_every_key_is_one_that_the_chart_knows(values: dict[str, Any], place: str) -> None:
    found: Any = values
    for name in filter(None, place.split(".")):
        found = found[name]
    assert set(found) <= CHART[place]


def test_what_the_platform_sets_for_dagster_is_set_here_again(values: dict[str, Any], ours: dict[str, Any]) -> None:
    assert snake(values["dagsterDaemon"]["runMonitoring"]) == ours["run_monitoring"]
    assert snake(values["concurrency"]["pools"]) == ours["concurrency"]["pools"]
    assert snake(values["pythonLogs"]) == ours["python_logs"]
    assert values["telemetry"] == ours["telemetry"]
    assert values["additionalInstanceConfig"]["nux"] == ours["nux"]
    assert values["computeLogManager"]["type"] == ours["compute_logs"]["class"]
    retention = snake({name: each for name, each in values["retention"].items() if name != "enabled"})
    retention["sensor"]["purge_after_days"].pop("started")
    assert retention == ours["retention"]
    assert values["concurrency"]["enabled"]
    assert values["retention"]["enabled"]


def test_the_code_location_is_that_of_the_containers(deployment: dict[str, Any]) -> None:
    assert set(deployment) <= DEPLOYMENT
    assert deployment["dagsterApiGrpcArgs"] == ["--module-name", "lineage_platform.defs.definitions"]
    documented = (REPOSITORY / "docs" / "settings.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in documented for name in deployment["env"])
    assert all(isinstance(value, str) for value in deployment["env"].values())


def test_each_run_is_a_pod_that_finds_the_data_home_and_may_write_it(
    values: dict[str, Any], deployment: dict[str, Any]
) -> None:
    assert deployment["includeConfigInLaunchedRuns"]["enabled"]
    [mount], [volume] = deployment["volumeMounts"], deployment["volumes"]
    assert mount == {"name": volume["name"], "mountPath": deployment["env"]["LINEAGE_HOME"]}
    [user] = [words[words.index("--uid") + 1] for words in instructions("RUN") if "--uid" in words]
    run = values["runLauncher"]["config"]["k8sRunLauncher"]["runK8sConfig"]
    assert set(run["podSpecConfig"]["security_context"].values()) == {int(user)}


def test_the_chart_is_that_of_the_dagster_in_the_image() -> None:
    told = (DOCKER / "kubernetes-values.yaml").read_text(encoding="utf-8")
    pinned = (REPOSITORY / "constraints.txt").read_text(encoding="utf-8")
    [chart] = re.findall(r"--version (\S+)", told)
    assert f"\ndagster=={chart}\n" in pinned


def test_dagster_and_its_database_take_the_password_from_one_secret(values: dict[str, Any]) -> None:
    assert values["postgresql"]["existingSecret"] == values["global"]["postgresqlSecretName"]
    told = (DOCKER / "kubernetes-values.yaml").read_text(encoding="utf-8")
    assert f"secret generic {values['postgresql']['existingSecret']} --from-literal=postgresql-password=" in told


def test_runs_reach_the_database_with_the_driver_of_the_image(values: dict[str, Any]) -> None:
    storage = yaml.safe_load((DOCKER / "storage.yaml").read_text(encoding="utf-8"))["storage"]["postgres"]
    assert values["postgresql"]["postgresqlScheme"] == storage["postgres_db"]["scheme"]


def test_no_key_and_no_password_stands_in_the_values(values: dict[str, Any], deployment: dict[str, Any]) -> None:
    assert [secret["name"] for secret in deployment["envSecrets"]] == ["lineage-keys"]
    assert not {"HF_TOKEN", "OPENAI_API_KEY", "GOOGLE_API_KEY"} & deployment["env"].keys()
    assert "postgresqlPassword" not in values["postgresql"]
    assert values["generatePostgresqlPasswordSecret"] is False


def test_a_run_has_the_memory_that_the_launcher_gives_it(values: dict[str, Any], deployment: dict[str, Any]) -> None:
    assert "resources" not in deployment  # a run would take those of its code location
    context = pytest.importorskip("dagster_k8s.container_context", reason="pip install dagster-k8s").K8sContainerContext
    given = values["runLauncher"]["config"]["k8sRunLauncher"]["runK8sConfig"]
    launcher = {"run_k8s_config": {snake({key: 0}).popitem()[0]: each for key, each in given.items()}}
    location = {"volume_mounts": deployment["volumeMounts"], "volumes": deployment["volumes"], "env_secrets": ["keys"]}
    run = context.create_from_config({"k8s": launcher}).merge(context.create_from_config({"k8s": location}))
    assert run.run_k8s_config.container_config["resources"] == given["containerConfig"]["resources"]
    assert run.run_k8s_config.pod_spec_config["volumes"][0]["persistent_volume_claim"]
    assert run.run_k8s_config.pod_spec_config["security_context"] == given["podSpecConfig"]["security_context"]


def test_the_run_launcher_takes_its_configuration(values: dict[str, Any]) -> None:
    k8s = pytest.importorskip("dagster_k8s", reason="pip install dagster-k8s")
    given = values["runLauncher"]["config"]["k8sRunLauncher"]
    config = {
        "image_pull_policy": given["imagePullPolicy"],
        "run_k8s_config": {snake({key: 0}).popitem()[0]: each for key, each in given["runK8sConfig"].items()},
    }
    required = {"service_account_name": "lineage", "instance_config_map": "lineage", "dagster_home": "/opt/dagster"}
    checked = validate_config(k8s.K8sRunLauncher.config_type(), config | required)
    assert checked.success, checked.errors


def test_the_executor_takes_the_configuration_that_the_documentation_shows() -> None:
    k8s = pytest.importorskip("dagster_k8s", reason="pip install dagster-k8s")
    text = (REPOSITORY / "docs" / "scaling.md").read_text(encoding="utf-8")
    [shown] = [block for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL) if "job_image" in block]
    schema = k8s.k8s_job_executor.config_schema.config_type
    checked = validate_config(schema, yaml.safe_load(shown)["execution"]["config"])
    assert checked.success, checked.errors
