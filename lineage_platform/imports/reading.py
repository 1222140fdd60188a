"""Opening a file to import: bounded in size and depth, with a place for every fault."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lineage_platform.errors import BrokenRecord

MAX_BYTES = 256 << 20
MAX_NAME = 1000

Json = dict[str, Any]


@dataclass(frozen=True)
class Place:
    """Where something stands, to be named when it is wrong."""

    path: Path
    part: str = ""

    def fault(self, what: str) -> BrokenRecord:
        """What is wrong there."""
        where = f"{self.path} {self.part}".strip()
        return BrokenRecord(f"{where}: {what}", "mend it and import again")


@dataclass(frozen=True)
class Found:
    """One JSON object of a file."""

    place: Place
    value: Json


def read_text(path: Path) -> str:
    """The text of a file.

    Raises
    ------
    BrokenRecord
        There is none, it is too large, or it is not UTF-8.
    """
    place = Place(path)
    if not path.is_file():
        raise BrokenRecord(f"{path}: there is no such file", "lineage import --help")
    if path.stat().st_size > MAX_BYTES:
        raise place.fault(f"it is larger than {MAX_BYTES >> 20} MiB")
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise place.fault(f"it cannot be read as UTF-8 text: {error}") from error


def objects(path: Path, text: str) -> Iterator[Found]:
    """The JSON objects of a file that is one, a list of them, or has one a line.

    Raises
    ------
    BrokenRecord
        It holds something else; line or number are named.
    """
    lines = [(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
    if len(lines) > 1 and _is_object(lines[0][1]):
        for number, line in lines:
            place = Place(path, f"line {number}")
            yield Found(place, _object(place, _parsed(place, line)))
        return
    if not lines:
        return
    whole = _parsed(Place(path), text)
    if isinstance(whole, list):
        for number, item in enumerate(whole, start=1):
            place = Place(path, f"item {number}")
            yield Found(place, _object(place, item))
    else:
        yield Found(Place(path), _object(Place(path), whole))


def checked_id(place: Place, dataset_id: Any) -> str:
    """An id that a file gives a dataset.

    Raises
    ------
    BrokenRecord
        It is no text, or too long.
    """
    if not isinstance(dataset_id, str) or not dataset_id.strip() or len(dataset_id) > MAX_NAME:
        raise place.fault(f"the name of a dataset is text of at most {MAX_NAME:,} characters")
    return dataset_id


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _parsed(place: Place, text: str) -> Any:
    try:
        return json.loads(text)
    except RecursionError as error:
        raise place.fault("it is nested too deeply") from error
    except ValueError as error:
        raise place.fault(f"it is no JSON: {' '.join(str(error).split())[:200]}") from error


def _object(place: Place, value: Any) -> Json:
    if not isinstance(value, dict):
        raise place.fault(f"it is a {type(value).__name__}, not a JSON object")
    return value
