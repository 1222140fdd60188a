"""The published graph, loaded as it is, gives the published figures: so the definitions are the right ones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lineage_platform.files import RecordStore
from lineage_platform.graph.build import build_graph
from lineage_platform.graph.importing import read_published_graph
from lineage_platform.graph.imports import ImportStore
from lineage_platform.graph.query import Graph, open_graph


@pytest.fixture(scope="module")
def published(real_data: Path) -> Path:
    return real_data / "published-graph"


@pytest.fixture(scope="module")
def expected(published: Path) -> Any:
    return json.loads((published / "EXPECTED.json").read_text())


@pytest.fixture(scope="module")
def graph(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Graph]:
    with imported(published, tmp_path_factory.mktemp("published")) as opened:
        yield opened


def imported(published: Path, root: Path, *, apply_rules: bool = False) -> Graph:
    tables = (published / "nodes.tsv", published / "edges.tsv")
    ImportStore(root).write(read_published_graph(*tables, name="published", apply_rules=apply_rules))
    build_graph(RecordStore(root), root / "graph.duckdb", hub_name="published", hub_label="")
    return open_graph(root / "graph.duckdb")


def test_its_size_is_the_published_one(graph: Graph, expected: Any) -> None:
    hub = graph.select("SELECT count(*) FILTER (on_hub), count(*) FILTER (NOT on_hub) FROM datasets").rows[0]
    assert hub == (expected["hub_datasets"], expected["external_sources"])
    assert graph.meta.edges == expected["distinct_edges"]
    assert graph.select("SELECT count(*) FROM witnesses").rows[0][0] == expected["edge_records"]
    between = "SELECT count(*) FROM edges SEMI JOIN (FROM datasets WHERE on_hub) AS hub ON source = hub.dataset_id"
    assert (
        graph.select(f"{between} WHERE target IN (SELECT dataset_id FROM datasets WHERE on_hub)").rows[0][0]
        == (expected["hub_to_hub_edges"])
    )
    assert graph.select("SELECT DISTINCT status FROM edge_candidates").rows == (("imported",),)


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


def test_applying_the_rules_finds_the_known_errors_and_leaves_them_out(
    graph: Graph, published: Path, tmp_path: Path
) -> None:
    kinds = dict(graph.select("SELECT kind, count(*) FROM faults GROUP BY ALL").rows)
    assert kinds["part"] == 86
    assert {"anachronism", "unschemed", "namesake", "no_quote", "unnamed_quote"} <= set(kinds)
    with imported(published, tmp_path, apply_rules=True) as ruled:
        assert dict(ruled.select("SELECT kind, count(*) FROM faults GROUP BY ALL").rows) == kinds
        assert ruled.meta.edges < graph.meta.edges
        assert ruled.dataset("HuggingFaceFW/fineweb").in_degree < 10
        statuses = {row[0] for row in ruled.select("SELECT DISTINCT status FROM edge_candidates").rows}
        assert statuses == {"imported", "anachronistic", "review", "rejected"}
        off_hub = ruled.select(
            "SELECT dataset_id FROM datasets WHERE NOT on_hub AND NOT contains(dataset_id, ':')"
        ).rows
        assert off_hub == ()
