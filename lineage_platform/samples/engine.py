"""Sorting and counting digests on DuckDB inside this process: one SQL text per question (``sql/rows``)."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import cache
from typing import TYPE_CHECKING

from lineage_platform.sql import sql_folder

if TYPE_CHECKING:
    import duckdb
    from fsspec import AbstractFileSystem

Answer = dict[str, int]
Tables = Mapping[str, Sequence[str]]
"""Parquet files by the name that the SQL gives their rows."""

DEFAULT_MEMORY = "2GB"


class DuckDBEngine:
    """DuckDB with a limit on its memory; what does not fit goes to disk while it works.

    Parameters
    ----------
    memory:
        As DuckDB writes it (``2GB``).
    threads:
        At most; by default as many as there are processors.
    filesystem:
        Reads tables whose paths are URLs; local paths need none.
    """

    def __init__(
        self, memory: str = DEFAULT_MEMORY, threads: int | None = None, filesystem: AbstractFileSystem | None = None
    ) -> None:
        self._settings: dict[str, str | int] = {"memory_limit": memory, **({"threads": threads} if threads else {})}
        self._filesystem = filesystem

    def ask(self, question: str, tables: Tables) -> list[Answer]:
        """The rows that the SQL of this name gives over these tables, by column name."""
        with ExitStack() as stack:
            found = self._connection(stack, tables).sql(_text(question))
            return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]

    def write(self, question: str, tables: Tables, path: str) -> None:
        """Write the rows that the SQL of this name gives to a local Parquet file, in their order."""
        with ExitStack() as stack:
            self._connection(stack, tables).sql(_text(question)).write_parquet(path, compression="zstd")

    def _connection(self, stack: ExitStack, tables: Tables) -> duckdb.DuckDBPyConnection:
        import duckdb

        spill = stack.enter_context(tempfile.TemporaryDirectory(prefix="lineage-spill-"))
        connection = stack.enter_context(duckdb.connect(config={**self._settings, "temp_directory": spill}))
        if self._filesystem is not None:
            connection.register_filesystem(self._filesystem)
        for name, paths in tables.items():
            connection.read_parquet(list(paths)).create_view(name)
        return connection


@cache
def _text(question: str) -> str:
    return (sql_folder() / "rows" / f"{question}.sql").read_text(encoding="utf-8")
