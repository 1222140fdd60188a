"""A document as agents see it: the stored text, a cleaned view of it, and the map between the two."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from lineage_platform.records import Document


class Span(NamedTuple):
    """A half-open range of character positions."""

    start: int
    end: int


class Edit(NamedTuple):
    """Stored ``[start, end)`` is shown as ``parts``: given characters, and copies of ranges of the stored text."""

    start: int
    end: int
    parts: tuple[str | Span, ...] = ()


class Piece(NamedTuple):
    """A run of cleaned text: ``length`` characters at ``clean`` that stand for the stored ones from ``stored`` on.

    ``stored_length`` differs from ``length`` where the stored form is another one (an HTML entity, say).
    """

    clean: int
    length: int
    stored: int
    stored_length: int


@dataclass(frozen=True)
class CleanText:
    """Cleaned text with its offset map.

    Parameters
    ----------
    text:
        What is left once noise is out.
    pieces:
        Runs in order of position; together they cover ``text`` except inserted white space.
    """

    text: str
    pieces: tuple[Piece, ...]

    def stored_span(self, start: int, end: int) -> Span:
        """The smallest range of the stored text that covers ``text[start:end]``.

        Raises
        ------
        ValueError
            The range is empty, or covers inserted white space only.
        """
        first = max(bisect_right(self._starts, start) - 1, 0)
        covered = []
        for piece in self.pieces[first:]:
            if piece.clean >= end:
                break
            low, high = max(start, piece.clean), min(end, piece.clean + piece.length)
            if low < high:
                covered.append(self._stored(piece, low, high))
        if not covered:
            raise ValueError(f"no stored text behind cleaned range {start}:{end}")
        return Span(min(span.start for span in covered), max(span.end for span in covered))

    @cached_property
    def _starts(self) -> tuple[int, ...]:
        return tuple(piece.clean for piece in self.pieces)

    @staticmethod
    def _stored(piece: Piece, low: int, high: int) -> Span:
        if piece.length != piece.stored_length:
            return Span(piece.stored, piece.stored + piece.stored_length)
        shift = piece.stored - piece.clean
        return Span(low + shift, high + shift)


@dataclass(frozen=True)
class Reading:
    """One fetched document, opened.

    Parameters
    ----------
    document:
        Its record.
    text:
        The stored text: what quotes and offsets refer to.
    clean:
        The text without code blocks, navigation, scripts and badges, with its offset map.
    hidden:
        Ranges of ``text`` that no human reader sees (comments, zero-width characters, undisplayed or encoded text).
    front_matter:
        The card's metadata block, parsed; empty when there is none or it is broken.
    """

    document: Document
    text: str
    clean: CleanText
    hidden: tuple[Span, ...] = ()
    front_matter: Mapping[str, Any] = field(default_factory=dict)


def keep(text: str, removed: Iterable[Span]) -> CleanText:
    """``text`` without the ``removed`` ranges (any order, may overlap), each replaced by one space."""
    return rewrite(text, (Edit(start, end, (" ",)) for start, end in removed))


def rewrite(text: str, edits: Iterable[Edit]) -> CleanText:
    """``text`` with the edits made; where edits overlap, the one that begins first (or is longer) is shown."""
    result = _Builder(text)
    position = 0
    for start, end, parts in [*sorted(edits, key=lambda edit: (edit.start, -edit.end)), Edit(len(text), len(text))]:
        if start > position:
            result.copy(Span(position, start))
        if start >= position:
            for part in parts:
                if isinstance(part, Span):
                    result.copy(part)
                else:
                    result.insert(part, Span(start, end))
        position = max(position, end)
    return CleanText("".join(result.parts), tuple(result.pieces))


class _Builder:
    """Cleaned text in the making."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.parts: list[str] = []
        self.pieces: list[Piece] = []
        self.length = 0

    def copy(self, span: Span) -> None:
        self._add(self.text[span.start : span.end], span)

    def insert(self, shown: str, behind: Span) -> None:
        """Show characters that stand for a stored range; white space stands for nothing."""
        if shown.strip():
            self._add(shown, behind)
        else:
            self.parts.append(shown)
            self.length += len(shown)

    def _add(self, shown: str, span: Span) -> None:
        self.parts.append(shown)
        self.pieces.append(Piece(self.length, len(shown), span.start, span.end - span.start))
        self.length += len(shown)
