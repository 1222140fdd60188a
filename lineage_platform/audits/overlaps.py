"""Rows that two datasets share, beside what documents say: edges measured or doubted, overlaps undocumented."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from lineage_platform.audits.estimates import likely_pairs
from lineage_platform.audits.lineage import DIRECT_INCLUSION, Lineage
from lineage_platform.audits.rows import RowSet, Shelf, scheme_of
from lineage_platform.measurements import Containment, Finding, MeasurementStore, SharedRow
from lineage_platform.samples.engines import Engine

SMALLEST_SHARE = 0.01
LONGEST_EXAMPLE = 400

Counts = dict[tuple[str, str], int]


@dataclass(frozen=True)
class Shared:
    """Distinct queries that datasets have in common; a dataset beside itself: how many it has.

    Parameters
    ----------
    exact, normalised:
        By pair of names, the smaller first.
    """

    exact: Counts
    normalised: Counts

    @classmethod
    def count(cls, sets: Sequence[RowSet], shelf: Shelf, engine: Engine) -> Shared:
        """Join the digests of all of them with each other."""
        found: dict[str, Counts] = {"exact": {}, "normalised": {}}
        for kind, one, other, shared in engine.rows("shared_queries", digests=shelf.table(sets)):
            found[kind][one, other] = shared
        return cls(**found)

    def queries(self, name: str) -> int:
        """Distinct queries of a dataset."""
        return self.exact.get((name, name), 0)

    def between(self, one: str, other: str) -> tuple[int, int]:
        """Queries shared to the letter, and in normalised text."""
        pair = (min(one, other), max(one, other))
        return self.exact.get(pair, 0), self.normalised.get(pair, 0)

    def share(self, of: str, there: str) -> float:
        """Containment: the share of one dataset's queries that another holds."""
        queries = self.queries(of)
        return self.between(of, there)[0] / queries if queries else 0.0

    def share_normalised(self, of: str, there: str) -> float:
        """The same in normalised text."""
        queries = self.normalised.get((of, of), 0)
        return self.between(of, there)[1] / queries if queries else 0.0


def measure_overlaps(
    sets: Sequence[RowSet],
    shelf: Shelf,
    lineage: Lineage,
    engine: Engine,
    smallest_share: float = SMALLEST_SHARE,
) -> Iterator[Containment]:
    """What the rows say of each pair of datasets that an edge joins, or of which one holds a share of the other.

    Sketches say which pairs may; those, and the edges, are counted by a join.

    Parameters
    ----------
    sets:
        Whole datasets.
    shelf, lineage, engine:
        Where rows are, what documents say, what counts.
    smallest_share:
        Containment under which a pair without an edge is left out.

    Raises
    ------
    SchemeMismatch
        The digests are of different schemes.
    EngineFailed
        The join failed.
    """
    by_name = {each.name: each for each in sets}
    scheme = scheme_of(sets)
    pairs = set(likely_pairs({name: shelf.sketch(rows) for name, rows in by_name.items()}, smallest_share))
    pairs |= {
        (min(edge), max(edge)) for edge in lineage.relations if set(edge) <= by_name.keys() and edge[0] != edge[1]
    }
    involved = [by_name[name] for name in sorted({name for pair in pairs for name in pair})]
    if not involved:
        return
    shared = Shared.count(involved, shelf, engine)
    judge = _Judge(by_name, shelf, lineage, engine, shared, scheme, smallest_share)
    for pair in sorted(pairs):
        judged = judge.judge(by_name[pair[0]], by_name[pair[1]])
        if judged is not None:
            yield judged


