"""The vocabulary and the records that cross from one room to the next.

Every record is immutable and serialises to JSON with stable key order, so that two equal records are equal bytes.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Relation(StrEnum):
    """How a source was used (the five relation types of the paper, section 7.3)."""

    SEMANTIC_EVOLUTION = "semantic_evolution"
    COT_DISTILLATION = "cot_distillation"
    SYNTHETIC_GENERATION = "synthetic_generation"
    STRUCTURED_FUSION = "structured_fusion"
    DIRECT_INCLUSION = "direct_inclusion"


class Domain(StrEnum):
    """Capability domains of a dataset (paper, section 4)."""

    MATH = "math"
    CODE = "code"
    GENERAL = "general"
    SCIENCE = "science"
    UNCLASSIFIED = "unclassified"


class Outcome(StrEnum):
    """How the trace of one dataset ended."""

    TRACED = "traced"
    NO_SOURCES_DOCUMENTED = "no_sources_documented"
    BEFORE_CUTOFF = "before_cutoff"
    NO_DOCUMENTATION = "no_documentation"
    GATED = "gated"
    NOT_FOUND = "not_found"
    FAILED = "failed"


class EdgeStatus(StrEnum):
    """Whether an edge counts: only accepted and imported ones do."""

    ACCEPTED = "accepted"
    REVIEW = "review"
    REJECTED = "rejected"
    ANACHRONISTIC = "anachronistic"
    IMPORTED = "imported"


class DocumentKind(StrEnum):
    """What kind of documentation a text is, most trusted first."""

    CARD = "card"
    REPOSITORY = "repository"
    PAPER = "paper"
    BLOG = "blog"


class DocumentOutcome(StrEnum):
    """What became of an attempt to read one document."""

    FETCHED = "fetched"
    EMPTY = "empty"
    MISSING = "missing"
    REFUSED = "refused"
    UNREADABLE = "unreadable"
    FAILED = "failed"


class Record(BaseModel):
    """Base of every record: frozen, and strict about unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class DatasetInfo(Record):
    """What the Hub's API says of a dataset.

    ``id`` is canonical (after redirects); ``created_at`` and ``last_modified`` are ISO 8601 as the API gives them;
    ``card_digest`` is the SHA-256 of the card where the hub knows it unasked, as a folder does.
    """

    id: str
    sha: str = ""
    created_at: str | None = None
    last_modified: str | None = None
    downloads: int | None = None
    likes: int | None = None
    tags: tuple[str, ...] = ()
    gated: bool = False
    private: bool = False
    card_digest: str | None = None

    def tagged(self, prefix: str) -> tuple[str, ...]:
        """Values of the Hub's ``prefix:value`` tags, e.g. ``tagged("arxiv")``."""
        return tuple(tag.split(":", 1)[1] for tag in self.tags if tag.startswith(prefix + ":"))


class ReleaseDate(Record):
    """An effective release date.

    ``value`` has the precision that is known: ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``. ``origin`` says where it is
    from: ``hub`` (creation date), ``hub_epoch`` (the Hub's first day: "then or earlier") or ``paper:<source>``.
    """

    value: str
    origin: str


class Document(Record):
    """One document that was asked for, with where it came from and what became of it.

    ``body_digest`` and ``text_digest`` are keys of the content store: the bytes as fetched, and the stored text that
    quotes and offsets refer to (the decoded body; for a PDF its extracted text). Both are None unless ``fetched``.
    """

    document_id: str
    kind: DocumentKind
    url: str
    outcome: DocumentOutcome
    detail: str = ""
    revision: str | None = None
    media_type: str = ""
    body_digest: str | None = None
    text_digest: str | None = None
    fetched_at: datetime | None = None
    metadata: dict[str, Any] = Field(default_factory=dict)


class Link(Record):
    """A link that leads to a dataset's own documentation, with the words that say so."""

    url: str
    kind: DocumentKind
    quote: str = ""


class Statement(Record):
    """One reader's claim that a source went into a dataset: the paper's (S, R, C, E).

    ``mention`` is the source as written, ``link`` the address beside it if any, ``quote`` the verbatim evidence and
    ``quote_offset`` its position (in characters) in the stored text, None if the reader gave none. ``about`` is the
    dataset of the document that the passage speaks of, as written; None means the dataset being traced.
    """

    mention: str
    relation: Relation
    confidence: float = Field(ge=0.0, le=1.0)
    quote: str
    document_id: str
    said_by: str
    link: str | None = None
    quote_offset: int | None = None
    about: str | None = None
    is_benchmark: bool = False


class Profile(Record):
    """A semantic profile of a dataset (paper, section 3.2, step 4)."""

    summary: str = ""
    domains: tuple[Domain, ...] = (Domain.UNCLASSIFIED,)
    construction: str = ""
    origin: str = ""
    licence: str = ""


class Candidate(Record):
    """One id that a mention may stand for, how it was found, and how well it fits (0 to 1)."""

    id: str
    method: str
    score: float


class Mention(Record):
    """One name found in a document, what it may stand for, and what was chosen (None: nothing)."""

    mention: str
    link: str | None = None
    chosen_id: str | None = None
    part: str | None = None
    method: str = ""
    score: float = 0.0
    candidates: tuple[Candidate, ...] = ()


class Witness(Record):
    """A statement after its evidence was checked against the stored document."""

    statement: Statement
    source: str
    document_kind: DocumentKind
    verified: bool
    status: EdgeStatus
    confidence: float
    quote_offset: int | None = None
    reason: str = ""


class Validation(Record):
    """Step 1 for one dataset: does it exist, which id, since when, is it to be expanded?

    ``outcome`` is None when tracing goes on, else the outcome that ends it. ``requested`` is the name asked for, which
    the Hub may have redirected to ``dataset_id``.
    """

    dataset_id: str
    requested: str
    input_digest: str
    info: DatasetInfo | None = None
    release: ReleaseDate | None = None
    dates: tuple[ReleaseDate, ...] = ()
    outcome: Outcome | None = None
    detail: str = ""


class DocumentSet(Record):
    """Step 2 for one dataset: the card first, then the dataset's own repository, paper, blog."""

    dataset_id: str
    input_digest: str
    documents: tuple[Document, ...] = ()


class NameChoice(Record):
    """What a model takes an ambiguous name to stand for, of the datasets it was offered; None for none of them."""

    mention: str
    chosen_id: str | None
    said_by: str


class Extraction(Record):
    """Step 3 for one dataset: what the agents read in its documents, and which names they could tell apart."""

    dataset_id: str
    input_digest: str
    agents: str
    statements: tuple[Statement, ...] = ()
    profile: Profile = Profile()
    choices: tuple[NameChoice, ...] = ()


class Resolution(Record):
    """Step 4 for one dataset: names resolved, evidence checked, one witness per statement."""

    dataset_id: str
    input_digest: str
    outcome: Outcome
    detail: str = ""
    mentions: tuple[Mention, ...] = ()
    witnesses: tuple[Witness, ...] = ()
