"""DuckDB over Parquet files, in bounded memory: what does not fit goes to a scratch folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import duckdb
import polars as pl

from lineage_platform.samples.engines import open_urls
from lineage_platform.sql import sql_folder

MEMORY_LIMIT = "2GB"
BATCH_ROWS = 65_536


def query(
    name: str, parameters: Mapping[str, str | Sequence[str]], scratch: Path, threads: int
) -> Iterator[pl.DataFrame]:
    """The answer to ``sql/corpus/NAME.sql``, a batch at a time.

    Parameters
    ----------
    name, parameters:
        The query, and the values of its ``$name`` parameters: paths or URLs of Parquet files, and words.
    scratch:
        Folder for what does not fit into memory.
    threads:
        To work with; the answer does not depend on it.
    """
    text = (sql_folder() / "corpus" / f"{name}.sql").read_text(encoding="utf-8")
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": MEMORY_LIMIT,
        "temp_directory": str(scratch),
        "threads": threads,
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
    with duckdb.connect(":memory:", config=settings) as connection:
        open_urls(connection, _paths(parameters.values()))
        for batch in connection.sql(text, params=dict(parameters)).to_arrow_reader(BATCH_ROWS):
            frame = pl.from_arrow(batch)
            assert isinstance(frame, pl.DataFrame)
            yield frame


def _paths(values: Iterable[str | Sequence[str]]) -> Iterator[str]:
    for value in values:
        yield from [value] if isinstance(value, str) else value
