"""Patterns made of the word lists in ``words.toml``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files


@cache
def _lists() -> Mapping[str, Mapping[str, Sequence[str]]]:
    return tomllib.loads(files(__package__).joinpath("words.toml").read_text(encoding="utf-8"))


def pattern(group: str, name: str) -> re.Pattern[str]:
    """A pattern without case that finds any entry of a list, at the edges of words.

    Parameters
    ----------
    group, name:
        Where the list stands in ``words.toml``.
    """
    return re.compile(rf"(?<!\w)(?:{_spaced(alternatives(group, name))})(?!\w)", re.IGNORECASE)


def alternatives(group: str, name: str) -> str:
    """The entries of a list as one expression, terms put in."""
    entries = "|".join(_lists()[group][name])
    for term, words in _lists()["terms"].items():
        entries = entries.replace(f"<{term}>", f"(?:{'|'.join(words)})")
    return entries


def _spaced(entries: str) -> str:
    """Spaces outside character classes as any white space, and one or more of it."""
    parts = re.split(r"(\[[^\]]*\])", entries)
    return "".join(part if part.startswith("[") else part.replace(" ?", r"\s*").replace(" ", r"\s+") for part in parts)
