"""Parquet whose bytes depend on its rows alone: fixed row groups and settings, and nothing about when or where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

ROW_GROUP = 16_384
TEXTS = ("instruction", "input", "output")
PUBLISHED_DIGESTS = ("triplet_hi", "triplet_lo", "query_hi", "query_lo")
DIGESTS = (*PUBLISHED_DIGESTS, "query_norm_hi", "query_norm_lo")
_IDENTITY = [("dataset", pa.string()), ("part", pa.string()), ("row", pa.int64())]
_TEXTS = [(name, pa.string()) for name in TEXTS]

ROWS = pa.schema([("position", pa.int64()), *_IDENTITY, *_TEXTS, *((name, pa.int64()) for name in DIGESTS)])
"""All rows of all roots; a row's position is its place in this table."""

KEPT = pa.schema([("position", pa.int64()), *_IDENTITY])
"""The rows that a stage keeps."""

REMOVED = pa.schema(
    [
        ("stage", pa.string()),
        ("reason", pa.string()),
        ("detail", pa.string()),
        *_IDENTITY,
        ("kept_dataset", pa.string()),
        ("kept_part", pa.string()),
        ("kept_row", pa.int64()),
        ("similarity", pa.float64()),
        ("benchmark", pa.string()),
        ("benchmark_part", pa.string()),
        ("benchmark_row", pa.int64()),
    ]
)
"""The rows that a stage removes, each with the reason and, where there is one, the row it is a copy of."""

CORPUS = pa.schema(
    [
        *_TEXTS,
        *_IDENTITY,
        ("root", pa.string()),
        ("path", pa.string()),
        ("licence", pa.string()),
        ("domain", pa.string()),
        *((name, pa.int64()) for name in PUBLISHED_DIGESTS),
    ]
)
"""The corpus: each row with where it was read, the leaf it descends from, and what may be done with it."""


def write_table(path: Path, schema: pa.Schema, tables: Iterable[pa.Table]) -> int:
    """Write a stream of tables as one Parquet file; returns its rows.

    However the stream is cut, the row groups are the same.

    Raises
    ------
    OSError
        The disk is full, or does not take the file.
    """
    rows = 0
    names = [field.name for field in schema if field.type == pa.string() and field.name not in TEXTS]
    with pq.ParquetWriter(path, schema, compression="zstd", compression_level=3, use_dictionary=names) as writer:
        for group in _groups(tables, schema):
            writer.write_table(group, row_group_size=ROW_GROUP)
            rows += group.num_rows
    return rows


def _groups(tables: Iterable[pa.Table], schema: pa.Schema) -> Iterator[pa.Table]:
    """The stream in tables of ``ROW_GROUP`` rows, the last one shorter, each in one piece."""
    waiting: list[pa.Table] = []
    size = 0
    for table in tables:
        fitting = table.select(schema.names).cast(schema)
        while size + fitting.num_rows >= ROW_GROUP:
            first = ROW_GROUP - size
            yield pa.concat_tables([*waiting, fitting.slice(0, first)]).combine_chunks()
            waiting, size, fitting = [], 0, fitting.slice(first)
        if fitting.num_rows:
            waiting.append(fitting)
            size += fitting.num_rows
    if size:
        yield pa.concat_tables(waiting).combine_chunks()
