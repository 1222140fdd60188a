"""Answers of SQL as lines of JSON, and back: the one way in which rows cross from a child process."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

MAX_DEPTH = 100

# What JSON lacks travels as an object of one key, the type's name; mappings too, so that nothing is taken for another.
_READERS: Mapping[str, Callable[[Any], Any]] = {
    "bytes": bytes.fromhex,
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    "decimal": Decimal,
    "map": lambda pairs: {_hashable(_unpacked(key)): _unpacked(value) for key, value in pairs},
    "time": time.fromisoformat,
    "timedelta": lambda parts: timedelta(*parts),
    "uuid": UUID,
}


def to_line(row: tuple[Any, ...]) -> str:
    """A row as one line.

    Raises
    ------
    ValueError
        A value is nested too deeply.
    """
    return json.dumps([_packed(value, 0) for value in row])


def from_line(line: str | bytes) -> tuple[Any, ...]:
    """The row that :func:`to_line` wrote."""
    return tuple(map(_unpacked, json.loads(line)))


def _packed(value: Any, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise ValueError(f"a value is nested more than {MAX_DEPTH} deep")
    match value:
        case None | bool() | int() | float() | str():
            return value
        case list() | tuple():
            return [_packed(item, depth + 1) for item in value]
        case dict():
            pairs = ((_packed(key, depth + 1), _packed(item, depth + 1)) for key, item in value.items())
            return {"map": [list(pair) for pair in pairs]}
        case bytes():
            return {"bytes": value.hex()}
        case datetime() | date() | time():
            return {type(value).__name__: value.isoformat()}
        case timedelta():
            return {"timedelta": [value.days, value.seconds, value.microseconds]}
        case Decimal() | UUID():
            return {type(value).__name__.lower(): str(value)}
    return str(value)


def _unpacked(value: Any) -> Any:
    if isinstance(value, list):
        return [_unpacked(item) for item in value]
    if isinstance(value, dict):
        ((kind, held),) = value.items()
        return _READERS[kind](held)
    return value


def _hashable(key: Any) -> Any:
    return tuple(map(_hashable, key)) if isinstance(key, list) else key
