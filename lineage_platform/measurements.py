"""Records of what was measured on the rows: they cross from the rooms that read rows to the graph's tables.

One file per record, ``<hub folder>/measurements/<kind>/<safe name>.json``, written whole. Rates and shares are 0 to 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import ClassVar, TypeVar

from pydantic import Field

from lineage_platform.files import read_record, safe_name, write_record
from lineage_platform.records import Record

WHOLE = ""
"""The part of a dataset that has no parts."""


class Finding(StrEnum):
    """What the rows of two datasets say about the edge between them."""

    MEASURED = "measured"  # an edge, and shared rows
    DOUBTED = "doubted"  # an edge of direct inclusion, and no shared row
    UNDOCUMENTED = "undocumented"  # shared rows, and no edge or path
    EXPLAINED = "explained"  # shared rows, and a path but no edge
    NONE = "none"  # neither shared rows nor an edge that promises them


class Measurement(Record):
    """Base of what is kept on disk: each kind names the fields that identify a record.

    ``MEASURED`` are the fields that name the rows (``dataset`` or ``dataset#part``) of which a record is true only as
    long as they are there.
    """

    IDENTITY: ClassVar[tuple[str, ...]] = ()
    MEASURED: ClassVar[tuple[str, ...]] = ()

    @property
    def name(self) -> str:
        """Identity of the record among those of its kind."""
        return " ".join(str(getattr(self, field)) for field in self.IDENTITY)

    @property
    def measured_on(self) -> frozenset[str]:
        """The datasets of the rows that it is true of."""
        return frozenset(str(getattr(self, field)).partition("#")[0] for field in self.MEASURED)


class Part(Measurement):
    """One part of a dataset whose rows were read.

    ``shape`` is the detected or given row format, ``instruction``, ``input`` and ``output`` the columns taken (dotted
    paths; empty: none). ``sampled`` is the share of the rows that was read, 1 unless the set is very large.
    ``outcome`` is ``read``, or why there are no rows (``no_rows``, ``unknown_shape``, ``bad_row``, ``gated``, ...).
    """

    IDENTITY = ("dataset_id", "part")

    dataset_id: str
    part: str = WHOLE
    outcome: str
    detail: str = ""
    revision: str = ""
    scheme: str = ""
    shape: str = ""
    instruction: str = ""
    input: str = ""
    output: str = ""
    rows: int = 0
    skipped_rows: int = 0
    distinct_triplets: int = 0
    distinct_queries: int = 0
    distinct_triplets_normalised: int = 0
    distinct_queries_normalised: int = 0
    sampled: float = 1.0

    @property
    def has_rows(self) -> bool:
        """Whether its rows were read."""
        return self.outcome == "read"


class Intersection(Record):
    """A source that reaches a dataset through two or more of its direct sources.

    ``rows`` of the dataset have their triplet in ``at``; ``duplicated_rows`` of them occur more than once in it.
    ``paths`` lead from ``at`` down to the dataset.
    """

    at: str
    rows: int
    duplicated_rows: int
    paths: tuple[tuple[str, ...], ...] = ()
    truncated: bool = False


class Redundancy(Measurement):
    """How much of a dataset repeats itself: ``rate`` is 1 - distinct triplets / rows.

    ``inputs`` is the digest of what it follows from: while it is the same, it need not be counted again.
    """

    IDENTITY = ("dataset_id",)
    MEASURED = IDENTITY

    dataset_id: str
    scheme: str
    rows: int
    distinct_triplets: int
    rate: float
    intersections: tuple[Intersection, ...] = ()
    sampled: float = 1.0
    inputs: str = ""


class Contamination(Measurement):
    """How much of a benchmark stands in a training set; counts are distinct benchmark queries.

    ``matched`` exactly, ``matched_normalised`` in normalised text, ``matched_near`` by containment of word 5-grams;
    each includes the one before. ``rate`` is ``matched`` / ``benchmark_queries``. ``found_by`` is ``lineage`` when the
    pair was scanned because lineage makes it likely, ``scan`` when in a scan of all pairs. ``inputs`` is the digest of
    what the counts follow from: while it is the same, they need not be counted again.
    """

    IDENTITY = ("train", "benchmark")
    MEASURED = IDENTITY

    train: str
    benchmark: str
    scheme: str
    benchmark_queries: int
    matched: int
    rate: float
    matched_normalised: int
    matched_near: int
    paths: tuple[tuple[str, ...], ...] = ()
    truncated: bool = False
    found_by: str = "scan"
    sampled: float = 1.0
    inputs: str = ""


class SharedRow(Record):
    """A query that two datasets share: where it is in both, and (the beginning of) its text."""

    source_part: str
    source_row: int
    target_part: str
    target_row: int
    query: str


class Containment(Measurement):
    """Queries that two datasets share, and what that says of the edge between them.

    ``source`` and ``target`` are upstream and downstream where an edge or path says so, else in the order of release,
    then of name. ``confirmed`` by a join, or estimated from sketches with the standard error ``error``. Of the shared
    normalised queries, ``unexplained_queries`` are in no common ancestor; ``examples`` are some of these.
    """

    IDENTITY = ("source", "target")
    MEASURED = IDENTITY

    source: str
    target: str
    scheme: str
    source_queries: int
    target_queries: int
    shared_queries: float
    shared_queries_normalised: float = 0.0
    source_in_target: float
    target_in_source: float
    confirmed: bool
    error: float = 0.0
    finding: Finding = Finding.NONE
    sampled: float = 1.0
    unexplained_queries: int = 0
    examples: tuple[SharedRow, ...] = ()


class CorpusSource(Measurement):
    """What one root gave to a corpus that was built: rows taken in, removed for a reason, and kept."""

    IDENTITY = ("corpus", "dataset_id")

    corpus: str
    dataset_id: str
    rows: int
    kept: int
    removed: dict[str, int] = Field(default_factory=dict)
    revision: str = ""
    licence: str = ""


M = TypeVar("M", bound=Measurement)


def standing(records: Iterable[M], parts: Iterable[Part]) -> Iterator[M]:
    """Those of the records that are of rows still there: of a dataset that was deleted, or has another name now, or
    cannot be read any more, figures stay on disk and are no longer told.

    Parameters
    ----------
    records:
        Of one kind.
    parts:
        Every part that was asked for.
    """
    there = {part.dataset_id for part in parts if part.has_rows}
    return (record for record in records if record.measured_on <= there)


class MeasurementStore:
    """The measurements of one hub of a data home.

    Parameters
    ----------
    root:
        The hub's folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root / "measurements"

    def path(self, kind: type[Measurement], *identity: str) -> Path:
        """Where the record of this kind and identity (in the order of ``IDENTITY``) lies or would lie."""
        return self._folder(kind) / f"{safe_name(' '.join(identity))}.json"

    def write(self, record: Measurement) -> None:
        """Store one record, whole, in place of an earlier one of the same identity."""
        write_record(self._folder(type(record)) / f"{safe_name(record.name)}.json", record)

    def read(self, kind: type[M], *identity: str) -> M | None:
        """The record of this identity, or None.

        Raises
        ------
        BrokenRecord
            It is there but cannot be read.
        """
        return read_record(self.path(kind, *identity), kind)

    def delete(self, kind: type[Measurement], *identity: str) -> None:
        """Forget the record of this identity."""
        self.path(kind, *identity).unlink(missing_ok=True)

    def all(self, kind: type[M]) -> Iterator[M]:
        """Every record of this kind, in a stable order.

        Raises
        ------
        BrokenRecord
            One of them cannot be read.
        """
        return self._read(self.paths(kind), kind)

    def of(self, kind: type[M], first: str) -> Iterator[M]:
        """Every record of this kind whose identity begins with an id, in a stable order; no other is read.

        Raises
        ------
        BrokenRecord
            One of them cannot be read.
        """
        begins, _, _ = safe_name(first).rpartition("~")
        paths = (path for path in self.paths(kind) if path.name.startswith(begins))
        return (record for record in self._read(paths, kind) if getattr(record, kind.IDENTITY[0]) == first)

    def standing(self, kind: type[M]) -> Iterator[M]:
        """Every record of this kind whose rows are still there (see :func:`standing`), in a stable order.

        Raises
        ------
        BrokenRecord
            One of them cannot be read.
        """
        return standing(self.all(kind), self.all(Part))

    def paths(self, kind: type[Measurement]) -> tuple[Path, ...]:
        """The files of every record of this kind, in a stable order."""
        return tuple(sorted(self._folder(kind).glob("*.json")))

    def _read(self, paths: Iterable[Path], kind: type[M]) -> Iterator[M]:
        records = (read_record(path, kind) for path in paths)
        return (record for record in records if record is not None)

    def _folder(self, kind: type[Measurement]) -> Path:
        return self.root / re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()
