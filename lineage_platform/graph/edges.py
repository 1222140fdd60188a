"""From witnesses to edges: one edge per pair, by its best witness; release dates decide last."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from lineage_platform.catalog.release import is_younger
from lineage_platform.graph.reviews import Decisions
from lineage_platform.records import DocumentKind, EdgeStatus, Relation, ReleaseDate, Witness

_KIND_ORDER = tuple(DocumentKind)
_STATUS_ORDER = (
    *(EdgeStatus.IMPORTED, EdgeStatus.ACCEPTED, EdgeStatus.REVIEW),
    *(EdgeStatus.ANACHRONISTIC, EdgeStatus.REJECTED),
)


@dataclass(frozen=True)
class Edge:
    """One (source, target) pair, as its witnesses together have it.

    Parameters
    ----------
    witnesses, verified_witnesses:
        Statements about the pair, and those of them whose evidence counts.
    disagreement:
        Other relations that verified or imported witnesses state, comma-joined; None when there are none.
    """

    source: str
    target: str
    relation: Relation
    confidence: float
    status: EdgeStatus
    reason: str
    witnesses: int
    verified_witnesses: int
    disagreement: str | None
    is_benchmark: bool


def said_by_model(witness: Witness) -> bool:
    """Whether a model said it, not a rule."""
    return not witness.statement.said_by.startswith("rules")


def best_first(witness: Witness) -> tuple[float, int, bool, int, str, str]:
    """Sort key: highest confidence, most trusted kind of document, model before rule, earlier offset."""
    return (
        -witness.confidence,
        _KIND_ORDER.index(witness.document_kind),
        not said_by_model(witness),
        witness.quote_offset or 0,
        witness.statement.document_id,
        witness.statement.relation,
    )


def assemble(
    target: str,
    witnesses: Iterable[Witness],
    release_of: Callable[[str], ReleaseDate | None],
    decisions: Decisions | None = None,
) -> tuple[Edge, ...]:
    """The edges into one dataset, sorted by source.

    Parameters
    ----------
    target:
        The dataset whose documents were read.
    witnesses:
        Its witnesses.
    release_of:
        Effective release date by id; None when unknown.
    decisions:
        What people decided: an edge that they accepted stands whatever its dates.
    """
    by_source: defaultdict[str, list[Witness]] = defaultdict(list)
    for witness in witnesses:
        by_source[witness.source].append(witness)
    edges = (_edge(source, target, by_source[source]) for source in sorted(by_source))
    return tuple(
        edge if decisions and decisions.accepts(edge.source, target) else _dated(edge, release_of) for edge in edges
    )


def anachronism(source: ReleaseDate | None, target: ReleaseDate | None) -> str:
    """Both dates, if the source is younger than what is said to be made from it; else the empty string."""
    if source is None or target is None or not is_younger(source, target):
        return ""
    return f"source released {source.value} ({source.origin}), target {target.value} ({target.origin})"


def _dated(edge: Edge, release_of: Callable[[str], ReleaseDate | None]) -> Edge:
    """The edge, or the anachronism that it is."""
    if edge.status not in (EdgeStatus.ACCEPTED, EdgeStatus.REVIEW):
        return edge
    dates = anachronism(release_of(edge.source), release_of(edge.target))
    return replace(edge, status=EdgeStatus.ANACHRONISTIC, reason=dates) if dates else edge


def _edge(source: str, target: str, witnesses: Sequence[Witness]) -> Edge:
    status = min((witness.status for witness in witnesses), key=_STATUS_ORDER.index)
    best = min((witness for witness in witnesses if witness.status is status), key=best_first)
    verified = [witness for witness in witnesses if witness.verified and witness.status is not EdgeStatus.REJECTED]
    standing = [*verified, *(witness for witness in witnesses if witness.status is EdgeStatus.IMPORTED)]
    others = {witness.statement.relation for witness in standing} - {best.statement.relation}
    return Edge(
        source=source,
        target=target,
        relation=best.statement.relation,
        confidence=best.confidence,
        status=status,
        reason=best.reason,
        witnesses=len(witnesses),
        verified_witnesses=len(verified),
        disagreement=", ".join(sorted(others)) or None,
        is_benchmark=any(witness.statement.is_benchmark for witness in standing),
    )
