"""SQL of users: no statement reads more than the graph, changes anything, or takes the process that asked along."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineage_platform.graph import sandbox
from lineage_platform.graph.guard import QueryFailed
from lineage_platform.graph.query import Graph, open_graph
from lineage_platform.graph.values import MAX_DEPTH, from_line, to_line
from tests.graph.builders import drawn

SECRET = "the secret of this machine"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("hostile")
    (root / "secret.csv").write_text(f"secret\n{SECRET}\n")
    (root / "secret.json").write_text(f'{{"secret": "{SECRET}"}}')
    drawn(root / "graph.duckdb", [("a/a", "b/b")])
    drawn(root / "other.duckdb", [(SECRET, "b/b")])
    return root


@pytest.fixture(scope="module")
def graph(folder: Path) -> Iterator[Graph]:
    with open_graph(folder / "graph.duckdb") as opened:
        yield opened


REACHES_OUT = [
    "SELECT * FROM '{folder}/secret.csv'",
    "SELECT * FROM read_csv('{folder}/secret.csv')",
    "SELECT * FROM read_text('{folder}/*.csv')",
    "SELECT * FROM read_blob('/etc/passwd')",
    "SELECT * FROM read_blob('/dev/fd/0')",
    "SELECT * FROM read_json('{folder}/secret.json')",
    "SELECT * FROM read_parquet('https://example.org/x.parquet')",
    "SELECT * FROM 's3://bucket/x.parquet'",
    "SELECT * FROM glob('{folder}/*')",
    "SELECT * FROM parquet_metadata('{folder}/x.parquet')",
    "SELECT * FROM sniff_csv('{folder}/secret.csv')",
    "SELECT * FROM query('ATTACH ''{folder}/other.duckdb'' AS other')",
    "SELECT * FROM query_table('{folder}/secret.csv')",
    "SELECT getenv('LINEAGE_SECRET')",
    "SELECT * FROM \uff52\uff45\uff41\uff44_text('{folder}/secret.csv')",
    "SELECT/**/*/**/FROM/**/read_text/**/('{folder}/secret.csv')",
    "SELECT * FROM U&'\\0072ead_text'('{folder}/secret.csv')",
    "WITH x AS (SELECT '{folder}/secret.csv' AS f) SELECT * FROM x, read_text(x.f)",
    "SELECT (SELECT content FROM read_text('{folder}/secret.csv'))",
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
    "INSTALL httpfs FROM 'http://example.org'",
    "LOAD httpfs",
    "LOAD '{folder}/x.duckdb_extension'",
]

CHANGES = [
    "SET enable_external_access = true",
    "SET memory_limit = '100GB'",
    "SET GLOBAL temp_directory = '{folder}'",
    "RESET lock_configuration",
    "PRAGMA database_list",
    "PRAGMA enable_profiling = 'json'",
    "CALL pragma_version()",
    "CALL enable_logging()",
    "CREATE TABLE mine AS SELECT 1",
    "CREATE TABLE memory.main.mine AS SELECT 1",
    "CREATE SEQUENCE endless",
    "SELECT nextval('endless')",
    "CREATE SECRET s (TYPE http, BEARER_TOKEN 'x')",
    "CREATE MACRO m() AS 1",
    "INSERT INTO datasets SELECT * FROM datasets",
    "UPDATE datasets SET depth = 9",
    "DELETE FROM datasets",
    "DROP TABLE datasets",
    "VACUUM",
    "CHECKPOINT",
    "BEGIN",
    "PREPARE p AS SELECT 1; EXECUTE p",
    "EXECUTE p",
    "USE memory",
    "SELECT 1; DROP TABLE datasets",
    "SELECT 1; SELECT 2",
    "EXPLAIN ANALYZE COPY datasets TO '{folder}/out.csv'",
    "EXPLAIN ANALYZE CREATE TABLE memory.main.mine AS SELECT 1",
]

IS_NO_QUERY = ["", "-- nothing", "SELECT", "SELECT $missing", "SELECT '\ud800'", "\x00", "SELECT 1 /* never closed"]


@pytest.mark.parametrize("hostile", [*REACHES_OUT, *CHANGES, *IS_NO_QUERY])
def test_a_hostile_statement_is_refused_and_changes_nothing(
    graph: Graph, folder: Path, monkeypatch: pytest.MonkeyPatch, hostile: str
) -> None:
    secret_variable = [SECRET]  # noqa: F841 - DuckDB would find it in the caller's frame
    monkeypatch.setenv("LINEAGE_SECRET", SECRET)
    files = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with pytest.raises(QueryFailed) as refused:
        graph.sql(hostile.replace("{folder}", str(folder)))
    assert SECRET not in refused.value.message + refused.value.hint
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == files
    assert graph.select("SELECT source FROM edges").rows == (("a/a",),)


EXHAUSTING = {
    "endless recursion": "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT max(n) FROM r",
    "endless join": "SELECT count(*) FROM range(1000000000000) a, range(1000000000000) b",
    "one huge value": "SELECT repeat('x', 4000000000)",
    "one huge value that DuckDB allows": "SELECT length(repeat('x', 1500000000))",
    "one huge value that is never interrupted": "SELECT length(lpad('a', 2000000000, 'b'))",
    "a huge list": "SELECT list_sum(range(1000000000))",
    "a huge sum of text": "SELECT string_agg(range::VARCHAR) FROM range(1000000000)",
    "a huge answer": "SELECT repeat('x', 1000000) FROM range(2000)",
    "a sort of everything": "SELECT * FROM range(1000000000000000) ORDER BY range % 7",
    "nested brackets": f"SELECT {'(' * 20000}1{')' * 20000}",
    "nested lists": f"SELECT {'[' * 3000}1{']' * 3000}",
    "nested queries": f"{'SELECT * FROM (' * 5000}SELECT 1{')' * 5000}",
    "nested values": f"SELECT {'[' * 150}1{']' * 150}",
    "a long sum": f"SELECT {'+'.join(['1'] * 60000)}",
    "many unions": " UNION ALL ".join(["SELECT 1"] * 20000),
}


@pytest.mark.skipif(os.name == "nt", reason="the limits are those of POSIX systems")
@pytest.mark.parametrize("hostile", EXHAUSTING.values(), ids=EXHAUSTING)
def test_a_statement_without_end_or_measure_costs_its_own_process_alone(graph: Graph, hostile: str) -> None:
    with Path(graph.path).open("rb") as file, pytest.raises(QueryFailed):
        sandbox.ask(file, hostile, seconds=1)


def test_a_pattern_that_backtracks_elsewhere_is_answered(graph: Graph) -> None:
    assert graph.sql("SELECT regexp_full_match(repeat('a', 50000) || 'b', '(a|aa)+(a*)*')").rows == ((False,),)


def test_what_took_too_long_says_so_and_what_to_do(graph: Graph) -> None:
    with Path(graph.path).open("rb") as file, pytest.raises(QueryFailed, match=r"took more than 0\.5 seconds") as error:
        sandbox.ask(file, EXHAUSTING["endless join"], seconds=0.5)
    assert "LIMIT" in error.value.hint


def test_the_child_sees_no_variable_of_its_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", SECRET)
    assert SECRET not in sandbox._environment().values()


def test_an_answer_is_of_the_file_that_was_opened(tmp_path: Path) -> None:
    drawn(tmp_path / "graph.duckdb", [("old/a", "old/b")])
    with open_graph(tmp_path / "graph.duckdb") as old:
        drawn(tmp_path / "graph.duckdb", [("new/a", "new/b")])
        assert old.sql("SELECT source FROM edges").rows == old.select("SELECT source FROM edges").rows == (("old/a",),)
    with open_graph(tmp_path / "graph.duckdb") as new:
        assert new.sql("SELECT source FROM edges").rows == (("new/a",),)


def test_rows_are_cut_where_asked_and_at_the_most(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    cut = graph.sql("FROM range(10)", max_rows=3)
    assert (len(cut.rows), cut.truncated) == (3, True)
    monkeypatch.setattr(sandbox, "MAX_ROWS", 5)
    capped = graph.sql("SELECT range AS n FROM range(10)")
    assert (capped.columns, len(capped.rows), capped.truncated) == (("n",), 5, True)


def test_many_threads_can_ask_at_once(graph: Graph) -> None:
    answers: list[object] = []
    threads = [threading.Thread(target=lambda: answers.append(graph.sql("SELECT 7").rows)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [((7,),)] * 4


def test_every_kind_of_value_arrives_as_in_this_process(graph: Graph) -> None:
    query = (
        "SELECT 1 AS a, -1.5 AS b, 1e300 AS c, 'ü\"\n' AS d, true AS e, NULL AS f, '\\x00\\xff'::BLOB AS g,"
        " DATE '2024-02-29' AS h, TIMESTAMP '2024-02-29 01:02:03.000004' AS i, TIME '01:02:03' AS j,"
        " INTERVAL 3 DAY AS k, 12345678901234567890123456789012345678::HUGEINT AS l, [[1], NULL] AS m,"
        " {'x': [1], 'y': DATE '2024-01-01'} AS n, MAP {'k': 1} AS o, uuid() IS NOT NULL AS p, 'inf'::DOUBLE AS q,"
        " '00000000-0000-0000-0000-000000000001'::UUID AS r, 1 AS a"
    )
    assert graph.sql(query) == graph.select(query)


SCALARS: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**127), 2**127),
    st.floats(allow_nan=False),
    st.text(),
    st.binary(),
    st.dates(),
    st.datetimes(timezones=st.none() | st.just(UTC)),
    st.times(),
    st.timedeltas(),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.uuids(),
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(SCALARS, inner, max_size=3), max_leaves=10
)


@settings(deadline=None, max_examples=50)
@given(st.lists(VALUES, max_size=4).map(tuple))
def test_a_row_is_the_same_after_crossing(row: tuple[Any, ...]) -> None:
    line = to_line(row)
    assert "\n" not in line
    assert from_line(line) == row


@pytest.mark.parametrize(
    "value",
    [b"\x00", date(1, 1, 1), datetime(2024, 1, 1, tzinfo=UTC), time(1), timedelta(-1), Decimal("1.50"), UUID(int=7)],
)
def test_a_value_keeps_its_type(value: Any) -> None:
    (back,) = from_line(to_line((value,)))
    assert (type(back), back) == (type(value), value)


def test_a_value_nested_without_measure_is_an_error_not_a_crash() -> None:
    value: list[Any] = []
    for _ in range(MAX_DEPTH + 5):
        value = [value]
    with pytest.raises(ValueError, match="nested"):
        to_line((value,))
