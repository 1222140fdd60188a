"""The review queue: edges that wait for a person, and what that person has to see to decide."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

from lineage_platform.documents.reading import Reading, Span
from lineage_platform.errors import UsageError
from lineage_platform.graph.query import Graph
from lineage_platform.graph.quotes import passage
from lineage_platform.records import Candidate

OVERLAP = "overlap"
"""Status of two datasets that share rows although no document connects them."""
LEARNT = "learnt"
"""Method of a candidate that the same name was taken to mean elsewhere in the graph."""
CONTEXT = 600
MOST_STATEMENTS = 5


@dataclass(frozen=True)
class Waiting:
    """One edge that waits: its status is ``review``, ``anachronistic``, or ``overlap`` for one that rows alone show.

    ``built_on_target`` counts the datasets that would be affected: those made from the target.
    """

    source: str
    target: str
    status: str
    reason: str
    relation: str
    confidence: float
    built_on_target: int


@dataclass(frozen=True)
class Stated:
    """One statement about an edge, with what stands around its quote."""

    mention: str
    quote: str
    before: str
    after: str
    url: str
    document: str
    said_by: str
    relation: str
    confidence: float
    about: str | None
    status: str
    reason: str


@dataclass(frozen=True)
class Case:
    """All that is known of one edge."""

    source: str
    target: str
    status: str
    reason: str
    source_released: str | None
    target_released: str | None
    statements: Sequence[Stated]
    candidates: Sequence[Candidate]
    decision: str


def waiting(graph: Graph) -> list[Waiting]:
    """Every edge that waits, those with most built on them first."""
    names = [field.name for field in fields(Waiting)]
    return [Waiting(**{name: row[name] for name in names}) for row in graph.report("review_queue").records()]


def case(
    graph: Graph,
    source: str,
    target: str,
    open_document: Callable[[str, str], Reading | None],
) -> Case:
    """One edge with its quotes in their places, and what else its name may stand for.

    Parameters
    ----------
    graph:
        Where the edge is.
    source, target:
        Its ends.
    open_document:
        The document of a target and an id, if it is stored.

    Raises
    ------
    UsageError
        Nothing states or measures such an edge.
    """
    ends = {"source": source, "target": target}
    edges = graph.select(
        "SELECT status, reason FROM edge_candidates WHERE source = $source AND target = $target", **ends
    ).records()
    overlap = next((each for each in waiting(graph) if (each.source, each.target) == (source, target)), None)
    if not edges and overlap is None:
        raise UsageError(f"nothing states that {target} was made from {source}", "lineage review list")
    stated = graph.select(
        "SELECT mention, quote, quote_offset, document_id, said_by, relation, confidence, about, status, reason,"
        " coalesce((SELECT any_value(url) FROM documents WHERE documents.document_id = witnesses.document_id), '')"
        " AS url FROM witnesses WHERE source = $source AND target = $target"
        " ORDER BY status = 'rejected', confidence DESC, quote_offset, quote",
        **ends,
    ).records()
    dates = graph.select("SELECT dataset_id, release_date FROM datasets WHERE dataset_id IN ($source, $target)", **ends)
    released = {row["dataset_id"]: row["release_date"] for row in dates.records()}
    decided = graph.select(
        "SELECT action, author, reason FROM reviews WHERE source = $source AND target = $target", **ends
    ).records()
    first = edges[0] if edges else {"status": OVERLAP, "reason": overlap.reason if overlap else ""}
    return Case(
        source,
        target,
        first["status"],
        first["reason"],
        released.get(source),
        released.get(target),
        tuple(_stated(row, target, open_document) for row in stated[:MOST_STATEMENTS]),
        _candidates(graph, target, sorted({row["mention"] for row in stated})),
        "; ".join(f"{row['action']} by {row['author']}: {row['reason']}" for row in decided),
    )


def _stated(row: dict[str, object], target: str, open_document: Callable[[str, str], Reading | None]) -> Stated:
    before, after = "", ""
    offset = row.pop("quote_offset")
    document = str(row.pop("document_id"))
    reading = open_document(target, document) if isinstance(offset, int) else None
    if reading is not None and isinstance(offset, int):
        place = Span(offset, min(offset + len(str(row["quote"])), len(reading.text)))
        around = passage(reading.text, place)
        before = reading.text[max(around.start, place.start - CONTEXT) : place.start]
        after = reading.text[place.end : min(around.end, place.end + CONTEXT)]
    return Stated(**row, document=document, before=before, after=after)  # type: ignore[arg-type]


def _candidates(graph: Graph, target: str, mentions: Sequence[str]) -> tuple[Candidate, ...]:
    """What the names may stand for, best first."""
    rows = graph.select(
        "SELECT candidates FROM mentions WHERE target = $target AND mention IN $mentions",
        target=target,
        mentions=mentions,
    ).records()
    found = {each["id"]: Candidate(**each) for row in rows for each in row["candidates"]}
    learnt = graph.select("SELECT DISTINCT dataset_id FROM aliases WHERE alias IN $mentions", mentions=mentions)
    for row in learnt.records():
        found.setdefault(row["dataset_id"], Candidate(id=row["dataset_id"], method=LEARNT, score=1.0))
    return tuple(sorted(found.values(), key=lambda each: (-each.score, each.id)))
