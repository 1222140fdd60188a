"""A document as agents see it: the stored text, a cleaned view of it, and the map between the two."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from lineage_platform.records import Document


class Span(NamedTuple):
    """A half-open range of character positions."""

    start: int
    end: int


class Piece(NamedTuple):
    """A run of cleaned text: ``length`` characters at ``clean`` that stand for the stored ones from ``stored`` on.

    ``stored_length`` differs from ``length`` where the stored form is longer (an HTML entity, say).
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
        starts = [piece.clean for piece in self.pieces]
        first = max(bisect_right(starts, start) - 1, 0)
        covered = []
        for piece in self.pieces[first:]:
            if piece.clean >= end:
                break
            low, high = max(start, piece.clean), min(end, piece.clean + piece.length)
            if low < high:
                covered.append(self._stored(piece, low, high))
        if not covered:
            raise ValueError(f"no stored text behind cleaned range {start}:{end}")
        return Span(covered[0].start, covered[-1].end)

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
    parts: list[str] = []
    pieces: list[Piece] = []
    length = position = 0
    for start, end in [*sorted(removed), Span(len(text), len(text))]:
        if start > position:
            parts.append(text[position:start])
            pieces.append(Piece(length, start - position, position, start - position))
            length += start - position
        if end > position and start < len(text):
            parts.append(" ")
            length += 1
        position = max(position, end)
    return CleanText("".join(parts), tuple(pieces))
