"""Depth, degrees and cycles of a lineage graph."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass

from lineage_platform.graph.closure import Closure, Crossing


@dataclass(frozen=True)
class Topology:
    """Figures per dataset; one that a mapping lacks has the figure 0.

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
    crossings:
        Ancestors that reach a dataset through two or more of its direct sources.
    """

    depth: Mapping[str, int]
    in_degree: Mapping[str, int]
    out_degree: Mapping[str, int]
    cycles: tuple[tuple[str, ...], ...]
    crossings: Sequence[Crossing]


def topology(edges: Iterable[tuple[str, str]], on_hub: Container[str]) -> Topology:
    """Figures of the graph with these (source, target) pairs.

    Parameters
    ----------
    edges:
        The edges that count; repeats count once.
    on_hub:
        Which ids the Hub knows.
    """
    closure = Closure(edges)
    depths: list[int] = []
    for number in range(len(closure.components)):
        depths.append(max((depths[above] + 1 for above in closure.above(number)), default=0))
    uses = Counter(source for target, sources in closure.sources.items() if target in on_hub for source in sources)
    return Topology(
        depth={node: depths[number] for node, number in closure.component.items()},
        in_degree={target: len(sources) for target, sources in closure.sources.items()},
        out_degree=dict(uses),
        cycles=tuple(sorted(tuple(sorted(members)) for members in closure.components if len(members) > 1)),
        crossings=closure.crossings(),
    )
