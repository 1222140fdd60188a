"""BibTeX entries of a card: just enough to tell whose paper it is and when it appeared."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

MAX_ENTRIES = 200
MAX_ENTRY = 8_000  # characters; author lists of a hundred names fit

_KEY = r"[^\s,{}]{1,200}(?: [^\s,{}]{1,80}){0,5}"  # real cards have keys with spaces in them
_START = re.compile(rf"@(?!string|comment|preamble)([A-Za-z]{{3,20}})\s*\{{\s*({_KEY})\s*,", re.IGNORECASE)
_FIELD = re.compile(r"\b([A-Za-z]{2,20})\s*=\s*", re.ASCII)


@dataclass(frozen=True)
class Entry:
    """One BibTeX entry.

    Parameters
    ----------
    key:
        Its citation key.
    fields:
        Values by lower-case field name, braces and quotes removed.
    start, end:
        Where it stands in the text.
    """

    key: str
    fields: Mapping[str, str]
    start: int
    end: int


def entries(text: str) -> Iterator[Entry]:
    """The entries of ``text``, in order; what is no entry is passed over, at most ``MAX_ENTRIES`` are read."""
    position = 0
    for _ in range(MAX_ENTRIES):
        start = _START.search(text, position)
        if start is None:
            return
        fields, position = _fields(text, start.end(), start.end() + MAX_ENTRY)
        yield Entry(start[2], fields, start.start(), position)


def _fields(text: str, position: int, limit: int) -> tuple[dict[str, str], int]:
    """The fields from ``position`` on, and where the entry ends: at its closing brace, the next entry or ``limit``."""
    fields: dict[str, str] = {}
    end = min(limit, len(text))
    while position < end and text[position] not in "}@":
        field = _FIELD.match(text, position)
        if field is None:
            position += 1
            continue
        value, position = _value(text, field.end(), end)
        fields.setdefault(field[1].lower(), value)
    return fields, min(position + 1, end) if text[position : position + 1] == "}" else position


def _value(text: str, position: int, end: int) -> tuple[str, int]:
    """One braced, quoted or bare value, and the position after it."""
    opening = text[position : position + 1]
    if opening not in {"{", '"'}:
        bare = re.compile(r"[^,}\n]*").match(text, position, end)
        return (bare[0].strip(), bare.end()) if bare else ("", end)
    depth = 0
    for index in range(position, end):
        depth += {"{": 1, "}": -1}.get(text[index], 0)
        closed = depth == 0 and (opening == "{" or (text[index] == '"' and index > position))
        if closed:
            return " ".join(text[position + 1 : index].replace("{", "").replace("}", "").split()), index + 1
    return " ".join(text[position + 1 : end].split()), end
