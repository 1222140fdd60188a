"""What a stage removes, written down row by row as it comes, and what is left when it is done."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator

import numpy as np
import polars as pl
import pyarrow as pa

from lineage_platform.corpus.accounting import CountMismatch, RootCount, Stage
from lineage_platform.corpus.rows import Integers, RowTable
from lineage_platform.corpus.tables import REMOVED, ROW_GROUP

REMOVALS = pl.Schema(
    {
        "position": pl.Int64(),
        "reason": pl.String(),
        "detail": pl.String(),
        "kept_position": pl.Int64(),
        "similarity": pl.Float64(),
        "benchmark": pl.String(),
        "benchmark_part": pl.String(),
        "benchmark_row": pl.Int64(),
    }
)
"""What a stage says of a row it removes: all but position and reason may be left out."""


class Removals:
    """The removals of one stage: it takes them in the order of their positions, a frame at a time.

    Parameters
    ----------
    stage:
        The stage.
    rows:
        The table of all rows.
    positions:
        Those that the stage took in, ascending.
    """

    def __init__(self, stage: Stage, rows: RowTable, positions: Integers) -> None:
        self._stage = stage
        self._rows = rows
        self._positions = positions
        self._stays = np.ones(len(positions), bool)
        self._reasons: dict[int, Counter[str]] = defaultdict(Counter)

    def write_down(self, frames: Iterable[pl.DataFrame], seen: Callable[[int], None]) -> Iterator[pa.Table]:
        """Rows of the removal table for what the stage removes.

        Parameters
        ----------
        frames:
            In the order of positions; their columns are some of ``REMOVALS``.
        seen:
            Told how many of the stage's rows lie behind.

        Raises
        ------
        CountMismatch
            A row is removed that the stage did not take in, or twice.
        """
        for frame in frames:
            removed = frame["position"].to_numpy()
            if len(removed):
                places = self._places(removed)
                self._stays[places] = False
                self._count(removed, frame["reason"])
                seen(int(places[-1]) + 1)
                yield self._table(_completed(frame))

    @property
    def kept(self) -> Integers:
        """Positions of the rows that stay."""
        return self._positions[self._stays]

    def kept_tables(self) -> Iterator[pa.Table]:
        """The rows that stay, with where each was read."""
        kept = self.kept
        for start in range(0, len(kept), ROW_GROUP):
            positions = kept[start : start + ROW_GROUP]
            names = ["position", "dataset", "part", "row"]
            yield pa.table([pa.array(positions), *self._rows.identity(positions)], names=names)

    def by_root(self) -> Iterator[RootCount]:
        """Input, kept and removed of each root, each counted by itself."""
        number = len(self._rows.roots)
        taken = np.bincount(self._rows.root_of(self._positions), minlength=number)
        kept = np.bincount(self._rows.root_of(self.kept), minlength=number)
        for at, root in enumerate(self._rows.roots):
            reasons = dict(sorted(self._reasons[at].items()))
            yield RootCount(dataset_id=root.dataset_id, input=int(taken[at]), kept=int(kept[at]), removed=reasons)

    def _places(self, removed: Integers) -> Integers:
        places = np.minimum(np.searchsorted(self._positions, removed), max(0, len(self._positions) - 1))
        known = len(self._positions) and (self._positions[places] == removed).all()
        if not known or not self._stays[places].all() or (np.diff(removed) <= 0).any():
            raise CountMismatch(
                f"{self._stage.value} removes rows that it did not take in, or removes one twice",
                "this is a fault of the platform: please report it with the recipe",
            )
        return places

    def _count(self, removed: Integers, reasons: pl.Series) -> None:
        counted = pl.DataFrame({"root": self._rows.root_of(removed), "reason": reasons}).group_by("root", "reason")
        for root, reason, number in counted.len().iter_rows():
            self._reasons[root][reason] += number

    def _table(self, frame: pl.DataFrame) -> pa.Table:
        dataset, part, row = self._rows.identity(frame["position"].to_numpy())
        kept = self._rows.identity(frame["kept_position"].fill_null(-1).to_numpy())
        columns = {
            "stage": pa.array([self._stage.value] * len(frame), pa.string()),
            **dict(zip(("dataset", "part", "row"), (dataset, part, row), strict=True)),
            **dict(zip(("kept_dataset", "kept_part", "kept_row"), kept, strict=True)),
        }
        others = frame.select(name for name in REMOVED.names if name not in columns).to_arrow()
        return pa.table(columns | {name: others.column(name) for name in others.column_names})


def _completed(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with every column of ``REMOVALS``."""
    missing = [pl.lit(None, kind).alias(name) for name, kind in REMOVALS.items() if name not in frame.columns]
    return frame.with_columns(missing).with_columns(pl.col("detail").fill_null("")).select(REMOVALS.names())
