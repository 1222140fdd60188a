"""A graph of its own from a selection of another: what reports with a focus are asked of."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import duckdb

from lineage_platform.sql import sql_files


def write_focused(whole: Path, focus: Iterable[str], path: Path) -> None:
    """Write what lies inside some datasets of a graph to a graph of its own.

    Parameters
    ----------
    whole:
        The DuckDB file of the whole graph.
    focus:
        The datasets.
    path:
        The new DuckDB file.
    """
    with duckdb.connect(path) as connection:
        connection.execute("ATTACH $path AS whole (READ_ONLY)", {"path": str(whole)})
        connection.execute("CREATE TEMP TABLE focus AS SELECT unnest($ids::VARCHAR[]) AS id", {"ids": sorted(focus)})
        for statements in (*sql_files("schema"), *sql_files("focus")):
            connection.execute(statements.read_text(encoding="utf-8"))
