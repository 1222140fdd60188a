"""From stored text to a reading: the text without noise, what no reader sees, and the way back to the stored text."""

from __future__ import annotations

from lineage_platform.documents.front_matter import FrontMatter, front_matter
from lineage_platform.documents.markdown import clean_markdown, is_html
from lineage_platform.documents.markup import Markup
from lineage_platform.documents.reading import Edit, Reading, Span, rewrite
from lineage_platform.documents.unseen import encoded, invisible
from lineage_platform.records import Document, DocumentKind

MAX_CHARACTERS = 1_000_000


def reading(document: Document, text: str) -> Reading:
    """Open a document.

    Parameters
    ----------
    document:
        Its record; ``kind`` and ``media_type`` say how it is cleaned.
    text:
        Its stored text. Of one longer than ``MAX_CHARACTERS`` only that much is cleaned and can be quoted; its record's
        ``detail`` says so (see :func:`too_long`).

    Returns
    -------
    Reading
        For any text whatever; never an exception.
    """
    shown = text[:MAX_CHARACTERS]
    matter = FrontMatter()
    if document.media_type in ("text/html", "application/xhtml+xml") or (_is_prose(document) and is_html(shown)):
        from lineage_platform.documents.pages import clean_page

        markup = clean_page(shown)
    elif document.kind is DocumentKind.PAPER:
        from lineage_platform.documents.papers import clean_paper

        markup = clean_paper(shown)
    else:
        matter = front_matter(shown) if document.kind is DocumentKind.CARD else FrontMatter()
        markup = clean_markdown(shown, matter.span.end)
    return _assemble(document, text, matter, markup)


def card_fault(text: str) -> str:
    """What a card's ``detail`` says of front matter that cannot be read; empty for any other."""
    return front_matter(text[:MAX_CHARACTERS]).fault


def too_long(text: str) -> str:
    """What a document's ``detail`` says of a text that is read in part only; empty for any other."""
    if len(text) <= MAX_CHARACTERS:
        return ""
    return f"{len(text):,} characters long: only the first {MAX_CHARACTERS:,} are read"


def _is_prose(document: Document) -> bool:
    return document.kind is not DocumentKind.PAPER


def _assemble(document: Document, text: str, matter: FrontMatter, markup: Markup) -> Reading:
    shown = text[:MAX_CHARACTERS]
    unseen = list(invisible(shown))
    codes = list(encoded(shown))
    edits = [*markup.edits, *unseen, *(Edit(start, end, (" ",)) for start, end in [*codes, *markup.hidden])]
    edits += [Edit(len(shown), len(text))] if len(shown) < len(text) else []
    hidden = [*markup.hidden, *codes, *(Span(edit.start, edit.end) for edit in unseen)]
    return Reading(document, text, rewrite(text, edits), _merged(hidden), matter.values)


def _merged(spans: list[Span]) -> tuple[Span, ...]:
    """The same ranges in order, those that overlap made one."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        elif span.end > span.start:
            merged.append(span)
    return tuple(merged)
