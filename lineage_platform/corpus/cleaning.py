"""What each stage after the first two removes, and why: one function a stage."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from lineage_platform.corpus.accounting import Stage
from lineage_platform.corpus.decontamination import benchmark_items
from lineage_platform.corpus.engine import query
from lineage_platform.corpus.filters import unfit
from lineage_platform.corpus.near_duplicates import Keep, near_duplicates
from lineage_platform.corpus.quotas import draw_order, over_quota
from lineage_platform.corpus.recipe import Recipe
from lineage_platform.corpus.rows import Integers, RowTable
from lineage_platform.samples.shards import ShardStore


@dataclass(frozen=True)
class Work:
    """What a stage works on.

    Parameters
    ----------
    recipe:
        What to do.
    rows, positions:
        All rows, and those of them that the stage before kept.
    earlier:
        Folder of the stage before.
    scratch:
        Folder for what does not fit into memory.
    shards:
        Rows of benchmarks.
    workers:
        Threads or processes.
    """

    recipe: Recipe
    rows: RowTable
    positions: Integers
    earlier: Path
    scratch: Path
    shards: ShardStore
    workers: int


Cleaner = Callable[[Work], Iterator[pl.DataFrame]]
"""Gives what a stage removes, in the order of positions; columns as ``removals.REMOVALS``."""


def filtered(work: Work) -> Iterator[pl.DataFrame]:
    """Rows that are too short, too long, empty, or in another language."""
    return unfit(work.rows, work.positions, work.recipe.filters, work.workers)


def exact_unique(work: Work) -> Iterator[pl.DataFrame]:
    """Rows with the instruction and input of an earlier row, beside the first of these."""
    tables = {"rows": str(work.rows.path), "kept": str(work.earlier / "kept.parquet")}
    return query("exact_duplicates", tables, work.scratch, work.workers)


def near_unique(work: Work) -> Iterator[pl.DataFrame]:
    """Rows whose question is nearly that of another one, beside the one that stays."""
    rule = work.recipe.near_duplicates
    if rule is None or not len(work.positions):
        return
    found = near_duplicates(
        questions(work.rows, work.positions),
        keep=rule.keep,
        rank=_ranks(work, rule.keep),
        threshold=rule.threshold,
        threads=work.workers,
    ).removed
    yield pl.DataFrame(
        {
            "position": work.positions[found["row"].to_numpy()],
            "kept_position": work.positions[found["kept_row"].to_numpy()],
            "similarity": found["similarity"],
        }
    ).with_columns(reason=pl.lit("near_duplicate"))


def decontaminated(work: Work) -> Iterator[pl.DataFrame]:
    """Rows that hold a benchmark's item."""
    kept, rule = work.earlier / "kept.parquet", work.recipe.benchmarks
    return benchmark_items(work.rows, work.positions, kept, rule, work.shards, work.scratch, work.workers)


def within_quotas(work: Work) -> Iterator[pl.DataFrame]:
    """Rows for which no quota has room."""
    digests = (work.rows.column(name)[work.positions] for name in ("query_hi", "query_lo"))
    order = draw_order(work.recipe.seed, *digests)
    codes, reasons = over_quota(work.recipe, work.rows.roots, work.rows.root_of(work.positions), order)
    over = np.flatnonzero(codes)
    names = [reasons[code - 1] for code in codes[over]]
    yield pl.DataFrame({"position": work.positions[over], "reason": pl.Series(names, dtype=pl.String)})


CLEANING: Mapping[Stage, Cleaner] = {
    Stage.FILTERED_ROWS: filtered,
    Stage.EXACT_UNIQUE_ROWS: exact_unique,
    Stage.NEAR_UNIQUE_ROWS: near_unique,
    Stage.DECONTAMINATED_ROWS: decontaminated,
    Stage.CORPUS: within_quotas,
}


def questions(rows: RowTable, positions: Integers) -> pl.Series:
    """Instruction and input of rows, as one text."""
    parts = [
        pl.DataFrame(pl.from_arrow(table)).select(question=QUESTION).to_series()
        for _, table in rows.read(positions, ("instruction", "input"))
    ]
    return pl.concat(parts)


QUESTION = pl.concat_str("instruction", "input", separator="\n").str.strip_chars()


def _ranks(work: Work, keep: Keep) -> pl.Series | None:
    """By what rows are ordered before the first of near ones is kept: the release of their dataset, or its depth."""
    of_root: pl.Series
    match keep:
        case Keep.EARLIEST:
            of_root = pl.Series([root.released or None for root in work.rows.roots], dtype=pl.String)
        case Keep.NEAREST_ROOT:
            of_root = pl.Series([len(root.path) for root in work.rows.roots], dtype=pl.Int64)
        case _:
            return None
    return of_root.gather(work.rows.root_of(work.positions))
