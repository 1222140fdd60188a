"""The four roles, as one interface that the rules and the model agents share (paper, section 3.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from lineage_platform.documents.reading import Reading, Span
from lineage_platform.records import DatasetInfo, Link, Profile, Statement


@dataclass(frozen=True)
class Subject:
    """The dataset whose sources are sought.

    Parameters
    ----------
    name:
        Its Hub id, or a plain name when a single document is read without a hub.
    info:
        What the hub says of it; None without a hub.
    also_known_as:
        Other names it goes by (old ids, pretty name).
    """

    name: str
    info: DatasetInfo | None = None
    also_known_as: tuple[str, ...] = ()


@dataclass(frozen=True)
class Offered:
    """One dataset that a name may stand for, and what is known of it, in one line."""

    id: str
    known: str


@dataclass(frozen=True)
class Name:
    """A name that several datasets answer to, or that none bears exactly.

    Parameters
    ----------
    mention:
        As written.
    passage:
        What stands around it.
    candidates:
        Datasets that the hub knows, best first.
    """

    mention: str
    passage: str
    candidates: tuple[Offered, ...]


@runtime_checkable
class Chooser(Protocol):
    """Agents that can tell which dataset a name stands for."""

    def choosing(self, subject: Subject, name: Name) -> str | None:
        """The id of the candidate that is meant, of those offered and no other; None for none of them."""
        ...

    def searching(self, subject: Subject, mention: str) -> Sequence[str]:
        """Ids of datasets that a search of the web finds for a name; no more than proposals, and often none."""
        ...


class Agents(Protocol):
    """Readers of documents.

    Attributes
    ----------
    name:
        ``rules`` or ``llm``; goes into every statement's ``said_by`` with the version.
    version:
        Changes whenever the same document could be read differently; stored readings of another version are made anew.
    """

    name: str
    version: str

    def sourcing(self, subject: Subject, card: Reading) -> Sequence[Link]:
        """Links in the card to the subject's *own* repository, paper or blog, best first; never to cited work."""
        ...

    def extracting(self, subject: Subject, document: Reading) -> Sequence[Span]:
        """Ranges of the cleaned text that bear on how the subject was made, in order; all of a short document."""
        ...

    def tracing(self, subject: Subject, document: Reading, passages: Sequence[Span]) -> Sequence[Statement]:
        """Sources of the subject that the passages (ranges of the cleaned text) state, each with a verbatim quote.

        A quote is a range of the *stored* text, and ``quote_offset`` its start.
        """
        ...

    def aggregation(self, subject: Subject, card: Reading | None, statements: Sequence[Statement]) -> Profile:
        """The subject's profile, from its own metadata and the make-up of its sources."""
        ...
