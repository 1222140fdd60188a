"""Web pages: the text of the main content, without scripts, navigation and what is not shown."""

from __future__ import annotations

import logging
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate

from lineage_platform.documents.markup import Markup, scan
from lineage_platform.documents.reading import CleanText, Edit, Span, rewrite

log = logging.getLogger(__name__)

MAX_ELEMENTS = 20_000  # a page of more is a list or hostile; all of it is read
SHARE = 0.9  # of the main content's characters that its element has to hold

_WORD = re.compile(r"\w+")
_TARGET = re.compile(r"\]\([^()\s]*\)")


def clean_page(text: str) -> Markup:
    """Find what of a page is not its main content.

    An extractor tells lines of the main content; the smallest element that holds them is kept whole, as extractors take
    lists of links, which are often lists of sources, for navigation. Where none is found, all visible text stays.

    Parameters
    ----------
    text:
        The page's HTML.
    """
    markup = scan(text)
    visible = rewrite(text, [*markup.edits, *(Edit(start, end, (" ",)) for start, end in markup.hidden)])
    content = {" ".join(_words(line)) for line in _main_content(text).splitlines()} - {""}
    main = _smallest(markup.sections, list(_found(visible, content)))
    if main:
        outside = (Span(0, main.start), Span(main.end, len(text)))
        markup.edits += [Edit(start, end, ("\n",)) for start, end in outside if start < end]
    return markup


def _main_content(text: str) -> str:
    import trafilatura

    try:
        content = trafilatura.extract(
            text, output_format="txt", include_comments=False, favor_recall=True, max_tree_size=MAX_ELEMENTS
        )
    except Exception as error:  # noqa: BLE001 - a page can break its parser in many ways; then all of it is read
        log.info("no main content found: %s: %s", type(error).__name__, error)
        content = None
    return content or ""


def _found(visible: CleanText, content: set[str]) -> Iterator[Span]:
    """Stored ranges of the lines that the extractor also has, in order."""
    for match in re.finditer(r"[^\n]+", visible.text):
        if " ".join(_words(_TARGET.sub(" ", match.group()))) in content:
            yield visible.stored_span(*match.span())


def _smallest(sections: Sequence[Span], lines: Sequence[Span]) -> Span | None:
    """The smallest of the elements that hold nearly all characters of the lines; None where no element does."""
    starts = [line.start for line in lines]
    sizes = [0, *accumulate(line.end - line.start for line in lines)]

    def held(section: Span) -> int:
        return sizes[bisect_left(starts, section.end)] - sizes[bisect_left(starts, section.start)]

    holding = (section for section in sections if lines and held(section) >= SHARE * sizes[-1])
    return min(holding, key=lambda section: section.end - section.start, default=None)


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())
