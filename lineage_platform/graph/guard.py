"""Queries that can read the graph and nothing else, within bounds of time and memory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from threading import Timer
from typing import Any, NamedTuple

import duckdb

from lineage_platform.errors import UsageError

MEMORY_LIMIT = "2GB"
SECONDS_LIMIT = 30.0

# No extensions, no Python variables, nothing spilled to disk.
_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
    "temp_directory": "",
}


class QueryFailed(UsageError):
    """A query that is wrong, does something else than read, or passes its bounds."""

    kind = "query_failed"


def too_slow(seconds: float) -> QueryFailed:
    """The failure of a query that passed its bound of time."""
    return QueryFailed(f"the query took more than {seconds:g} seconds", "narrow it down, or add a LIMIT")


class Answer(NamedTuple):
    """Columns, rows, and whether rows were left out."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    truncated: bool


def connect_for_reading(
    path: Path, *, memory_limit: str = MEMORY_LIMIT, threads: int | None = None
) -> duckdb.DuckDBPyConnection:
    """A connection that can read one DuckDB file, and neither files, network nor anything else.

    The file is attached, not connected to: DuckDB gives a second connection to a path the file that the first one
    opened, even if another was swapped in since.

    Parameters
    ----------
    path:
        The DuckDB file.
    memory_limit, threads:
        What a query may take, as DuckDB writes it; threads None: one a processor.

    Raises
    ------
    duckdb.Error
        It is no DuckDB file.
    """
    bounds = {"memory_limit": memory_limit} | ({"threads": threads} if threads else {})
    connection = duckdb.connect(":memory:", config=_CONFIG | bounds)
    try:
        connection.execute("ATTACH $path AS graph (READ_ONLY)", {"path": str(path)})
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
    except BaseException:
        connection.close()
        raise
    return connection


def run(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    parameters: Mapping[str, Any] | None = None,
    *,
    max_rows: int | None = None,
    seconds: float = SECONDS_LIMIT,
) -> Answer:
    """Run one reading statement.

    Parameters
    ----------
    connection:
        From :func:`connect_for_reading`.
    query, parameters:
        One statement, and the values of its ``$name`` parameters.
    max_rows:
        Rows to return at most; all when None.
    seconds:
        Time after which the query is interrupted.

    Raises
    ------
    QueryFailed
        The query is wrong, does something else than read, or passes a bound.
    """
    cursor = connection.cursor()
    timer = Timer(seconds, cursor.interrupt)
    try:
        _check_reads(query)
        cursor.execute("USE graph")
        timer.start()
        cursor.execute(query, dict(parameters or {}))
        columns = tuple(column[0] for column in cursor.description or ())
        rows = cursor.fetchall() if max_rows is None else cursor.fetchmany(max_rows + 1)
    except duckdb.InterruptException as error:
        raise too_slow(seconds) from error
    except duckdb.Error as error:
        raise QueryFailed(f"the query failed: {_reason(error)}", "lineage sql 'SHOW TABLES'") from error
    finally:
        timer.cancel()
        cursor.close()
    kept = rows if max_rows is None else rows[:max_rows]
    return Answer(columns, tuple(map(tuple, kept)), len(kept) < len(rows))


def _reason(error: duckdb.Error) -> str:
    """What the database finds wrong, and in which line of several, without its drawing of the place."""
    told, _, place = str(error).partition("\nLINE ")
    line = place.partition(":")[0]
    return " ".join(told.split()) + (f" (line {line})" if line not in ("", "1") else "")


def _check_reads(query: str) -> None:
    statements = duckdb.extract_statements(query)
    if len(statements) != 1:
        raise QueryFailed(f"one statement at a time, not {len(statements)}")
    if statements[0].type is not duckdb.StatementType.SELECT:
        raise QueryFailed(f"queries can only read; this is a {statements[0].type.name} statement", "begin with SELECT")
