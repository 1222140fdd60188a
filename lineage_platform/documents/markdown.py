"""Markdown cards and READMEs: which parts of the stored text are code, pictures and navigation."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from lineage_platform.documents.markup import Markup, leads_to_documentation, scan
from lineage_platform.documents.reading import Edit, Span

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_LINE_END = re.compile(r"\r\n?|\n")  # what markdown-it counts as the end of a line
_CODE_SPAN = re.compile(r"(?<!`)(`++)[^`\n]++\1(?!`)")
_IMAGE_TARGET = r"\([^()\s]*(?:\([^()\s]*\)[^()\s]*)?(?:[ \t]+\"[^\"\n]*\")?[ \t]*\)"
_LINKED_IMAGE = re.compile(rf"\[\s{{0,9}}!\[([^\[\]\n]*)\]{_IMAGE_TARGET}\s{{0,9}}\]\(([^()\s]*)\)")
_IMAGE = re.compile(rf"!\[[^\[\]\n]*\](?:{_IMAGE_TARGET}|\[[^\[\]\n]*\])")
_ANCHOR_LINK = re.compile(r"\[[^\[\]\n]*\]\(#[^()\s]*\)")
_MARKUP = re.compile(r"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)


def is_html(text: str) -> bool:
    """Whether a README is wholly HTML, as a page is, rather than Markdown that holds some."""
    opening = re.sub(r"(?:<!--.*?-->|<\?xml[^>]*>|\s+)", "", text[:5_000], flags=re.DOTALL)
    return _MARKUP.match(opening) is not None


def clean_markdown(text: str, start: int) -> Markup:
    """Find what of a Markdown text is not prose, from ``start`` (the end of the front matter) on."""
    code = [*([Span(0, start)] if start else []), *_code_blocks(text, start)]
    quoted = _outside(code, (Span(*match.span()) for match in _CODE_SPAN.finditer(text, start)))
    markup = scan(text, tuple(sorted([*code, *quoted])), known_only=True)
    markup.edits += [Edit(begin, end, (" ",)) for begin, end in code]
    markup.edits += _pictures(text, start)
    markup.edits += [Edit(begin, end, (" ",)) for begin, end in _navigation(text, start)]
    return markup


@lru_cache(maxsize=1)
def _block_parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark")
    parser.core.ruler.enableOnly(["normalize", "block"])
    return parser


def _code_blocks(text: str, start: int) -> Iterator[Span]:
    """Fenced and indented code, fences included, line ends before and after left alone."""
    ends = [match.span() for match in _LINE_END.finditer(text, start)]
    starts = [start, *(end for _, end in ends)]
    stops = [*(begin for begin, _ in ends), len(text)]
    for token in _block_parser().parse(text[start:]):
        if token.type in ("fence", "code_block") and token.map and token.map[1] > token.map[0]:
            yield Span(starts[token.map[0]], stops[min(token.map[1], len(stops)) - 1])


def _pictures(text: str, start: int) -> Iterator[Edit]:
    """Images and badges; of one that is a link to documentation, its description and the link stay."""
    for match in _LINKED_IMAGE.finditer(text, start):
        label, target = Span(*match.span(1)), Span(*match.span(2))
        keeps = label.end > label.start and leads_to_documentation(match[2])
        yield Edit(*match.span(), ("[", label, "](", target, ")") if keeps else (" ",))
    for match in _IMAGE.finditer(text, start):
        yield Edit(*match.span(), (" ",))


def _navigation(text: str, start: int) -> Iterator[Span]:
    """Lines made of links to places in the same document: tables of contents, bars of anchors."""
    position = text.find("](#", start)
    while position >= 0:
        begin = max(text.rfind("\n", start, position) + 1, start)
        end = text.find("\n", position)
        end = end if end >= 0 else len(text)
        if not any(character.isalpha() for character in _ANCHOR_LINK.sub("", text[begin:end])):
            yield Span(begin, end)
        position = text.find("](#", end)


def _outside(blocks: list[Span], spans: Iterable[Span]) -> Iterator[Span]:
    """Those spans that begin in none of the blocks; both in order."""
    waiting = iter([*blocks, Span(2**62, 2**62)])
    block = next(waiting)
    for span in spans:
        while block.end <= span.start:
            block = next(waiting)
        if span.start < block.start:
            yield span
