"""Web pages: the text of the main content, without scripts, navigation and what is not shown."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator

from lineage_platform.documents.markup import Markup, scan
from lineage_platform.documents.reading import CleanText, Edit, Span, rewrite

log = logging.getLogger(__name__)

_WORD = re.compile(r"\w+")
_TARGET = re.compile(r"\]\([^()\s]*\)")


def clean_page(text: str) -> Markup:
    """Find what of a page is not its main content; where none can be told from the rest, all visible text stays.

    Parameters
    ----------
    text:
        The page's HTML.
    """
    markup = scan(text)
    visible = rewrite(text, [*markup.edits, *(Edit(start, end, (" ",)) for start, end in markup.hidden)])
    main = _Main(_main_content(text))
    lines = list(_lines(visible.text))
    if any(main.holds(visible.text[line.start : line.end]) for line in lines):
        rest = [line for line in lines if not main.holds(visible.text[line.start : line.end])]
        markup.edits += [edit for line in rest if (edit := _removal(visible, line))]
    return markup


class _Main:
    """Tells lines of the main content from others: equal to one of its lines, or mostly made of its word triples."""

    def __init__(self, content: str) -> None:
        self._lines = {" ".join(_words(line)) for line in content.splitlines()} - {""}
        self._triples = set(_triples(_words(content)))

    def holds(self, line: str) -> bool:
        words = _words(_TARGET.sub(" ", line))
        triples = list(_triples(words))
        return " ".join(words) in self._lines or 2 * sum(triple in self._triples for triple in triples) > len(triples)


def _main_content(text: str) -> str:
    import trafilatura

    try:
        content = trafilatura.extract(
            text, output_format="txt", include_comments=False, include_tables=True, favor_recall=True, deduplicate=False
        )
    except Exception as error:  # noqa: BLE001 - a page can break its parser in many ways; then all of it is read
        log.info("no main content found: %s: %s", type(error).__name__, error)
        content = None
    return content or ""


def _lines(text: str) -> Iterator[Span]:
    """Ranges of the lines that hold a word."""
    for match in re.finditer(r"[^\n]+", text):
        if _WORD.search(match.group()):
            yield Span(*match.span())


def _removal(visible: CleanText, line: Span) -> Edit | None:
    try:
        return Edit(*visible.stored_span(*line), ("\n",))
    except ValueError:
        return None


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _triples(words: list[str]) -> Iterator[tuple[str, ...]]:
    return zip(words, words[1:], words[2:], strict=False)
