"""The checks are one list: each explains itself, names an asset, and blocks only where what follows would mislead."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lineage_platform.checks import QUOTES_BACKED, Check, Each, Severity, Subject, Verdict, all_checks
from lineage_platform.defs.definitions import defs
from lineage_platform.measurements import Contamination, Redundancy
from lineage_platform.records import EdgeStatus
from lineage_platform.settings import Settings
from lineage_platform.workspace import Workspace
from tests.conftest import REPOSITORY
from tests.graph.builders import traced, witness
from tests.samples.rows import write_rows
from tests.support import have_rows, write_dataset

BLOCKING = {"verified_evidence", "no_self_edges", "no_duplicate_edges", "endpoints_exist", "row_counts", "digests"}
OF_EACH = {
    "quotes_backed": Each.DATASET,
    "row_counts": Each.DATASET,
    "digests": Each.DATASET,
    "contamination_within_limit": Each.BENCHMARK,
}


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "hub" / "datasets").mkdir(parents=True)
    return Workspace.open(Settings(home=tmp_path / "home", hub=str(tmp_path / "hub"), agents="rules"))


def named(name: str) -> Check:
    (check,) = (each for each in all_checks() if each.name == name)
    return check


def test_each_check_has_a_name_of_its_own_and_says_what_holds_and_what_to_do() -> None:
    checks = all_checks()
    assert len({check.name for check in checks}) == len(checks) > 20
    assert all(check.description.endswith(".") and check.remedy.endswith(".") for check in checks)
    failing = Verdict(({"dataset": "a/b"},), Severity.ERROR)
    assert all(check.told(failing) == f"1 found. {check.remedy}" for check in checks)


def test_dagster_runs_exactly_these_checks_where_their_assets_are() -> None:
    known = {(key.asset_key.to_user_string(), key.name) for key in defs.resolve_asset_graph().asset_check_keys}
    assert known == {(check.asset, check.name) for check in all_checks()}


def test_only_what_would_mislead_blocks_and_dagster_knows_it() -> None:
    assert {check.name for check in all_checks() if check.blocking} == BLOCKING
    graph = defs.resolve_asset_graph()
    assert {key.name for key in graph.asset_check_keys if graph.get_check_spec(key).blocking} == BLOCKING


def test_checks_of_each_dataset_or_benchmark_have_its_partitions() -> None:
    assert {check.name: check.of_each for check in all_checks() if check.of_each} == OF_EACH
    graph = defs.resolve_asset_graph()
    for key in graph.asset_check_keys:
        partitions = graph.get_check_spec(key).partitions_def
        assert (partitions is not None) == (key.name in OF_EACH)


@pytest.mark.parametrize(("unbacked", "backed", "found"), [(3, 12, 3), (3, 13, 0), (2, 0, 0)])
def test_a_dataset_with_many_invented_quotes_is_a_warning(
    workspace: Workspace, unbacked: int, backed: int, found: int
) -> None:
    said = [witness(f"o/{n}", EdgeStatus.REJECTED, reason="the quote does not occur") for n in range(unbacked)]
    traced(workspace.records, "org/bad", [*said, *(witness(f"p/{n}") for n in range(backed))])
    traced(workspace.records, "org/good", [witness("o/0")])
    verdict = QUOTES_BACKED.judge(Subject(workspace))
    assert [row["dataset"] for row in verdict.found] == ["org/bad"] * found
    assert verdict.severity == (Severity.WARNING if found else None)
    assert QUOTES_BACKED.judge(Subject(workspace, "org/bad")) == verdict
    assert QUOTES_BACKED.judge(Subject(workspace, "org/good")).severity is None


def test_limits_are_warnings_of_all_or_of_one_benchmark(workspace: Workspace) -> None:
    measured = workspace.measurements
    for rate in (0.05, 0.06):
        measured.write(Redundancy(dataset_id=f"org/{rate}", scheme="x", rows=100, distinct_triplets=90, rate=rate))
    have_rows(measured, "org/0.05", "org/0.06", "org/train", "o/bench", "o/other")
    measured.write(Redundancy(dataset_id="org/gone", scheme="x", rows=100, distinct_triplets=50, rate=0.5))
    measured.write(leak("o/gone"))
    assert [row["dataset"] for row in named("redundancy_within_limit").judge(Subject(workspace)).found] == ["org/0.06"]
    for benchmark in ("o/bench", "o/other"):
        measured.write(leak(benchmark))
    limit = named("contamination_within_limit")
    assert len(limit.judge(Subject(workspace)).found) == 2
    (one,) = limit.judge(Subject(workspace, "o/other")).found
    assert one["benchmark"] == "o/other"


def leak(benchmark: str) -> Contamination:
    counted = {"matched": 5, "matched_normalised": 5, "matched_near": 5, "benchmark_queries": 100}
    return Contamination(train="org/train", benchmark=benchmark, scheme="x", rate=0.05, **counted)


def test_the_checks_of_a_home_are_run_by_pytest(workspace: Workspace, tmp_path: Path) -> None:
    traced(workspace.records, "org/bad", [witness(f"o/{n}", EdgeStatus.REJECTED) for n in range(3)])
    write_rows(tmp_path / "hub/datasets/org/rows/data/a.jsonl", [{"question": "q", "answer": "a"}])
    write_dataset(tmp_path / "hub", "org/rows", "# Rows")
    list(workspace.shard_builder().build("org/rows"))
    (shard,) = workspace.shards.all()
    Path(workspace.shards.digests_path(shard)).write_bytes(b"no Parquet")
    environment = {"LINEAGE_HOME": str(workspace.home.root), "LINEAGE_HUB": workspace.settings.hub}
    command = [sys.executable, "-m", "pytest", "--pyargs", "lineage_platform.testing", "-p", "no:cacheprovider", "-rsf"]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env=os.environ | environment | {"PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1, done.stdout
    assert "CheckWarning: 3 found" in done.stdout
    assert "there is no graph" in done.stdout
    failed = {line.split("[")[1].split("]")[0] for line in done.stdout.splitlines() if line.startswith("FAILED")}
    assert failed == {"dataset_shards: row_counts", "dataset_shards: digests"}
