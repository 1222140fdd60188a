"""Contamination over many pairs: those that lineage makes likely, or all, and what reading the former would miss."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from lineage_platform.audits.contamination import Pair, Scanner
from lineage_platform.audits.leaks import LeakStore
from lineage_platform.audits.lineage import Lineage
from lineage_platform.audits.near import THRESHOLD
from lineage_platform.audits.ranking import rank
from lineage_platform.audits.rows import RowSet, Shelf
from lineage_platform.files import digest
from lineage_platform.measurements import Contamination, MeasurementStore
from lineage_platform.samples.engines import Engine

BY_LINEAGE = "lineage"
BY_SCAN = "scan"
METHOD_VERSION = "1"
"""Changes when the same rows would be judged otherwise."""


@dataclass
class Coverage:
    """What a screening read and found, and what lineage alone would have: counts add up as pairs are done.

    Attributes
    ----------
    pairs, rows:
        Pairs scanned, and rows compared: those of a training set once for each benchmark.
    all_pairs, all_rows:
        The same for a scan of every pair.
    likely_pairs, likely_rows:
        The same for the pairs that lineage makes likely.
    findings, likely_findings:
        Pairs in which anything was found, and those of them that lineage makes likely.
    """

    pairs: int = 0
    rows: int = 0
    all_pairs: int = 0
    all_rows: int = 0
    likely_pairs: int = 0
    likely_rows: int = 0
    findings: int = 0
    likely_findings: int = 0

    @property
    def is_full(self) -> bool:
        """Whether every pair was scanned: only then it is known what lineage alone misses."""
        return self.pairs == self.all_pairs

    @property
    def share_of_rows(self) -> float:
        """Rows that lineage asks to compare, as a share of all."""
        return self.likely_rows / self.all_rows if self.all_rows else 0.0

    @property
    def share_of_findings(self) -> float | None:
        """Findings among the pairs that lineage makes likely, as a share of all; None without a full scan."""
        if not self.is_full:
            return None
        return self.likely_findings / self.findings if self.findings else 1.0


@dataclass
class Screening:
    """Screens training sets for benchmarks, and keeps what it finds.

    Parameters
    ----------
    shelf, engine, lineage:
        Where rows are, what joins them, what was made from what.
    measurements, leaks:
        Where figures and leaked rows are kept; a pair whose rows have not changed since is not read again.
    threshold:
        See :class:`~lineage_platform.audits.contamination.Scanner`.
    told:
        Called with each training set before its rows are read.
    """

    shelf: Shelf
    engine: Engine
    lineage: Lineage
    measurements: MeasurementStore
    leaks: LeakStore
    threshold: float = THRESHOLD
    told: Callable[[RowSet], None] = lambda _: None
    coverage: Coverage = field(default_factory=Coverage)

    def run(
        self, trains: Sequence[RowSet], benchmarks: Sequence[RowSet], *, full: bool = False
    ) -> Iterator[Contamination]:
        """Compare pairs, the likeliest training sets first, and yield each as it is done and kept.

        Parameters
        ----------
        trains, benchmarks:
            A benchmark is not compared with the dataset that it is a part of.
        full:
            Compare every pair, not only those that lineage makes likely.

        Raises
        ------
        SchemeMismatch, EngineFailed
            As for a single scan.
        """
        likely = self._likely(trains, benchmarks)
        scanner: Scanner | None = None
        for train in sorted(trains, key=lambda train: (-max(likely[train.name].values(), default=0.0), train.name)):
            others = [each for each in benchmarks if each.dataset_id != train.dataset_id]
            wanted = [each for each in others if full or each.name in likely[train.name]]
            self._count(train, others, wanted, likely[train.name])
            changed = [each for each in wanted if not self._is_known(train, each)]
            if changed:
                self.told(train)
                scanner = scanner or Scanner(benchmarks, self.shelf, self.engine, threshold=self.threshold)
                self._keep(scanner.scan(train, [each.name for each in changed]))
            for benchmark in wanted:
                yield self._record(train, benchmark, likely[train.name])

    def outstanding(self, trains: Sequence[RowSet], benchmark: RowSet) -> list[RowSet]:
        """Training sets that were not compared with a benchmark as the rows of both are now."""
        others = [train for train in trains if train.dataset_id != benchmark.dataset_id]
        return [train for train in others if not self._is_known(train, benchmark)]

    def _likely(self, trains: Sequence[RowSet], benchmarks: Sequence[RowSet]) -> dict[str, dict[str, float]]:
        """The benchmarks that lineage makes likely for each training set, by name, and how likely they are."""
        found = [record for record in self.measurements.all(Contamination) if record.matched_near]
        known = [(_dataset(record.train), _dataset(record.benchmark)) for record in found]
        ids = [each.dataset_id for each in trains], [each.dataset_id for each in benchmarks]
        ranked = {(pair.train, pair.benchmark): pair.likelihood for pair in rank(self.lineage, *ids, known)}
        return {
            train.name: {
                each.name: ranked[train.dataset_id, each.dataset_id]
                for each in benchmarks
                if (train.dataset_id, each.dataset_id) in ranked
            }
            for train in trains
        }

    def _count(
        self, train: RowSet, others: Sequence[RowSet], wanted: Sequence[RowSet], likely: Mapping[str, float]
    ) -> None:
        promised = sum(each.name in likely for each in others)
        self.coverage.pairs += len(wanted)
        self.coverage.rows += train.rows * len(wanted)
        self.coverage.all_pairs += len(others)
        self.coverage.all_rows += train.rows * len(others)
        self.coverage.likely_pairs += promised
        self.coverage.likely_rows += train.rows * promised

    def _inputs(self, train: RowSet, benchmark: RowSet) -> str:
        return digest(train.version, benchmark.version, str(self.threshold), METHOD_VERSION)

    def _is_known(self, train: RowSet, benchmark: RowSet) -> bool:
        record = self.measurements.read(Contamination, train.name, benchmark.name)
        return record is not None and record.inputs == self._inputs(train, benchmark)

    def _keep(self, pairs: Iterable[Pair]) -> None:
        for pair in pairs:
            self.leaks.write(pair.train.name, pair.benchmark.name, pair.leaks)
            self.measurements.write(pair.record(self._inputs(pair.train, pair.benchmark)))

    def _record(self, train: RowSet, benchmark: RowSet, likely: Mapping[str, float]) -> Contamination:
        """The figures on disk, with the ways that the graph shows today."""
        record = self.measurements.read(Contamination, train.name, benchmark.name)
        assert record is not None, "it was written before"
        ways = self.lineage.ways(benchmark.dataset_id, train.dataset_id)
        found_by = BY_LINEAGE if benchmark.name in likely else BY_SCAN
        fresh = record.model_copy(update={"paths": ways.paths, "truncated": ways.truncated, "found_by": found_by})
        if fresh != record:
            self.measurements.write(fresh)
        if fresh.matched_near:
            self.coverage.findings += 1
            self.coverage.likely_findings += found_by == BY_LINEAGE
        return fresh


def _dataset(name: str) -> str:
    return name.partition("#")[0]
