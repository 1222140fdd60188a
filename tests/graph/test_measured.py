"""What rooms measured and what models cost are tables of the graph; a broken record costs nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from lineage_platform.agents.llm.ledger import CallOutcome, Cost, Ledger, Purpose
from lineage_platform.agents.llm.models import Task
from lineage_platform.files import RecordStore
from lineage_platform.graph.build import build_graph
from lineage_platform.graph.query import Graph, open_graph
from lineage_platform.measurements import (
    Containment,
    Contamination,
    CorpusSource,
    Finding,
    Intersection,
    Measurement,
    MeasurementStore,
    Part,
    Redundancy,
)
from tests.support import have_rows

MEASURED: tuple[Measurement, ...] = (
    Part(dataset_id="a/mix", part="train", outcome="read", rows=10, distinct_triplets=9),
    Redundancy(
        dataset_id="a/mix",
        scheme="xxh3",
        rows=10,
        distinct_triplets=9,
        rate=0.1,
        intersections=(Intersection(at="a/root", rows=4, duplicated_rows=2, paths=(("a/root", "a/left", "a/mix"),)),),
    ),
    Contamination(
        train="a/mix",
        benchmark="b/test",
        scheme="xxh3",
        benchmark_queries=8,
        matched=2,
        rate=0.25,
        matched_normalised=3,
        matched_near=4,
        paths=(("b/test", "a/mix"),),
        found_by="lineage",
    ),
    Containment(
        source="a/root",
        target="a/mix",
        scheme="xxh3",
        source_queries=4,
        target_queries=9,
        shared_queries=4.0,
        source_in_target=1.0,
        target_in_source=0.44,
        confirmed=True,
        finding=Finding.MEASURED,
    ),
    CorpusSource(corpus="roots", dataset_id="a/root", rows=4, kept=3, removed={"duplicate": 1}),
)


def graph(root: Path, ledger: Path | None = None) -> Graph:
    build_graph(RecordStore(root), root / "graph.duckdb", hub_name="test", hub_label="", ledger=ledger)
    return open_graph(root / "graph.duckdb")


def measured_in(root: Path) -> MeasurementStore:
    """A store of all of it, and of the rows that it was measured on."""
    found = MeasurementStore(root)
    for record in MEASURED:
        found.write(record)
    have_rows(found, "a/root", "b/test")
    return found


@pytest.fixture
def store(tmp_path: Path) -> MeasurementStore:
    return measured_in(tmp_path)


@pytest.mark.parametrize(
    ("query", "row"),
    [
        ("SELECT dataset_id, part, rows, distinct_triplets FROM parts WHERE part <> ''", ("a/mix", "train", 10, 9)),
        ("SELECT dataset_id, rate FROM redundancy", ("a/mix", 0.1)),
        (
            "SELECT intersection, rows, duplicated_rows, paths FROM intersections",
            ("a/root", 4, 2, [["a/root", "a/left", "a/mix"]]),
        ),
        ("SELECT matched, matched_near, paths, found_by FROM contamination", (2, 4, [["b/test", "a/mix"]], "lineage")),
        ("SELECT source, finding, confirmed FROM containments", ("a/root", "measured", True)),
        ("SELECT corpus, kept, removed['duplicate'] FROM corpus", ("roots", 3, 1)),
    ],
)
def test_every_measurement_is_a_row(
    tmp_path: Path, store: MeasurementStore, query: str, row: tuple[object, ...]
) -> None:
    assert graph(tmp_path).select(query).rows == (row,)


@pytest.mark.parametrize("record", MEASURED[1:], ids=lambda record: type(record).__name__)
def test_a_broken_measurement_is_a_fault_and_costs_nothing_else(
    tmp_path: Path, store: MeasurementStore, record: Measurement
) -> None:
    store.path(type(record), record.name).write_text("{")
    found = graph(tmp_path)
    assert [row[0] for row in found.select("SELECT kind FROM faults").rows] == ["broken_record"]
    assert len(filled(found)) == len(TABLES) - 1


def test_a_broken_part_is_a_fault_and_costs_the_figures_of_its_dataset_alone(
    tmp_path: Path, store: MeasurementStore
) -> None:
    store.path(Part, "a/root", "").write_text("{")
    found = graph(tmp_path)
    assert [row[0] for row in found.select("SELECT kind FROM faults").rows] == ["broken_record"]
    assert filled(found) == {"parts", "redundancy", "contamination", "corpus"}


@pytest.mark.parametrize(
    ("dataset_id", "left"),
    [
        ("a/root", {"redundancy", "contamination"}),
        ("b/test", {"redundancy", "containments"}),
        ("a/mix", set()),
    ],
)
@pytest.mark.parametrize("renamed", [False, True], ids=["deleted", "renamed"])
def test_of_rows_that_are_gone_no_table_tells_and_all_is_still_on_disk(
    tmp_path: Path, store: MeasurementStore, dataset_id: str, left: set[str], renamed: bool
) -> None:
    for part in list(store.of(Part, dataset_id)):
        store.delete(Part, dataset_id, part.part)
    if not renamed:
        store.write(Part(dataset_id=dataset_id, outcome="not_found"))
    assert filled(graph(tmp_path)) == {"parts", "corpus", *left}
    assert bool(list(store.standing(Redundancy))) == ("redundancy" in left)
    kept = {type(record): list(store.all(type(record))) for record in MEASURED[1:]}
    assert kept == {type(record): [record] for record in MEASURED[1:]}


TABLES = ("parts", "redundancy", "contamination", "containments", "corpus")


def filled(found: Graph) -> set[str]:
    """The tables of measurements that have rows."""
    return {table for table in TABLES if found.select(f"FROM {table}").rows}


def test_calls_to_models_are_rows_without_what_was_said(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "calls.sqlite")
    purpose = Purpose(Task.TRACING, "openai:gpt-5.1", "1", "a/mix", "", "key")
    ledger.end(
        ledger.begin(purpose),
        CallOutcome.OK,
        Cost(100, 20, 0.5, 1.5),
        detail="key sk-secret",
        purpose=purpose,
        answer="private",
    )
    ledger.hit(purpose)
    ledger.close()
    found = graph(tmp_path, tmp_path / "calls.sqlite")
    assert found.select("SELECT dataset_id, model, outcome, cache_hit, cost_usd FROM ledger ORDER BY call_id").rows == (
        ("a/mix", "openai:gpt-5.1", "ok", False, 0.5),
        ("a/mix", "openai:gpt-5.1", "cached", True, 0.0),
    )
    assert found.select("SELECT datasets, calls, cache_hits, not_ok, input_tokens FROM runs").rows == (
        (1, 1, 1, 0, 100),
    )
    assert b"sk-secret" not in (tmp_path / "graph.duckdb").read_bytes()
    assert b"private" not in (tmp_path / "graph.duckdb").read_bytes()


def test_a_file_that_is_no_ledger_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "calls.sqlite").write_text("not a database")
    found = graph(tmp_path, tmp_path / "calls.sqlite")
    assert [row[:2] for row in found.select("FROM faults").rows] == [("broken_record", "calls.sqlite")]
