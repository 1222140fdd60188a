"""A trace shows in Dagster as what it was: partitions found, done, failed, and nothing said twice."""

from __future__ import annotations

import json
from pathlib import Path

import dagster as dg
import pytest

from lineage_platform.defs.partitions import LONGEST_KEY, partition_key
from lineage_platform.files import RecordStore
from lineage_platform.records import Extraction
from lineage_platform.stages import Stage
from tests.defs.conftest import REACHED, HubFolder, Launcher

DONE = REACHED - {"org/broken"}


def document_files(launcher: Launcher) -> dict[Path, int]:
    """Every stored document record and body, with its time of change."""
    root = launcher.settings.home
    files = [*root.glob("store/*/*"), *root.rglob("documentset.json")]
    return {path: path.stat().st_mtime_ns for path in files}


def test_a_trace_materialises_exactly_the_datasets_it_reached(launcher: Launcher) -> None:
    result = launcher.trace(seeds=["org/mix"])
    expected = {(stage.value, dataset_id) for stage in Stage for dataset_id in DONE}
    assert launcher.partitions() == REACHED
    assert sorted(launcher.materialized(result)) == sorted(expected)


def test_a_failing_dataset_is_red_and_alone(launcher: Launcher) -> None:
    result = launcher.trace(seeds=["org/mix"])
    assert not result.success
    assert {stage: launcher.red(stage) for stage in Stage} == {stage: {"org/broken"} for stage in Stage}
    assert {stage: launcher.green(stage) for stage in Stage} == dict.fromkeys(Stage, DONE)


def test_the_run_says_which_dataset_failed_and_what_to_do(launcher: Launcher) -> None:
    result = launcher.trace(seeds=["org/mix"])
    [failure] = [event for event in result.all_events if event.is_step_failure]
    data = failure.step_failure_data
    message = data.error.message if data.error else ""
    assert "1 of 5 datasets failed" in message
    assert "org/broken" in message
    assert "info.json" in message
    assert "retry" in message
    assert data.user_failure_data is not None
    assert data.user_failure_data.metadata["failed"].value == ["org/broken"]


def test_retrying_a_failed_partition_carries_on_into_its_sources(launcher: Launcher, hub: HubFolder) -> None:
    launcher.trace(seeds=["org/mix"])
    hub.mend("org/broken")
    result = launcher.trace("org/broken")
    assert result.success
    assert launcher.green() == {*REACHED, "org/deep"}
    assert {partition for _, partition in launcher.materialized(result)} == {"org/broken", "org/deep"}


def test_a_mended_dataset_turns_green_in_a_trace_from_the_seeds(launcher: Launcher, hub: HubFolder) -> None:
    launcher.trace(seeds=["org/mix"])
    hub.mend("org/broken")
    launcher.trace(seeds=["org/mix"])
    for stage in Stage:
        assert launcher.red(stage) == set()
        assert launcher.green(stage) == {*REACHED, "org/deep"}


def test_a_second_trace_says_nothing_new(launcher: Launcher, hub: HubFolder) -> None:
    hub.mend("org/broken")
    launcher.trace(seeds=["org/mix"])
    again = launcher.trace(seeds=["org/mix"])
    assert again.success
    assert launcher.materialized(again) == []
    assert launcher.reporter.documents_fetched == 0
    assert len(launcher.reporter.datasets) == 6


def test_only_the_dataset_whose_card_changed_is_reported(launcher: Launcher, hub: HubFolder) -> None:
    hub.mend("org/broken")
    launcher.trace(seeds=["org/mix"])
    hub.add("org/alpha", ["org/root", "org/deep"], revision="2" * 40)
    again = launcher.trace(seeds=["org/mix"])
    assert {partition for _, partition in launcher.materialized(again)} == {"org/alpha"}


def test_what_dagster_has_forgotten_is_reported_again_with_what_follows_from_it(
    launcher: Launcher, hub: HubFolder
) -> None:
    hub.mend("org/broken")
    launcher.trace(seeds=["org/mix"])

    launcher.instance.wipe_assets([dg.AssetKey("documents")])
    again = launcher.trace(seeds=["org/mix"])
    assert {asset for asset, _ in launcher.materialized(again)} == {"documents", "extraction", "resolved_edges"}
    assert len(launcher.materialized(again)) == 18


def test_a_selected_partition_is_reported_even_when_nothing_changed(launcher: Launcher) -> None:
    launcher.trace(seeds=["org/root"])
    again = launcher.trace("org/root")
    assert launcher.materialized(again) == [(stage.value, "org/root") for stage in Stage]


def test_extraction_alone_reads_the_stored_documents_again_and_fetches_nothing(
    launcher: Launcher, settings_records: RecordStore
) -> None:
    launcher.trace(seeds=["org/alpha"])
    documents = document_files(launcher)
    extraction = settings_records.path("org/alpha", "extraction")
    before = extraction.stat().st_mtime_ns
    result = launcher.trace("org/alpha", stages=[Stage.EXTRACTION])
    assert result.success
    assert launcher.materialized(result) == [("extraction", "org/alpha")]
    assert launcher.reporter.documents_fetched == 0
    assert extraction.stat().st_mtime_ns > before
    assert document_files(launcher) == documents


