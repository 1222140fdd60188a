"""Cleaned text as units of meaning: sentences, list items and table rows, each with what introduces it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

from lineage_platform.documents.reading import Reading, Span

MAX_UNIT = 3000  # characters: a longer "sentence" is data or minified text, and is cut

_HEADING = re.compile(r"[ \t]{0,3}(#{1,6})[ \t]+(.*?)[ \t#]*$")
_NUMBERED = re.compile(r"((?:[1-9]|[A-H])(?:\.\d{1,2}){0,3})\.?[ \t]+([A-Z][^.!?|]{2,70})$")
_BOLD = re.compile(r"[ \t]*(?:\*\*|__)([^*|\n]{2,80}?)(?:\*\*|__)[ \t]*:?[ \t]*$")
_PAPER_HEADING = re.compile(r"(?:abstract|introduction|related work|conclusions?|references|acknowledge?ments?)$", re.I)
_TAG_BEFORE = re.compile(r"<(?:h([1-6])|summary)\b[^<>]*>(?:\s|<[^<>]*>)*$", re.IGNORECASE)
_ITEM = re.compile(r"([ \t]*)(?:>[ \t]*)*(?:[-*+•●–]|\d{1,3}[.)])[ \t]+(?=\S)")
_UNDERLINE = re.compile(r" {0,3}([=-])\1+[ \t]*")
_RULE = re.compile(r"[ \t]*(?:[-*_=][ \t]*){3,}$")
_SEPARATOR = re.compile(r"[ \t]*\|?[ \t]*:?-{2,}:?[ \t]*(?:\|[ \t]*:?-{1,}:?[ \t]*)*\|?[ \t]*$")
_SENTENCE = re.compile(r"[.!?。！？][\"'”’)\]*_]*(?=\s)|[。！？]")
_NO_END = re.compile(
    r"(?:\b(?:e\.g|i\.e|et al|etc|vs|cf|fig|eq|sec|no|approx|resp|dr|mr|st|feat)|\b[A-Z]|^\W*\d{1,2})\.$", re.I
)


class Kind(Enum):
    """What a unit is."""

    SENTENCE = "sentence"
    ITEM = "item"
    ROW = "row"


@dataclass(frozen=True)
class Unit:
    """A stretch of cleaned text that says one thing.

    Parameters
    ----------
    kind, span:
        What it is and where it stands in the cleaned text.
    headings:
        The headings it stands under, outermost first.
    lead:
        What introduces it: for an item or a row the sentence before the list or table, or the item it hangs under.
    header, cells:
        For a row: the names of the columns, and the ranges of the cells.
    """

    kind: Kind
    span: Span
    headings: tuple[str, ...] = ()
    lead: str = ""
    header: tuple[str, ...] = ()
    cells: tuple[Span, ...] = ()


@dataclass(frozen=True)
class _Item:
    """A list item that others may hang under: its indent, its first line, what introduces it."""

    indent: int
    span: Span
    lead: str


@dataclass
class _State:
    """Where a walk over the lines stands."""

    headings: list[tuple[int, str]] = field(default_factory=list)
    paragraph: list[Span] = field(default_factory=list)
    items: list[_Item] = field(default_factory=list)
    rows: list[Span] = field(default_factory=list)
    lead: str = ""
    titled: bool = False

    def enter(self, level: int, heading: str) -> None:
        """Go on under a heading; the title of the whole document promises nothing of its parts, and is left out."""
        while self.headings and self.headings[-1][0] >= level:
            self.headings.pop()
        if self.titled or level > 1:
            self.headings.append((level, heading))
        self.titled, self.lead = True, ""

    @property
    def path(self) -> tuple[str, ...]:
        return tuple(text for _, text in self.headings)


def units(document: Reading) -> Iterator[Unit]:
    """The units of a document's cleaned text, in order; headings are none."""
    text, state = document.clean.text, _State()
    for line in _lines(text):
        content = text[line.start : line.end]
        heading = _underlined(text, state, line) or _heading(document, line, content)
        if heading:
            yield from _flush(text, state)
            state.enter(*heading)
        elif not content.strip() or _RULE.match(content):
            yield from _flush(text, state, keep_table=True)
        elif _is_row(content, state):
            yield from _flush(text, state, keep_table=True)
            _add_row(text, state, line)
        else:
            yield from _flush_table(text, state)
            item = _ITEM.match(content)
            if item:
                yield from _flush(text, state)
                _begin_item(text, state, len(item[1].expandtabs(4)), line)
            else:
                state.paragraph.append(line)
    yield from _flush(text, state)


def _lines(text: str) -> Iterator[Span]:
    position = 0
    for line in text.splitlines(keepends=True):
        yield Span(position, position + len(line.rstrip("\r\n\f\v\x85\u2028\u2029\x1c\x1d\x1e")))
        position += len(line)


