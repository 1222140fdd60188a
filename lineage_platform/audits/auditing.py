"""The audit of a planned mix: what its members share, what leaked into them, what lineage warns of where rows lack."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from lineage_platform.audits.audit import (
    Audit,
    Crossing,
    Exposure,
    Gate,
    Known,
    MemberFigures,
    NotCompared,
    Superset,
)
from lineage_platform.audits.benchmarks import Benchmark
from lineage_platform.audits.licences import licence_conflicts
from lineage_platform.audits.lineage import DIRECT_INCLUSION, Lineage
from lineage_platform.audits.mixes import Member, Mix
from lineage_platform.audits.overlaps import Shared
from lineage_platform.audits.redundancy import measure_redundancy
from lineage_platform.audits.rows import RowSet, Shelf
from lineage_platform.measurements import Contamination, Redundancy
from lineage_platform.samples.engines import Engine

SUPERSET_SHARE = 0.95


@dataclass
class Auditor:
    """Audits mixes.

    Parameters
    ----------
    shelf, lineage, engine:
        Where rows are, what was made from what, what counts.
    screen:
        Compares the first row sets, all of them, with the second, which are benchmarks.
    benchmarks:
        The registry.
    max_redundancy, max_contamination:
        Limits, 0 to 1; None for no limit. The second holds for each member and benchmark, near matches counted.
    """

    shelf: Shelf
    lineage: Lineage
    engine: Engine
    screen: Callable[[Sequence[RowSet], Sequence[RowSet]], Iterator[Contamination]]
    benchmarks: Sequence[Benchmark]
    max_redundancy: float | None = None
    max_contamination: float | None = None
    _unread: Mapping[str, str] = field(default_factory=dict, init=False)

    def audit(self, mix: Mix, rows: Mapping[str, RowSet], unread: Mapping[str, str]) -> Audit:
        """Audit a mix.

        Parameters
        ----------
        mix:
            The plan.
        rows:
            The rows of its members, by name, as far as they are at hand.
        unread:
            For the other members and for benchmarks, why they are not.
        """
        self._unread = unread
        redundancy = self._redundancy(mix, rows) if rows else None
        found = {each.id: self.shelf.benchmark(each) for each in self.benchmarks}
        at_hand = [each for each in found.values() if each] if rows else []
        exposures = tuple(self._exposures(mix, rows, at_hand))
        return Audit(
            name=mix.name,
            label=self.lineage.label,
            members=tuple(self._members(mix, rows)),
            redundancy=redundancy,
            supersets=tuple(self._supersets(mix, rows)),
            crossings=tuple(self._crossings(mix, redundancy)),
            exposures=exposures,
            licences=tuple(c for member in mix.members for c in licence_conflicts(member.dataset_id, self.lineage)),
            gates=tuple(self._gates(redundancy, exposures if at_hand else None)),
            compared=tuple(each.name for each in at_hand),
            not_compared=tuple(self._not_compared(found)) if rows else (),
        )

    def _redundancy(self, mix: Mix, rows: Mapping[str, RowSet]) -> Redundancy:
        together = RowSet(mix.name, tuple(shard for each in rows.values() for shard in each.shards))
        return measure_redundancy(together, self.shelf, self._with(mix), self.engine, mix.node)

    def _with(self, mix: Mix) -> Lineage:
        return self.lineage.with_member_edges(mix.node, tuple(member.dataset_id for member in mix.members))

    def _members(self, mix: Mix, rows: Mapping[str, RowSet]) -> Iterator[MemberFigures]:
        counted: dict[str, dict[str, int]] = {}
        if rows:
            for name, *figures in self.engine.rows("members", digests=self.shelf.table(rows.values())):
                counted[name] = dict(zip(_FIGURES, figures, strict=True))
        draws = {each.name: each.weight * counted[each.name]["rows"] for each in mix.members if each.name in counted}
        for member in mix.members:
            yield MemberFigures(
                member.name,
                member.weight,
                Known.ROWS if member.name in counted else Known.LINEAGE,
                self._unread.get(member.name, ""),
                self.lineage.released.get(member.dataset_id),
                self.lineage.licences.get(member.dataset_id),
                **counted.get(member.name, {}),
                share=draws[member.name] / sum(draws.values()) if member.name in draws else None,
            )

    def _supersets(self, mix: Mix, rows: Mapping[str, RowSet]) -> Iterator[Superset]:
        shared = Shared.count(list(rows.values()), self.shelf, self.engine) if len(rows) > 1 else None
        for member in mix.members:
            for other in mix.members:
                if member == other:
                    continue
                if shared and member.name in rows and other.name in rows:
                    share = shared.share_normalised(member.name, other.name)
                    if share >= SUPERSET_SHARE:
                        yield Superset(member.name, other.name, Known.ROWS, share)
                elif self._included(member, other):
                    yield Superset(member.name, other.name, Known.LINEAGE)

    def _included(self, member: Member, other: Member) -> bool:
        """Whether documents say that one was taken into the other whole, step by step."""
        reached, waiting = {other.dataset_id}, [other.dataset_id]
        while waiting:
            target = waiting.pop()
            for source in self.lineage.sources(target) - reached:
                if self.lineage.relations[source, target] == DIRECT_INCLUSION:
                    reached.add(source)
                    waiting.append(source)
        return member.dataset_id in reached and member.dataset_id != other.dataset_id

    def _crossings(self, mix: Mix, redundancy: Redundancy | None) -> Iterator[Crossing]:
        lineage = self._with(mix)
        measured = {each.at: each for each in redundancy.intersections} if redundancy else {}
        for at in lineage.crossings(mix.node):
            through = tuple(
                member.name
                for member in mix.members
                if at == member.dataset_id or at in self.lineage.ancestors(member.dataset_id)
            )
            if at in measured:
                found = measured[at]
                yield Crossing(at, through, Known.ROWS, found.rows, found.duplicated_rows, found.paths)
            elif self.shelf.find(at) is None:
                yield Crossing(at, through, Known.LINEAGE, paths=lineage.ways(at, mix.node).paths)

    def _not_compared(self, found: Mapping[str, RowSet | None]) -> Iterator[NotCompared]:
        for each in self.benchmarks:
            if not found[each.id]:
                absent = f"it has no part {each.part}" if each.part else "its rows are not at hand"
                yield NotCompared(each.name or each.id, self._unread.get(each.dataset_id, absent))

    def _exposures(self, mix: Mix, rows: Mapping[str, RowSet], at_hand: Sequence[RowSet]) -> Iterator[Exposure]:
        dates = {each.id: each.released for each in self.benchmarks}
        if at_hand:
            for record in self.screen(list(rows.values()), at_hand):
                if record.matched_near:
                    predates = _before(self._released(record.train), dates.get(record.benchmark, ""))
                    yield _exposure(record, predates)
        read = {each.name for each in at_hand}
        for member in mix.members:
            upstream = self.lineage.ancestors(member.dataset_id) | {member.dataset_id}
            for benchmark in self.benchmarks:
                unread = member.name not in rows or benchmark.id not in read
                if unread and benchmark.dataset_id in upstream:
                    predates = _before(self._released(member.name), benchmark.released)
                    paths = self.lineage.ways(benchmark.dataset_id, member.dataset_id).paths
                    yield Exposure(member.name, benchmark.id, Known.LINEAGE, predates=predates, paths=paths)

    def _released(self, name: str) -> str:
        return self.lineage.released.get(name.partition("#")[0]) or ""

    def _gates(self, redundancy: Redundancy | None, exposures: Sequence[Exposure] | None) -> Iterator[Gate]:
        if self.max_redundancy is not None:
            yield Gate("redundancy", self.max_redundancy, redundancy.rate if redundancy else None)
        if self.max_contamination is not None:
            shares = [each.rate_near for each in exposures or () if each.rate_near is not None]
            nothing_found = None if exposures is None else 0.0
            yield Gate("contamination", self.max_contamination, max(shares, default=nothing_found))


_FIGURES = ("rows", "distinct_triplets", "new_triplets", "distinct_queries", "new_queries")


def _exposure(record: Contamination, predates: bool) -> Exposure:
    return Exposure(
        member=record.train,
        benchmark=record.benchmark,
        known=Known.ROWS,
        benchmark_queries=record.benchmark_queries,
        matched=record.matched,
        matched_normalised=record.matched_normalised,
        matched_near=record.matched_near,
        rate=record.rate,
        rate_near=record.matched_near / record.benchmark_queries,
        predates=predates,
        paths=record.paths,
    )


def _before(date: str, other: str) -> bool:
    """Whether the first date is certainly before the other, as far as both are given."""
    length = min(len(date), len(other))
    return bool(length) and date[:length] < other[:length]
