"""Finding in a document what a model says it copied from it."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from itertools import islice

from lineage_platform.documents.reading import Reading, Span

# Marks that models leave out when they copy (emphasis, code, links), and typographic forms that they make plain.
_PLAIN = str.maketrans("‘’“”", "''\"\"", "*`[]\u200b\u00ad")
_CLOSING = re.compile(r"[*`]*\](?:\([^()\s]*\))?|[*`]+")
MAX_PLACES = 50
# A cleaned passage may stand for a longer stored one, but not for one torn apart over half of the document.
MAX_STRETCH = 3
MAX_LINK = 300
_RUN = re.compile(r"\]\([^()\s]*\)|\s+|[^\W_]+|.", re.DOTALL)


class Quotable:
    """A text in which copied passages can be found although white space, Unicode forms or markup differ.

    An exact copy is found first. Else the NFKD forms are compared, with white space collapsed, emphasis, code marks and
    the targets of links out, and quotation marks plain; what is found is a range of the text as it is.

    Parameters
    ----------
    text:
        The original.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        parts: list[str] = []
        self._starts: list[int] = []
        self._origins: list[Span] = []
        position = 0
        for run in _RUN.finditer(text):
            for form, origin in _forms(run):
                if form == " " and (not parts or parts[-1] == " "):
                    continue
                parts.append(form)
                self._starts.append(position)
                self._origins.append(origin)
                position += len(form)
        self._normal = "".join(parts)

    def find(self, quote: str) -> Iterator[Span]:
        """Ranges of the text that the quote was copied from, in order; none for an empty quote."""
        exact = quote.strip()
        if exact and exact in self.text:
            yield from (Span(*found.span()) for found in re.finditer(re.escape(exact), self.text))
            return
        wanted = _normal(quote)
        position = self._normal.find(wanted) if wanted else -1
        while position >= 0:
            end = self._origin(position + len(wanted) - 1).end
            closing = _CLOSING.match(self.text, end) if quote.rstrip().endswith((")", "]", "*", "`")) else None
            yield Span(self._origin(position).start, closing.end() if closing else end)
            position = self._normal.find(wanted, position + 1)

    def _origin(self, position: int) -> Span:
        run = bisect_right(self._starts, position) - 1
        origin, start = self._origins[run], self._starts[run]
        end = self._starts[run + 1] if run + 1 < len(self._starts) else len(self._normal)
        if end - start != origin.end - origin.start:
            return origin
        return Span(origin.start + position - start, origin.start + position - start + 1)


def _forms(run: re.Match[str]) -> Iterator[tuple[str, Span]]:
    """The normal form of one run of characters, with the range it stands for: per character unless it is ASCII."""
    text = run.group()
    if text.startswith("]("):
        return
    if text.isspace():
        yield " ", Span(run.start(), run.end())
    elif text.isascii():
        if plain := text.translate(_PLAIN):
            yield plain, Span(run.start(), run.end())
    else:
        for offset, character in enumerate(text, run.start()):
            form = re.sub(r"\s+", " ", unicodedata.normalize("NFKD", character.translate(_PLAIN)))
            if form:
                yield form, Span(offset, offset + 1)


def _normal(quote: str) -> str:
    """The normal form of a quote."""
    return Quotable(quote)._normal.strip()


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
