"""What changed between two builds of a graph, and since when each dataset and edge has been in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from lineage_platform.errors import GraphMissing
from lineage_platform.graph.snapshots import Snapshots, snapshot_id
from lineage_platform.sql import sql_files, sql_folder


@dataclass(frozen=True)
class Change:
    """One difference between two snapshots.

    Parameters
    ----------
    kind:
        ``dataset``, ``edge`` or ``statement``.
    change:
        ``new``, ``gone`` or ``changed``.
    subject:
        The dataset, or ``source -> target``.
    field:
        Which field differs; None where all of it is new or gone.
    old, new:
        Its value before and now; all fields as a JSON object where it is gone or new.
    """

    kind: str
    change: str
    subject: str
    field: str | None
    old: str | None
    new: str | None


@dataclass(frozen=True)
class Standing:
    """Where a build stands in its hub's history.

    Parameters
    ----------
    snapshot, content:
        Its id, and the digest of all that is compared.
    is_new:
        Whether anything changed, so that it is a snapshot of its own.
    """

    snapshot: str
    content: str
    is_new: bool


def record_history(connection: duckdb.DuckDBPyConnection, snapshots: Snapshots) -> Standing:
    """Fill in what a loaded graph has from its history.

    Parameters
    ----------
    connection:
        To the graph, with all tables loaded but ``meta`` and ``snapshots``.
    snapshots:
        Of its hub.
    """
    connection.execute(f"CREATE TEMP TABLE facts AS {_sql('facts')}")
    content = str(_value(connection, _sql("content")))
    known = snapshots.all()
    if not (known and _attach_past(connection, known[-1])):
        _attach_nothing(connection)
    before = connection.execute("SELECT snapshot, content FROM past.meta").fetchone()
    is_new = before is None or before[1] != content
    if before is not None:
        connection.execute(f"INSERT INTO changes {_sql('changes') if is_new else 'FROM past.changes'}")
    number = snapshots.number(known[-1].stem) + 1 if known else 1
    snapshot = snapshot_id(number, content) if is_new or before is None else str(before[0])
    for name in ("seen_datasets", "seen_edges"):
        connection.execute(_sql(name), {"snapshot": snapshot})
    connection.execute(_sql("tombstones"))
    connection.execute("INSERT INTO snapshots FROM past.snapshots")
    connection.execute("DETACH past")
    return Standing(snapshot, content, is_new)


def differences(before: Path, after: Path) -> tuple[Change, ...]:
    """What changed from one snapshot to another, in a stable order.

    Parameters
    ----------
    before, after:
        Their files.

    Raises
    ------
    GraphMissing
        One of them is damaged or of an older layout.
    """
    with duckdb.connect(":memory:") as connection:
        for name, path in (("past", before), ("present", after)):
            try:
                connection.execute(f"ATTACH $path AS {name} (READ_ONLY)", {"path": str(path)})
                _facts_of(connection, name, "facts_before" if name == "past" else "facts")
            except duckdb.Error as error:
                reason = str(error).splitlines()[0]
                raise GraphMissing(f"{path} cannot be compared: {reason}", "compare newer snapshots") from error
        return tuple(Change(*row) for row in connection.execute(_sql("changes")).fetchall())


def create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """The tables, views and macros of a graph, empty, in the database in use."""
    for schema in sql_files("schema"):
        connection.execute(schema.read_text(encoding="utf-8"))


def _attach_past(connection: duckdb.DuckDBPyConnection, path: Path) -> bool:
    """Attach a snapshot as ``past`` and read what is compared; False if it is damaged or of an older layout."""
    try:
        connection.execute("ATTACH $path AS past (READ_ONLY)", {"path": str(path)})
    except duckdb.Error:
        return False
    try:
        _facts_of(connection, "past", "facts_before")
        connection.execute(_sql("seen_before"))
        connection.execute("SELECT snapshot, content FROM past.meta")
        for table in ("changes", "snapshots", "tombstones"):
            connection.execute(f"(FROM {table} LIMIT 0) UNION ALL (FROM past.{table} LIMIT 0)")
    except duckdb.Error:
        connection.execute("DETACH past")
        return False
    return True


def _attach_nothing(connection: duckdb.DuckDBPyConnection) -> None:
    """Attach an empty graph as ``past``: nothing was seen before."""
    current = _value(connection, "SELECT current_database()")
    connection.execute("ATTACH ':memory:' AS past")
    connection.execute("USE past")
    create_tables(connection)
    connection.execute(f'USE "{current}"')
    connection.execute(_sql("seen_before"))


def _facts_of(connection: duckdb.DuckDBPyConnection, database: str, table: str) -> None:
    """The facts of an attached database, in a temporary table."""
    current = _value(connection, "SELECT current_database()")
    connection.execute(f"USE {database}")
    try:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS {_sql('facts')}")
    finally:
        connection.execute(f'USE "{current}"')


def _sql(name: str) -> str:
    return (sql_folder() / "history" / f"{name}.sql").read_text(encoding="utf-8")


def _value(connection: duckdb.DuckDBPyConnection, query: str) -> Any:
    row = connection.execute(query).fetchone()
    return row[0] if row else None
