"""Depth, degrees and cycles of a lineage graph."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass

import networkx as nx


@dataclass(frozen=True)
class Topology:
    """Figures per dataset; a dataset without edges is in none of the mappings.

    Parameters
    ----------
    depth:
        Edges on the longest path that ends in the dataset, over the condensation: a cycle counts 0 inside.
    in_degree:
        Distinct sources.
    out_degree:
        Distinct Hub datasets built on it.
    cycles:
        Members of each strongly connected component of two or more, sorted.
    """

    depth: Mapping[str, int]
    in_degree: Mapping[str, int]
    out_degree: Mapping[str, int]
    cycles: tuple[tuple[str, ...], ...]


def topology(edges: Iterable[tuple[str, str]], on_hub: Container[str]) -> Topology:
    """Figures of the graph with these (source, target) pairs.

    Parameters
    ----------
    edges:
        The edges that count; repeats count once.
    on_hub:
        Which ids the Hub knows.
    """
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_edges_from(edges)
    condensed = nx.condensation(graph)
    depths: dict[int, int] = {}
    for component in nx.topological_sort(condensed):
        depths[component] = max((depths[above] + 1 for above in condensed.predecessors(component)), default=0)
    members: Mapping[int, set[str]] = nx.get_node_attributes(condensed, "members")
    return Topology(
        depth={dataset: depths[component] for component, datasets in members.items() for dataset in datasets},
        in_degree=dict(graph.in_degree()),
        out_degree={dataset: sum(below in on_hub for below in graph.successors(dataset)) for dataset in graph},
        cycles=tuple(sorted(tuple(sorted(datasets)) for datasets in members.values() if len(datasets) > 1)),
    )
