"""Parquet in the child process: footers, a sample of row groups, batches of rows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import islice
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from lineage_platform.samples.formats import MAX_ROW_BYTES, BrokenFile, Flaw, refuse_duplicates
from lineage_platform.samples.triplets import Fields, Row

MOST_BATCH_ROWS = 16_384
BATCH_BYTES = 8 << 20
MOST_ROWS_PER_BYTE = 100


@dataclass(frozen=True)
class Sample:
    """Which row groups are read.

    Parameters
    ----------
    chosen:
        Row groups by file name; None when all are read.
    share:
        Of the rows.
    """

    chosen: dict[str, list[int]] | None
    share: float = 1.0

    @classmethod
    def of(cls, footers: Iterable[tuple[str, pq.FileMetaData]], most_rows: int, seed: str) -> Sample:
        """All row groups, or so many that ``most_rows`` are just passed: the seed and the names alone say which."""
        sizes = {
            (name, group): footer.row_group(group).num_rows
            for name, footer in footers
            for group in range(footer.num_row_groups)
        }
        total = sum(sizes.values())
        if total <= most_rows:
            return cls(None)
        chosen: dict[str, list[int]] = {}
        taken = 0
        for name, group in sorted(sizes, key=lambda place: hashlib.sha256(f"{seed}\n{place}".encode()).digest()):
            if taken >= most_rows:
                break
            taken += sizes[name, group]
            chosen.setdefault(name, []).append(group)
        return cls(chosen, taken / total)

    def groups(self, name: str) -> Sequence[int] | None:
        """Row groups of one file that are read; None for all."""
        return None if self.chosen is None else sorted(self.chosen.get(name, []))


def opened(file: BinaryIO, size: int) -> pq.ParquetFile:
    """A file whose footer can be believed.

    Raises
    ------
    BrokenFile
        It claims more rows than its bytes could hold, or two columns of one name.
    """
    content = pq.ParquetFile(file, pre_buffer=False)
    if content.metadata.num_rows > MOST_ROWS_PER_BYTE * size:
        raise BrokenFile(f"it claims {content.metadata.num_rows:,} rows in {size:,} bytes")
    refuse_duplicates(column_names(content))
    return content


def footer(file: BinaryIO, size: int) -> pq.FileMetaData:
    """What the file says of itself."""
    with opened(file, size) as content:
        return content.metadata


def column_names(content: pq.ParquetFile) -> list[str]:
    """The columns, nested ones as one."""
    return list(content.schema_arrow.names)


def first_rows(content: pq.ParquetFile, number: int) -> list[Row]:
    """The first rows, of nested columns only: flat ones are told by their names."""
    nested = [field.name for field in content.schema_arrow if pa.types.is_nested(field.type)]
    if not nested or not content.num_row_groups:
        return []
    batches_ = content.iter_batches(batch_size=number, row_groups=[0], columns=nested)
    return [row for batch in islice(batches_, 1) for row in rows(batch) if not isinstance(row, Flaw)]


def batches(
    content: pq.ParquetFile, columns: Sequence[str], groups: Sequence[int] | None
) -> Iterator[tuple[int, pa.RecordBatch]]:
    """Batches of some 8 MiB, each with the number of its first row in the file."""
    start = 0
    for group in range(content.num_row_groups):
        about = content.metadata.row_group(group)
        if groups is None or group in groups:
            row = start
            size = min(MOST_BATCH_ROWS, max(1, BATCH_BYTES * about.num_rows // max(1, about.total_byte_size)))
            for batch in content.iter_batches(batch_size=size, row_groups=[group], columns=list(columns)):
                yield row, batch
                row += batch.num_rows
        start += about.num_rows


def plain(batch: pa.RecordBatch, fields: Fields, first: int, schema: pa.Schema) -> pa.RecordBatch | None:
    """The batch as triplets, if its columns are text and all of its rows are good; else None, and each row is seen to.

    Parameters
    ----------
    first:
        Row number of the first row.
    schema:
        Of the triplets.
    """
    columns = []
    for path in (fields.instruction, fields.input, fields.output):
        at = batch.schema.get_field_index(path)
        if "." in path:
            return None
        column = batch.column(at) if at >= 0 else pa.nulls(batch.num_rows, pa.string())
        if not _is_text(column.type):
            return None
        text = pc.fill_null(column.cast(pa.string()), "")
        try:
            text.validate(full=True)
        except pa.ArrowInvalid:  # not UTF-8
            return None
        columns.append(pc.utf8_trim_whitespace(text))
    sizes = reduce(pc.add, [pc.binary_length(column) for column in columns])
    if batch.num_rows and (pc.min(sizes).as_py() == 0 or pc.max(sizes).as_py() > MAX_ROW_BYTES):
        return None
    numbers = pa.array(range(first, first + batch.num_rows), pa.int64())
    return pa.RecordBatch.from_arrays([numbers, *columns, pa.nulls(batch.num_rows, pa.string())], schema=schema)


def rows(batch: pa.RecordBatch) -> Iterator[Row | Flaw]:
    """Each row of a batch."""
    try:
        yield from batch.to_pylist()
    except UnicodeDecodeError:
        for at in range(batch.num_rows):
            yield _row(batch.slice(at, 1))


def _row(batch: pa.RecordBatch) -> Row | Flaw:
    try:
        found: dict[str, Any] = batch.to_pylist()[0]
    except UnicodeDecodeError:
        return Flaw("its bytes are not UTF-8")
    return found


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        return _is_text(kind.value_type)
    return any(
        test(kind) for test in (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view, pa.types.is_null)
    )
