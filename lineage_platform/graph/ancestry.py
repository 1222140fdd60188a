"""What datasets descend from, and how much of them, as far as lineage alone can tell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import networkx as nx

from lineage_platform.records import Relation

# The relations that keep a source's queries as they are; the others write new ones.
CARRIES_QUERIES = frozenset({Relation.DIRECT_INCLUSION, Relation.COT_DISTILLATION})

Shares = Mapping[str, float]


@dataclass(frozen=True)
class Ancestry:
    """The edges that count. Shares do not pass along those inside a cycle: who of a cycle was first, nobody knows.

    Parameters
    ----------
    edges:
        (source, target) with the relation.
    rows:
        Rows by dataset, where they were counted. A dataset takes from its sources in proportion to their rows if all
        of them are known, and in equal parts otherwise.
    """

    edges: Mapping[tuple[str, str], str]
    rows: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def whole(self) -> nx.DiGraph[str]:
        """From source to target."""
        graph: nx.DiGraph[str] = nx.DiGraph()
        graph.add_edges_from(sorted(self.edges))
        return graph

    @cached_property
    def component(self) -> Mapping[str, int]:
        """The cycle that each dataset is in; alone, one of its own."""
        cycles = enumerate(nx.strongly_connected_components(self.whole))
        return {dataset_id: number for number, members in cycles for dataset_id in members}

    @cached_property
    def graph(self) -> nx.DiGraph[str]:
        """Without the edges inside cycles, every edge with the share of its target that it stands for."""
        graph: nx.DiGraph[str] = self.whole.copy()
        graph.remove_edges_from([(s, t) for s, t in self.whole.edges if self.component[s] == self.component[t]])
        for target in graph:
            sources = sorted(graph.predecessors(target))
            weights = [self.rows.get(source, 0) for source in sources]
            known = all(weights)
            for source, weight in zip(sources, weights, strict=True):
                graph.edges[source, target]["share"] = weight / sum(weights) if known else 1 / len(sources)
        return graph

    @cached_property
    def carrying(self) -> nx.DiGraph[str]:
        """The edges along which queries travel unchanged."""
        return self.graph.edge_subgraph(edge for edge in self.graph.edges if self.edges[edge] in CARRIES_QUERIES)

    def hops(self, dataset_id: str) -> Mapping[str, int]:
        """Everything that a dataset descends from, itself included, with the fewest edges to it."""
        if dataset_id not in self.whole:
            return {dataset_id: 0}
        return dict(nx.single_source_shortest_path_length(self.whole.reverse(copy=False), dataset_id))

    def roots(self, dataset_ids: Iterable[str]) -> tuple[str, ...]:
        """Those that have no source, sorted."""
        return tuple(sorted(each for each in dataset_ids if each not in self.whole or not self.whole.in_degree(each)))

    def nearest(self, shared: Iterable[str]) -> tuple[str, ...]:
        """Those of some shared ancestors from which no other of them descends, sorted.

        Whatever leads to a shared ancestor is one too, so what was made from each of them directly decides.
        """
        among = set(shared)
        return tuple(sorted(each for each in among if each not in self.whole or not self._passes(each, among)))

    def _passes(self, dataset_id: str, among: set[str]) -> bool:
        """Whether something outside the dataset's own cycle that is among the shared ones was made from that cycle."""
        own = self.component[dataset_id]
        return any(
            self.component[made] != own and made in among
            for member in self._members[own]
            for made in self.whole.successors(member)
        )

    @cached_property
    def _members(self) -> Mapping[int, list[str]]:
        members: defaultdict[int, list[str]] = defaultdict(list)
        for dataset_id, number in self.component.items():
            members[number].append(dataset_id)
        return members

    def shares(self, dataset_id: str) -> Shares:
        """How much of a dataset came by way of each thing it descends from, itself included: 0 to 1."""
        shares: defaultdict[str, float] = defaultdict(float, {dataset_id: 1.0})
        for target in self._upwards(dataset_id):
            for source in self.graph.predecessors(target):
                shares[source] += shares[target] * self.graph.edges[source, target]["share"]
        return shares

    def expected(self, dataset_id: str, other: str) -> float:
        """The share of a dataset's queries to expect in another one, if that holds all of what it was made from.

        A query is followed upstream, along the edges that keep it, until it stands in something that the other one is
        or was made from by such edges alone.
        """
        held = {other} | (nx.ancestors(self.carrying, other) if other in self.carrying else set())
        if dataset_id in held:
            return 1.0
        travelling: defaultdict[str, float] = defaultdict(float, {dataset_id: 1.0})
        arrived = 0.0
        for target in self._upwards(dataset_id):
            if target in held:
                arrived += travelling[target]
            elif target in self.carrying:
                for source in self.carrying.predecessors(target):
                    travelling[source] += travelling[target] * self.graph.edges[source, target]["share"]
        return min(arrived, 1.0)

    def _upwards(self, dataset_id: str) -> list[str]:
        """A dataset and what it descends from, each after everything that was made from it."""
        if dataset_id not in self.graph:
            return []  # nothing is known of what it was made from
        above = self.graph.subgraph(nx.ancestors(self.graph, dataset_id) | {dataset_id})
        return list(reversed(list(nx.lexicographical_topological_sort(above))))


def overlap(one: Shares, other: Shares) -> float:
    """How far two datasets have their ancestry in common: what both have of each ancestor, by what either has."""
    everything = one.keys() | other.keys()
    common = sum(min(one.get(each, 0.0), other.get(each, 0.0)) for each in sorted(everything))
    return common / sum(max(one.get(each, 0.0), other.get(each, 0.0)) for each in sorted(everything))
