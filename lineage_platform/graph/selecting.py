"""Which datasets of a graph a selection means."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass, field

from lineage_platform.errors import DatasetNotFound
from lineage_platform.graph.selection import (
    NULL,
    Around,
    Both,
    Either,
    Ends,
    Everything,
    Matching,
    Not,
    Selection,
    SelectionError,
    matches,
    parse,
)

Datasets = frozenset[str]


@dataclass(frozen=True)
class Lineage:
    """What selections are about: datasets with their attributes, and the edges that count.

    Parameters
    ----------
    attributes:
        By dataset, the values of each attribute but ``key`` and ``relation``; none when it is not known.
    edges:
        (source, target, relation). A dataset has the relations by which it was made.
    canonical:
        The id that another name of a dataset stands for.

    Raises
    ------
    LineageError
        By ``canonical``, when no dataset has the name.
    """

    attributes: Mapping[str, Mapping[str, tuple[str, ...]]]
    edges: Iterable[tuple[str, str, str]]
    canonical: Callable[[str], str]
    sources: Mapping[str, set[str]] = field(init=False, repr=False)
    uses: Mapping[str, set[str]] = field(init=False, repr=False)
    relations: Mapping[str, set[str]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        sources, uses, relations = defaultdict(set), defaultdict(set), defaultdict(set)
        for source, target, relation in self.edges:
            sources[target].add(source)
            uses[source].add(target)
            relations[target].add(relation)
        for name, value in (("sources", sources), ("uses", uses), ("relations", relations)):
            object.__setattr__(self, name, value)

    def values(self, dataset_id: str, attribute: str) -> Set[str] | tuple[str, ...]:
        """What a dataset has of an attribute."""
        if attribute == "key":
            return (dataset_id,)
        if attribute == "relation":
            return self.relations.get(dataset_id, set())
        return self.attributes[dataset_id].get(attribute, ())


def select(text: str, lineage: Lineage) -> Datasets:
    """The datasets that a selection means; see :mod:`lineage_platform.graph.selection`.

    Raises
    ------
    SelectionError
        It does not follow the grammar, or names a dataset that the graph does not have.
    """
    return _Selecting(text, lineage).of(parse(text))


@dataclass(frozen=True)
class _Selecting:
    text: str
    lineage: Lineage

    def of(self, selection: Selection) -> Datasets:
        everything = frozenset(self.lineage.attributes)
        match selection:
            case Everything():
                return everything
            case Matching():
                return self._matching(selection)
            case Not(operand):
                return everything - self.of(operand)
            case Both(operands):
                return everything.intersection(*map(self.of, operands))
            case Either(operands):
                return frozenset().union(*map(self.of, operands))
            case Around(operand, up, down):
                inside = self.of(operand)
                return _reached(inside, self.lineage.sources, up) | _reached(inside, self.lineage.uses, down)
            case Ends(operand, side):
                inside = self.of(operand)
                return inside - _led_to(inside, self.lineage.uses if side == "roots" else self.lineage.sources)

    def _matching(self, wanted: Matching) -> Datasets:
        if wanted.attribute == "key" and "*" not in wanted.pattern:
            return frozenset({self._named(wanted)})
        return frozenset(
            dataset
            for dataset in self.lineage.attributes
            if self._has(self.lineage.values(dataset, wanted.attribute), wanted.pattern)
        )

    def _named(self, wanted: Matching) -> str:
        if wanted.pattern in self.lineage.attributes:
            return wanted.pattern
        try:
            return self.lineage.canonical(wanted.pattern)
        except DatasetNotFound as error:
            raise SelectionError(self.text, wanted.position, error.message, error.hint) from error

    @staticmethod
    def _has(values: Iterable[str], pattern: str) -> bool:
        held = list(values)
        return not held if pattern == NULL else any(matches(pattern.lower(), value.lower()) for value in held)


def _reached(start: Datasets, following: Mapping[str, set[str]], layers: int | None) -> Datasets:
    """Those within some layers of a selection, itself included."""
    reached, edge = set(start), set(start)
    while edge and layers != 0:
        edge = {beyond for dataset in edge for beyond in following.get(dataset, ())} - reached
        reached |= edge
        layers = None if layers is None else layers - 1
    return frozenset(reached)


def _led_to(start: Datasets, following: Mapping[str, set[str]]) -> Datasets:
    """Those of a selection that another one of it leads to, be it through datasets outside."""
    origins: dict[str, set[str]] = defaultdict(set)
    steps = [(beyond, dataset) for dataset in start for beyond in following.get(dataset, ())]
    while steps:
        reached, origin = steps.pop()
        known = origins[reached]
        if origin not in known and len(known) < 2:  # of two origins, one is another dataset: more would say no more
            known.add(origin)
            steps += [(beyond, origin) for beyond in following.get(reached, ())]
    return frozenset(dataset for dataset in start if origins[dataset] - {dataset})
