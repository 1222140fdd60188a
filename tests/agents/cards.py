"""Documents in a few lines, and what the rules read in them."""

from __future__ import annotations

from lineage_platform.agents.interface import Subject
from lineage_platform.agents.rules import RulesAgents
from lineage_platform.documents.cleaning import reading
from lineage_platform.documents.reading import Reading
from lineage_platform.records import DatasetInfo, Document, DocumentKind, DocumentOutcome, Link, Profile, Statement

TARGET = "mill-house/GrainSet"
AGENTS = RulesAgents()
HUB = "https://huggingface.co/datasets"


def card(text: str, *, kind: DocumentKind = DocumentKind.CARD, url: str = f"{HUB}/{TARGET}") -> Reading:
    """A document with this text, opened."""
    document = Document(document_id="card:test", kind=kind, url=url, outcome=DocumentOutcome.FETCHED)
    return reading(document, text)


def statements(text: str, target: str = TARGET, kind: DocumentKind = DocumentKind.CARD) -> list[Statement]:
    """What the rules state of a text."""
    document, subject = card(text, kind=kind), Subject(target)
    return list(AGENTS.tracing(subject, document, AGENTS.extracting(subject, document)))


def sources(text: str, target: str = TARGET, kind: DocumentKind = DocumentKind.CARD) -> set[str]:
    """The names that the rules state as sources."""
    return {statement.mention for statement in statements(text, target, kind)}


def links(text: str, target: str = TARGET, tags: tuple[str, ...] = ()) -> list[Link]:
    """The links to the target's own documents."""
    return list(AGENTS.sourcing(Subject(target, DatasetInfo(id=target, tags=tags)), card(text)))


def profile(text: str, target: str = TARGET, tags: tuple[str, ...] = ()) -> Profile:
    """The target's profile."""
    document, subject = card(text), Subject(target, DatasetInfo(id=target, tags=tags))
    return AGENTS.aggregation(
        subject, document, AGENTS.tracing(subject, document, AGENTS.extracting(subject, document))
    )
