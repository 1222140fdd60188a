"""Files of rows for the tests of this room."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from lineage_platform.samples.reading import TripletRows, read_triplets

Row = Mapping[str, Any]


def write_rows(path: Path, rows: Sequence[Row]) -> Path:
    """Write rows in the format that the name says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    name = path.name.removesuffix(".gz")
    if name.endswith(".parquet"):
        pl.DataFrame(rows, infer_schema_length=None).write_parquet(path)
    elif name.endswith(".csv"):
        pl.DataFrame(rows, infer_schema_length=None).write_csv(path)
    else:
        lines = "\n".join(json.dumps(row) for row in rows)
        data = (json.dumps(rows, indent=1) if name.endswith(".json") else lines + "\n").encode()
        path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def frame_of(rows: TripletRows) -> pl.DataFrame:
    """All of a stream."""
    return pl.concat(rows)


def triplets_of(path: Path, **options: Any) -> list[tuple[str, str, str]]:
    """Everything in a file."""
    return frame_of(read_triplets(path, **options)).select("instruction", "input", "output").rows()
