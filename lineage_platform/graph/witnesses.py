"""Step 4 for one dataset: names resolved, evidence checked, one witness per statement."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lineage_platform.catalog.ids import name_id
from lineage_platform.documents.reading import Reading
from lineage_platform.graph.choosing import backed, name_key
from lineage_platform.graph.edges import anachronism
from lineage_platform.graph.evidence import Evidence, check
from lineage_platform.graph.resolution import CONFIDENCE_KEPT, OFF_HUB_NAME, REVIEW_REASON, Resolver, bound
from lineage_platform.graph.reviews import Decisions
from lineage_platform.records import (
    DocumentKind,
    EdgeStatus,
    Extraction,
    Mention,
    Outcome,
    Resolution,
    Statement,
    Validation,
    Witness,
)

# Changes whenever the same statements could be judged differently; stored resolutions of another version are made anew.
RULES_VERSION = "5"
SELF_EDGE = "the name resolves to the dataset itself"


def resolve(
    validation: Validation,
    extraction: Extraction,
    readings: Mapping[str, Reading],
    resolver: Resolver,
    review_threshold: float,
    input_digest: str,
) -> Resolution:
    """Resolve a dataset's statements and check their evidence.

    Parameters
    ----------
    validation, extraction:
        The dataset's records of steps 1 and 3.
    readings:
        Its documents that could be read, by ``document_id``.
    resolver:
        Of the hub that is traced.
    review_threshold:
        Witnesses with a lower confidence wait for review (0 to 1).
    input_digest:
        Of everything above; kept in the record.

    Raises
    ------
    HubUnavailable
        A name could not be looked up; the dataset has to be tried again.
    """
    choices = {choice.mention: choice.chosen_id for choice in extraction.choices}
    judged = [
        _judge(statement, validation, readings.get(statement.document_id), resolver, review_threshold, choices)
        for statement in extraction.statements
    ]
    witnesses = tuple(witness for _, witness in judged)
    open_or_accepted = any(witness.status in (EdgeStatus.ACCEPTED, EdgeStatus.REVIEW) for witness in witnesses)
    outcome = Outcome.TRACED if open_or_accepted else Outcome.NO_SOURCES_DOCUMENTED
    return Resolution(
        dataset_id=validation.dataset_id,
        input_digest=input_digest,
        outcome=outcome if readings else Outcome.NO_DOCUMENTATION,
        mentions=tuple({mention.model_dump_json(): mention for mention, _ in judged}.values()),
        witnesses=witnesses,
    )


def hub_sources(resolution: Resolution) -> tuple[str, ...]:
    """Hub datasets behind the accepted witnesses, sorted."""
    accepted = {witness.source for witness in resolution.witnesses if witness.status is EdgeStatus.ACCEPTED}
    return tuple(sorted(source for source in accepted if is_hub_id(source)))


def sources_to_follow(
    resolution: Resolution,
    validation: Validation,
    validation_of: Callable[[str], Validation],
    decisions: Decisions,
) -> tuple[str, ...]:
    """Hub datasets to trace next: the accepted ones, except any that is younger than the dataset itself.

    Parameters
    ----------
    resolution, validation:
        The dataset's records, as the decisions leave them.
    validation_of:
        Step 1 of a source.
    decisions:
        What people decided: a source that they accepted is followed whatever its dates.
    """
    return tuple(
        source
        for source in hub_sources(resolution)
        if decisions.accepts(source, validation.dataset_id)
        or not anachronism(validation_of(source).release, validation.release)
    )


def is_hub_id(node_id: str) -> bool:
    """Whether an id has the form of a Hub dataset's, not of a source off the Hub."""
    return ":" not in node_id


def _judge(
    statement: Statement,
    validation: Validation,
    reading: Reading | None,
    resolver: Resolver,
    review_threshold: float,
    choices: Mapping[str, str | None],
) -> tuple[Mention, Witness]:
    mention = _chosen(resolver.resolve(validation.dataset_id, statement, reading), reading, resolver, choices)
    source = mention.chosen_id or name_id(mention.mention)
    confidence = round(statement.confidence * CONFIDENCE_KEPT[mention.method], 4)
    evidence = (
        check(statement, reading, (validation.dataset_id, validation.requested))
        if reading
        else Evidence(False, reason="the document is not stored")
    )
    status, reason = _status(source, validation.dataset_id, mention, evidence, confidence, review_threshold)
    return mention, Witness(
        statement=statement,
        source=source,
        document_kind=reading.document.kind if reading else DocumentKind.CARD,
        verified=evidence.verified,
        status=status,
        confidence=confidence,
        quote_offset=evidence.offset,
        reason=reason,
    )


def _chosen(
    mention: Mention, reading: Reading | None, resolver: Resolver, choices: Mapping[str, str | None]
) -> Mention:
    """The mention, bound to what a model chose for it if the rules leave it open and the hub (still) knows that.

    A name that stands for a source off the hub stays that, unless the document backs the choice.
    """
    is_open = mention.chosen_id is None
    chosen = choices.get(name_key(mention.mention)) if is_open or mention.method == OFF_HUB_NAME else None
    if chosen is None or reading is None or resolver.canonical(chosen) != chosen:
        return mention
    is_backed = backed(chosen, mention, reading)
    return bound(mention, chosen, is_backed=is_backed) if is_open or is_backed else mention


def _status(
    source: str, dataset_id: str, mention: Mention, evidence: Evidence, confidence: float, review_threshold: float
) -> tuple[EdgeStatus, str]:
    if not evidence.verified:
        return EdgeStatus.REJECTED, evidence.reason
    if source == dataset_id:
        return EdgeStatus.REJECTED, SELF_EDGE
    reasons = [REVIEW_REASON.get(mention.method, ""), evidence.reason if evidence.needs_review else ""]
    if confidence < review_threshold:
        reasons.append(f"confidence {confidence:.2f} is under {review_threshold:.2f}")
    reason = "; ".join(filter(None, reasons))
    return (EdgeStatus.REVIEW if reason else EdgeStatus.ACCEPTED), reason
