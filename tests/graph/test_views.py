"""The views answer the common questions, and every column of every measurement has its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import BaseModel

from lineage_platform.files import RecordStore
from lineage_platform.graph.build import build_graph
from lineage_platform.graph.query import Graph, open_graph
from lineage_platform.measurements import (
    Containment,
    Contamination,
    CorpusSource,
    Finding,
    Intersection,
    MeasurementStore,
    Part,
    Redundancy,
)
from lineage_platform.records import Domain, Outcome
from tests.graph.builders import traced, witness
from tests.support import have_rows


def containment(source: str, target: str, finding: Finding, shared: float) -> Containment:
    return Containment(
        source=source,
        target=target,
        scheme="xxh3",
        source_queries=10,
        target_queries=20,
        shared_queries=shared,
        source_in_target=shared / 10,
        target_in_source=shared / 20,
        confirmed=True,
        finding=finding,
    )


@pytest.fixture
def graph(tmp_path: Path) -> Graph:
    records = RecordStore(tmp_path / "records")
    leaf = Outcome.NO_SOURCES_DOCUMENTED
    traced(records, "a/used", outcome=leaf, month="2022-05", domains=(Domain.MATH,), licence="mit")
    traced(records, "b/unused", outcome=leaf)
    traced(records, "c/mix", [witness("a/used"), witness("name:forum")], month="2023-05", domains=(Domain.CODE,))
    store = MeasurementStore(records.root)
    have_rows(store, "a/used", "b/unused", "c/mix", "x/x")
    for source, finding, shared in (("a/used", Finding.DOUBTED, 0), ("b/unused", Finding.UNDOCUMENTED, 7)):
        store.write(containment(source, "c/mix", finding, shared))
    store.write(containment("x/x", "c/mix", Finding.MEASURED, 9))
    build_graph(records, tmp_path / "graph.duckdb", hub_name="test", hub_label="")
    return open_graph(tmp_path / "graph.duckdb")


def test_the_edges_of_the_hub_come_with_both_ends(graph: Graph) -> None:
    (edge,) = graph.select("FROM hub_edges").records()
    assert (edge["source"], edge["source_domains"], edge["target_domains"]) == ("a/used", ["math"], ["code"])
    assert (edge["source_release"], edge["target_release"], edge["source_licence"]) == ("2022-05", "2023-05", "mit")


def test_roots_are_leaves_in_use(graph: Graph) -> None:
    assert [row["dataset_id"] for row in graph.select("FROM roots").records()] == ["a/used"]


def test_overlaps_in_doubt_are_those_that_documents_and_rows_tell_differently(graph: Graph) -> None:
    rows = graph.select("SELECT source, finding FROM overlaps_in_doubt").rows
    assert rows == (("b/unused", "undocumented"), ("a/used", "doubted"))


@pytest.mark.parametrize(
    ("record", "table", "elsewhere"),
    [
        (Part, "parts", set()),
        (Redundancy, "redundancy", {"intersections"}),
        (Intersection, "intersections", {"at"}),
        (Contamination, "contamination", set()),
        (Containment, "containments", set()),
        (CorpusSource, "corpus", set()),
    ],
)
def test_every_field_of_a_measurement_is_a_column(
    graph: Graph, record: type[BaseModel], table: str, elsewhere: set[str]
) -> None:
    assert set(record.model_fields) - elsewhere <= set(graph.select(f"FROM {table}").columns)
