"""The same SQL over the same shards: the same rows from DuckDB, from Spark, and from what speaks Spark's protocol."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lineage_platform.samples.digests import COLUMNS, with_digests
from lineage_platform.samples.engines import (
    PLACES_PER_SHARD,
    DuckDBEngine,
    Engine,
    EngineFailed,
    Rows,
    Source,
    SparkEngine,
    Table,
    open_engine,
    place_of,
    sources,
)

NAMES = ("a", "b", "c", "x")


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Digest files with repetitions inside and overlaps between them."""
    folder = tmp_path_factory.mktemp("shards")
    dice = random.Random(7)
    paths = {}
    for name in NAMES:
        rows = [(row, dice.randrange(40), dice.randrange(2)) for row in range(50)]
        values = {"triplet": [3 * q + t for _, q, t in rows], "query": [q for _, q, _ in rows]}
        values |= {"triplet_norm": [3 * (q // 2) for _, q, _ in rows], "query_norm": [q // 2 for _, q, _ in rows]}
        columns = {column: values[column.rsplit("_", 1)[0]] for column in COLUMNS}
        paths[name] = str(folder / f"{name}.parquet")
        pl.DataFrame({"row": [row for row, _, _ in rows], **columns}).write_parquet(paths[name])
    return paths


def questions(shards: dict[str, str]) -> dict[str, dict[str, Table]]:
    def table(**named: str) -> Table:
        return [Source(label, NAMES.index(name), shards[name]) for label, name in named.items()]

    pair = {"a": table(a="a", b="b"), "b": table(c="c")}
    sides = {"digests": table(one="a", other="b", ancestors="c")}
    return {
        "counts": {"digests": table(a="a", b="b")},
        "distinct_queries": {"digests": table(a="a", b="b")},
        "shared": pair,
        "redundancy": {"digests": table(a="a")},
        "intersections": {"target": table(a="a"), "ancestors": table(b="b", c="c")},
        "leaks": {"benchmarks": table(x="x", c="c"), "training": table(a="a", b="b")},
        "items": {"digests": table(a="a", b="b")},
        "shared_queries": {"digests": table(a="a", b="b", c="c")},
        "unexplained": sides,
        "unexplained_rows": sides,
        "members": {"digests": table(a="a", b="b", c="c")},
    }


def answers(engine: Engine, shards: dict[str, str]) -> dict[str, Rows]:
    return {query: engine.rows(query, **tables) for query, tables in questions(shards).items()}


def test_every_query_has_a_question_here(shards: dict[str, str]) -> None:
    from lineage_platform.sql import sql_files

    assert {path.stem for path in sql_files("rows")} - {"sorted"} == set(questions(shards))


WORD = st.sampled_from(["a", "A", " a", "b", ""])
TRIPLETS = st.lists(st.tuples(WORD, WORD, WORD), max_size=25)


def keep(path: Path, triplets: list[tuple[str, str, str]]) -> Table:
    frame = pl.DataFrame(triplets, dict.fromkeys(("instruction", "input", "output"), pl.String), orient="row")
    with_digests(frame).with_row_index("row").write_parquet(path)
    return sources("", [str(path)])


def folded(triplets: list[tuple[str, str, str]], width: int) -> set[tuple[str, ...]]:
    return {tuple(text.lower().strip() for text in triplet[:width]) for triplet in triplets}


@given(one=TRIPLETS, other=TRIPLETS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_counts_and_intersections_are_those_of_sets(
    tmp_path: Path, one: list[tuple[str, str, str]], other: list[tuple[str, str, str]]
) -> None:
    a, b = keep(tmp_path / "a.parquet", one), keep(tmp_path / "b.parquet", other)
    engine = DuckDBEngine()
    queries = {triplet[:2] for triplet in one}
    assert engine.rows("counts", digests=a) == [
        (len(one), len(set(one)), len(queries), len(folded(one, 3)), len(folded(one, 2)))
    ]
    loose = len(folded(one, 2) & folded(other, 2))
    assert engine.rows("shared", a=a, b=b) == [
        (len(set(one) & set(other)), len(queries & {triplet[:2] for triplet in other}), loose)
    ]


def test_sorting_more_than_fits_into_memory_goes_through_the_disk(tmp_path: Path) -> None:
    size = 1_500_000
    numbers = pl.Series("row", range(size))
    frame = pl.DataFrame({"row": numbers, "query_hi": numbers.hash().reinterpret(signed=True), "query_lo": numbers})
    frame.write_parquet(tmp_path / "a.parquet")
    engine = DuckDBEngine("80MB")
    engine.write("sorted", str(tmp_path / "b.parquet"), digests=str(tmp_path / "a.parquet"))
    made = pl.read_parquet(tmp_path / "b.parquet")
    assert made.height == size
    assert made["query_hi"].is_sorted()


def test_what_went_through_the_disk_is_gone_with_the_engine() -> None:
    engine = DuckDBEngine()
    ((folder,),) = engine._connection.execute("SELECT current_setting('temp_directory')").fetchall()
    assert Path(folder).is_dir()
    del engine
    assert not Path(folder).exists()


def test_a_question_that_is_not_there_is_a_fault() -> None:
    with pytest.raises(FileNotFoundError):
        DuckDBEngine().rows("unheard_of")


def test_places_lead_back_to_rows(shards: dict[str, str]) -> None:
    found = DuckDBEngine().rows("items", digests=[Source("b", 5, shards["b"])])
    assert {place_of(place)[0] for _, place in found} == {5}
    assert place_of(3 * PLACES_PER_SHARD + 7) == (3, 7)


def test_counts_with_little_memory_are_the_same(shards: dict[str, str], tmp_path: Path) -> None:
    assert answers(open_engine(memory_limit="64MB", spill=tmp_path), shards) == answers(DuckDBEngine(), shards)


@pytest.fixture
def spark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """Spark on this machine, on a port and in folders of its own: others may run beside it."""
    pytest.importorskip("pyspark", reason="pip install 'pyspark[connect]'")
    pytest.importorskip("pyspark.core", reason="this is Spark's client alone: pip install 'pyspark[connect]'")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java")
    monkeypatch.chdir(tmp_path)  # its warehouse
    monkeypatch.setenv("SPARK_LOCAL_DIRS", str(tmp_path / "spill"))
    monkeypatch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
    monkeypatch.setenv("SPARK_TESTING", "1")  # any free port in place of 15002
    engine = SparkEngine("local[1]")
    engine._session.conf.set("spark.sql.shuffle.partitions", "1")  # not 200 for a hundred rows
    yield engine
    engine.close()


@pytest.fixture
def sail(shards: dict[str, str]) -> Iterator[Engine]:
    """Sail, if there is a client that it understands."""
    pytest.importorskip("pyspark", reason="pip install 'lineage-platform[spark]'")
    server = pytest.importorskip("pysail.spark", reason="pip install pysail").SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    engine = SparkEngine(f"sc://127.0.0.1:{server.listening_address[1]}")
    try:
        _answers_this_client(engine, shards)
        yield engine
    finally:  # what is left running keeps the process from ending
        engine.close()
        server.stop()


def _answers_this_client(engine: Engine, shards: dict[str, str]) -> None:
    try:
        engine.rows("redundancy", digests=[Source("a", 0, shards["a"])])
    except EngineFailed as error:
        if "unsupported PySpark version" in error.message:
            pytest.skip(f"this Sail and this client do not go together: {error.message}")
        raise


def test_spark_counts_the_same(spark: Engine, shards: dict[str, str]) -> None:
    assert answers(spark, shards) == answers(DuckDBEngine(), shards)


def test_sail_counts_the_same(sail: Engine, shards: dict[str, str]) -> None:
    assert answers(sail, shards) == answers(DuckDBEngine(), shards)


def test_a_shard_that_is_gone_is_an_error_that_names_the_question(shards: dict[str, str]) -> None:
    with pytest.raises(EngineFailed, match="redundancy failed"):
        DuckDBEngine().rows("redundancy", digests=[Source("a", 0, "/nowhere/digests.parquet")])


def test_a_memory_limit_that_is_none_is_an_error() -> None:
    with pytest.raises(EngineFailed, match="DuckDB does not start"):
        open_engine(memory_limit="much")


def test_without_the_client_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    with pytest.raises(EngineFailed) as caught:
        open_engine("sc://localhost:1")
    assert "lineage-platform[spark]" in caught.value.hint
