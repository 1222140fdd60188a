"""A card's metadata block: YAML between two lines of dashes, read without building anything it names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from lineage_platform.documents.reading import Span

MAX_CHARACTERS = 500_000
MAX_NODES = 200_000
MAX_DEPTH = 40
NOWHERE = Span(0, 0)

_OPENING = re.compile(r"\ufeff?---[ \t]*\r?\n")
_CLOSING = re.compile(r"^(?:---|\.\.\.)[ \t]*\r?$", re.MULTILINE)
_Loader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class FrontMatter:
    """The block that opens a card.

    Parameters
    ----------
    span:
        Where it stands in the stored text, dashes included; empty when there is none.
    values:
        What it says, as plain JSON values; empty when it is broken.
    fault:
        Why it could not be read; empty when it could.
    """

    span: Span = NOWHERE
    values: Mapping[str, Any] = field(default_factory=dict)
    fault: str = ""


def front_matter(text: str) -> FrontMatter:
    """The metadata block of a card; broken YAML, tags and alias bombs are a fault of it, never an exception."""
    opening = _OPENING.match(text)
    closing = _CLOSING.search(text, opening.end()) if opening else None
    if opening is None or closing is None:
        return FrontMatter()
    span, block = Span(0, closing.end()), text[opening.end() : closing.start()]
    try:
        return FrontMatter(span, _values(block))
    except (yaml.YAMLError, ValueError, TypeError, RecursionError, OverflowError) as error:
        return FrontMatter(span, fault=f"the front matter is not plain YAML: {_reason(error)}")


def _values(block: str) -> Mapping[str, Any]:
    if len(block) > MAX_CHARACTERS:
        raise ValueError(f"it is longer than {MAX_CHARACTERS:,} characters")
    depth = 0
    for count, event in enumerate(yaml.parse(block, Loader=_Loader)):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH or count > MAX_NODES:
            raise ValueError("it is nested too deeply or has too many entries")
    loaded = yaml.load(block, Loader=_Loader)  # noqa: S506 - a safe loader, the C one where there is one
    if loaded is None:
        return {}
    if not isinstance(loaded, dict):
        raise ValueError(f"it is a {type(loaded).__name__}, not a mapping")
    plain: dict[str, Any] = _Copy().plain(loaded, 0)
    return plain


class _Copy:
    """A copy in plain JSON values, of bounded size however often an alias repeats."""

    def __init__(self) -> None:
        self.nodes = 0

    def plain(self, value: Any, depth: int) -> Any:
        self.nodes += 1
        if self.nodes > MAX_NODES or depth > MAX_DEPTH:
            raise ValueError("its aliases repeat without end")
        if isinstance(value, dict):
            return {str(key): self.plain(item, depth + 1) for key, item in value.items()}
        if isinstance(value, list | tuple | set):
            return [self.plain(item, depth + 1) for item in value]
        return value if value is None or isinstance(value, str | bool | int | float) else str(value)


def _reason(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    where = f" (line {mark.line + 2})" if mark else ""
    return " ".join(str(getattr(error, "problem", None) or error).split())[:200] + where
