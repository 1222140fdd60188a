"""Audits as assets: figures in the UI, a partition per benchmark, checks on the limits."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dagster as dg
import pytest

from lineage_platform.defs import audits, cursors
from lineage_platform.defs.resources import WorkspaceResource
from lineage_platform.defs.row_sensors import new_benchmarks
from lineage_platform.graph.build import build_graph
from lineage_platform.settings import A_DAY, Settings
from lineage_platform.workspace import Workspace
from tests.audits.worlds import keep
from tests.graph.builders import traced, witness
from tests.support import have_rows

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
    have_rows(opened.measurements, BENCHMARK, "org/train", "org/far")
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


def look(
    workspace: Workspace, instance: dg.DagsterInstance, cursor: list[str | None] | None = None
) -> list[dg.RunRequest]:
    """One look of the sensor on benchmarks; the partitions it asks for are added, as the daemon does."""
    remembered = cursor if cursor is not None else [None]
    resources = {"workspace": WorkspaceResource.of(workspace.settings)}
    with dg.build_sensor_context(instance, cursor=remembered[0], resources=resources) as context:
        result = new_benchmarks(context)
    assert isinstance(result, dg.SensorResult)
    remembered[0] = result.cursor
    for request in result.dynamic_partitions_requests or ():
        instance.add_dynamic_partitions(request.partitions_def_name, request.partition_keys)
    return list(result.run_requests or ())


def screen(workspace: Workspace, instance: dg.DagsterInstance, request: dg.RunRequest) -> dict[str, Any]:
    """The run that was asked for."""
    result = materialize(
        workspace,
        instance,
        "contamination_report",
        partition_key=request.partition_key,
        run_config={"ops": request.run_config["ops"]},
    )
    return metadata(result, "contamination_report")


@pytest.fixture
def own_benchmarks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A registry of one benchmark alone: the user's own."""
    path = tmp_path / "own.tsv"
    path.write_text(f"{BENCHMARK}\t\tOmni\n", encoding="utf-8")
    monkeypatch.setenv("LINEAGE_BENCHMARKS", str(path))
    packaged = SimpleNamespace(files=lambda _: tmp_path / "none")
    monkeypatch.setattr("lineage_platform.audits.benchmarks.resources", packaged)
    (tmp_path / "none").mkdir()
    (tmp_path / "none" / "benchmarks.tsv").touch()
    return path


def test_a_benchmark_whose_screening_fails_is_in_no_others_way_and_asked_for_again_a_day_later(
    workspace: Workspace, own_benchmarks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, cursor = [1_800_000_000.0], [None]
    monkeypatch.setattr(cursors, "time", SimpleNamespace(time=lambda: now[0]))
    own_benchmarks.write_text(f"{BENCHMARK}\t\tOmni\nno/rows\t\tNone\n", encoding="utf-8")
    with dg.DagsterInstance.ephemeral() as instance:
        asked = {each.partition_key: each for each in look(workspace, instance, cursor)}
        assert asked.keys() == {BENCHMARK, "no/rows"}
        screen(workspace, instance, asked[BENCHMARK])  # the other run was killed
        keep(workspace.shards, "org/farther", ["Nothing that anybody asked anywhere."])
        [second] = look(workspace, instance, cursor)
        assert second.partition_key == BENCHMARK
        screen(workspace, instance, second)
        assert look(workspace, instance, cursor) == []
        now[0] += A_DAY
        [again] = look(workspace, instance, cursor)
        assert again.partition_key == "no/rows"
        assert again.run_key != asked["no/rows"].run_key


@pytest.mark.usefixtures("own_benchmarks")
def test_a_new_benchmark_is_screened_first_where_lineage_leads_then_elsewhere_by_budget(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(workspace.shards, "org/farther", ["Nothing that anybody asked anywhere."])
    monkeypatch.setenv("LINEAGE_BATCH", "1")
    with dg.DagsterInstance.ephemeral() as instance:
        [first] = look(workspace, instance)
        found = screen(workspace, instance, first)
        assert (found["pairs compared"], found["not compared yet"]) == ("1 of 3", 2)
        assert found["training sets with leaks"] == 1
        [second] = look(workspace, instance)
        assert [each.run_key for each in look(workspace, instance)] == [second.run_key]  # asked once, whatever happens
        assert screen(workspace, instance, second)["not compared yet"] == 1
        [third] = look(workspace, instance)
        assert third.run_key != second.run_key
        assert screen(workspace, instance, third)["not compared yet"] == 0
        assert look(workspace, instance) == []


def test_a_line_added_to_the_users_file_asks_for_a_run_for_it_alone(workspace: Workspace, own_benchmarks: Path) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        screen(workspace, instance, look(workspace, instance)[0])
        with own_benchmarks.open("a") as file:
            file.write("org/bench\t\tOwn\n")
        keep(workspace.shards, "org/bench", ITEMS[5:])
        [request] = look(workspace, instance)
        assert request.partition_key == "org/bench"


def test_a_benchmark_whose_rows_cannot_be_had_is_noted_and_asked_for_no_more(
    workspace: Workspace, own_benchmarks: Path
) -> None:
    own_benchmarks.write_text("org/nowhere\t\tNowhere\n")
    with dg.DagsterInstance.ephemeral() as instance:
        [request] = look(workspace, instance)
        assert "lineage rows org/nowhere" in screen(workspace, instance, request)["note"]
        assert look(workspace, instance) == []


def test_benchmarks_wait_for_a_graph_and_for_a_registry_that_can_be_read(
    workspace: Workspace, own_benchmarks: Path
) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        own_benchmarks.write_text("no such line\n")
        assert look(workspace, instance) == []
        own_benchmarks.write_text(f"{BENCHMARK}\n")
        workspace.home.graph.unlink()
        assert look(workspace, instance) == []
