"""SQL from users can read the graph's tables and nothing else, and cannot run for ever."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from lineage_platform.graph.guard import QueryFailed, connect_for_reading, run
from lineage_platform.graph.query import Graph, open_graph
from tests.graph.builders import drawn

SECRET = "the secret of this machine"


@pytest.fixture
def graph(tmp_path: Path) -> Graph:
    (tmp_path / "secret.csv").write_text(f"secret\n{SECRET}\n")
    (tmp_path / "secret.json").write_text(f'{{"secret": "{SECRET}"}}')
    drawn(tmp_path / "graph.duckdb", [("a/a", "b/b")])
    drawn(tmp_path / "other.duckdb", [(SECRET, "b/b")])
    return open_graph(tmp_path / "graph.duckdb")


HOSTILE = [
    "SELECT * FROM '{folder}/secret.csv'",
    "SELECT * FROM read_csv('{folder}/secret.csv')",
    "SELECT * FROM read_text('{folder}/*.csv')",
    "SELECT * FROM read_blob('/etc/passwd')",
    "SELECT * FROM read_json('{folder}/secret.json')",
    "SELECT * FROM read_parquet('https://example.org/x.parquet')",
    "SELECT * FROM glob('{folder}/*')",
    "SELECT * FROM parquet_metadata('{folder}/x.parquet')",
    "SELECT * FROM sniff_csv('{folder}/secret.csv')",
    "SELECT * FROM query('ATTACH ''{folder}/other.duckdb'' AS other')",
    "SELECT * FROM query_table('{folder}/secret.csv')",
    "SELECT * FROM secret_variable",
    "ATTACH '{folder}/other.duckdb' AS other",
    "ATTACH ':memory:' AS scratch",
    "DETACH graph",
    "COPY datasets TO '{folder}/out.csv'",
    "COPY (SELECT 1) TO '{folder}/out.csv'",
    "COPY datasets FROM '{folder}/secret.csv'",
    "EXPORT DATABASE '{folder}/out'",
    "IMPORT DATABASE '{folder}'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET enable_external_access = true",
    "SET memory_limit = '100GB'",
    "RESET lock_configuration",
    "PRAGMA database_list",
    "PRAGMA enable_profiling = 'json'",
    "CALL pragma_version()",
    "CALL enable_logging()",
    "CREATE TABLE mine AS SELECT 1",
    "CREATE TABLE memory.main.mine AS SELECT 1",
    "CREATE SECRET s (TYPE http, BEARER_TOKEN 'x')",
    "CREATE MACRO m() AS 1",
    "INSERT INTO datasets SELECT * FROM datasets",
    "UPDATE datasets SET depth = 9",
    "DELETE FROM datasets",
    "DROP TABLE datasets",
    "VACUUM",
    "CHECKPOINT",
    "BEGIN",
    "PREPARE p AS SELECT 1",
    "EXECUTE p",
    "USE memory",
    "SELECT 1; DROP TABLE datasets",
    "SELECT 1; SELECT 2",
    "EXPLAIN ANALYZE COPY datasets TO '{folder}/out.csv'",
    "EXPLAIN ANALYZE CREATE TABLE memory.main.mine AS SELECT 1",
    "",
    "-- nothing",
    "SELECT",
    "SELECT $missing",
    "\x00",
]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hostile_statement_is_refused_and_changes_nothing(graph: Graph, tmp_path: Path, hostile: str) -> None:
    secret_variable = [SECRET]  # noqa: F841 - DuckDB would find it in the caller's frame
    files = {path: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(QueryFailed) as refused:
        graph.sql(hostile.format(folder=tmp_path))
    assert SECRET not in refused.value.message
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == files
    assert graph.sql("SELECT source FROM edges").rows == (("a/a",),)


@pytest.mark.parametrize(
    "endless",
    [
        "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT max(n) FROM r",
        "SELECT count(*) FROM range(1000000000000) a, range(1000000000000) b",
        "SELECT * FROM range(1000000000000000) ORDER BY range % 7",
    ],
)
def test_an_endless_query_is_interrupted_or_runs_out_of_memory(graph: Graph, endless: str) -> None:
    connection = connect_for_reading(graph.path)
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
def test_reading_is_allowed(graph: Graph, query: str) -> None:
    assert graph.sql(query).rows


def test_rows_are_cut_where_asked_and_it_is_said(graph: Graph) -> None:
    cut, whole = graph.sql("FROM range(10)", max_rows=3), graph.sql("FROM range(3)", max_rows=3)
    assert (len(cut.rows), cut.truncated) == (3, True)
    assert (len(whole.rows), whole.truncated) == (3, False)
    assert graph.sql("SELECT 1 AS a, 'x' AS b").records() == [{"a": 1, "b": "x"}]


def test_many_threads_can_ask_at_once(graph: Graph) -> None:
    answers: list[object] = []
    threads = [threading.Thread(target=lambda: answers.append(graph.sql("SELECT 7").rows)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [((7,),)] * 8
