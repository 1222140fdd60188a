"""Long texts in parts that fit a model, and parts of them put together again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from lineage_platform.documents.reading import Span

# Characters, not tokens: about four of them make a token of English.
SHORT = 12_000
WINDOW = 40_000
OVERLAP = 2_000
OPENING = 1_500


def windows(text: str, size: int = WINDOW, overlap: int = OVERLAP) -> Iterator[Span]:
    """Ranges that cover the text, each ending at a paragraph or line where there is one, and overlapping the next."""
    start = 0
    while len(text) - start > size:
        end = _break_before(text, start + size, start + size // 2)
        yield Span(start, end)
        start = max(_break_before(text, end - overlap, start + size // 4), start + 1)
    if text[start:].strip():
        yield Span(start, len(text))


def _break_before(text: str, position: int, low: int) -> int:
    for mark in ("\n\n", "\n", " "):
        found = text.rfind(mark, low, position)
        if found >= 0:
            return found + len(mark)
    return position


def paragraph(text: str, span: Span) -> Span:
    """The whole paragraphs that a range touches."""
    before, after = text.rfind("\n\n", 0, span.start), text.find("\n\n", span.end)
    return Span(before + 2 if before >= 0 else 0, after if after >= 0 else len(text))


def merged(spans: Iterable[Span], text: str) -> tuple[Span, ...]:
    """The ranges in order, those that overlap or have only white space between them as one."""
    result: list[Span] = []
    for span in sorted(spans):
        if result and not text[result[-1].end : span.start].strip():
            result[-1] = Span(result[-1].start, max(result[-1].end, span.end))
        else:
            result.append(span)
    return tuple(result)


def batches(spans: Sequence[Span], text: str, size: int = WINDOW) -> Iterator[tuple[Span, ...]]:
    """The ranges in groups of at most ``size`` characters; a longer one is cut into windows."""
    group: list[Span] = []
    length = 0
    for whole in spans:
        for part in windows(text[whole.start : whole.end], size):
            span = Span(whole.start + part.start, whole.start + part.end)
            if group and length + span.end - span.start > size:
                yield tuple(group)
                group, length = [], 0
            group.append(span)
            length += span.end - span.start
    if group:
        yield tuple(group)
