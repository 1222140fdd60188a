"""Files of rows without their near-duplicates: what `lineage dedup` does."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from lineage_platform.corpus.near_duplicates import Engine, Keep, near_duplicates
from lineage_platform.errors import UsageError
from lineage_platform.samples.fields_file import FieldsTable
from lineage_platform.samples.reading import read_triplets

KEPT, REMOVED = "kept.parquet", "removed.parquet"
ROWS = pl.Schema(
    {"file": pl.String, "row": pl.Int64, "instruction": pl.String, "input": pl.String, "output": pl.String}
)
QUERY = pl.concat_str("instruction", "input", separator="\n").str.strip_chars()


@dataclass(frozen=True)
class Deduplicated:
    """What stays and what goes.

    Parameters
    ----------
    kept:
        ``file``, ``row`` (in its file), ``instruction``, ``input``, ``output``.
    removed:
        ``file``, ``row``, ``kept_file``, ``kept_row`` (which row it is near), ``similarity``.
    """

    kept: pl.DataFrame
    removed: pl.DataFrame

    @property
    def rows(self) -> int:
        """How many there were."""
        return self.kept.height + self.removed.height


@dataclass(frozen=True)
class FileRows:
    """The rows of some files.

    Parameters
    ----------
    frame:
        ``file``, ``row`` (in its file), ``instruction``, ``input``, ``output``.
    skipped:
        By file, how many bad rows were left out, where there were any.
    """

    frame: pl.DataFrame
    skipped: dict[str, int]


def read_rows(
    files: Sequence[Path], fields: FieldsTable, *, skip_bad_rows: bool = False, report: Callable[[int], None]
) -> FileRows:
    """The rows of all files, in their order.

    Parameters
    ----------
    files:
        In any format that is read.
    fields:
        Where the triplets are, for the files it names.
    skip_bad_rows:
        Leave out what cannot be read, instead of ending there.
    report:
        Told how many rows have been read.

    Raises
    ------
    LineageError
        A file cannot be read; the message says where.
    """

    skipped: dict[str, int] = {}

    def frames() -> Iterator[pl.DataFrame]:
        done = 0
        for path in files:
            found = read_triplets(path, fields.of_file(path), skip_bad_rows)
            for frame in found:
                yield frame.select(pl.lit(str(path)).alias("file"), "row", "instruction", "input", "output")
                done += frame.height
                report(done)
            if found.skipped:
                skipped[str(path)] = found.skipped

    return FileRows(pl.concat([ROWS.to_frame(eager=True), *frames()]), skipped)


def deduplicate(
    rows: pl.DataFrame,
    *,
    keep: Keep = Keep.FIRST,
    ranks: Mapping[str, object] | None = None,
    against: pl.DataFrame | None = None,
    threshold: float = 0.7,
    engine: Engine = Engine.COMPILED,
    report: Callable[[int], None] | None = None,
) -> Deduplicated:
    """Take out rows whose instruction and input are near those of a row that stays.

    Parameters
    ----------
    rows:
        As in :class:`FileRows`.
    keep, threshold, engine, report:
        As for :func:`near_duplicates`.
    ranks:
        By file, for the policies ``earliest`` and ``nearest-root``.
    against:
        Rows of a second corpus, which stay whatever they are near.

    Raises
    ------
    UsageError
        The threshold is none, or the policy needs ranks.
    """
    rank = None if ranks is None else rows["file"].replace_strict(dict(ranks), default=None)
    found = near_duplicates(
        rows.select(QUERY).to_series(),
        keep=keep,
        rank=rank,
        against=None if against is None else against.select(QUERY).to_series(),
        threshold=threshold,
        engine=engine,
        report=report,
    )
    return Deduplicated(rows[found.kept], _removed(rows, against, found.removed))


def _removed(rows: pl.DataFrame, against: pl.DataFrame | None, removed: pl.DataFrame) -> pl.DataFrame:
    """The table of removals with the rows' places in their files."""
    names = rows.select("file", "row")
    others = names if against is None else pl.concat([names, against.select("file", "row")])
    kept = removed.select(pl.col("kept_row") + pl.when("in_against").then(rows.height).otherwise(0)).to_series()
    return pl.concat(
        [
            names[removed["row"]],
            others[kept].rename({"file": "kept_file", "row": "kept_row"}),
            removed.select("similarity"),
        ],
        how="horizontal",
    )


def write_deduplicated(found: Deduplicated, folder: Path) -> None:
    """Write ``kept.parquet`` and ``removed.parquet``; neither appears before both are written.

    Raises
    ------
    UsageError
        ``folder`` is a file.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file", "name a folder: --out DIR")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".dedup-") as name:
        aside = Path(name)
        found.kept.write_parquet(aside / KEPT)
        found.removed.write_parquet(aside / REMOVED)
        folder.mkdir(exist_ok=True)
        for file in (REMOVED, KEPT):
            (aside / file).replace(folder / file)
