"""Depth, degrees and cycles equal what counting by hand gives."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lineage_platform.graph.topology import topology

NODES = [f"o/{letter}" for letter in "abcdefg"]
EDGES = st.sets(st.tuples(st.sampled_from(NODES), st.sampled_from(NODES)), max_size=20)


def reachable(edges: set[tuple[str, str]], start: str) -> set[str]:
    seen, waiting = {start}, [start]
    while waiting:
        here = waiting.pop()
        for source, target in edges:
            if source == here and target not in seen:
                seen.add(target)
                waiting.append(target)
    return seen


def longest(edges: set[tuple[str, str]], node: str) -> int:
    """Longest path of components that ends in the node, by trying all of them."""
    mutual = {other for other in NODES if other in reachable(edges, node) and node in reachable(edges, other)}
    above = {source for source, target in edges if target in mutual} - mutual
    return max((longest(edges, source) + 1 for source in above), default=0)


@given(edges=EDGES, on_hub=st.sets(st.sampled_from(NODES)))
def test_figures_equal_brute_force_on_graphs_with_cycles(edges: set[tuple[str, str]], on_hub: set[str]) -> None:
    found = topology(edges, on_hub)
    for node in {end for edge in edges for end in edge}:
        assert found.depth[node] == longest(edges, node)
        assert found.in_degree.get(node, 0) == sum(target == node for _, target in edges)
        assert found.out_degree.get(node, 0) == sum(source == node and target in on_hub for source, target in edges)
    for members in found.cycles:
        assert all(set(members) <= reachable(edges, member) for member in members)


def test_a_cycle_counts_nothing_inside_and_is_named() -> None:
    found = topology([("o/a", "o/b"), ("o/b", "o/c"), ("o/c", "o/b"), ("o/c", "o/d")], NODES)
    assert found.depth == {"o/a": 0, "o/b": 1, "o/c": 1, "o/d": 2}
    assert found.cycles == (("o/b", "o/c"),)