def test_resolved_edges_alone_leave_the_extraction_untouched(launcher: Launcher, settings_records: RecordStore) -> None:
    launcher.trace(seeds=["org/alpha"])
    extraction = settings_records.path("org/alpha", "extraction")
    before = extraction.stat().st_mtime_ns
    result = launcher.trace("org/alpha", stages=[Stage.RESOLUTION])
    assert launcher.materialized(result) == [("resolved_edges", "org/alpha")]
    assert extraction.stat().st_mtime_ns == before


def test_a_subset_does_not_follow_sources(launcher: Launcher, hub: HubFolder) -> None:
    launcher.trace(seeds=["org/alpha"])
    hub.add("org/alpha", ["org/root", "org/deep"], revision="2" * 40)
    launcher.trace("org/alpha", stages=[Stage.VALIDATION, Stage.DOCUMENTS, Stage.EXTRACTION])
    assert launcher.partitions() == {"org/alpha", "org/root"}


def test_a_stage_whose_input_was_never_stored_fails_and_names_the_command(launcher: Launcher) -> None:
    launcher.instance.add_dynamic_partitions("datasets", ["org/root"])
    result = launcher.trace("org/root", stages=[Stage.EXTRACTION])
    assert not result.success
    assert launcher.red(Stage.EXTRACTION) == {"org/root"}
    assert "lineage trace org/root" in launcher.reporter.datasets[0].detail


def test_without_seeds_and_partitions_all_that_is_known_is_traced(launcher: Launcher) -> None:
    launcher.trace(seeds=["org/root"])
    launcher.trace(seeds=["org/deep"])
    launcher.trace()
    assert {traced.dataset_id for traced in launcher.reporter.datasets} == {"org/root", "org/deep"}


def test_a_renamed_dataset_is_one_partition_and_a_selected_old_name_is_done(launcher: Launcher, hub: HubFolder) -> None:
    (hub.root / "aliases.tsv").write_text("org/old-root\torg/root\n", encoding="utf-8")
    launcher.trace(seeds=["org/old-root"])
    assert launcher.partitions() == {"org/root"}
    launcher.instance.add_dynamic_partitions("datasets", ["org/old-root"])
    result = launcher.trace("org/old-root")
    assert result.success
    assert launcher.green() == {"org/root", "org/old-root"}


def test_the_data_version_is_the_digest_of_the_input(launcher: Launcher, settings_records: RecordStore) -> None:
    launcher.trace(seeds=["org/root"])
    event = launcher.instance.get_latest_materialization_event(dg.AssetKey("extraction"))
    record = settings_records.read("org/root", Extraction)
    assert event is not None
    assert event.asset_materialization is not None
    assert record is not None
    assert (event.asset_materialization.tags or {})["dagster/data_version"] == record.input_digest


def test_an_unknown_and_a_malformed_id_are_outcomes_of_their_own_partitions(launcher: Launcher) -> None:
    malformed = "../../" + "x" * 300
    launcher.trace(seeds=["org/root", "org/nowhere", malformed, "org/a...b"])
    assert {"org/root", "org/nowhere", partition_key(malformed), partition_key("org/a...b")} == launcher.partitions()
    assert "org/root" in launcher.green()


@pytest.mark.parametrize("dataset_id", ["a/" + "b" * 400, "a/b\nc", "a/b...c", "a/b\x00"])
def test_every_id_has_a_partition_key_that_dagster_takes(dataset_id: str, instance: dg.DagsterInstance) -> None:
    key = partition_key(dataset_id)
    instance.add_dynamic_partitions("datasets", [key])
    assert len(key) <= LONGEST_KEY
    assert key != partition_key(dataset_id + "d")


def test_metadata_shows_what_was_found(launcher: Launcher) -> None:
    launcher.trace(seeds=["org/beta"])
    found = {
        stage: launcher.instance.fetch_materializations(
            dg.AssetRecordsFilter(dg.AssetKey(stage.value), asset_partitions=["org/beta"]), limit=1
        )
        .records[0]
        .asset_materialization.metadata  # type: ignore[union-attr]
        for stage in Stage
    }
    assert found[Stage.VALIDATION]["release date"].value == "2024-05-01"
    assert found[Stage.VALIDATION]["release origin"].value == "hub"
    assert found[Stage.DOCUMENTS]["documents"].value == 1
    assert found[Stage.EXTRACTION]["statements"].value == 2
    sources = found[Stage.RESOLUTION]["sources"].value
    assert {record.data["source"] for record in sources.records} == {"org/root", "org/broken"}
    assert "data:image/svg+xml" in str(found[Stage.RESOLUTION]["drawing"].value)
    assert json.dumps(found[Stage.RESOLUTION]["outcome"].value) == '"traced"'
