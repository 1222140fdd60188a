"""Shards follow their dataset: made once, made again when something changed, gone when their rows are."""

from __future__ import annotations

from pathlib import Path

import pytest

from lineage_platform.catalog import open_hub
from lineage_platform.catalog.folder import FolderHub
from lineage_platform.measurements import MeasurementStore, Part
from lineage_platform.samples.building import ShardBuilder
from lineage_platform.samples.digests import DEFAULT_SCHEME
from lineage_platform.samples.engines import DuckDBEngine, EngineFailed
from lineage_platform.samples.fields_file import FieldsTable
from lineage_platform.samples.shards import ShardStore
from lineage_platform.samples.triplets import PUBLISHED, Fields
from tests.sample_hub import brute_force
from tests.samples.rows import write_rows
from tests.support import write_dataset

ROWS = [{"problem": f"p{n}", "solution": f"s{n}", "answer": n} for n in range(4)]


@pytest.fixture
def hub(tmp_path: Path) -> Path:
    write_dataset(tmp_path / "hub", "org/name", "# Name")
    write_rows(tmp_path / "hub/datasets/org/name/data/a.jsonl", ROWS)
    return tmp_path / "hub"


def builder(hub: Path, **options: object) -> ShardBuilder:
    home = hub.parent / "home"
    stores = {"store": ShardStore(home / "shards"), "measurements": MeasurementStore(home)}
    return ShardBuilder(FolderHub(hub), **{**stores, "scheme": DEFAULT_SCHEME, **options})  # type: ignore[arg-type]


def outcomes(made: ShardBuilder, dataset_id: str = "org/name") -> dict[str, tuple[str, bool]]:
    return {each.part.part: (each.part.outcome, each.made) for each in made.build(dataset_id)}


def test_a_shard_is_made_once(hub: Path) -> None:
    assert outcomes(builder(hub)) == {"": ("read", True)}
    assert outcomes(builder(hub)) == {"": ("read", False)}


def test_a_shard_is_made_again_when_the_rows_or_the_scheme_change(hub: Path) -> None:
    list(builder(hub).build("org/name"))
    write_rows(hub / "datasets/org/name/data/a.jsonl", ROWS * 2)
    (again,) = builder(hub).build("org/name")
    assert (again.made, again.part.rows) == (True, 8)
    (other,) = builder(hub, scheme="blake3-128/1").build("org/name")
    assert (other.made, other.part.scheme) == (True, "blake3-128/1")


def test_the_record_of_a_part_says_what_was_read(hub: Path) -> None:
    list(builder(hub).build("org/name"))
    (part,) = builder(hub).measurements.all(Part)
    assert (part.dataset_id, part.outcome, part.shape, part.rows) == ("org/name", "read", "problem_solution", 4)
    assert (part.instruction, part.input, part.output) == ("problem", "", "solution")


def test_given_fields_stay_in_force_until_others_are_given(hub: Path) -> None:
    table = FieldsTable({"ORG/name": Fields("given", "problem", "", "answer")})
    list(builder(hub, fields=table).build("org/name"))
    (kept,) = builder(hub).build("org/name")
    assert (kept.made, kept.part.output) == (False, "answer")
    other = FieldsTable({"org/name": Fields("given", "problem", "answer", "solution")})
    (changed,) = builder(hub, fields=other).build("org/name")
    assert (changed.made, changed.part.input) == (True, "answer")


def test_published_columns_hold_where_the_files_have_them_and_nobody_gave_others(hub: Path) -> None:
    def told(instruction: str) -> Part:
        fields = Fields(PUBLISHED, instruction, "", "answer")
        (built,) = builder(hub, published=lambda _dataset, _part: fields).build("org/name")
        return built.part

    assert (told("Problem").shape, told("Problem").output) == (PUBLISHED, "answer")
    assert (told("task").shape, told("task").output) == ("problem_solution", "solution")
    given = FieldsTable({"org/name": Fields("given", "problem", "", "solution")})
    list(builder(hub, fields=given).build("org/name"))
    assert told("problem").shape == "given"