def _heading(document: Reading, line: Span, content: str) -> tuple[int, str] | None:
    """Level and text of a heading: of Markdown, a line of bold, a numbered one of a paper, or one that HTML marked."""
    if match := _HEADING.match(content):
        return len(match[1]), match[2]
    if match := _BOLD.match(content):
        return 7, match[1]
    if len(content) > 90 or not content.strip():
        return None
    if document.document.kind == "paper":
        if match := _NUMBERED.match(content.strip()):
            return 1 + match[1].count("."), match[2]
        return (1, content.strip()) if _PAPER_HEADING.match(content.strip()) else None
    if content.lstrip()[:1].isalnum() and "<" in document.text:
        start = line.start + len(content) - len(content.lstrip())
        before = document.clean.stored_span(start, start + 1).start
        match = _TAG_BEFORE.search(document.text[max(before - 120, 0) : before])
        return (int(match[1] or 6), content.strip()) if match else None
    return None


def _underlined(text: str, state: _State, line: Span) -> tuple[int, str] | None:
    """A line of text with this line of dashes or equals signs under it, as a heading; it is no paragraph any more."""
    rule = _UNDERLINE.fullmatch(text, line.start, line.end)
    if rule is None or len(state.paragraph) != 1 or line.start - state.paragraph[0].end > 2:
        return None
    if state.items and state.items[-1].span == state.paragraph[0]:
        return None
    (span,) = state.paragraph
    state.paragraph = []
    return (1 if rule[1] == "=" else 2), text[span.start : span.end].strip()


def _is_row(content: str, state: _State) -> bool:
    stripped = content.strip()
    return stripped.startswith("|") or stripped.count("|") >= 2 or (bool(state.rows) and "|" in stripped)


def _add_row(text: str, state: _State, line: Span) -> None:
    """Add a line to the running table; cells of an HTML row stand on lines of their own, and are joined."""
    if state.rows and line.start - state.rows[-1].end <= 2 and text.count("|", line.start, line.end) == 1:
        state.rows[-1] = Span(state.rows[-1].start, line.end)
    else:
        state.rows.append(line)


def _begin_item(text: str, state: _State, indent: int, line: Span) -> None:
    while state.items and state.items[-1].indent >= indent:
        state.items.pop()
    parent = state.items[-1].span if state.items else None
    state.items.append(_Item(indent, line, _end(text, parent) if parent else state.lead))
    state.paragraph = [line]


def _flush(text: str, state: _State, *, keep_table: bool = False) -> Iterator[Unit]:
    """End the running paragraph or item, and the running table unless a blank line may stand inside it."""
    if state.paragraph:
        span = Span(state.paragraph[0].start, state.paragraph[-1].end)
        if state.items and state.items[-1].span == state.paragraph[0]:
            yield from (Unit(Kind.ITEM, part, state.path, state.items[-1].lead) for part in _cut(_stripped(text, span)))
        else:
            yield from (Unit(Kind.SENTENCE, sentence, state.path) for sentence in sentences(text, span))
            state.lead, state.items = _end(text, span), []
        state.paragraph = []
    if not keep_table:
        yield from _flush_table(text, state)


def _flush_table(text: str, state: _State) -> Iterator[Unit]:
    rows, state.rows = state.rows, []
    split = [_cells(text, row) for row in rows if not _SEPARATOR.match(text[row.start : row.end])]
    header = tuple(_plain(text[cell.start : cell.end]) for cell in split[0]) if split else ()
    for cells in split[1:]:
        if cells:
            yield Unit(Kind.ROW, Span(cells[0].start, cells[-1].end), state.path, state.lead, header, tuple(cells))


def _cells(text: str, row: Span) -> list[Span]:
    cells, start = [], row.start
    for match in re.finditer(r"(?<!\\)\|", text[row.start : row.end]):
        cells.append(Span(start, row.start + match.start()))
        start = row.start + match.end()
    cells.append(Span(start, row.end))
    if cells and not text[cells[0].start : cells[0].end].strip():
        cells = cells[1:]
    if cells and not text[cells[-1].start : cells[-1].end].strip():
        cells = cells[:-1]
    return cells


def sentences(text: str, span: Span) -> Iterator[Span]:
    """The sentences of a range of text."""
    start = span.start
    for match in _SENTENCE.finditer(text, span.start, span.end):
        if _NO_END.search(text[max(start, match.end() - 12) : match.start() + 1]):
            continue
        yield from _cut(_stripped(text, Span(start, match.end())))
        start = match.end()
    yield from _cut(_stripped(text, Span(start, span.end)))


def _stripped(text: str, span: Span) -> Span:
    piece = text[span.start : span.end]
    return Span(span.start + len(piece) - len(piece.lstrip()), span.start + len(piece.rstrip()))


def _cut(span: Span) -> Iterator[Span]:
    return (Span(start, min(start + MAX_UNIT, span.end)) for start in range(span.start, span.end, MAX_UNIT))


def _plain(text: str) -> str:
    return re.sub(r"[*`_|]+", " ", text).strip()


def _end(text: str, span: Span) -> str:
    """The last sentence or two of what stands before a list or table."""
    return text[max(span.start, span.end - 400) : span.end].strip()
