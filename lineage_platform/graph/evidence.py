"""The evidence rule: what a quote must be for its statement to count."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import islice

from lineage_platform.catalog.ids import normalise_name
from lineage_platform.documents.normal import NormalText, normal_text
from lineage_platform.documents.reading import Reading, Span
from lineage_platform.graph.addressing import addresses_reader
from lineage_platform.graph.quotes import beside, names, passage, visible
from lineage_platform.records import Statement

MAX_OCCURRENCES = 50


@dataclass(frozen=True)
class Evidence:
    """What became of a statement's quote.

    Parameters
    ----------
    verified:
        The quote stands in the stored document, visibly, and names its source or sits beside its name.
    offset:
        Where it stands, in characters of the stored text; None if it was not found.
    reason:
        Why it does not count, or why a person has to look; empty when all is well.
    needs_review:
        Whether a person has to look although the quote is verified.
    """

    verified: bool
    offset: int | None = None
    reason: str = ""
    needs_review: bool = False


def check(statement: Statement, reading: Reading, subject_names: Collection[str]) -> Evidence:
    """Check a statement against the document it was read in.

    Parameters
    ----------
    statement:
        With its quote, verbatim.
    reading:
        The document.
    subject_names:
        Every name of the dataset being traced, to tell passages about it from passages about its siblings.
    """
    if not statement.quote.strip():
        return Evidence(False, reason="no quote was given")
    places = list(islice(occurrences(statement, reading), MAX_OCCURRENCES))
    if not places:
        return Evidence(False, reason="the quote does not occur in the document")
    seen = [place for place in places if not _is_hidden(place, reading)]
    if not seen:
        return Evidence(False, places[0].start, "no reader sees the quoted text")
    naming = next((place for place in seen if _is_named(statement, reading, place)), None)
    if naming is None:
        return Evidence(
            False, seen[0].start, f"neither the quote nor what stands beside it names {statement.mention!r}"
        )
    if addresses_reader(_passage(reading, naming)):
        return Evidence(True, naming.start, "the passage addresses its reader or a model", needs_review=True)
    if statement.about and not _same_dataset(statement.about, subject_names):
        reason = f"the passage is about {statement.about}, another dataset of the same document"
        return Evidence(True, naming.start, reason, needs_review=True)
    return Evidence(True, naming.start)


def may_be_followed(url: str, reading: Reading) -> bool:
    """Whether an address may be opened that agents found in a document.

    Not one that no reader sees, nor one in a passage that gives orders to its reader. An address that does not stand in
    the document was made by a rule, of an identifier.
    """
    bare = re.sub(r"^https?://", "", url.strip()).rstrip("/")
    places = [Span(*found.span()) for found in re.finditer(re.escape(bare), reading.text, re.IGNORECASE)]
    seen = (place for place in places[:MAX_OCCURRENCES] if not _is_hidden(place, reading))
    return not places or any(not addresses_reader(_passage(reading, place)) for place in seen)


def occurrences(statement: Statement, reading: Reading) -> Iterator[Span]:
    """Where the quote stands: at the offset given, if it is right, then from the first place on."""
    text, given = normal_text(reading.text), statement.quote_offset
    if given is not None and given >= 0:
        start = given + len(statement.quote) - len(statement.quote.lstrip())
        yield from (place for place in islice(text.find(statement.quote, start), 1) if place.start == start)
    yield from text.find(statement.quote)


def _is_hidden(place: Span, reading: Reading) -> bool:
    """Whether any of the quoted text is such that no reader sees it; characters without width are no text."""
    overlaps = (
        reading.text[max(place.start, start) : min(place.end, end)]
        for start, end in reading.hidden
        if start < place.end and end > place.start
    )
    return any(NormalText.of(text).text.strip() for text in overlaps)


def _is_named(statement: Statement, reading: Reading, place: Span) -> bool:
    known = [statement.mention, *([statement.link] if statement.link else [])]
    ranges = (place, *beside(reading.text, place))
    texts = [visible(reading.text, span, reading.hidden) for span in ranges]
    return any(names(text, name) for text in texts for name in known)


def _passage(reading: Reading, place: Span) -> str:
    shown = visible(reading.text, passage(reading.text, place), reading.hidden)
    return unicodedata.normalize("NFKC", NormalText.of(shown).text)


def _same_dataset(about: str, subject_names: Collection[str]) -> bool:
    return normalise_name(about) in {
        normalise_name(form) for name in subject_names for form in (name, name.split("/")[-1])
    }
