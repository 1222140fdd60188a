"""The graph in the field's formats: a module for each, all from the same frozen view of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lineage_platform.graph.view import GraphView

Lines = Callable[["GraphView"], Iterable[str]]
Files = Callable[["GraphView"], Iterable[tuple[str, bytes]]]


@dataclass(frozen=True)
class Format:
    """How a view is written.

    Parameters
    ----------
    name:
        Of the format, and of its module.
    lines:
        Writes it as one text; None where it cannot be one.
    files:
        Writes it as several files of a folder; None where it is always one text.
    """

    name: str
    lines: Lines | None
    files: Files | None


# Each format, with the functions of its module that older readers need in place of ``lines``.
_COMPAT: Mapping[str, Mapping[str, str]] = {"openlineage": {"run-events": "run_event_lines"}}

NAMES = (
    *("jsonl", "csv", "parquet", "graphml", "gexf", "mermaid"),
    *("openlineage", "croissant", "prov", "cyclonedx"),
)
COMPAT = tuple(sorted({form for forms in _COMPAT.values() for form in forms}))


def find_format(name: str, compat: str | None = None) -> Format | None:
    """The format of this name, in the form for older readers if one is asked for; None if there is none."""
    if name not in NAMES:
        return None
    lines = _COMPAT.get(name, {}).get(compat) if compat else "lines"
    if lines is None:
        return None
    module = import_module(f"{__name__}.{name}")
    return Format(name, getattr(module, lines, None), getattr(module, "files", None) if not compat else None)
