"""The container files name what exists: files, commands, settings, the storage that Dagster takes."""

from __future__ import annotations

import re
import shlex
import tomllib
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
import yaml
from dagster._core.instance.config import dagster_instance_config
from dagster._core.instance.ref import InstanceRef

from lineage_platform.defs.launcher import WatchfulRunLauncher
from lineage_platform.settings import GRACE_SECONDS, Settings
from tests.conftest import REPOSITORY

DOCKER = REPOSITORY / "docker"
KEYS = {"HF_TOKEN", "OPENAI_API_KEY", "GOOGLE_API_KEY"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yaml").read_text(encoding="utf-8"))
    return loaded


def platform(compose: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {name: service for name, service in compose["services"].items() if name != "postgres"}


def instructions(word: str) -> list[list[str]]:
    text = (DOCKER / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    return [shlex.split(line)[1:] for line in text.splitlines() if line.startswith(word)]


def test_the_image_copies_only_what_is_there() -> None:
    copied = [REPOSITORY / path for *paths, _ in instructions("COPY") for path in paths]
    assert copied
    assert [path for path in copied if not path.exists()] == []


def test_the_image_installs_an_extra_that_exists() -> None:
    [installed] = [words for words in instructions("RUN") if "pip" in words]
    [extra] = [match[1] for word in installed if (match := re.fullmatch(r"\.\[(\w+)\]", word))]
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert extra in project["optional-dependencies"]


def test_each_service_runs_a_command_that_is_installed(compose: dict[str, Any]) -> None:
    commands = {service["command"].split()[0] for service in platform(compose).values()}
    assert commands == {"dagster", "dagster-webserver", "dagster-daemon"}
    assert commands <= {script.name for script in entry_points(group="console_scripts")}


def test_each_setting_of_ours_is_one_that_is_read(compose: dict[str, Any]) -> None:
    given = {name for service in platform(compose).values() for name in service["environment"]}
    documented = (REPOSITORY / "docs" / "settings.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in documented for name in given | example().keys() if name.startswith("LINEAGE_"))
    Settings.from_environment({"LINEAGE_MAX_COST": "", "LINEAGE_BATCH": "500"})  # an empty one is none


def example() -> dict[str, str]:
    """The settings that the example holds, those that are commented out among them."""
    lines = (DOCKER / "example.env").read_text(encoding="utf-8").splitlines()
    return dict(match.groups() for line in lines if (match := re.fullmatch(r"(?:# )?([A-Z_]+)=(.*)", line)))


def test_keys_and_settings_are_where_runs_and_sensors_are_and_nowhere_else(compose: dict[str, Any]) -> None:
    holders = {name for name, service in compose["services"].items() if "env_file" in service}
    assert holders == {"code"}
    assert compose["services"]["code"]["env_file"] == ".env"
    assert not [name for name, service in compose["services"].items() if KEYS & service["environment"].keys()]
    assert example().keys() > KEYS
    assert compose["services"]["webserver"]["ports"] == ["127.0.0.1:3000:3000"]


def test_no_password_stands_in_a_file_or_in_the_image(compose: dict[str, Any]) -> None:
    given = [service["environment"] for service in compose["services"].values()]
    secrets = [value for each in given for name, value in each.items() if "PASSWORD" in name]
    assert len(secrets) == 4
    assert all(value.startswith("${") for value in secrets)
    assert not any(example()[name] for name in {*KEYS, "DAGSTER_POSTGRES_PASSWORD"})
    copied = [REPOSITORY / path for *paths, _ in instructions("COPY") for path in paths]
    assert not [path for path in copied if path == DOCKER or path in DOCKER.parents]  # docker/.env lies there


def test_the_image_runs_as_a_user_who_may_write_both_homes_and_nothing_else() -> None:
    [made] = [words for words in instructions("RUN") if "useradd" in words]
    [user] = instructions("USER")
    owned = made[made.index("chown") + 1 :]
    [homes] = [dict(each.split("=") for each in words) for words in instructions("ENV")]
    assert user == owned[:1] == ["lineage"]
    assert set(owned[1:]) == {homes["DAGSTER_HOME"], homes["LINEAGE_HOME"]}


def test_each_service_tells_whether_it_is_well_with_a_command_that_it_has(compose: dict[str, Any]) -> None:
    asked = {name: service["healthcheck"]["test"] for name, service in compose["services"].items()}
    assert asked.pop("postgres") == ["CMD-SHELL", "pg_isready --username dagster"]
    installed = {script.name for script in entry_points(group="console_scripts")} | {"python"}
    assert {kind for kind, *_ in asked.values()} == {"CMD"}
    assert {command for _, command, *_ in asked.values()} <= installed
    compile(asked["webserver"][-1], "healthcheck", "exec")
    assert "/server_info" in asked["webserver"][-1]


def test_runs_are_told_to_stop_with_the_server_and_have_the_time_to(compose: dict[str, Any]) -> None:
    code = compose["services"]["code"]
    assert code["init"]
    assert code["environment"]["TINI_KILL_PROCESS_GROUP"] == "1"
    assert int(code["stop_grace_period"].removesuffix("s")) > GRACE_SECONDS + 10


def test_dagster_takes_the_settings_of_the_image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("dagster_postgres", reason="pip install 'lineage-platform[deploy]'")
    for name in ("HOST", "DB", "USER", "PASSWORD"):
        monkeypatch.setenv(f"DAGSTER_POSTGRES_{name}", "here")
    parts = (REPOSITORY / "dagster_home/dagster.yaml", DOCKER / "storage.yaml")
    (tmp_path / "dagster.yaml").write_text("".join(part.read_text(encoding="utf-8") for part in parts))
    settings, _ = dagster_instance_config(str(tmp_path))
    assert settings["run_monitoring"]["enabled"] is True
    assert settings["run_launcher"]["class"] == WatchfulRunLauncher.__name__
    assert settings["run_launcher"]["module"] == WatchfulRunLauncher.__module__
    storage = InstanceRef.from_dir(str(tmp_path)).run_storage_data
    assert storage.module_name.startswith("dagster_postgres")
    assert "postgresql+psycopg2" in storage.config_yaml


def test_the_servers_load_the_module_that_the_code_location_serves(compose: dict[str, Any]) -> None:
    [location] = yaml.safe_load((DOCKER / "workspace.yaml").read_text(encoding="utf-8"))["load_from"]
    command = compose["services"]["code"]["command"].split()
    served = dict(zip(command[3::2], command[4::2], strict=True))
    assert location["grpc_server"]["host"] == "code"
    assert str(location["grpc_server"]["port"]) == served["--port"]
    assert served["--module-name"] == "lineage_platform.defs.definitions"
