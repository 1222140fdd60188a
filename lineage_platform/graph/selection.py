"""Selections of datasets, in the grammar of Dagster's asset selections.

::

    key:"acme/*"                 datasets by id, * for any characters; a bare id is short for key:
    +key:"a/b"   2+key:"a/b"     with everything upstream, with two layers
    key:"a/b"+   key:"a/b"+2     with everything downstream, with two layers
    ++a/b   a/b+   *a/b          a bare id: each plus is one layer, a star all of them
    and  or  not  ( )  *         not binds tightest, then and; a star alone is everything
    roots(...)   sinks(...)      those of a selection with no other of it upstream, or downstream
    domain:math  relation:cot_distillation  year:2024  licence:"cc-*"  outcome:traced
                                 <null> stands for what is not known
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from lineage_platform.errors import UsageError

ATTRIBUTES = ("key", "domain", "relation", "year", "licence", "outcome")
NULL = "<null>"
MAX_DEPTH = 100
MAX_LENGTH = 10_000

_SPELLINGS = {"license": "licence"}
_SCHEMES = ("github", "arxiv", "url", "name")  # ids of sources off the Hub, whose colon is their own
_TOKEN = re.compile(r'(?P<space>\s+)|(?P<quoted>"(?:[^"\\]|\\.)*")|(?P<sign>[()+*])|(?P<word>[^\s"()+*]+)', re.DOTALL)
_WORDS = {"and", "or", "not"}


class SelectionError(UsageError):
    """A selection that cannot be read, or that names what is not there; ``position`` counts characters from 0."""

    kind = "selection"

    def __init__(self, text: str, position: int, fault: str, hint: str = "") -> None:
        shown = text if len(text) <= 200 else f"{text[:200]}..."
        super().__init__(f"selection {shown!r}, character {position + 1}: {fault}", hint or 'as in: +key:"ORG/NAME"')
        self.position = position


@dataclass(frozen=True)
class Everything:
    """All datasets."""


@dataclass(frozen=True)
class Matching:
    """Datasets of which an attribute matches a pattern; ``position`` is where the pattern stands."""

    attribute: str
    pattern: str
    position: int


@dataclass(frozen=True)
class Not:
    """All but those selected."""

    operand: Selection


@dataclass(frozen=True)
class Both:
    """Those in every one of the selections."""

    operands: tuple[Selection, ...]


@dataclass(frozen=True)
class Either:
    """Those in any of the selections."""

    operands: tuple[Selection, ...]


@dataclass(frozen=True)
class Around:
    """A selection with some layers upstream and downstream; None is all layers."""

    operand: Selection
    up: int | None
    down: int | None


@dataclass(frozen=True)
class Ends:
    """Those of a selection with no other of it upstream (``roots``) or downstream (``sinks``), at any distance."""

    operand: Selection
    side: str


Selection = Everything | Matching | Not | Both | Either | Around | Ends


def parse(text: str) -> Selection:
    """Read a selection.

    Raises
    ------
    SelectionError
        It does not follow the grammar; the error says where.
    """
    if len(text) > MAX_LENGTH:
        raise SelectionError(text, MAX_LENGTH, f"a selection has at most {MAX_LENGTH:,} characters")
    parser = _Parser(text)
    selection = parser.either(0)
    if parser.next:
        raise parser.unexpected("and, or, or the end")
    return selection


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int


def _tokens(text: str) -> Iterator[_Token]:
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise SelectionError(text, position, "a quotation mark is never closed")
        if match.lastgroup != "space":
            yield _Token(str(match.lastgroup), match.group(), *match.span())
        position = match.end()


class _Parser:
    """One selection being read, by recursive descent."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = list(_tokens(text))
        self.at = 0

    @property
    def next(self) -> _Token | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def either(self, depth: int) -> Selection:
        found = [self.both(depth)]
        while self.take_word("or"):
            found.append(self.both(depth))
        return Either(tuple(found)) if len(found) > 1 else found[0]

    def both(self, depth: int) -> Selection:
        found = [self.negated(depth)]
        while self.take_word("and"):
            found.append(self.negated(depth))
        return Both(tuple(found)) if len(found) > 1 else found[0]

    def negated(self, depth: int) -> Selection:
        if depth > MAX_DEPTH:
            raise self.fault(f"it is nested more than {MAX_DEPTH} deep")
        return Not(self.negated(depth + 1)) if self.take_word("not") else self.around(depth)

    def around(self, depth: int) -> Selection:
        """A selection with the layers around it that the signs before and after it ask for."""
        if self.everything():
            return Everything()
        start, before = self.at, self.signs(number_first=True)
        first, bare = self.next, self.stands_bare()
        operand = self.primary(depth)
        after = self.signs(number_first=False)
        if not before and not after:
            return operand
        if not bare and (len(before) > 1 or len(after) > 1 or "*" in (*before, *after)):
            self.at = start if len(before) > 1 or "*" in before else self.at - 1
            raise self.fault("layers of this are counted by a number: 2+ before it, +2 after it")
        assert first is not None
        return Around(operand, *(_layers(signs, bare) for signs in (before, after)))

    def primary(self, depth: int) -> Selection:
        token = self.next
        if self.take_sign("("):
            return self.closed(depth)
        if token and token.text in ("roots", "sinks") and self.follows("(", token):
            self.at += 2
            return Ends(self.closed(depth), token.text)
        if token and token.kind == "word" and token.text.lower() not in _WORDS:
            return self.matching(token)
        raise self.unexpected("a dataset, an attribute or a bracket")

    def closed(self, depth: int) -> Selection:
        inside = self.either(depth + 1)
        if not self.take_sign(")"):
            raise self.unexpected("a closing bracket")
        return inside

    def matching(self, token: _Token) -> Selection:
        """``attribute:value``, or a bare id."""
        name, colon, value = token.text.partition(":")
        self.at += 1
        if not colon or name in _SCHEMES:
            return Matching("key", token.text, token.start)
        name = _SPELLINGS.get(name, name)
        if name not in ATTRIBUTES:
            near = get_close_matches(name, ATTRIBUTES, 1)
            hint = f"did you mean {near[0]}:?" if near else f"attributes: {', '.join(ATTRIBUTES)}; or quote the id"
            raise SelectionError(self.text, token.start, f"there is no attribute {name!r}", hint)
        start = token.end - len(value)
        pattern = value + self.rest_of_value(token.end)
        if not pattern:
            raise self.unexpected(f"a value after {name}:")
        return Matching(name, pattern, start)

    def rest_of_value(self, end: int) -> str:
        """What touches the attribute and belongs to its value: a quoted string alone, or words and stars."""
        parts: list[str] = []
        while (token := self.next) and token.start == end and (token.text == "*" or token.kind in ("word", "quoted")):
            quoted = token.kind == "quoted"
            parts.append(re.sub(r"\\(.)", r"\1", token.text[1:-1]) if quoted else token.text)
            end = token.end
            self.at += 1
        return "".join(parts)

    def everything(self) -> bool:
        """Whether a star stands alone here."""
        token = self.next
        touching = token and self.at + 1 < len(self.tokens) and self.tokens[self.at + 1].start == token.end
        alone = not touching or self.tokens[self.at + 1].text == ")"
        return alone and self.take_sign("*")

    def signs(self, *, number_first: bool) -> list[str]:
        """The signs of layers here: pluses or a star, with a number before or after one plus."""
        found: list[str] = []
        token = self.next
        if number_first and token and token.text.isdecimal() and self.follows("+", token):
            found.append(token.text)
            self.at += 2
            return found
        while (token := self.next) and token.text in ("+", "*"):
            found.append(token.text)
            self.at += 1
        plus = self.tokens[self.at - 1] if found == ["+"] else None
        if not number_first and plus and token and token.text.isdecimal() and token.start == plus.end:
            self.at += 1
            return [token.text]
        return found

    def stands_bare(self) -> bool:
        """Whether what follows is an id without ``key:``."""
        token = self.next
        if token is None or token.kind != "word" or self.follows("(", token):
            return False
        name, colon, _ = token.text.partition(":")
        return not colon or name in _SCHEMES

    def follows(self, sign: str, token: _Token) -> bool:
        """Whether the sign touches the token's end; the token is the next one."""
        after = self.tokens[self.at + 1] if self.at + 1 < len(self.tokens) else None
        return after is not None and after.text == sign and after.start == token.end

    def take_word(self, word: str) -> bool:
        token = self.next
        found = token is not None and token.kind == "word" and token.text.lower() == word
        self.at += found
        return found

    def take_sign(self, sign: str) -> bool:
        token = self.next
        found = token is not None and token.kind == "sign" and token.text == sign
        self.at += found
        return found

    def unexpected(self, wanted: str) -> SelectionError:
        token = self.next
        return self.fault(f"expected {wanted}, found {token.text[:40]!r}" if token else f"expected {wanted}")

    def fault(self, what: str) -> SelectionError:
        token = self.next
        return SelectionError(self.text, token.start if token else len(self.text), what)


def _layers(signs: list[str], bare: bool) -> int | None:
    """How many layers the signs ask for; None is all."""
    if not signs:
        return 0
    if signs[0].isdecimal():
        return int(signs[0])
    return len(signs) if bare and "*" not in signs else None


def matches(pattern: str, text: str) -> bool:
    """Whether a text is what the pattern says, where ``*`` is any characters; in time linear in the text."""
    first, *inner = pattern.split("*")
    if not inner:
        return pattern == text
    last, at = inner.pop(), len(first)
    if not text.startswith(first) or not text.endswith(last) or len(text) < len(first) + len(last):
        return False
    end = len(text) - len(last)
    for part in inner:
        found = text.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True