@dataclass(frozen=True)
class _Judge:
    sets: Mapping[str, RowSet]
    shelf: Shelf
    lineage: Lineage
    engine: Engine
    shared: Shared
    scheme: str
    smallest_share: float

    def judge(self, one: RowSet, other: RowSet) -> Containment | None:
        """The record of a pair; None when there is nothing to say of it."""
        source, target = self._directed(one, other)
        relation = self.lineage.relations.get((source.name, target.name))
        exact, normalised = self.shared.between(source.name, target.name)
        unexplained = 0
        examples: tuple[SharedRow, ...] = ()
        if relation is not None:
            finding = self._of_edge(relation, normalised)
        elif max(self._shares(source.name, target.name)) < self.smallest_share:
            return None
        else:
            unexplained, examples = self._unexplained(source, target)
            finding = Finding.UNDOCUMENTED if unexplained else Finding.EXPLAINED
        return Containment(
            source=source.name,
            target=target.name,
            scheme=self.scheme,
            source_queries=self.shared.queries(source.name),
            target_queries=self.shared.queries(target.name),
            shared_queries=exact,
            shared_queries_normalised=normalised,
            source_in_target=self.shared.share(source.name, target.name),
            target_in_source=self.shared.share(target.name, source.name),
            confirmed=True,
            finding=finding,
            sampled=min(source.sampled, target.sampled),
            unexplained_queries=unexplained,
            examples=examples,
        )

    def _of_edge(self, relation: str, shared: int) -> Finding:
        if shared:
            return Finding.MEASURED
        return Finding.DOUBTED if relation == DIRECT_INCLUSION else Finding.NONE

    def _shares(self, source: str, target: str) -> tuple[float, float]:
        return self.shared.share_normalised(source, target), self.shared.share_normalised(target, source)

    def _directed(self, one: RowSet, other: RowSet) -> tuple[RowSet, RowSet]:
        """Upstream and downstream where lineage says so, else the earlier released first, then by name."""
        names = one.name, other.name
        if names in self.lineage.relations or one.name in self.lineage.ancestors(other.name):
            return one, other
        if names[::-1] in self.lineage.relations or other.name in self.lineage.ancestors(one.name):
            return other, one
        released = self.lineage.released
        first, second = sorted((one, other), key=lambda each: (released.get(each.name) or "9999", each.name))
        return first, second

    def _unexplained(self, source: RowSet, target: RowSet) -> tuple[int, tuple[SharedRow, ...]]:
        """Shared queries that nothing upstream of both is known to hold; each of the two counts as its own upstream."""
        above = [self.lineage.ancestors(each.name) | {each.name} for each in (source, target)]
        common = sorted(above[0] & above[1])
        if source.name in common or target.name in common:
            return 0, ()
        ancestors = [self.sets[name] for name in common if name in self.sets]
        table = [
            *self.shelf.table([source], "one"),
            *self.shelf.table([target], "other"),
            *self.shelf.table(ancestors, "ancestors"),
        ]
        ((_, unexplained),) = self.engine.rows("unexplained", digests=table)
        places = self.engine.rows("unexplained_rows", digests=table) if unexplained else []
        return unexplained, tuple(self._examples(places))

    def _examples(self, places: Iterable[tuple[int, int]]) -> Iterator[SharedRow]:
        pairs = list(places)
        texts = self.shelf.texts(place for place, _ in pairs)
        for one, other in pairs:
            source, target = self.shelf.origin(one), self.shelf.origin(other)
            yield SharedRow(
                source_part=source.part,
                source_row=source.row,
                target_part=target.part,
                target_row=target.row,
                query=texts[one].query[:LONGEST_EXAMPLE],
            )


def keep_overlaps(
    sets: Sequence[RowSet],
    shelf: Shelf,
    lineage: Lineage,
    engine: Engine,
    measurements: MeasurementStore,
    smallest_share: float = SMALLEST_SHARE,
) -> list[Containment]:
    """Measure as :func:`measure_overlaps` and keep what was found in place of what was found before.

    Returns
    -------
    list
        Undocumented overlaps first, then doubts; among each, those that concern the larger share of rows first.
    """
    found = list(measure_overlaps(sets, shelf, lineage, engine, smallest_share))
    current = {(each.source, each.target) for each in found}
    names = {each.name for each in sets}
    for old in list(measurements.all(Containment)):
        if (old.source, old.target) not in current and {old.source, old.target} <= names:
            measurements.delete(Containment, old.source, old.target)
    for each in found:
        measurements.write(each)
    return sorted(found, key=_urgency)


def new_queries(sets: Sequence[RowSet], shelf: Shelf, engine: Engine) -> dict[str, int]:
    """For each dataset, how many of its distinct queries none of the others has: what adding it brings."""
    return {row[0]: row[5] for row in engine.rows("members", digests=shelf.table(sets))}


def _urgency(each: Containment) -> tuple[int, float, float, str, str]:
    order = (Finding.UNDOCUMENTED, Finding.DOUBTED, Finding.MEASURED, Finding.EXPLAINED, Finding.NONE)
    share = max(each.source_in_target, each.target_in_source)
    return order.index(each.finding), -share, -each.shared_queries_normalised, each.source, each.target
