"""Dagster's own ways in: its command line with a range of partitions, and its UI's GraphQL."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import dagster as dg
import httpx
import pytest

from lineage_platform.defs.definitions import defs
from lineage_platform.defs.partitions import DATASETS
from lineage_platform.settings import Settings
from lineage_platform.stages import Stage
from tests.conftest import REPOSITORY
from tests.defs.conftest import HubFolder

T = TypeVar("T")
PATIENCE = 90.0
SELECTOR = {"repositoryLocationName": "lineage_platform.defs.definitions", "repositoryName": "__repository__"}

LAUNCH = """
mutation ($params: ExecutionParams!) {
  launchRun(executionParams: $params) {
    __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message }
  }
}"""
ADD = """
mutation ($selector: RepositorySelector!, $key: String!) {
  addDynamicPartition(repositorySelector: $selector, partitionsDefName: "datasets", partitionKey: $key) { __typename }
}"""
NODES = "{ assetNodes { assetKey { path } description } }"
RUNS = "{ runsOrError { ... on Runs { results { jobName status } } } }"
STATUS = """
query { assetNodeOrError(assetKey: {path: ["resolved_edges"]}) { ... on AssetNode { assetPartitionStatuses {
  ... on DefaultPartitionStatuses { materializedPartitions failedPartitions } } } } }"""


@pytest.fixture
def environment(settings: Settings, dagster_folder: Path) -> dict[str, str]:
    """What a person sets before starting Dagster."""
    return {
        **os.environ,
        "DAGSTER_HOME": str(dagster_folder),
        "LINEAGE_HOME": str(settings.home),
        "LINEAGE_HUB": settings.hub,
        "LINEAGE_AGENTS": "rules",
    }


def test_a_range_of_partitions_is_materialised_in_one_run(
    environment: dict[str, str], instance: dg.DagsterInstance, settings: Settings
) -> None:
    instance.add_dynamic_partitions("datasets", ["org/alpha", "org/root", "org/deep"])
    command = [sys.executable, "-m", "dagster", "asset", "materialize", "-m", "lineage_platform.defs.definitions"]
    command += ["--select", ",".join(Stage), "--partition-range", "org/alpha...org/root"]
    done = subprocess.run(
        command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 0, done.stderr
    status = instance.get_status_by_partition(
        dg.AssetKey("extraction"), ["org/alpha", "org/root", "org/deep"], DATASETS
    )
    assert status == {
        "org/alpha": dg.AssetPartitionStatus.MATERIALIZED,
        "org/root": dg.AssetPartitionStatus.MATERIALIZED,
        "org/deep": None,
    }
    assert len(instance.get_runs()) == 1


@dataclass
class Ui:
    """A running UI."""

    url: str

    def ask(self, query: str, **variables: Any) -> Any:
        answer = httpx.post(f"{self.url}/graphql", json={"query": query, "variables": variables}, timeout=30).json()
        assert "errors" not in answer, json.dumps(answer)[:2000]
        return answer["data"]


def wait_for(what: Callable[[], T | None]) -> T:
    """The first answer that is not empty."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with suppress(httpx.HTTPError):
            if answer := what():
                return answer
        time.sleep(0.2)
    raise AssertionError(f"nothing after {PATIENCE:g} s")


@pytest.fixture
def ui(environment: dict[str, str], memory_folder: Path) -> Iterator[Ui]:
    """``lineage ui`` in a session of its own, ended with all its children."""
    pytest.importorskip("dagster_webserver")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "lineage_platform.cli.main", "ui", "--port", str(port)]
    log = memory_folder / "dagster-dev.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=memory_folder, env=environment, stdout=output, stderr=output, start_new_session=True
        )
    try:
        running = Ui(f"http://127.0.0.1:{port}")
        wait_for(lambda: httpx.get(f"{running.url}/server_info").is_success or None)
        yield running
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_a_partition_materialised_in_the_ui_is_traced_and_its_graph_follows(ui: Ui, hub: HubFolder) -> None:
    shown = {node["assetKey"]["path"][0] for node in ui.ask(NODES)["assetNodes"]}
    assert shown == {key.path[0] for key in defs.resolve_all_asset_keys()}
    assert {*Stage, "graph", "dataset_shards", "corpus"} <= shown

    ui.ask(ADD, selector=SELECTOR, key="org/beta")
    assets = [{"path": [stage.value]} for stage in Stage]
    parameters = {  # as the UI sends them when one partition is materialised
        "selector": {**SELECTOR, "pipelineName": "__ASSET_JOB", "assetSelection": assets},
        "executionMetadata": {"tags": [{"key": "dagster/partition", "value": "org/beta"}]},
        "runConfigData": {},
        "mode": "default",
    }
    launched = ui.ask(LAUNCH, params=parameters)["launchRun"]
    assert launched["__typename"] == "LaunchRunSuccess", launched

    def ended() -> dict[str, str] | None:
        runs = {run["jobName"]: run["status"] for run in ui.ask(RUNS)["runsOrError"]["results"]}
        return runs if len(runs) == 2 and set(runs.values()) <= {"SUCCESS", "FAILURE"} else None

    assert sorted(wait_for(ended).values()) == ["FAILURE", "SUCCESS"]  # org/broken failed; the graph was built
    partitions = ui.ask(STATUS)["assetNodeOrError"]["assetPartitionStatuses"]
    assert set(partitions["materializedPartitions"]) == {"org/beta", "org/root"}
    assert partitions["failedPartitions"] == ["org/broken"]
