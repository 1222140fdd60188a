"""Whether a text names something, what of it is seen, and the sentence, item or passage that a quote stands in."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lineage_platform.documents.normal import NormalText
from lineage_platform.documents.reading import Span

# Characters on either side of a quote that may still be its sentence, item, row or passage.
REACH = 2000

_WORD = re.compile(r"[0-9a-z]+|[^\W0-9a-z_]")
_HEADING = re.compile(r"[ \t]{0,3}#{1,6}[ \t]|[ \t]*<h[1-6]\b|[ \t]{0,3}\*\*[^*\n]+\*\*:?\s*$", re.IGNORECASE)
_UNDERLINE = re.compile(r"=+|-{3,}")
_ITEM = re.compile(r"[ \t]*(?:[-*+•]|\d{1,3}[.)])[ \t]+")
_SENTENCE_END = re.compile(r"[.!?][\"'”’)\]*_]*(?=\s)|[。！？]|\n[ \t]*\n")


def words(text: str) -> tuple[str, ...]:
    """Words of a text for comparing names: case, punctuation and Unicode form do not matter."""
    return tuple(_WORD.findall(NormalText.of(text).text.casefold()))


def names(text: str, name: str) -> bool:
    """Whether ``text`` has all words of ``name`` in a row (whole words: "math" is not in "aftermath")."""
    wanted, there = words(name), words(text)
    return bool(wanted) and any(there[i : i + len(wanted)] == wanted for i in range(len(there) - len(wanted) + 1))


def visible(text: str, span: Span, hidden: Sequence[Span]) -> str:
    """``text`` in a range, with what no reader sees blanked; characters without width stay."""
    parts, position = [], span.start
    for start, end in sorted(hidden):
        if start < span.end and end > position:
            parts += [text[position : max(start, position)], " " if NormalText.of(text[start:end]).text else ""]
            position = end
    return "".join([*parts, text[position : span.end]])


def beside(text: str, quote: Span) -> tuple[Span, ...]:
    """Where a quote's name may stand: its sentence, its list item or table row, and the heading above it."""
    line = _lines_around(text, quote)
    row = line if "|" in text[line.start : line.end] else _element(text, quote, "tr") or _element(text, quote, "li")
    start, end = row or _item(text, line) or _sentence(text, quote)
    unit = Span(max(start, quote.start - REACH), min(end, quote.end + REACH))
    heading = _heading_above(text, line.start)
    return (unit, heading) if heading else (unit,)


def passage(text: str, quote: Span) -> Span:
    """The paragraph of a quote with the one before and the one after, at most ``REACH`` characters either way."""
    low = max(quote.start - REACH, 0)
    before = [match.start() for match in re.finditer(r"\n[ \t]*\n", text[low : quote.start])]
    after = [match.end() for match in re.finditer(r"\n[ \t]*\n", text[quote.end : quote.end + REACH])]
    start = low + before[-2] if len(before) > 1 else low
    return Span(start, quote.end + after[1] if len(after) > 1 else min(quote.end + REACH, len(text)))


def _lines_around(text: str, span: Span) -> Span:
    return Span(text.rfind("\n", 0, span.start) + 1, _line_end(text, max(span.end - 1, span.start)))


def _element(text: str, quote: Span, tag: str) -> Span | None:
    """The innermost HTML element of this kind around the quote."""
    low = max(quote.start - REACH, 0)
    opening, closed = text.rfind(f"<{tag}", low, quote.start + 1), text.rfind(f"</{tag}", low, quote.start + 1)
    closing = text.find(f"</{tag}", quote.end, quote.end + REACH)
    return Span(opening, closing) if opening > closed and closing >= 0 else None


def _item(text: str, line: Span) -> Span | None:
    """The list item that the line begins or continues."""
    start, end = line
    while not _ITEM.match(text, start):
        if start == 0 or line.start - start > REACH or not text[start : _line_end(text, start)].strip():
            return None
        start = text.rfind("\n", 0, start - 1) + 1
    while end < len(text) and end - line.end < REACH:
        following = text[end + 1 : _line_end(text, end + 1)]
        if not following.strip() or _ITEM.match(following) or _HEADING.match(following):
            break
        end += 1 + len(following)
    return Span(start, end)


def _line_end(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end


def _sentence(text: str, quote: Span) -> Span:
    low, high = max(quote.start - REACH, 0), min(quote.end + REACH, len(text))
    before = [low + match.end() for match in _SENTENCE_END.finditer(text[low : quote.start + 1])]
    before = [end for end in before if end <= quote.start]
    ended = _SENTENCE_END.search(text, max(quote.end - 2, quote.start), high)
    return Span(before[-1] if before else low, max(ended.end(), quote.end) if ended else high)


def _heading_above(text: str, position: int, reach: int = 20_000) -> Span | None:
    """The nearest heading before ``position``, which begins a line."""
    end, underlined = position, False
    for line in reversed(text[max(position - reach, 0) : position].splitlines(keepends=True)):
        if _HEADING.match(line) or (underlined and line.strip()):
            return Span(end - len(line), end)
        underlined = _UNDERLINE.fullmatch(line.strip()) is not None
        end -= len(line)
    return None
