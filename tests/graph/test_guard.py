"""SQL from users can read the graph's tables and nothing else, and cannot run for ever."""

from __future__ import annotations

import threading
from pathlib import Path

import duckdb
import pytest

from lineage_platform.graph.guard import QueryFailed, connect_for_reading, run
from tests.graph.builders import drawn


@pytest.fixture
def connection(tmp_path: Path) -> duckdb.DuckDBPyConnection:
    drawn(tmp_path / "graph.duckdb", [("a/a", "b/b")])
    return connect_for_reading(tmp_path / "graph.duckdb")


@pytest.mark.parametrize(
    "refused",
    [
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM secret_variable",
        "ATTACH ':memory:' AS scratch",
        "SET memory_limit = '100GB'",
        "INSERT INTO datasets SELECT * FROM datasets",
        "SELECT 1; SELECT 2",
        "SELECT $missing",
        "",
    ],
)
def test_what_does_more_than_read_is_refused(connection: duckdb.DuckDBPyConnection, refused: str) -> None:
    secret_variable = [1]  # noqa: F841 - DuckDB would find it in the caller's frame
    with pytest.raises(QueryFailed):
        run(connection, refused)
    assert run(connection, "SELECT source FROM edges").rows == (("a/a",),)


@pytest.mark.parametrize(
    ("query", "told"),
    [("SELEC 1", r'syntax error at or near "SELEC"$'), ("SELECT 1,\n  nothing\nFROM edges", r"nothing.*\(line 2\)$")],
)
def test_a_wrong_query_is_told_in_one_sentence_with_its_line(
    connection: duckdb.DuckDBPyConnection, query: str, told: str
) -> None:
    with pytest.raises(QueryFailed, match=told):
        run(connection, query)


@pytest.mark.parametrize(
    "endless",
    [
        "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT max(n) FROM r",
        "SELECT count(*) FROM range(1000000000000) a, range(1000000000000) b",
        "SELECT * FROM range(1000000000000000) ORDER BY range % 7",
    ],
)
def test_an_endless_query_is_interrupted_or_runs_out_of_memory(
    connection: duckdb.DuckDBPyConnection, endless: str
) -> None:
    with pytest.raises(QueryFailed, match=r"took more than|[Mm]emory"):
        run(connection, endless, seconds=0.5)
    assert run(connection, "SELECT 1").rows == ((1,),)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT 1 AS one",
        "FROM edges",
        "WITH e AS (FROM edges) SELECT * FROM e",
        "VALUES (1), (2)",
        "SHOW TABLES",
        "DESCRIBE datasets",
        "SUMMARIZE edges",
        "SELECT * FROM edges -- a comment; with a semicolon",
        "SELECT ';' AS x;",
    ],
)
def test_reading_is_allowed(connection: duckdb.DuckDBPyConnection, query: str) -> None:
    assert run(connection, query).rows


def test_rows_are_cut_where_asked_and_it_is_said(connection: duckdb.DuckDBPyConnection) -> None:
    cut = run(connection, "FROM range(10)", max_rows=3)
    whole = run(connection, "FROM range(3)", max_rows=3)
    assert (len(cut.rows), cut.truncated) == (3, True)
    assert (len(whole.rows), whole.truncated) == (3, False)
    assert run(connection, "SELECT 1 AS a, 'x' AS b").columns == ("a", "b")


def test_many_threads_can_ask_at_once(connection: duckdb.DuckDBPyConnection) -> None:
    answers: list[object] = []
    threads = [threading.Thread(target=lambda: answers.append(run(connection, "SELECT 7").rows)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [((7,),)] * 8
