"""Shards as assets: one partition a dataset, red where rows are broken, checked against their texts."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import dagster as dg
import polars as pl
import pytest

from lineage_platform.defs.definitions import defs
from lineage_platform.defs.partitions import DATASETS
from lineage_platform.defs.resources import WorkspaceResource
from lineage_platform.defs.rows import SHARDS, dataset_shards
from lineage_platform.logs import LOGGER, JsonLines
from lineage_platform.samples.shards import ShardStore
from tests.samples.rows import write_rows
from tests.support import write_dataset

ROWS = [{"question": f"q{n}", "answer": "a"} for n in range(9)]
IDS = ["org/good", "org/empty", "org/bad"]


@pytest.fixture
def workspace(tmp_path: Path) -> WorkspaceResource:
    for dataset_id in IDS:
        write_dataset(tmp_path / "hub", dataset_id, "# Card")
    write_rows(tmp_path / "hub/datasets/org/good/data/a.jsonl", ROWS)
    write_rows(tmp_path / "hub/datasets/org/bad/data/a.jsonl", [*ROWS, {}])
    return WorkspaceResource(home=str(tmp_path / "home"), hub=str(tmp_path / "hub"), agents="rules")


def store(workspace: WorkspaceResource) -> ShardStore:
    return workspace.open().shards


def run(workspace: WorkspaceResource, first: str, last: str, **config: bool) -> dg.ExecuteInProcessResult:
    """Materialise a range of partitions in one run, checks included."""
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions(str(DATASETS.name), IDS)
        tags = {"dagster/asset_partition_range_start": first, "dagster/asset_partition_range_end": last}
        return dg.materialize(
            [dataset_shards],
            instance=instance,
            resources={"workspace": workspace},
            run_config={"ops": {"dataset_shards": {"config": config}}},
            tags=tags,
            raise_on_error=False,
        )


def materialized(result: dg.ExecuteInProcessResult) -> list[str | None]:
    return [event.partition for event in result.get_asset_materialization_events()]


def verdicts(result: dg.ExecuteInProcessResult) -> dict[tuple[str, str | None], bool]:
    """Whether each check passed, by its name and partition."""
    return {(check.check_name, check.partition): check.passed for check in result.get_asset_check_evaluations()}


def test_each_dataset_is_a_partition_and_one_that_fails_loses_no_other(workspace: WorkspaceResource) -> None:
    result = run(workspace, "org/good", "org/bad")
    assert not result.success
    assert materialized(result) == ["org/good", "org/empty"]
    assert [shard.name for shard in store(workspace).all()] == ["org/good"]


def test_bad_rows_can_be_left_out_and_what_is_there_is_checked(workspace: WorkspaceResource) -> None:
    result = run(workspace, "org/good", "org/bad", skip_bad_rows=True)
    assert result.success
    assert materialized(result) == IDS
    of_each = {(name, dataset_id): True for name in ("row_counts", "digests") for dataset_id in IDS}
    assert verdicts(result) == {**of_each, ("one_scheme", None): True}


def test_digests_that_are_not_those_of_the_texts_are_found_in_their_partition(workspace: WorkspaceResource) -> None:
    run(workspace, "org/good", "org/good")
    kept = store(workspace)
    (shard,) = kept.all()
    digests = pl.read_parquet(kept.digests_path(shard))
    digests.with_columns(query_hi=pl.col("query_hi") + 1).head(8).write_parquet(kept.digests_path(shard))
    result = run(workspace, "org/good", "org/empty")
    assert not result.success
    assert verdicts(result) == {
        ("row_counts", "org/good"): False,
        ("digests", "org/good"): False,
        ("row_counts", "org/empty"): True,
        ("digests", "org/empty"): True,
        ("one_scheme", None): True,
    }


def test_what_is_logged_says_which_run_and_which_dataset(
    workspace: WorkspaceResource, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.handler.setFormatter(JsonLines())
    with caplog.at_level(logging.INFO, LOGGER):
        result = run(workspace, "org/good", "org/bad")
    lines = [json.loads(line) for line in caplog.text.splitlines() if LOGGER in line]
    assert {(line["run"], line["dataset"]) for line in lines} == {(result.run_id, dataset_id) for dataset_id in IDS}
    assert lines[0]["message"] == "org/good: 9 rows"


def test_what_the_checks_of_a_partition_found_is_kept_under_it(workspace: WorkspaceResource) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions(str(DATASETS.name), IDS)
        resources = {"workspace": workspace}
        dg.materialize([dataset_shards], instance=instance, resources=resources, partition_key="org/good")
        key = dg.AssetCheckKey(SHARDS, "digests")
        (kept,) = instance.event_log_storage.get_asset_check_execution_history(key, limit=9)
        assert (kept.partition, kept.status.value) == ("org/good", "SUCCEEDED")


def test_a_backfill_is_cut_into_runs_of_a_few_partitions() -> None:
    policy = dataset_shards.backfill_policy
    assert policy is not None
    assert 1 < (policy.max_partitions_per_run or 0) <= 100


def test_shards_are_part_of_the_definitions() -> None:
    assert SHARDS in {key for asset in defs.assets or () for key in getattr(asset, "keys", ())}
