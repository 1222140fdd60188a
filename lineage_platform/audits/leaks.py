"""Leaked rows on disk: a Parquet file per training set and benchmark, each item beside the row that holds it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lineage_platform.audits.contamination import Leak
from lineage_platform.files import safe_name, write_whole


class LeakStore:
    """Where leaked rows are kept, beside the figures.

    Parameters
    ----------
    root:
        The hub's folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root / "measurements" / "leaks"

    def path(self, train: str, benchmark: str) -> Path:
        """Where the leaked rows of a pair lie or would lie."""
        return self.root / f"{safe_name(f'{train} {benchmark}')}.parquet"

    def write(self, train: str, benchmark: str, leaks: Sequence[Leak]) -> Path:
        """Keep the leaked rows of a pair, whole, in place of earlier ones."""
        import polars as pl

        columns = {
            "match": [str(leak.match) for leak in leaks],
            "share": [leak.share for leak in leaks],
            "options_share": [leak.options_share for leak in leaks],
            "benchmark_part": [leak.item.part for leak in leaks],
            "benchmark_row": [leak.item.row for leak in leaks],
            "train_part": [leak.row.part for leak in leaks],
            "train_row": [leak.row.row for leak in leaks],
            "benchmark_text": [leak.item_text for leak in leaks],
            "train_text": [leak.row_text for leak in leaks],
        }
        path = self.path(train, benchmark)
        rows = io.BytesIO()
        pl.DataFrame(columns, schema_overrides={"options_share": pl.Float64}).write_parquet(rows)
        write_whole(path, rows.getvalue())
        return path

    def read(self, train: str, benchmark: str, limit: int | None = None) -> list[dict[str, Any]]:
        """The leaked rows of a pair, at most ``limit`` of them; none for a pair that was not compared."""
        import polars as pl

        path = self.path(train, benchmark)
        if not path.exists():
            return []
        frame = pl.scan_parquet(path) if limit is None else pl.scan_parquet(path).head(limit)
        return frame.collect().to_dicts()
