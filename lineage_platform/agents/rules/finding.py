"""What a signal found: a source, where it is said, and how sure the signal is; and the statement made of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from lineage_platform.agents.rules.mentions import Mention
from lineage_platform.documents.reading import Reading, Span
from lineage_platform.files import digest
from lineage_platform.records import Relation, Statement

NAME = "rules"
MAX_QUOTE = 600


@cache
def version() -> str:
    """Digest over the rules' code and words: another one whenever a document could be read differently."""
    sources = sorted(files(__package__).iterdir(), key=lambda source: source.name)
    return digest(*(source.read_bytes() for source in sources if source.name.endswith((".py", ".toml"))))[:12]


@dataclass(frozen=True)
class Finding:
    """A source that one signal found.

    Parameters
    ----------
    mention:
        The source, its span in the cleaned text.
    passage:
        The sentence, item or row that says so, in the cleaned text.
    relation, confidence:
        How it was used, and how sure the signal is (0 to 1).
    about:
        The dataset that the passage speaks of, if it is not the subject.
    """

    mention: Mention
    passage: Span
    relation: Relation
    confidence: float
    about: str | None = None


def statement(finding: Finding, document: Reading) -> Statement | None:
    """The finding as a statement with a verbatim quote; None where no reader sees what it would quote."""
    place = _quotable(document, finding.passage, finding.mention.span)
    if place is None:
        return None
    link = finding.mention.link
    return Statement(
        mention=finding.mention.name,
        relation=finding.relation,
        confidence=finding.confidence,
        quote=document.text[place.start : place.end],
        quote_offset=place.start,
        document_id=document.document.document_id,
        said_by=f"{NAME}/{version()}",
        link=link if link and link.startswith("http") else None,
        about=finding.about,
        is_benchmark=finding.mention.is_benchmark,
    )


def _quotable(document: Reading, passage: Span, mention: Span) -> Span | None:
    """The stored range behind a passage: around its mention if it is long, and without what no reader sees."""
    start, end = passage
    if end - start > MAX_QUOTE:
        start, end = max(start, mention.start - MAX_QUOTE // 2), min(end, mention.end + MAX_QUOTE // 2)
        shown = document.clean.text
        start = (
            next((i + 1 for i in range(start, mention.start) if shown[i].isspace()), start)
            if start > passage.start
            else start
        )
        end = (
            next((i for i in range(end, mention.end, -1) if shown[i - 1].isspace()), end) if end < passage.end else end
        )
    try:
        whole, name = document.clean.stored_span(start, end), document.clean.stored_span(*mention)
    except ValueError:
        return None
    low, high = whole
    for hidden in document.hidden:
        if hidden.start < name.end and hidden.end > name.start:
            return None
        if hidden.end <= name.start:
            low = max(low, hidden.end)
        else:
            high = min(high, hidden.start)
    text = document.text[low:high]
    stripped = Span(low + len(text) - len(text.lstrip()), low + len(text.rstrip()))
    return stripped if stripped.end > stripped.start else None
