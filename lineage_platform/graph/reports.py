"""Named reports: one SQL file each, with a header that says what it answers and which parameters it takes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from lineage_platform.errors import UsageError
from lineage_platform.sql import sql_files

_HEADER = re.compile(r"^-- (title|question|source|parameter): (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Report:
    """A named query.

    Parameters
    ----------
    name:
        Of its file.
    title, question, source:
        What it is called, what it answers, where its definition is from.
    parameters:
        Default values by name.
    sql:
        The query.
    """

    name: str
    title: str
    question: str
    source: str
    parameters: Mapping[str, int | str]
    sql: str

    def bind(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Values for all parameters: those given, else the defaults.

        Raises
        ------
        UsageError
            The report takes no parameter of a given name, or not such a value.
        """
        values: dict[str, Any] = dict(self.parameters)
        for name, value in given.items():
            if name not in values:
                takes = ", ".join(values) or "none"
                raise UsageError(f"report {self.name} has no parameter {name!r}", f"it takes: {takes}")
            try:
                values[name] = type(values[name])(value)
            except ValueError as error:
                raise UsageError(f"report {self.name}: {name} must be a number, not {value!r}") from error
        return values


@cache
def read_reports() -> tuple[Report, ...]:
    """Every report, by name."""
    return tuple(_read(path) for path in sql_files("reports"))


def find_report(name: str) -> Report:
    """The report of this name.

    Raises
    ------
    UsageError
        There is none.
    """
    known = {report.name: report for report in read_reports()}
    if name not in known:
        raise UsageError(f"there is no report {name!r}", f"reports: {', '.join(known)}")
    return known[name]


def _read(path: Path) -> Report:
    sql = path.read_text(encoding="utf-8")
    headers = _HEADER.findall(sql)
    fields = {key: text for key, text in headers if key != "parameter"}
    assignments = (text.split(" (")[0].split(" = ", 1) for key, text in headers if key == "parameter")
    parameters = {name: int(value) if value.isdigit() else value for name, value in assignments}
    return Report(name=path.stem, sql=sql, parameters=parameters, **fields)
