"""The graph as Parquet: a file for each of the tables, typed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lineage_platform.exports.rows import COLUMNS, tables
from lineage_platform.graph.view import GraphView

# Columns that hold no text.
_KINDS: Mapping[str, tuple[str, ...]] = {
    "bool": ("on_hub", "is_leaf", "is_benchmark", "verified"),
    "int64": (
        "depth",
        "in_degree",
        "out_degree",
        "downloads",
        "likes",
        "witnesses",
        "verified_witnesses",
        "quote_offset",
    ),
    "double": ("confidence",),
}


def files(view: GraphView) -> Iterator[tuple[str, bytes]]:
    """``datasets.parquet``, ``edges.parquet`` and ``witnesses.parquet``."""
    import pyarrow as pa
    from pyarrow import parquet

    for name, rows in tables(view).items():
        schema = pa.schema([pa.field(column, _type(column)) for column in COLUMNS[name]])
        sink = pa.BufferOutputStream()
        parquet.write_table(pa.Table.from_pylist(rows, schema=schema), sink)
        yield f"{name}.parquet", sink.getvalue().to_pybytes()


def _type(column: str) -> Any:
    import pyarrow as pa

    if column == "domains":
        return pa.list_(pa.string())
    return pa.type_for_alias(next((kind for kind, names in _KINDS.items() if column in names), "string"))
