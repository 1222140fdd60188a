"""What an audit of a planned mix finds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from lineage_platform.audits.licences import LicenceConflict
from lineage_platform.audits.lineage import Path
from lineage_platform.measurements import Redundancy


class Known(StrEnum):
    """What a finding rests on."""

    ROWS = "rows"
    LINEAGE = "lineage"


@dataclass(frozen=True)
class MemberFigures:
    """One member of the mix.

    ``share`` is that of its draws: its weight times its rows, of all members at hand. ``new_triplets`` and
    ``new_queries`` are in no other member. Figures are None where its rows are not at hand, for
    the reason in ``detail``.
    """

    name: str
    weight: float
    known: Known
    detail: str = ""
    released: str | None = None
    licence: str | None = None
    rows: int | None = None
    distinct_triplets: int | None = None
    new_triplets: int | None = None
    distinct_queries: int | None = None
    new_queries: int | None = None
    share: float | None = None


@dataclass(frozen=True)
class Superset:
    """A member that another holds: by its rows, or (``share`` is None) by what documents say."""

    member: str
    inside: str
    known: Known
    share: float | None = None


@dataclass(frozen=True)
class Crossing:
    """A source that reaches the mix through several members; without figures where its rows are not at hand."""

    at: str
    members: tuple[str, ...]
    known: Known
    rows: int | None = None
    duplicated_rows: int | None = None
    paths: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Exposure:
    """A benchmark that a member holds, or (without figures) may hold.

    ``predates`` when the member is older than the benchmark's questions, so that it can only hold what these were
    made from.
    """

    member: str
    benchmark: str
    known: Known
    benchmark_queries: int | None = None
    matched: int | None = None
    matched_normalised: int | None = None
    matched_near: int | None = None
    rate: float | None = None
    rate_near: float | None = None
    predates: bool = False
    paths: tuple[Path, ...] = ()


@dataclass(frozen=True)
class NotCompared:
    """A benchmark whose rows are not at hand, and why."""

    benchmark: str
    reason: str


@dataclass(frozen=True)
class Gate:
    """A limit, and what was measured against it; ``value`` is None where nothing could be measured."""

    name: str
    limit: float
    value: float | None

    @property
    def passed(self) -> bool:
        """Whether the limit is kept, as far as is known."""
        return self.value is None or self.value <= self.limit


@dataclass(frozen=True)
class Audit:
    """All that is known of a mix before it is made.

    ``compared`` are the benchmarks that were sought in the rows; of the others only lineage can tell.
    """

    name: str
    label: str
    members: tuple[MemberFigures, ...]
    redundancy: Redundancy | None
    supersets: tuple[Superset, ...]
    crossings: tuple[Crossing, ...]
    exposures: tuple[Exposure, ...]
    licences: tuple[LicenceConflict, ...]
    gates: tuple[Gate, ...]
    compared: tuple[str, ...] = ()
    not_compared: tuple[NotCompared, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether every limit is kept."""
        return all(gate.passed for gate in self.gates)
