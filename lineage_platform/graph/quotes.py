"""Finding a quote in a stored text when white space and Unicode forms differ, and the passage it stands in."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from lineage_platform.documents.reading import Span

# Characters on either side of a quote that may still be its sentence, item, row or passage.
REACH = 2000

# Characters with no width: zero-width spaces and joiners, soft hyphens, byte-order marks, direction marks, tags,
# variation selectors.
_IGNORED = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff"
)
_TOKEN = re.compile(rf"(?P<ignored>[{_IGNORED}]+)|(?P<space>\s+)|(?P<plain>[!-~]+)|(?P<other>.)", re.DOTALL)
_WORD = re.compile(r"[0-9a-z]+|[^\W0-9a-z_]")
_HEADING = re.compile(r"[ \t]{0,3}#{1,6}[ \t]|[ \t]*<h[1-6]\b|[ \t]{0,3}\*\*[^*\n]+\*\*:?\s*$", re.IGNORECASE)
_UNDERLINE = re.compile(r"=+|-{3,}")
_ITEM = re.compile(r"[ \t]*(?:[-*+•]|\d{1,3}[.)])[ \t]+")
_SENTENCE_END = re.compile(r"[.!?][\"'”’)\]*_]*(?=\s)|[。！？]|\n[ \t]*\n")


@dataclass(frozen=True)
class NormalText:
    """A text in one normal form (NFKD, white space collapsed, characters without width out), mapped to the original.

    NFKD makes the same strings equal as NFKC does, and unlike NFKC can be computed character by character, which keeps
    the map exact.

    Parameters
    ----------
    text:
        The normal form.
    starts, stored:
        Where each run begins, in ``text`` (and where the last one ends) and in the original.
    lengths:
        Length of each run in the original; one for a character that became several.
    """

    text: str
    starts: Sequence[int]
    stored: Sequence[int]
    lengths: Sequence[int]

    @classmethod
    def of(cls, original: str) -> NormalText:
        """The normal form of ``original``."""
        parts: list[str] = []
        stored: list[int] = []
        ends: list[int] = []
        for match in _TOKEN.finditer(original):
            form, begin = _normal_form(match), match.start()
            if form.startswith(" ") and parts and parts[-1].endswith(" "):
                form = form[1:]
            if not form:
                continue
            while parts and 0 < unicodedata.combining(form[0]) < unicodedata.combining(parts[-1][-1]):
                form = unicodedata.normalize("NFKD", parts.pop() + form)  # marks in their canonical order
                begin = stored.pop()
                ends.pop()
            parts.append(form)
            stored.append(begin)
            ends.append(match.end())
        starts = list(accumulate(map(len, parts), initial=0))
        return cls("".join(parts), starts, stored, [end - begin for begin, end in zip(stored, ends, strict=True)])

    def find(self, quote: str, start: int = 0) -> Iterator[Span]:
        """Ranges of the original that equal ``quote`` in normal form, in order, from ``start`` (in the original) on.

        A quote begins and ends where words do: "use Alpaca" is not in "we use AlpacaEval". An empty one is nowhere.
        """
        wanted = NormalText.of(quote).text.strip()
        position = self.text.find(wanted, self._normal(start)) if wanted else -1
        while position >= 0:
            end = position + len(wanted)
            if not (_cuts_word(self.text, position) or _cuts_word(self.text, end)):
                yield Span(self._original(position).start, self._original(end - 1).end)
            position = self.text.find(wanted, position + 1)

    def _normal(self, offset: int) -> int:
        """Where a position of the original is in the normal form."""
        run = bisect_right(self.stored, offset) - 1
        return self.starts[run] + min(offset - self.stored[run], self.lengths[run] - 1) if run >= 0 else 0

    def _original(self, position: int) -> Span:
        run = bisect_right(self.starts, position, hi=len(self.stored)) - 1
        shift = position - self.starts[run]
        if self.starts[run + 1] - self.starts[run] == self.lengths[run]:
            return Span(self.stored[run] + shift, self.stored[run] + shift + 1)
        return Span(self.stored[run], self.stored[run] + self.lengths[run])


def _cuts_word(text: str, position: int) -> bool:
    """Whether a position of a normal form is inside a word, in scripts that set words apart, or inside a character."""
    if not 0 < position < len(text):
        return False
    before, after = text[position - 1], text[position]
    inside_character = before != " " and unicodedata.combining(after) > 0
    return inside_character or (_is_letter(before) and _is_letter(after))


def _is_letter(character: str) -> bool:
    return character.islower() or character.isupper() or character.isdecimal()


def _normal_form(match: re.Match[str]) -> str:
    if match.lastgroup == "plain":
        return match.group()
    if match.lastgroup == "other":
        return re.sub(r"\s+", " ", unicodedata.normalize("NFKD", match.group()))
    return " " if match.lastgroup == "space" else ""


@lru_cache(maxsize=16)
def normal_text(original: str) -> NormalText:
    """The normal form of a document, made once for all of its quotes."""
    return NormalText.of(original)


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
