"""Reading a model's answer: as much of it as is sound, item by item."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from lineage_platform.agents.llm.schemas import Item

T = TypeVar("T", bound=Item)

_DECODER = json.JSONDecoder(strict=False)
# Brackets of prose that are passed over before the search for JSON is given up.
MAX_BROKEN = 200
_OPENING = re.compile(r"[{\[]")
_BETWEEN = re.compile(r"[\s,]*")


@dataclass(frozen=True)
class Answer(Generic[T]):
    """What an answer holds.

    Parameters
    ----------
    items:
        Items of the right shape, in order, each once.
    problems:
        What was wrong with the rest, in words that a model can act on; empty when the whole answer is sound.
    readable:
        Whether a list of items was found at all.
    """

    items: tuple[T, ...]
    problems: tuple[str, ...] = ()
    readable: bool = True

    def joined(self, repaired: Answer[T]) -> Answer[T]:
        """This answer with what its repair adds; the problems are those that the repair leaves."""
        items = tuple(dict.fromkeys((*self.items, *repaired.items)))
        return Answer(items, repaired.problems, self.readable or repaired.readable)


def read_answer(text: str, key: str, kind: type[T]) -> Answer[T]:
    """Read ``{key: [item, ...]}`` from a model's answer.

    Prose and code fences around the JSON are passed over. Of JSON that breaks off, the whole items are kept. A bare
    list, or a bare item, is taken for the list.

    Parameters
    ----------
    text:
        The answer as it came.
    key:
        Name of the list.
    kind:
        Shape of an item.
    """
    found = _json_with(text, key, kind)
    if found is not None:
        return _checked(found, kind, [])
    whole = list(_whole_items(text, key))
    if whole:
        return _checked(whole, kind, ["the JSON breaks off"])
    problem = "the JSON is broken" if _OPENING.search(text) else "the answer holds no JSON"
    return Answer((), (problem,), readable=False)


def _checked(values: Sequence[Any], kind: type[T], problems: list[str]) -> Answer[T]:
    items: dict[T, None] = {}
    for number, value in enumerate(values, 1):
        try:
            items[kind.model_validate(value)] = None
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"])) or "the item"
            problems.append(f"item {number}: {where}: {first['msg']}")
    return Answer(tuple(items), tuple(problems))


def _json_with(text: str, key: str, kind: type[Item]) -> list[Any] | None:
    """The list in the first JSON value of the text that holds one; None if the JSON is broken."""
    named = re.compile(rf'\{{\s*"{key}"\s*:')
    position = broken = 0
    while broken < MAX_BROKEN and (start := _OPENING.search(text, position)):
        try:
            value, position = _DECODER.raw_decode(text, start.start())
        except (ValueError, RecursionError):
            if named.match(text, start.start()):
                return None  # the answer itself: a piece of it is not the answer
            position, broken = start.end(), broken + 1
            continue
        values = _named_list(value, key)
        if values is None and not broken:
            values = _bare_list(value, kind)
        if values is not None:
            return values
    return None


def _named_list(value: Any, key: str) -> list[Any] | None:
    if not isinstance(value, dict) or key not in value:
        return None
    return value[key] if isinstance(value[key], list) else [value[key]]


def _bare_list(value: Any, kind: type[Item]) -> list[Any] | None:
    if isinstance(value, dict):
        return [value] if set(kind.model_fields) <= set(value) else None
    return value if value and all(isinstance(item, dict) for item in value) else None


def _whole_items(text: str, key: str) -> Iterator[Any]:
    """The items before the place where the JSON breaks off."""
    opening = re.search(rf'"{key}"\s*:\s*\[', text)
    position = opening.end() if opening else len(text)
    while position < len(text):
        between = _BETWEEN.match(text, position)
        try:
            value, position = _DECODER.raw_decode(text, between.end() if between else position)
        except (ValueError, RecursionError):
            return
        yield value
