"""Closures, depth, crossings and paths equal networkx on random graphs with cycles, in Python and in SQL."""

from __future__ import annotations

import random
from pathlib import Path

import networkx as nx
import pytest

from lineage_platform.graph import closure as closures
from lineage_platform.graph.closure import Closure
from lineage_platform.graph.paths import simple_paths
from lineage_platform.graph.query import open_graph
from lineage_platform.graph.topology import topology
from tests.graph.builders import drawn

GRAPHS = 150


def random_edges(seed: int) -> set[tuple[str, str]]:
    """Two to nine datasets with edges among them, cycles and self-edges included."""
    rng = random.Random(seed)
    nodes = [f"o/{number}" for number in range(rng.randint(2, 9))]
    return {(rng.choice(nodes), rng.choice(nodes)) for _ in range(rng.randint(1, 2 * len(nodes)))}


def through(graph: nx.DiGraph[str], target: str, ancestor: str) -> tuple[str, ...]:
    return tuple(sorted(s for s in graph.predecessors(target) if nx.has_path(graph, ancestor, s)))


@pytest.mark.parametrize("seed", range(GRAPHS))
def test_ancestors_crossings_and_depth_equal_networkx(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(closures, "CHUNK", seed % 4 + 1)  # sets of more chunks than one
    edges = random_edges(seed)
    graph, closure = nx.DiGraph(edges), Closure(edges)
    for node in graph:
        assert closure.ancestors(node) == nx.ancestors(graph, node) - {node}
    pairs = ((t, a) for t in graph for a in graph if a != t)
    crossing = {(t, a): ways for t, a in pairs if len(ways := through(graph, t, a)) >= 2}
    assert {(each.dataset_id, each.intersection): each.through for each in closure.crossings()} == crossing
    condensed = nx.condensation(graph)
    depth = dict.fromkeys(condensed, 0)
    for component in nx.topological_sort(condensed):
        depth[component] = max((depth[above] + 1 for above in condensed.predecessors(component)), default=0)
    expected = {node: depth[c] for c, members in condensed.nodes(data="members") for node in members}
    assert topology(edges, set(graph)).depth == expected


def test_a_dataset_costs_no_more_for_all_the_others_there_are() -> None:
    closure = Closure([(f"o/{number}", f"p/{number}") for number in range(4 * closures.CHUNK)])
    assert max(map(len, closure._reach)) <= 2


@pytest.mark.parametrize("seed", range(0, GRAPHS, 5))
def test_paths_equal_networkx(seed: int) -> None:
    edges = random_edges(seed)
    graph = nx.DiGraph(edges)
    for source in graph:
        for target in set(graph) - {source}:
            expected = sorted(map(tuple, nx.all_simple_paths(graph, source, target)), key=lambda p: (len(p), p))
            assert simple_paths(edges, source, target, 1000) == (expected, False)


@pytest.mark.parametrize("seed", range(0, GRAPHS, 15))
def test_the_macros_of_the_database_equal_networkx(tmp_path: Path, seed: int) -> None:
    edges = random_edges(seed)
    graph = nx.DiGraph(edges)
    drawn(tmp_path / "graph.duckdb", edges)
    with open_graph(tmp_path / "graph.duckdb") as opened:
        for node in graph:
            down = nx.single_source_shortest_path_length(graph, node)
            up = nx.single_source_shortest_path_length(graph.reverse(), node)
            for macro, hops in (("upstream", up), ("downstream", down)):
                rows = opened.select(f"SELECT dataset_id, hops FROM {macro}($id)", id=node).rows
                assert dict(rows) == {other: n for other, n in hops.items() if n > 0}


def test_the_crossings_with_most_direct_sources_come_first_and_are_cut() -> None:
    edges = [(f"o/root{i}", f"o/middle{j}") for i in range(3) for j in range(i + 2)]
    edges += [(f"o/middle{j}", "o/mix") for j in range(4)]
    found = Closure(edges).crossings()
    assert [(each.intersection, each.direct_sources) for each in found if each.dataset_id == "o/mix"] == [
        ("o/root2", 4),
        ("o/root1", 3),
        ("o/root0", 2),
    ]
    assert Closure(edges).crossings(limit=2) == found[:2]


def test_one_great_cycle_is_no_burden() -> None:
    ring = [(f"o/{i}", f"o/{(i + 1) % 3000}") for i in range(3000)]
    closure = Closure([*ring, *((f"o/{i}", f"o/{(i + 7) % 3000}") for i in range(3000))])
    assert len(closure.ancestors("o/5")) == 2999
    assert len(closure.crossings(limit=10)) == 10
