"""Rows given in a test, kept as shards without a file to read them from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import polars as pl

from lineage_platform.audits.leaks import LeakStore
from lineage_platform.audits.lineage import Lineage
from lineage_platform.audits.rows import RowSet, Shelf
from lineage_platform.audits.screening import Screening
from lineage_platform.measurements import MeasurementStore
from lineage_platform.samples.digests import DEFAULT_SCHEME
from lineage_platform.samples.engines import DuckDBEngine
from lineage_platform.samples.reading import TripletRows
from lineage_platform.samples.row_files import Source
from lineage_platform.samples.shards import Shard, ShardStore
from lineage_platform.samples.triplets import Fields

Row = str | tuple[str, ...]


class GivenRows(TripletRows):
    """The frames of rows that are already there."""

    def __init__(self, name: str, rows: Sequence[Row], revision: str = "1") -> None:
        dataset_id, _, part = name.partition("#")
        super().__init__(Source(dataset_id, (), part, revision))
        self.fields = Fields("alpaca", "instruction", "input", "output")
        self._rows = [((row,) if isinstance(row, str) else row) for row in rows]

    def __iter__(self) -> Iterator[pl.DataFrame]:
        full = [(at, *row, *[""] * (3 - len(row)), None) for at, row in enumerate(self._rows)]
        schema = {"row": pl.Int64, "instruction": pl.String, "input": pl.String, "output": pl.String, "rest": pl.String}
        yield pl.DataFrame(full, schema=schema, orient="row")


def keep(store: ShardStore, name: str, rows: Sequence[Row], scheme: str = DEFAULT_SCHEME, revision: str = "1") -> Shard:
    """Keep rows as the shard of a dataset or of one of its parts; a text is an instruction alone."""
    return store.write(GivenRows(name, rows, revision), scheme)


class World:
    """Shards in a folder, with a lineage; ``rows`` is by ``dataset`` or ``dataset#part``."""

    def __init__(
        self,
        root: Path,
        rows: Mapping[str, Sequence[Row]],
        edges: Mapping[tuple[str, str], str] | None = None,
        released: Mapping[str, str] | None = None,
        licences: Mapping[str, str] | None = None,
    ) -> None:
        self.root = root
        self.store = ShardStore(root / "shards")
        for name, each in rows.items():
            keep(self.store, name, each)
        self.shelf = Shelf(self.store)
        self.lineage = Lineage(edges or {}, released or {}, licences or {})
        self.engine = DuckDBEngine()
        self.measurements = MeasurementStore(root)
        self.leaks = LeakStore(root)

    def rows(self, name: str) -> RowSet:
        found = self.shelf.find(name)
        assert found is not None, name
        return found

    def screening(self) -> Screening:
        return Screening(self.shelf, self.engine, self.lineage, self.measurements, self.leaks)
