"""The rows of all roots as one table, in which a row's number is its position; only some columns are ever in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from lineage_platform.corpus.selection import Root

Integers = npt.NDArray[np.int64]


class RowTable:
    """The table that ``unified_rows`` wrote: the roots in their order, their parts in theirs, rows as they stand.

    Parameters
    ----------
    path:
        The Parquet file.
    roots:
        Those it was made from.
    """

    def __init__(self, path: Path, roots: Sequence[Root]) -> None:
        self.path = path
        self.roots = roots
        sources = [(number, source) for number, root in enumerate(roots) for source in root.sources]
        self._root_of_source = np.array([number for number, _ in sources], np.int64)
        self._parts = np.array([source.part for _, source in sources], object)
        self._ends = np.cumsum([source.rows for _, source in sources], dtype=np.int64)

    def __len__(self) -> int:
        return int(self._ends[-1]) if len(self._ends) else 0

    @property
    def positions(self) -> Integers:
        """Of all rows."""
        return np.arange(len(self), dtype=np.int64)

    def root_of(self, positions: Integers) -> Integers:
        """The number of each row's root."""
        return self._root_of_source[self._source_of(positions)]

    def identity(self, positions: Integers) -> tuple[pa.Array, pa.Array, pa.Array]:
        """Dataset, part and row number of each row; of a negative position none."""
        missing = positions < 0
        inside = np.where(missing, 0, positions)
        names = np.array([root.dataset_id for root in self.roots], object)
        datasets, parts = names[self.root_of(inside)], self._parts[self._source_of(inside)]
        return (
            pa.array(datasets, pa.string(), mask=missing),
            pa.array(parts, pa.string(), mask=missing),
            pa.array(self._numbers[inside], pa.int64(), mask=missing),
        )

    def read(self, positions: Integers, columns: Sequence[str]) -> Iterator[tuple[Integers, pa.Table]]:
        """Columns of the rows at these positions (ascending), a row group at a time."""
        start = 0
        with pq.ParquetFile(self.path) as file:
            for group in range(file.num_row_groups):
                end = start + file.metadata.row_group(group).num_rows
                wanted = positions[np.searchsorted(positions, start) : np.searchsorted(positions, end)]
                if len(wanted):
                    table = file.read_row_group(group, columns=list(columns))
                    yield wanted, table if len(wanted) == end - start else table.take(pa.array(wanted - start))
                start = end

    def column(self, name: str) -> Integers:
        """One column of whole numbers, of all rows."""
        return whole_numbers(self.path, name)

    @cached_property
    def _numbers(self) -> Integers:
        return self.column("row")

    def _source_of(self, positions: Integers) -> Integers:
        return np.searchsorted(self._ends, positions, side="right")


def whole_numbers(path: Path, column: str) -> Integers:
    """A column of whole numbers of a Parquet file."""
    found: Integers = pq.read_table(path, columns=[column]).column(0).to_numpy()
    return found
