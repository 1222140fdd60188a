"""A planned mix of training data: datasets and local files, with weights, in a YAML file."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from lineage_platform.catalog.ids import parse_dataset_id
from lineage_platform.errors import InvalidDatasetId, UsageError

EXAMPLE = "write it as:  members: [{id: org/name, weight: 2}, {file: rows.jsonl}]"
_LISTS = ("members", "datasets", "sources")
_DATASET = ("id", "dataset", "dataset_id")
_FILE = ("file", "path")


@dataclass(frozen=True)
class Member:
    """One member of a mix.

    Parameters
    ----------
    name:
        ``dataset``, ``dataset#part``, or the path of a file as the mix names it.
    weight:
        How often each of its rows is to be drawn, beside the others'.
    path:
        Of a local file; None for a dataset of the Hub.
    """

    name: str
    weight: float = 1.0
    path: Path | None = None

    @property
    def dataset_id(self) -> str:
        """The dataset alone; a file's name."""
        return self.name if self.path else self.name.partition("#")[0]


@dataclass(frozen=True)
class Mix:
    """A planned mix.

    Parameters
    ----------
    name:
        Of the mix; by default its file's.
    members:
        In the order of the file, each once.
    """

    name: str
    members: tuple[Member, ...]

    @property
    def node(self) -> str:
        """What the mix is called among datasets; no dataset can have this name."""
        return f"mix:{self.name}"


def read_mix(path: Path) -> Mix:
    """The mix that a YAML file describes: a list of members, or a mapping with ``members`` (and ``name``).

    A member is an id (``org/name``, ``org/name#part``), the path of a file (seen from the mix's folder), or a mapping
    with ``id`` or ``file`` and, where it is not 1, ``weight``.

    Raises
    ------
    UsageError
        There is no such file, or it describes no mix; names the member.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UsageError(f"the mix {path} cannot be read: {error.strerror}", EXAMPLE) from error
    except (UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise UsageError(f"{path} cannot be read as YAML: {reason}", EXAMPLE) from error
    name, listed = path.stem, content
    if isinstance(content, Mapping):
        name = str(content.get("name") or name)
        listed = next((content[key] for key in _LISTS if key in content), None)
    if isinstance(listed, Mapping):
        listed = [{"id": key, "weight": weight} for key, weight in listed.items()]
    if not isinstance(listed, list) or not listed:
        raise UsageError(f"{path} lists no members", EXAMPLE)
    members = [_member(entry, number, path) for number, entry in enumerate(listed, start=1)]
    names = [member.name for member in members]
    twice = next((each for each in names if names.count(each) > 1), None)
    if twice is not None:
        raise UsageError(f"{path} lists {twice} twice", "name each member once, with one weight")
    return Mix(name, tuple(members))


def _member(entry: Any, number: int, mix: Path) -> Member:
    where = f"{mix}, member {number}"
    if isinstance(entry, str):
        entry = {"file" if _is_file(entry, mix) else "id": entry}
    if not isinstance(entry, Mapping):
        raise UsageError(f"{where} is neither an id, nor a file, nor a mapping", EXAMPLE)
    weight = _weight(entry.get("weight", 1.0), where)
    file = next((entry[key] for key in _FILE if key in entry), None)
    name = next((entry[key] for key in _DATASET if key in entry), None)
    if isinstance(file, str) and file:
        path = (mix.parent / file).resolve()
        if not path.exists():
            raise UsageError(f"{where}: there is no file {path}", "paths are seen from the mix's folder")
        return Member(file, weight, path)
    if not isinstance(name, str):
        raise UsageError(f"{where} names neither an id nor a file", EXAMPLE)
    dataset_id, mark, part = name.partition("#")
    try:
        return Member(f"{parse_dataset_id(dataset_id)}{mark}{part}", weight)
    except InvalidDatasetId as error:
        raise UsageError(f"{where}: {error.message}", EXAMPLE) from error


def _is_file(text: str, mix: Path) -> bool:
    """Whether a bare text means a file: an id has one slash and no file of that name lies beside the mix."""
    return text.startswith((".", "/", "~")) or text.count("/") != 1 or (mix.parent / text).is_file()


def _weight(value: Any, where: str) -> float:
    good = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value > 0
    if not good:
        raise UsageError(f"{where}: the weight {value!r} is no number above 0", EXAMPLE)
    return float(value)
