"""The published graph, loaded as it is, gives the published figures: so the definitions are the right ones."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lineage_platform.graph.build import write_graph
from lineage_platform.graph.query import Graph, open_graph
from lineage_platform.graph.tables import DatasetRow, Tables
from tests.graph.builders import edge


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


@pytest.fixture(scope="module")
def published(real_data: Path) -> Path:
    return real_data / "published-graph"


@pytest.fixture(scope="module")
def expected(published: Path) -> Any:
    return json.loads((published / "EXPECTED.json").read_text())


@pytest.fixture(scope="module")
def graph(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Graph]:
    datasets = [
        DatasetRow(
            row["dataset_id"],
            on_hub=True,
            release_date=row["release_month"] or None,
            domains=row["domains"].split("|"),
            is_leaf=row["terminal"] == "true",
        )
        for row in rows_of(published / "nodes.tsv")
    ]
    edges = [edge(row["source"], row["target"]) for row in rows_of(published / "edges.tsv")]
    path = tmp_path_factory.mktemp("published") / "graph.duckdb"
    write_graph(Tables(datasets, edges).completed(), path, hub_name="published", hub_label="")
    with open_graph(path) as opened:
        yield opened


def test_its_size_is_the_published_one(graph: Graph, expected: Any) -> None:
    hub = graph.sql("SELECT count(*) FILTER (on_hub), count(*) FILTER (NOT on_hub) FROM datasets").rows[0]
    assert hub == (expected["hub_datasets"], expected["external_sources"])
    assert graph.meta.edges == expected["distinct_edges"]


def test_topology_by_domain(graph: Graph, expected: Any) -> None:
    found = {row.pop("domain"): row for row in graph.report("topology_by_domain").records()}
    assert found == expected["by_domain"]


def test_cross_domain(graph: Graph, expected: Any) -> None:
    found: dict[str, dict[str, list[float]]] = {}
    for row in graph.report("cross_domain").records():
        found.setdefault(row["source_domain"], {})[row["target_domain"]] = [row["edges"], row["share_pct"]]
    assert found == expected["cross_domain"]


def test_most_reused(graph: Graph, expected: Any) -> None:
    whole = [row for row in graph.report("most_reused").records() if row["domain"] == "all"]
    assert [[row["dataset_id"], row["out_degree"]] for row in whole] == expected["most_reused"]
    assert [row["rank"] for row in whole] == list(range(1, 11))


@pytest.mark.parametrize(("report", "figure"), [("highest_in_degree", "in_degree"), ("deepest", "depth")])
def test_the_extremes(graph: Graph, expected: Any, report: str, figure: str) -> None:
    rows = graph.report(report).records()
    assert [[row["dataset_id"], row[figure]] for row in rows] == expected[report]


def test_release_years(graph: Graph, expected: Any) -> None:
    found: dict[str, dict[str, dict[str, int]]] = {}
    for row in graph.report("release_years").records():
        found.setdefault(row["domain"], {}).setdefault(str(row["year"]), {})[row["kind"]] = row["datasets"]
    assert found == expected["by_year"]
