"""Ways through a lineage graph: simple paths, shortest first, and what lies within some steps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

import networkx as nx

Path = tuple[str, ...]


def simple_paths(edges: Iterable[tuple[str, str]], source: str, target: str, limit: int) -> tuple[list[Path], bool]:
    """Simple paths from ``source`` to ``target``, shortest first, ties by name.

    Parameters
    ----------
    edges:
        (source, target) pairs.
    source, target:
        Where the paths begin and end; there is none from a dataset to itself.
    limit:
        Paths to return at most.

    Returns
    -------
    tuple
        The paths, and whether there are more.
    """
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_edges_from(sorted(edges))
    if source == target or source not in graph or target not in graph:
        return [], False
    between = graph.subgraph(
        (nx.descendants(graph, source) | {source}) & (nx.ancestors(graph, target) | {target})
    ).copy()
    if target not in between:
        return [], False
    if nx.is_directed_acyclic_graph(between):
        found = list(islice(_in_acyclic(between, source, target), limit + 1))
    else:
        found = [tuple(nodes) for nodes in islice(nx.shortest_simple_paths(between, source, target), limit + 1)]
    return sorted(found[:limit], key=lambda nodes: (len(nodes), nodes)), len(found) > limit


def _in_acyclic(graph: nx.DiGraph[str], source: str, target: str) -> Iterator[Path]:
    """Paths by length, then by name, in time proportional to what is asked for (Yen's algorithm searches anew)."""
    ends_in = [{target}]  # by number of steps: the nodes from which the target is exactly so far
    while ends_in[-1]:
        waiting: list[Path] = [(source,)] if source in ends_in[-1] else []
        while waiting:
            path = waiting.pop()
            left = len(ends_in) - len(path)
            if left == 0:
                yield path
            else:
                following = sorted(set(graph.successors(path[-1])) & ends_in[left - 1], reverse=True)
                waiting += [(*path, node) for node in following]
        ends_in.append({above for node in ends_in[-1] for above in graph.predecessors(node)})


def hops_around(centre: str, edges: Iterable[tuple[str, str]], up: int, down: int) -> dict[str, int]:
    """The datasets within some hops of one, with the fewest hops: upstream negative, downstream positive.

    Parameters
    ----------
    centre:
        The one in the middle.
    edges:
        (source, target) pairs.
    up, down:
        Hops to follow towards its sources, and towards what was made from it.
    """
    pairs = list(edges)
    hops = {node: -distance for node, distance in _within(centre, up, ((t, s) for s, t in pairs)).items()}
    for node, distance in _within(centre, down, pairs).items():
        if node not in hops or distance < -hops[node]:
            hops[node] = distance
    return hops


def _within(start: str, limit: int, arrows: Iterable[tuple[str, str]]) -> dict[str, int]:
    """Nodes reached from ``start`` along the arrows in at most ``limit`` steps, with the fewest steps."""
    following: dict[str, list[str]] = {}
    for tail, head in arrows:
        following.setdefault(tail, []).append(head)
    reached, edge = {start: 0}, [start]
    for distance in range(1, limit + 1):
        edge = [head for tail in edge for head in following.get(tail, ()) if head not in reached]
        reached.update(dict.fromkeys(edge, distance))
    return reached
