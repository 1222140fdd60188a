"""What the graph says of datasets, as audits ask it: sources, ancestors, ways from one to the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from lineage_platform.catalog.ids import is_dataset_id
from lineage_platform.files import digest
from lineage_platform.graph.paths import simple_paths
from lineage_platform.graph.query import MAX_PATHS, Graph

DIRECT_INCLUSION = "direct_inclusion"

Path = tuple[str, ...]


@dataclass(frozen=True)
class Ways:
    """Paths from upstream to downstream, shortest first; ``truncated`` when there are more."""

    paths: tuple[Path, ...] = ()
    truncated: bool = False


@dataclass(frozen=True)
class Lineage:
    """The edges that count, and what is known of their ends.

    Parameters
    ----------
    relations:
        Relation of each edge (source, target).
    released, licences:
        Release date and licence of each dataset of the graph; None where unknown.
    label:
        What every output over this graph must say.
    on_hub:
        Every dataset of the graph, and whether the hub has it.
    traced:
        The datasets whose documents were read, or found to be missing.
    waiting:
        Edges (source, target) that documents state but a person has yet to judge. They are on no path; where one leads
        it is worth reading rows.
    mix:
        The node that stands for a planned mix, if one was added; paths into it end at the member they come through.
    """

    relations: Mapping[tuple[str, str], str] = field(default_factory=dict)
    released: Mapping[str, str | None] = field(default_factory=dict)
    licences: Mapping[str, str | None] = field(default_factory=dict)
    label: str = ""
    on_hub: Mapping[str, bool] = field(default_factory=dict)
    traced: frozenset[str] = frozenset()
    waiting: frozenset[tuple[str, str]] = frozenset()
    mix: str = ""

    @classmethod
    def of(cls, graph: Graph) -> Lineage:
        """The lineage that a graph holds."""
        edges = graph.select("SELECT source, target, relation FROM edges").rows
        waiting = graph.select("SELECT source, target FROM edge_candidates WHERE status = 'review'").rows
        datasets = graph.select("SELECT dataset_id, release_date, licence, on_hub, outcome FROM datasets").rows
        return cls(
            relations={(source, target): relation for source, target, relation in edges},
            released={dataset_id: date for dataset_id, date, *_ in datasets},
            licences={dataset_id: licence for dataset_id, _, licence, *_ in datasets},
            label=graph.meta.hub_label,
            on_hub={dataset_id: on_hub for dataset_id, _, _, on_hub, _ in datasets},
            traced=frozenset(dataset_id for dataset_id, *_, outcome in datasets if outcome),
            waiting=frozenset((source, target) for source, target in waiting),
        )

    def with_member_edges(self, target: str, sources: tuple[str, ...]) -> Lineage:
        """The same with one more dataset, which takes in others whole: a mix and its members."""
        edges = {(source, target): DIRECT_INCLUSION for source in sources}
        return replace(self, relations={**self.relations, **edges}, mix=target)

    def sources(self, dataset_id: str) -> frozenset[str]:
        """Direct sources."""
        return self._sources.get(dataset_id, frozenset())

    def stated(self, dataset_id: str) -> frozenset[str]:
        """Direct sources, and those that wait for a person's judgement."""
        return self.sources(dataset_id) | self._waiting.get(dataset_id, frozenset())

    def ancestors(self, dataset_id: str) -> frozenset[str]:
        """Everything upstream; around a cycle never the dataset itself."""
        found: set[str] = set()
        waiting = [dataset_id]
        while waiting:
            new = self.sources(waiting.pop()) - found
            found |= new
            waiting.extend(new)
        return frozenset(found - {dataset_id})

    def crossings(self, dataset_id: str) -> tuple[str, ...]:
        """Ancestors that reach the dataset through two or more of its direct sources, themselves counted, by name."""
        through: dict[str, int] = {}
        for source in self.sources(dataset_id):
            for ancestor in (self.ancestors(source) | {source}) - {dataset_id}:
                through[ancestor] = through.get(ancestor, 0) + 1
        return tuple(sorted(ancestor for ancestor, count in through.items() if count > 1))

    def untraced(self, dataset_ids: Iterable[str]) -> tuple[str, ...]:
        """Those of the datasets, and of the datasets upstream of them, whose sources nobody looked for."""
        reached = {each for dataset_id in dataset_ids for each in (dataset_id, *self.ancestors(dataset_id))}
        return tuple(sorted(filter(is_dataset_id, reached - self.traced)))

    def ways(self, source: str, target: str) -> Ways:
        """Simple paths from ``source`` down to ``target``; to a mix, down to its members, which may be the source."""
        paths, truncated = simple_paths(self.relations, source, target, MAX_PATHS)
        return Ways(tuple(path[:-1] for path in paths) if target == self.mix else tuple(paths), truncated)

    def version_above(self, names: Iterable[str]) -> str:
        """Changes when an edge that leads to one of these datasets does, or one of their release dates."""
        below = set(names)
        reached = below.union(*(self.ancestors(name) for name in below))
        edges = [f"{source} {target} {kind}" for (source, target), kind in self.relations.items() if target in reached]
        waiting = [f"{source} {target}" for source, target in self.waiting if target in reached]
        dates = [f"{name} {self.released.get(name)}" for name in below]
        return digest(*sorted(edges), "", *sorted(waiting), "", *sorted(dates))

    @cached_property
    def _sources(self) -> dict[str, frozenset[str]]:
        return _by_target(self.relations)

    @cached_property
    def _waiting(self) -> dict[str, frozenset[str]]:
        return _by_target(self.waiting)


def _by_target(edges: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for source, target in edges:
        if source != target:
            found.setdefault(target, set()).add(source)
    return {target: frozenset(sources) for target, sources in found.items()}
