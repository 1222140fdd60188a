"""Writes docs/tables.md from the comments in sql/schema and the headers in sql/reports.

python docs/make_tables.py
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb

from lineage_platform.graph.history import create_tables
from lineage_platform.graph.reports import read_reports
from lineage_platform.sql import sql_files

PAGE = Path(__file__).with_name("tables.md")

_CREATED = re.compile(r"^CREATE (TABLE|VIEW|MACRO) (\w+)(\(\w+\))?", re.MULTILINE)
_KINDS = {"TABLE": "Table.", "VIEW": "View.", "MACRO": "Table function."}


def page() -> str:
    """The page, as it should be.

    Raises
    ------
    LookupError
        A column has no comment.
    """
    parts = [
        "# Tables and reports",
        "",
        "Written by `python docs/make_tables.py` from the comments in `sql/schema` and the headers in `sql/reports`.",
        "Ask the tables with `lineage sql QUERY`; run a report with `lineage report NAME`. A column may be NULL only",
        "where its type says so.",
        "",
    ]
    with duckdb.connect(":memory:") as connection:
        create_tables(connection)
        for path in sql_files("schema"):
            parts += _described(connection, path.read_text(encoding="utf-8"))
    parts += ["# Reports", "", "| report | question | parameters | source |", "|---|---|---|---|"]
    for report in read_reports():
        parameters = ", ".join(f"`{name}={value}`" for name, value in report.parameters.items())
        parts.append(f"| `{report.name}` | {_cell(report.question)} | {parameters} | {report.source} |")
    return "\n".join(parts) + "\n"


def _described(connection: duckdb.DuckDBPyConnection, sql: str) -> Iterator[str]:
    created = _CREATED.search(sql)
    if created is None:
        raise LookupError(f"no table, view or macro in: {sql[:80]}")
    kind, name, arguments = created.groups()
    text = " ".join(line.removeprefix("-- ") for line in sql[: created.start()].strip().splitlines())
    yield from (f"## {name}{arguments or ''}", "", f"{_KINDS[kind]} {text}", "")
    comments = dict(_comments(sql[created.end() :], 0 if kind == "TABLE" else -1))
    yield from ("| column | type | meaning |", "|---|---|---|")
    asked = f"{name}('')" if arguments else name
    for column, of_type, null, *_ in connection.execute(f"DESCRIBE FROM {asked}").fetchall():
        if column not in comments:
            raise LookupError(f"{name}.{column} has no comment")
        nullable = " or NULL" if kind == "TABLE" and null == "YES" else ""
        yield f"| `{column}` | `{of_type}`{nullable} | {_cell(comments[column])} |"
    yield ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


def _comments(sql: str, place: int) -> Iterator[tuple[str, str]]:
    """Columns and their comments: a column is the first word of its line in a table, the last one in a view."""
    for line in sql.splitlines():
        code, dashes, comment = line.partition(" -- ")
        words = re.findall(r"\w+", code)
        if dashes and words:
            yield words[place], comment


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
