"""HTML inside a stored text: which characters are tags, which no reader sees, where links lead.

A tokenizer that keeps positions and takes linear time on any input: every pattern stops at the next delimiter, and
unclosed constructs are looked for once.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from lineage_platform.documents.reading import Edit, Span

_TAG = re.compile(
    r"<!--"
    r"|<(?P<close>/?)(?P<name>[a-zA-Z][a-zA-Z0-9:-]*+)"
    r"(?P<attributes>(?:[^<>=]++|=\s*+(?:\"[^\"]{0,5000}+\"|'[^']{0,5000}+')?+)*+)>"
    r"|<[!?][^<>]*>"
)
_ATTRIBUTE = re.compile(r"([a-zA-Z][\w:-]*)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+)))?")
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_BREAK = re.compile(r"[ \t\r]*+\n\s*+")
_UNSEEN_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0*\.?0+(?![.\d])"
    r"|font-size\s*:\s*(?:(?:0+(?:\.0+)?|\.0+)(?:px|pt|r?em|%)?|(?:0*\.\d+|1)(?:px|pt))\s*(?:;|!|$)|color\s*:\s*transparent"
    r"|(?:left|top|right|text-indent)\s*:\s*-\d{3,}|clip\s*:\s*rect\(\s*[01](?:px)?\b",
    re.IGNORECASE,
)
_UNSEEN_CLASSES = frozenset({"sr-only", "visually-hidden", "visuallyhidden", "screen-reader-text"})


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


_VOID = _names("area base br col embed hr img input link meta param source track wbr")
_RAW = _names("script style title textarea xmp iframe noembed noframes")
_DROPPED = _RAW | _names("template noscript svg math nav pre object canvas audio video select button")
_BESIDE = _names("aside footer dialog menu")  # on a page, beside the content and not in it
_SECTIONS = _names("article body div main section td")
_INLINE = _names("a abbr b big cite code del em font i ins kbd mark q s samp small span strong sub sup tt u var")
_MARKS = {"td": " | ", "th": " | ", "li": "- ", **{f"h{level}": f"{'#' * level} " for level in range(1, 7)}}
_SELF_CLOSING = _names("p li td th tr dt dd option")
_BLOCKS = _names(
    "address article aside blockquote body br caption center dd details div dl dt fieldset figcaption figure footer "
    "form h1 h2 h3 h4 h5 h6 head header hr html label legend li main ol p picture section summary table tbody td "
    "tfoot th thead tr ul"
)
HTML_NAMES = _VOID | _DROPPED | _INLINE | _BLOCKS

_DOCUMENTED = re.compile(
    r"https?://(?:www\.)?(?:arxiv\.org/(?:abs|pdf|html)/|(?:huggingface\.co|hf\.co)/(?:papers|datasets)/"
    r"|github\.com/[\w.-]+/[\w.-]+/?$)",
    re.IGNORECASE,
)


def leads_to_documentation(url: str) -> bool:
    """Whether a link drawn as a picture is worth keeping: it leads to a paper, a dataset or a repository."""
    return _DOCUMENTED.match(url) is not None


@dataclass
class Markup:
    """What was found in a text.

    Parameters
    ----------
    edits:
        How tags, entities and unseen text are shown.
    hidden:
        Ranges that no reader sees.
    sections:
        Elements that hold blocks of text.
    """

    edits: list[Edit] = field(default_factory=list)
    hidden: list[Span] = field(default_factory=list)
    sections: list[Span] = field(default_factory=list)


@dataclass(frozen=True)
class _Tag:
    """One tag, with where it stands."""

    span: Span
    name: str
    closing: bool
    attributes: Mapping[str, tuple[str, Span]] = field(default_factory=dict)

    def value(self, name: str) -> str:
        return html.unescape(self.attributes[name][0]) if name in self.attributes else ""

    @property
    def unseen(self) -> bool:
        if "hidden" in self.attributes and self.value("hidden").lower() != "until-found":
            return True
        return bool(_UNSEEN_STYLE.search(self.value("style"))) or bool(
            _UNSEEN_CLASSES & set(self.value("class").lower().split())
        )


@dataclass(frozen=True)
class _Open:
    """An element whose end has not come yet; ``link`` is the range of its target."""

    name: str
    start: int
    unseen: bool = False
    dropped: bool = False
    link: Span | None = None


def scan(text: str, skipped: tuple[Span, ...] = (), *, known_only: bool = False) -> Markup:
    """Find the markup of a text.

    Parameters
    ----------
    text:
        The stored text.
    skipped:
        Ranges, in order, in which nothing is markup (code).
    known_only:
        Treat only HTML's own element names as tags, as a Markdown text may hold others as words (``<think>``).
    """
    scanner = _Scanner(text, known_only)
    for tag in scanner.tags(skipped):
        scanner.close(tag) if tag.closing else scanner.open(tag)
    scanner.finish()
    return scanner.markup


class _Scanner:
    def __init__(self, text: str, known_only: bool) -> None:
        self.text = text
        self.known_only = known_only
        self.markup = Markup()
        self.stack: list[_Open] = []
        self.names: Counter[str] = Counter()
        self.unclosed: set[str] = set()

    def tags(self, skipped: tuple[Span, ...]) -> Iterator[_Tag]:
        """Tags outside the skipped ranges; comments, declarations and raw elements are dealt with here."""
        position, code = 0, iter([*skipped, Span(len(self.text) + 1, len(self.text) + 1)])
        block = next(code)
        while match := _TAG.search(self.text, position):
            while block.end <= match.start():
                block = next(code)
            if block.start <= match.start():
                position = block.end
                continue
            position = match.end()
            name = (match["name"] or "").lower()
            if name:
                if not self.known_only or name in HTML_NAMES:
                    tag = self._tag(match, name)
                    position = self._raw_end(tag)
                    yield tag if position == tag.span.end else _Tag(Span(tag.span.start, position), "br", False)
            else:
                position = self._comment_end(match)
                self.markup.edits.append(Edit(match.start(), position, (" ",)))

    def _tag(self, match: re.Match[str], name: str) -> _Tag:
        base = match.start("attributes")
        attributes: dict[str, tuple[str, Span]] = {}
        for found in _ATTRIBUTE.finditer(match["attributes"]):
            group = next((number for number in (2, 3, 4) if found[number] is not None), 0)
            span = Span(base + found.start(group), base + found.end(group)) if group else Span(base, base)
            attributes.setdefault(found[1].lower(), (found[group] if group else "", span))
        return _Tag(Span(*match.span()), name, bool(match["close"]), attributes)

    def _raw_end(self, tag: _Tag) -> int:
        """Where a script or the like ends: its content is no markup. In Markdown one that never ends is no element."""
        if tag.closing or tag.name not in _RAW or tag.name in self.unclosed:
            return tag.span.end
        end = re.compile(rf"</{tag.name}[^<>]*>", re.IGNORECASE).search(self.text, tag.span.end)
        if end is None:
            self.unclosed.add(tag.name)
            return tag.span.end if self.known_only else len(self.text)
        return end.end()

    def _comment_end(self, match: re.Match[str]) -> int:
        """Where a comment ends, and note it as unseen; a declaration ends with its bracket."""
        if match.group() != "<!--":
            return match.end()
        found = self.text.find("-->", match.end() - 2)
        end = found + 3 if found >= 0 else len(self.text)
        self.markup.hidden.append(Span(match.start(), end))
        return end

    def open(self, tag: _Tag) -> None:
        parts: tuple[str | Span, ...] = () if tag.name in _INLINE else ("\n",) if tag.name in _BLOCKS else (" ",)
        link = self._target(tag)
        if tag.name in _MARKS:
            parts = ("\n", _MARKS[tag.name]) if tag.name not in ("td", "th") else (_MARKS[tag.name],)
        elif tag.name == "br" and self.known_only:  # in Markdown it stands inside table rows, too
            parts = (" ",)
        elif tag.name == "img":
            parts = self._picture(tag)
        elif link:
            parts = ("[",)
        self.markup.edits.append(Edit(tag.span.start, tag.span.end, parts))
        if tag.name in _VOID:
            return
        if tag.name in _SELF_CLOSING and self.stack and self.stack[-1].name == tag.name:
            self._pop(tag.span.start)
        dropped = tag.name in _DROPPED or (tag.name in _BESIDE and not self.known_only)
        self.stack.append(_Open(tag.name, tag.span.start, tag.unseen, dropped, link))
        self.names[tag.name] += 1

    def close(self, tag: _Tag) -> None:
        element = None
        while self.names[tag.name]:
            element = self._pop(tag.span.end)
            if element.name == tag.name:
                break
        parts: tuple[str | Span, ...] = () if tag.name in _INLINE else ("\n",)
        if tag.name in ("td", "th"):
            parts = (" ",)
        elif element and element.name == "a" and element.link:
            parts = ("](", element.link, ")")
        self.markup.edits.append(Edit(tag.span.start, tag.span.end, parts))

    def finish(self) -> None:
        """End what is still open where the text ends, and decode the entities."""
        while self.stack:
            if self.known_only:  # in Markdown, an element that never ends drops nothing
                self.stack[-1] = replace(self.stack[-1], dropped=False)
            self._pop(len(self.text))
        if not self.known_only:  # in HTML a line ends where a block does
            self.markup.edits += [Edit(*match.span(), (" ",)) for match in _BREAK.finditer(self.text)]
        for match in _ENTITY.finditer(self.text):
            shown = html.unescape(match.group())
            if shown != match.group():
                self.markup.edits.append(Edit(match.start(), match.end(), (shown,)))

    def _pop(self, end: int) -> _Open:
        element = self.stack.pop()
        self.names[element.name] -= 1
        if element.unseen:
            self.markup.hidden.append(Span(element.start, end))
        if element.unseen or element.dropped:
            self.markup.edits.append(Edit(element.start, end, (" ",)))
        elif element.name in _SECTIONS:
            self.markup.sections.append(Span(element.start, end))
        return element

    def _target(self, tag: _Tag) -> Span | None:
        if tag.name != "a" or not tag.value("href").lower().startswith(("http://", "https://")):
            return None
        return tag.attributes["href"][1]

    def _picture(self, tag: _Tag) -> tuple[str | Span, ...]:
        """A picture is out, unless it is all there is of a link to documentation: then its description stays."""
        link = next((element.link for element in reversed(self.stack[-4:]) if element.link), None)
        if link is None or "alt" not in tag.attributes or not leads_to_documentation(self.text[link.start : link.end]):
            return (" ",)
        return (tag.attributes["alt"][1],)
