"""Where shards are sorted, counted and joined: DuckDB inside this process, or a Spark cluster, by one SQL text.

A table of a query is a list of shards. The engine shows it with the columns of ``digests.parquet``, the ``dataset``
each row is counted under, and its ``place``: one number for shard and row, so that a query can name a row with ``min``.
"""

from __future__ import annotations

import shutil
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, reduce
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any, Protocol

from lineage_platform.errors import LineageError
from lineage_platform.sql import sql_folder

if TYPE_CHECKING:
    import duckdb
    from pyspark.sql import DataFrame, SparkSession

PLACES_PER_SHARD = 1 << 40
DEFAULT_MEMORY = "2GB"

Table = Sequence["Source"]
Rows = list[tuple[Any, ...]]


class EngineFailed(LineageError):
    """The engine could not be reached, or a query over shards failed in it."""

    kind = "engine_failed"


@dataclass(frozen=True)
class Source:
    """One shard as part of a table.

    Parameters
    ----------
    dataset:
        What its rows are counted under.
    number:
        Of the shard among all that the caller knows: what ``place`` leads back to.
    path:
        Its Parquet file, on a path or URL that the engine can read.
    """

    dataset: str
    number: int
    path: str


def sources(dataset: str, paths: Sequence[str]) -> Table:
    """Some shards as the rows of one dataset."""
    return [Source(dataset, number, path) for number, path in enumerate(paths)]


def place_of(value: int) -> tuple[int, int]:
    """The number of the shard, and the row in it, that a ``place`` stands for."""
    return divmod(value, PLACES_PER_SHARD)


class Engine(Protocol):
    """Runs one of the queries of ``sql/rows`` over shards."""

    def rows(self, query: str, **tables: Table) -> Rows:
        """The rows that ``sql/rows/<query>.sql`` gives over these tables.

        Raises
        ------
        EngineFailed
            The engine cannot be reached, cannot read a shard, or runs out of memory and disk.
        """
        ...


def counts(engine: Engine, query: str, names: Sequence[str], **tables: Table) -> Mapping[str, int]:
    """The one row of a query that counts, its columns by these names.

    Raises
    ------
    EngineFailed
        As :meth:`Engine.rows`.
    """
    (row,) = engine.rows(query, **tables)
    return dict(zip(names, row, strict=True))


def open_engine(spark_remote: str = "", *, memory_limit: str = "", spill: Path | None = None) -> Engine:
    """The engine that the settings name.

    Parameters
    ----------
    spark_remote:
        Address of a Spark Connect server (``sc://host:15002``); empty: DuckDB in this process.
    memory_limit:
        What DuckDB may hold in memory (``4GB``); empty: its own default, 80 % of the machine's.
    spill:
        Folder for what does not fit into it.

    Raises
    ------
    EngineFailed
        Spark's client is not installed, or nothing answers at the address.
    """
    return SparkEngine(spark_remote) if spark_remote else DuckDBEngine(memory_limit, spill)