def test_a_bad_row_is_the_outcome_of_its_part_and_no_other(hub: Path) -> None:
    write_rows(hub / "datasets/org/name/data/good/a.jsonl", ROWS)
    bad = hub / "datasets/org/name/data/bad/b.jsonl"
    write_rows(bad, ROWS)
    bad.write_text(bad.read_text() + "{broken\n")
    assert outcomes(builder(hub)) == {"": ("read", True), "bad": ("bad_row", False), "good": ("read", True)}
    (record,) = (part for part in builder(hub).measurements.all(Part) if part.part == "bad")
    assert "data/bad/b.jsonl, row 4" in record.detail
    (skipped,) = (each for each in builder(hub, skip_bad_rows=True).build("org/name") if each.part.part == "bad")
    assert (skipped.part.outcome, skipped.part.rows, skipped.part.skipped_rows) == ("read", 4, 1)
    assert outcomes(builder(hub))["bad"] == ("read", False)  # it was read so, and that holds


def test_a_reading_that_is_stopped_in_the_middle_leaves_what_was_there(hub: Path) -> None:
    (before,) = builder(hub).build("org/name")
    write_rows(hub / "datasets/org/name/data/a.jsonl", ROWS * 2)

    def stop(name: str, rows: int) -> None:
        raise KeyboardInterrupt(name, rows)

    with pytest.raises(KeyboardInterrupt) as stopped:
        list(builder(hub, told=stop).build("org/name"))
    assert stopped.value.args == ("org/name", 8)
    assert builder(hub).store.all() == [before.shard]
    (record,) = builder(hub).measurements.all(Part)
    assert (record.outcome, record.rows) == ("read", 4)


def test_parts_that_went_away_are_forgotten(hub: Path) -> None:
    part = write_rows(hub / "datasets/org/name/data/extra/a.jsonl", ROWS)
    assert outcomes(builder(hub)).keys() == {"", "extra"}
    part.unlink()
    made = builder(hub)
    assert outcomes(made).keys() == {""}
    assert [shard.part for shard in made.store.all()] == [record.part for record in made.measurements.all(Part)] == [""]


def test_rows_are_kept_under_the_name_that_the_hub_has_now_alone(hub: Path) -> None:
    list(builder(hub).build("org/name"))
    (hub / "datasets/org/name").rename(hub / "datasets/org/newer")
    write_dataset(hub, "org/newer", "# Name")
    (hub / "aliases.tsv").write_text("org/name\torg/newer\n")
    made = builder(hub)
    list(made.build("org/name"))
    assert [shard.dataset_id for shard in made.store.all()] == ["org/newer"]
    assert [record.dataset_id for record in made.measurements.all(Part)] == ["org/newer"]


def test_a_dataset_that_cannot_be_had_leaves_its_outcome(hub: Path) -> None:
    made = builder(hub)
    list(made.build("org/name"))
    assert outcomes(made, "org/nothing") == {"": ("not_found", False)}
    write_dataset(hub, "org/name", "# Name", gated="auto")
    assert outcomes(made) == {"": ("gated", False)}
    assert made.store.all() == []


def test_every_part_of_the_sample_is_read_and_counted_as_by_hand(tmp_path: Path) -> None:
    hub = open_hub("sample")
    made = ShardBuilder(hub, ShardStore(tmp_path / "s"), MeasurementStore(tmp_path), DEFAULT_SCHEME)
    for dataset_id in ("TIGER-Lab/TheoremQA", "SynthLabsAI/Big-Math-RL-Verified", "openbmb/UltraFeedback"):
        (built,) = made.build(dataset_id)
        triplets = brute_force.triplets()[dataset_id]
        queries = len(brute_force.queries(dataset_id))
        counted = (built.part.rows, built.part.distinct_triplets, built.part.distinct_queries)
        assert counted == (len(triplets), len(set(triplets)), queries)
        assert built.part.distinct_queries_normalised == len(brute_force.normalised(dataset_id))


def test_where_the_engine_fails_the_shard_before_stays_and_the_next_run_makes_the_new_one(
    hub: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    list(builder(hub).build("org/name"))
    write_rows(hub / "datasets/org/name/data/a.jsonl", ROWS * 2)

    def refuse(*_: object, **__: object) -> None:
        raise EngineFailed("sorted failed: no space left")

    with monkeypatch.context() as patch:
        patch.setattr(DuckDBEngine, "write", refuse)
        (failed,) = builder(hub).build("org/name")
    assert (failed.part.outcome, failed.shard) == ("engine_failed", None)
    (kept,) = builder(hub).store.all()
    assert kept.rows == 4
    assert outcomes(builder(hub)) == {"": ("read", True)}
    assert [shard.rows for shard in builder(hub).store.all()] == [8]
