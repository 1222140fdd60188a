"""The graph as CSV for spreadsheets: a text that a spreadsheet would run as a formula gets an apostrophe before it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from lineage_platform.exports.rows import COLUMNS, Row, tables
from lineage_platform.graph.view import GraphView

LIST_SEPARATOR = "|"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def lines(view: GraphView) -> Iterator[str]:
    """The table of edges."""
    yield _table("edges", tables(view)["edges"]).removesuffix("\n")


def files(view: GraphView) -> Iterator[tuple[str, bytes]]:
    """``datasets.csv``, ``edges.csv`` and ``witnesses.csv``."""
    for name, rows in tables(view).items():
        yield f"{name}.csv", _table(name, rows).encode("utf-8", "replace")


def _table(name: str, rows: list[Row]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(COLUMNS[name])
    writer.writerows([_cell(row[column]) for column in COLUMNS[name]] for row in rows)
    return buffer.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        value = LIST_SEPARATOR.join(value)
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str):
        return value
    return inert(value.replace("\x00", "\N{REPLACEMENT CHARACTER}"))


def inert(text: str) -> str:
    """``text`` as a field that no spreadsheet runs."""
    return f"'{text}" if text.startswith(_FORMULA) else text
