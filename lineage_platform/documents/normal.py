"""One normal form of texts, with a map to the original: what differs in white space and Unicode forms becomes alike."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from lineage_platform.documents.reading import Span

# Characters with no width: zero-width spaces and joiners, soft hyphens, byte-order marks, direction marks, tags,
# variation selectors.
_IGNORED = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff"
)
_TOKEN = re.compile(rf"(?P<ignored>[{_IGNORED}]+)|(?P<space>\s+)|(?P<plain>[!-~]+)|(?P<other>.)", re.DOTALL)


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
        return cls.joined(forms(original))

    @classmethod
    def joined(cls, runs: Iterable[tuple[str, Span]]) -> NormalText:
        """The runs of an original (see :func:`forms`) put together: spaces collapsed, marks in canonical order."""
        parts: list[str] = []
        stored: list[int] = []
        ends: list[int] = []
        for form, (begin, end) in runs:
            if form.startswith(" ") and parts and parts[-1].endswith(" "):
                form = form[1:]
            if not form:
                continue
            while parts and 0 < unicodedata.combining(form[0]) < unicodedata.combining(parts[-1][-1]):
                form = unicodedata.normalize("NFKD", parts.pop() + form)
                begin = stored.pop()
                ends.pop()
            parts.append(form)
            stored.append(begin)
            ends.append(end)
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
                yield self.original(position, end)
            position = self.text.find(wanted, position + 1)

    def _normal(self, offset: int) -> int:
        """Where a position of the original is in the normal form."""
        run = bisect_right(self.stored, offset) - 1
        return self.starts[run] + min(offset - self.stored[run], self.lengths[run] - 1) if run >= 0 else 0

    def original(self, start: int, end: int) -> Span:
        """The range of the original behind ``text[start:end]``, which is not empty."""
        return Span(self._original(start).start, self._original(end - 1).end)

    def _original(self, position: int) -> Span:
        run = bisect_right(self.starts, position, hi=len(self.stored)) - 1
        shift = position - self.starts[run]
        if self.starts[run + 1] - self.starts[run] == self.lengths[run]:
            return Span(self.stored[run] + shift, self.stored[run] + shift + 1)
        return Span(self.stored[run], self.stored[run] + self.lengths[run])


def forms(original: str, start: int = 0, end: int | None = None) -> Iterator[tuple[str, Span]]:
    """The normal form of each run of ``original[start:end]``, with the range of the original that it stands for."""
    for match in _TOKEN.finditer(original, start, len(original) if end is None else end):
        yield _normal_form(match), Span(*match.span())


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