class DuckDBEngine:
    """DuckDB in this process.

    Parameters
    ----------
    memory_limit, spill:
        As in :func:`open_engine`; without a folder, one that goes when the engine does.
    """

    def __init__(self, memory_limit: str = "", spill: Path | None = None) -> None:
        import duckdb

        if spill is None:
            spill = Path(mkdtemp(prefix="lineage-spill-"))
            weakref.finalize(self, shutil.rmtree, spill, ignore_errors=True)
        config: dict[str, str | bool | int | float | list[str]] = {
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "python_enable_replacements": "false",
            "preserve_insertion_order": "false",
            "temp_directory": str(spill),
        }
        if memory_limit:
            config["memory_limit"] = memory_limit
        try:
            self._connection = duckdb.connect(":memory:", config=config)
        except duckdb.Error as error:
            raise EngineFailed(f"DuckDB does not start: {_first_line(error)}") from error

    def rows(self, query: str, **tables: Table) -> Rows:
        """See :class:`Engine`."""
        with self._asking(query) as cursor:
            for name, table in tables.items():
                self._show(cursor, name, table)
            return cursor.execute(_text(query)).fetchall()

    def write(self, query: str, path: str, **tables: str) -> None:
        """Write the rows that a query gives over local Parquet files, as they are, to another, in their order.

        Raises
        ------
        EngineFailed
            As :meth:`rows`.
        """
        with self._asking(query) as cursor:
            for name, file in tables.items():
                cursor.read_parquet(file).create_view(name)
            cursor.sql(_text(query)).write_parquet(path, compression="zstd")

    @contextmanager
    def _asking(self, query: str) -> Iterator[duckdb.DuckDBPyConnection]:
        import duckdb

        cursor = self._connection.cursor()
        try:
            yield cursor
        except duckdb.Error as error:
            raise EngineFailed(f"{query} failed: {_first_line(error)}") from error
        finally:
            cursor.close()

    def _show(self, cursor: duckdb.DuckDBPyConnection, name: str, table: Table) -> None:
        """Make a view of the table: one scan over all its files, each known by its name."""
        import duckdb
        import pyarrow as pa

        paths = [source.path for source in table]
        open_urls(cursor, paths)
        known = {
            "filename": paths,
            "dataset": [source.dataset for source in table],
            "base": [source.number * PLACES_PER_SHARD for source in table],
        }
        files = cursor.read_parquet(paths, filename=True).join(cursor.from_arrow(pa.table(known)), "filename")
        place = (duckdb.ColumnExpression("base") + duckdb.ColumnExpression("row")).alias("place")
        files.select(duckdb.StarExpression(exclude=["filename", "base", "row"]), place).create_view(name, replace=True)


class SparkEngine:
    """A Spark cluster, or another server that speaks Spark Connect.

    Parameters
    ----------
    remote:
        Its address, ``sc://host:port``.

    Raises
    ------
    EngineFailed
        The client is not installed, or nothing answers.
    """

    def __init__(self, remote: str) -> None:
        try:
            from pyspark.sql import SparkSession
        except ImportError as error:
            hint = "pip install 'lineage-platform[spark]'"
            raise EngineFailed("LINEAGE_SPARK_REMOTE is set, but Spark's client is not installed", hint) from error
        try:
            self._session: SparkSession = SparkSession.builder.remote(remote).getOrCreate()
        except Exception as error:  # the client raises its transport's own errors here
            raise EngineFailed(f"no Spark answers at {remote}: {_first_line(error)}", _CHECK_REMOTE) from error

    def rows(self, query: str, **tables: Table) -> Rows:
        """See :class:`Engine`."""
        from pyspark.errors import PySparkException

        try:
            for name, table in tables.items():
                self._show(table).createOrReplaceTempView(name)
            return [tuple(row) for row in self._session.sql(_text(query)).collect()]
        except PySparkException as error:
            raise EngineFailed(f"{query} failed on Spark: {_first_line(error)}", _CHECK_REMOTE) from error

    def close(self) -> None:
        """End the session."""
        self._session.stop()

    def _show(self, table: Table) -> DataFrame:
        from pyspark.sql.functions import col, lit

        frames = [
            self._session.read.parquet(source.path)
            .withColumn("dataset", lit(source.dataset))
            .withColumn("place", col("row") + lit(source.number * PLACES_PER_SHARD))
            .drop("row")
            for source in table
        ]
        return reduce(lambda one, other: one.union(other), frames)


_CHECK_REMOTE = "check LINEAGE_SPARK_REMOTE, and that the cluster can read the shards"


def open_urls(cursor: duckdb.DuckDBPyConnection, paths: Iterable[str]) -> None:
    """Let DuckDB open URLs among the paths through fsspec: its own extensions for them would be downloads."""
    for protocol in {path.split("://")[0] for path in paths if "://" in path}:
        if not cursor.filesystem_is_registered(protocol):
            import fsspec

            cursor.register_filesystem(fsspec.filesystem(protocol))


@cache
def _text(query: str) -> str:
    return (sql_folder() / "rows" / f"{query}.sql").read_text(encoding="utf-8")


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
