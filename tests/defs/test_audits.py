"""Audits as assets: figures in the UI, a partition per benchmark, checks on the limits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from lineage_platform.defs import audits
from lineage_platform.defs.resources import WorkspaceResource
from lineage_platform.graph.build import build_graph
from lineage_platform.settings import Settings
from lineage_platform.workspace import Workspace
from tests.audits.worlds import keep
from tests.graph.builders import traced, witness

ITEMS = [f"How many of the {n} pears are left once {n % 7} have been taken out of the bowl?" for n in range(30, 40)]
BENCHMARK = "KbsdJames/Omni-MATH"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A benchmark whose items went into a training set that also repeats itself; one more that nobody ties to them."""
    (tmp_path / "hub" / "datasets").mkdir(parents=True)
    opened = Workspace.open(Settings(home=tmp_path / "home", hub=str(tmp_path / "hub"), agents="rules"))
    keep(opened.shards, BENCHMARK, ITEMS)
    keep(opened.shards, "org/train", [*ITEMS[:4], *ITEMS[:2], "A question of its own."])
    keep(opened.shards, "org/far", ["Something else altogether, asked by nobody else."])
    traced(opened.records, BENCHMARK, month="2024-01")
    traced(opened.records, "org/train", [witness(BENCHMARK)], month="2024-02")
    build_graph(opened.records, opened.home.graph, hub_name=opened.hub.name, hub_label="")
    return opened


def materialize(workspace: Workspace, instance: dg.DagsterInstance, key: str, **more: Any) -> dg.ExecuteInProcessResult:
    selection = dg.AssetSelection.assets(key) | dg.AssetSelection.checks_for_assets(key)
    return dg.materialize(
        [*audits.ASSETS, *audits.CHECKS],
        selection=selection,
        instance=instance,
        resources={"workspace": WorkspaceResource.of(workspace.settings)},
        **more,
    )


def metadata(result: dg.ExecuteInProcessResult, key: str) -> dict[str, Any]:
    (event,) = result.asset_materializations_for_node(key)
    return {name: value.value for name, value in event.metadata.items()}


def test_each_benchmark_of_the_registry_becomes_a_partition(workspace: Workspace) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        materialize(workspace, instance, "benchmarks")
        assert BENCHMARK in instance.get_dynamic_partitions("benchmarks")


def test_a_partition_screens_for_its_benchmark_and_its_check_warns(workspace: Workspace) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        materialize(workspace, instance, "benchmarks")
        result = materialize(workspace, instance, "contamination_report", partition_key=BENCHMARK)
        found = metadata(result, "contamination_report")
        assert found["training sets with leaks"] == 1
        assert found["pairs compared"] == "1 of 2"
        (check,) = result.get_asset_check_evaluations()
        assert (check.passed, check.severity) == (False, dg.AssetCheckSeverity.WARN)
        empty = materialize(workspace, instance, "contamination_report", partition_key="TIGER-Lab/TheoremQA")
        assert "lineage rows TIGER-Lab/TheoremQA" in metadata(empty, "contamination_report")["note"]


def test_redundancy_and_overlaps_are_reported_for_all_datasets_at_hand(workspace: Workspace) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        result = materialize(workspace, instance, "redundancy_report")
        assert metadata(result, "redundancy_report")["datasets"] == 3
        (check,) = result.get_asset_check_evaluations()
        assert not check.passed
        overlaps = metadata(materialize(workspace, instance, "overlap_report"), "overlap_report")
        assert overlaps["pairs measured"] == 1
