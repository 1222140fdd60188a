"""Finding in a document what a model says it copied from it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from lineage_platform.documents.normal import NormalText, forms
from lineage_platform.documents.reading import Reading, Span

# Typographic forms that models make plain, and what they leave out when they copy: emphasis, code, links.
_PLAIN = str.maketrans("‘’“”", "''\"\"")
_MARKUP = re.compile(r"\]\([^()\s]*\)|[*`\[\]]+")
_CLOSING = re.compile(r"[*`]*\](?:\([^()\s]*\))?|[*`]+")
MAX_PLACES = 50
# A cleaned passage may stand for a longer stored one, but not for one torn apart over half of the document.
MAX_STRETCH = 3
MAX_LINK = 300


class Quotable:
    """A text in which copied passages can be found although white space, Unicode forms or markup differ.

    An exact copy is found first. Else the normal forms are compared, with emphasis, code marks and the targets of links
    out, and quotation marks plain; what is found is a range of the text as it is.

    Parameters
    ----------
    text:
        The original.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.normal = NormalText.joined(_without_markup(text))

    def find(self, quote: str) -> Iterator[Span]:
        """Ranges of the text that the quote was copied from, in order; none for an empty quote."""
        exact = quote.strip()
        if exact and exact in self.text:
            yield from (Span(*found.span()) for found in re.finditer(re.escape(exact), self.text))
            return
        wanted = Quotable(quote).normal.text.strip()
        position = self.normal.text.find(wanted) if wanted else -1
        while position >= 0:
            start, end = self.normal.original(position, position + len(wanted))
            closing = _CLOSING.match(self.text, end) if quote.rstrip().endswith((")", "]", "*", "`")) else None
            yield Span(start, closing.end() if closing else end)
            position = self.normal.text.find(wanted, position + 1)


def _without_markup(text: str) -> Iterator[tuple[str, Span]]:
    """The runs of a text in normal form, but for its markup."""
    position = 0
    for markup in _MARKUP.finditer(text):
        yield from _plain(text, position, markup.start())
        position = markup.end()
    yield from _plain(text, position, len(text))


def _plain(text: str, start: int, end: int) -> Iterator[tuple[str, Span]]:
    return ((form.translate(_PLAIN), place) for form, place in forms(text, start, end))


def stored_range(reading: Reading, stored: Quotable, clean: Quotable, quote: str) -> Span | None:
    """Where a quote stands in the stored text; None if nowhere.

    Looked for in what a reader sees of the stored text, then in the cleaned view that the model was shown (links and
    markup may stand between its words in the stored text), last in what no reader sees.

    Parameters
    ----------
    reading:
        The document.
    stored, clean:
        Its stored text, and its cleaned text.
    quote:
        As the model gave it.
    """
    places = list(islice(stored.find(quote), MAX_PLACES))
    for place in places:
        if not any(start < place.end and end > place.start for start, end in reading.hidden):
            return place
    for place in islice(clean.find(quote), MAX_PLACES):
        span = reading.clean.stored_span(*place)
        if span.end - span.start <= MAX_STRETCH * len(quote) + MAX_LINK:
            return span
    return places[0] if places else None
