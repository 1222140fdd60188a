"""Two datasets compared: shared ancestry by the definition, overlap expected and measured, and a verdict in words."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineage_platform.errors import DatasetNotFound
from lineage_platform.files import RecordStore
from lineage_platform.graph.ancestry import Ancestry, overlap
from lineage_platform.graph.build import build_graph
from lineage_platform.graph.comparing import CommonAncestor, Comparison, compare, families
from lineage_platform.graph.query import Graph, open_graph
from lineage_platform.measurements import Containment, MeasurementStore
from lineage_platform.records import Relation
from tests.graph.builders import drawn, traced, witness
from tests.support import have_rows

INCLUDED, EVOLVED = Relation.DIRECT_INCLUSION, Relation.SEMANTIC_EVOLUTION


def ancestry(*edges: tuple[str, str] | tuple[str, str, Relation], **rows: int) -> Ancestry:
    return Ancestry({(edge[0], edge[1]): edge[2] if len(edge) > 2 else INCLUDED for edge in edges}, rows)  # type: ignore[misc]


FORK = ancestry(("root", "left"), ("root", "right"), ("other", "right"), ("left", "a"), ("left", "b"), ("right", "b"))


def test_shares_follow_every_path_in_equal_parts() -> None:
    assert dict(FORK.shares("b")) == {"b": 1, "left": 0.5, "right": 0.5, "root": 0.75, "other": 0.25}
    assert dict(FORK.shares("a")) == {"a": 1, "left": 1, "root": 1}
    assert dict(FORK.shares("nobody")) == {"nobody": 1}


def test_shares_follow_the_rows_where_all_are_known() -> None:
    edges = (("one", "a"), ("two", "a"))
    assert ancestry(*edges, one=30, two=10).shares("a")["one"] == 0.75
    assert ancestry(*edges, one=30).shares("a")["one"] == 0.5


def test_overlap_is_what_both_have_by_what_either_has() -> None:
    both = overlap(FORK.shares("a"), FORK.shares("b"))
    assert both == pytest.approx((0.5 + 0.75) / (1 + 1 + 1 + 1 + 0.5 + 0.25))
    assert overlap(FORK.shares("b"), FORK.shares("b")) == 1
    assert overlap(FORK.shares("a"), {"x": 1.0}) == 0


def test_what_is_to_be_expected_travels_along_relations_that_keep_queries() -> None:
    assert (FORK.expected("a", "b"), FORK.expected("b", "a")) == (1, 0.75)
    assert (FORK.expected("root", "a"), FORK.expected("a", "root")) == (1, 1)
    rewritten = ancestry(("root", "a", EVOLVED), ("root", "b"))
    assert (rewritten.expected("a", "b"), rewritten.expected("b", "a")) == (0, 0)
    half = ancestry(("root", "a", Relation.COT_DISTILLATION), ("new", "a", EVOLVED), ("root", "b"))
    assert (half.expected("a", "b"), half.expected("b", "a")) == (0.5, 1)


def test_the_nearest_common_ancestors_are_those_that_no_other_descends_from() -> None:
    assert FORK.nearest(FORK.hops("a").keys() & FORK.hops("b").keys()) == ("left",)
    assert FORK.roots(["root", "left", "other", "alone"]) == ("alone", "other", "root")


def test_a_cycle_is_one_ancestor_and_passes_no_shares_round() -> None:
    looped = ancestry(("root", "x"), ("x", "y"), ("y", "x"), ("y", "a"), ("y", "b"))
    assert looped.nearest(looped.hops("a").keys() & looped.hops("b").keys()) == ("x", "y")
    assert looped.shares("a")["y"] == 1
    assert looped.hops("a") == {"a": 0, "y": 1, "x": 2, "root": 3}


NODES = "abcdefg"
PAIRS = st.sets(st.tuples(st.sampled_from(NODES), st.sampled_from(NODES)), max_size=16)


@settings(deadline=None)
@given(PAIRS)
def test_the_nearest_are_as_networkx_has_them(pairs: set[tuple[str, str]]) -> None:
    edges = {(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]}
    graph = nx.DiGraph(edges)
    found = ancestry(*edges)
    graph.add_nodes_from("fg")
    shared = (nx.ancestors(graph, "f") | {"f"}) & (nx.ancestors(graph, "g") | {"g"})
    expected = {node for node in shared if not (nx.descendants(graph, node) & shared)}
    assert set(found.nearest(shared)) == expected


@settings(deadline=None)
@given(PAIRS)
def test_shares_are_shares_and_expectations_too_on_any_graph(pairs: set[tuple[str, str]]) -> None:
    found = ancestry(*(pair for pair in pairs if pair[0] != pair[1]))
    for one in NODES[:3]:
        assert all(0 < share <= 1 + 1e-9 for share in found.shares(one).values())
        for other in NODES[3:]:
            assert 0 <= found.expected(one, other) <= 1
            both = overlap(found.shares(one), found.shares(other))
            assert 0 <= both <= 1
            assert both == pytest.approx(overlap(found.shares(other), found.shares(one)))


@pytest.fixture
def graph(tmp_path: Path) -> Graph:
    records = RecordStore(tmp_path)
    for dataset_id, sources in {
        "lab/root": [],
        "lab/left": ["lab/root"],
        "acme/a": ["lab/left"],
        "acme/b": ["lab/left", "lab/root"],
        "acme/alone": [],
    }.items():
        traced(records, dataset_id, [witness(source) for source in sources])
    store = MeasurementStore(records.root)
    have_rows(store, "acme/a", "acme/b", "acme/alone", "lab/root")
    for source, target, shared in (
        ("acme/a", "acme/b", 30.0),
        ("acme/alone", "lab/root", 5.0),
        ("lab/root", "acme/a", 0),
    ):
        store.write(_containment(source, target, shared))
    build_graph(records, tmp_path / "graph.duckdb", hub_name="test", hub_label="")
    return open_graph(tmp_path / "graph.duckdb")


def _containment(source: str, target: str, shared: float) -> Containment:
    return Containment(
        source=source,
        target=target,
        scheme="xxh3",
        source_queries=100,
        target_queries=50,
        shared_queries=shared,
        source_in_target=shared / 100,
        target_in_source=shared / 50,
        confirmed=True,
    )


def told(found: Comparison) -> tuple[str, int | None]:
    return found.kinship, found.distance


def test_relatives_are_compared_by_lineage_and_by_rows(graph: Graph) -> None:
    found = compare(graph, "acme/b", "acme/a")
    assert told(found) == ("relatives", 2)
    assert found.nearest_common_ancestors == (CommonAncestor("lab/left", 1, 1),)
    assert found.shared_ancestors == ("lab/left", "lab/root")
    assert found.shared_roots == ("lab/root",)
    assert (found.expected_a_in_b, found.expected_b_in_a) == (1, 1)
    assert found.measured
    assert (found.measured.a_in_b, found.measured.b_in_a) == (0.6, 0.3)
    assert "both descend from lab/left" in found.verdict
    assert "60.0% of the queries of acme/b in acme/a" in found.verdict


def test_each_kinship_is_told(graph: Graph) -> None:
    assert told(compare(graph, "lab/root", "acme/b")) == ("ancestor", 1)
    assert told(compare(graph, "ACME/B", "lab/root")) == ("descendant", 1)
    assert told(compare(graph, "acme/a", "acme/a")) == ("same", 0)
    assert told(compare(graph, "acme/a", "acme/alone")) == ("strangers", None)
    assert "were not compared" in compare(graph, "acme/a", "acme/alone").verdict
    with pytest.raises(DatasetNotFound):
        compare(graph, "acme/a", "acme/nobody")


def test_rows_that_contradict_lineage_are_findings(graph: Graph) -> None:
    assert "an overlap that nobody documents" in compare(graph, "lab/root", "acme/alone").verdict
    assert "a doubt about what is documented" in compare(graph, "lab/root", "acme/a").verdict


def test_a_cycle_is_told(tmp_path: Path) -> None:
    drawn(tmp_path / "graph.duckdb", [("o/a", "o/b"), ("o/b", "o/a")])
    with open_graph(tmp_path / "graph.duckdb") as opened:
        assert compare(opened, "o/a", "o/b").kinship == "cycle"


def members(found: Iterable[object]) -> list[tuple[str, ...]]:
    return [family.members for family in found]  # type: ignore[attr-defined]


def test_a_set_falls_into_families(graph: Graph) -> None:
    found = families(graph, ["acme/alone", "acme/b", "acme/a", "ACME/A"])
    assert members(found) == [("acme/a", "acme/b"), ("acme/alone",)]
    assert found[0].shared_roots == ("lab/root",)
    assert members(families(graph, ["acme/a", "acme/b"], threshold=0.9)) == [("acme/a",), ("acme/b",)]
    assert members(families(graph, ["acme/a", "lab/root"], threshold=1)) == [("acme/a", "lab/root")]
