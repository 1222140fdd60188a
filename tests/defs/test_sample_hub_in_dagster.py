"""The sample hub, traced through Dagster as the demo does it."""

from __future__ import annotations

import csv

import dagster as dg

from lineage_platform.catalog import open_hub
from lineage_platform.catalog.seeds import default_seeds
from lineage_platform.defs.graph import GRAPH
from lineage_platform.defs.partitions import DATASETS, STAGE_KEYS
from lineage_platform.defs.run import run_trace
from lineage_platform.settings import Settings
from tests.conftest import REPOSITORY


def expected_outcomes() -> dict[str, set[str]]:
    """Which outcomes each dataset of the sample may end in."""
    with (REPOSITORY / "tests" / "sample_hub" / "expected_outcomes.tsv").open(encoding="utf-8") as file:
        return {row["dataset_id"]: set(row["outcomes"].split("|")) for row in csv.DictReader(file, delimiter="\t")}


def test_the_sample_is_traced_shown_checked_and_then_left_alone(instance: dg.DagsterInstance, memory_folder) -> None:
    settings = Settings(home=memory_folder / "home", hub="sample", agents="rules")
    seeds = [seed.dataset_id for seed in default_seeds(open_hub("sample"))]

    first = run_trace(settings, seeds)
    again = run_trace(settings, [])

    partitions = instance.get_dynamic_partitions("datasets")
    assert first.datasets == len(partitions) >= 40
    assert first.edges > 40
    assert (again.documents_fetched, again.edges, again.outcomes) == (0, first.edges, first.outcomes)
    assert again.worked == 0

    failed = {dataset_id for dataset_id, _ in first.failed}
    assert failed <= {dataset_id for dataset_id, outcomes in expected_outcomes().items() if "failed" in outcomes}
    for asset in STAGE_KEYS.values():
        status = instance.get_status_by_partition(asset, partitions, DATASETS) or {}
        assert {key for key, each in status.items() if each is dg.AssetPartitionStatus.FAILED} == failed
        assert {key for key, each in status.items() if each is None} == set()


def test_the_sample_graph_passes_every_check_that_is_an_error(instance: dg.DagsterInstance, memory_folder) -> None:
    run_trace(Settings(home=memory_folder / "home", hub="sample", agents="rules"), [])
    logged = instance.get_records_for_run(
        instance.get_runs()[0].run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION
    ).records
    evaluations = [record.event_log_entry.get_dagster_event().asset_check_evaluation_data for record in logged]
    assert len(evaluations) == 10  # nine of the graph, and whether corpora are current
    wrong = [
        each.check_name for each in evaluations if not each.passed and each.severity is dg.AssetCheckSeverity.ERROR
    ]
    assert wrong == []
    materialization = instance.get_latest_materialization_event(GRAPH)
    assert materialization is not None
    assert materialization.asset_materialization is not None
    metadata = materialization.asset_materialization.metadata
    assert str(metadata["snapshot"].value).startswith("0001-")
    assert metadata["changes"].value == 0
    assert "sample data" in str(metadata["note"].value)
    assert "data:image/svg+xml" in str(metadata["around the most used"].value)
