"""The four roles played without a model: no key, no network, the same answer every time."""

from __future__ import annotations

from collections.abc import Sequence

from lineage_platform.agents.interface import Subject
from lineage_platform.agents.rules.declared import declared
from lineage_platform.agents.rules.finding import NAME, version
from lineage_platform.agents.rules.passages import passages
from lineage_platform.agents.rules.profile import profile
from lineage_platform.agents.rules.sourcing import own_links
from lineage_platform.agents.rules.tracing import trace
from lineage_platform.documents.reading import Reading, Span
from lineage_platform.records import Link, Profile, Statement

__all__ = ["RulesAgents", "declared", "version"]


class RulesAgents:
    """Readers that go by metadata, links, headings, lists, tables and verbs of derivation."""

    name = NAME

    def __init__(self) -> None:
        self.version = version()

    def sourcing(self, subject: Subject, card: Reading) -> Sequence[Link]:
        """Links to the subject's own repository, paper and blog; see :mod:`lineage_platform.agents.rules.sourcing`."""
        return own_links(subject, card)

    def extracting(self, subject: Subject, document: Reading) -> Sequence[Span]:  # noqa: ARG002 - the interface
        """All of a short document; of a long one the opening and what bears on data and its making."""
        return passages(document)

    def tracing(self, subject: Subject, document: Reading, passages: Sequence[Span]) -> Sequence[Statement]:
        """What is declared and what the passages state; see :mod:`lineage_platform.agents.rules.tracing`."""
        return trace(subject, document, passages)

    def aggregation(self, subject: Subject, card: Reading | None, statements: Sequence[Statement]) -> Profile:
        """Summary, domains, construction, origin and licence, from the card, its metadata and the sources."""
        return profile(subject, card, statements)
