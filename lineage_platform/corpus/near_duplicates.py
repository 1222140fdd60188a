"""Near-duplicates: rows whose word 8-grams overlap by a Jaccard similarity of 0.7 or more with a row that is kept.

Rows are judged one by one in the order of the keep policy. MinHash bands say which of the rows kept so far may be near;
each of these is compared exactly, on shingles hashed anew under a key drawn at random for this call, so that no text
can have been written to be taken for another one. The bands decide only which rows meet: they can miss a pair (about
one in a hundred at a similarity of 0.7, hardly any above 0.8), never remove a row that has no near one.

Work is bounded: a row meets kept rows only, at most ``near_survivors.MOST_PER_GROUP`` in each band. Where more kept
rows than that share a band, as in rows made from one template, the first of them stand for it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lineage_platform.corpus import near_reference, near_survivors
from lineage_platform.corpus.minhash import RECALL_BANDING, Banding, Nearness
from lineage_platform.errors import UsageError


class Keep(StrEnum):
    """Which row of several near ones stays: rows are judged in this order, and the first one is kept."""

    FIRST = "first"
    LONGEST = "longest"
    EARLIEST = "earliest"
    NEAREST_ROOT = "nearest-root"
    DROP_ALL = "drop-all"
    """As ``first``, but then a row for which others were removed goes too; the table names it for itself."""


class Engine(StrEnum):
    """Who finds them: our own compiled loops, or datasketch and plain Python, which is slow and easy to check."""

    COMPILED = "compiled"
    REFERENCE = "reference"


@dataclass(frozen=True)
class NearDuplicates:
    """What was found.

    Parameters
    ----------
    rows:
        How many rows were judged.
    removed:
        One row for each that is removed, in row order: ``row``, ``kept_row`` (the row it is near), ``in_against``
        (whether ``kept_row`` counts the rows of ``against``), ``similarity``.
    """

    rows: int
    removed: pl.DataFrame

    @property
    def kept(self) -> pl.Series:
        """The rows that stay, in row order."""
        stays = np.ones(self.rows, np.bool_)
        stays[self.removed["row"].to_numpy()] = False
        return pl.Series("row", np.flatnonzero(stays))


def near_duplicates(
    texts: pl.Series,
    *,
    keep: Keep = Keep.FIRST,
    rank: pl.Series | None = None,
    against: pl.Series | None = None,
    threshold: float = 0.7,
    size: int = 8,
    banding: Banding = RECALL_BANDING,
    engine: Engine = Engine.COMPILED,
    threads: int | None = None,
    report: Callable[[int], None] | None = None,
) -> NearDuplicates:
    """Find the rows of ``texts`` that are near one that is kept. The answer depends on the texts and the policy alone.

    Memory: about 300 bytes a row, and 8 bytes for each distinct shingle of the kept rows that share a band with another
    (about one for each of their words). The texts themselves are not copied.

    Parameters
    ----------
    texts:
        The rows; a missing text counts as empty. An Arrow column: ``polars.Series(column)``.
    keep:
        Which of several near rows stays.
    rank:
        For ``earliest`` the date, for ``nearest-root`` the depth of each row's dataset: low goes first, missing last,
        equal in row order.
    against:
        Rows of a second corpus: all of them stay, and what is near one of them is removed from ``texts``.
    threshold:
        The Jaccard similarity from which on two rows are near.
    size:
        Words in a shingle.
    banding:
        How the bands are cut: recall against time.
    engine:
        Who finds them.
    threads:
        How many to use. Default: one per core.
    report:
        Told how many rows have been judged, now and then.

    Raises
    ------
    UsageError
        The threshold is not above 0 and at most 1, or the policy and the ranks do not go together.
    ExtraMissing
        The reference engine's libraries are not installed.
    """
    if not 0 < threshold <= 1:
        raise UsageError(f"a Jaccard similarity of {threshold} is no threshold", "take one above 0, at most 1")
    order = _order(texts, keep, rank)
    fixed = 0 if against is None else len(against)
    rows = texts.cast(pl.String) if against is None else pl.concat([against.cast(pl.String), texts.cast(pl.String)])
    places = np.concatenate([np.arange(fixed), order + fixed])
    judge = near_reference.judge if engine is Engine.REFERENCE else near_survivors.judge
    nearness = Nearness(threshold, size, banding)
    near, similarity = judge(rows, places, fixed, nearness, threads or os.cpu_count() or 1, report or (lambda _: None))
    if keep is Keep.DROP_ALL:
        _drop_leaders(near, similarity, fixed)
    return NearDuplicates(len(texts), _table(near, similarity, order, fixed))


def _order(texts: pl.Series, keep: Keep, rank: pl.Series | None) -> NDArray[np.uint32]:
    """The rows in the order in which they are judged."""
    if (rank is not None) != (keep in (Keep.EARLIEST, Keep.NEAREST_ROOT)):
        raise UsageError(f"--keep {keep} {'has no use for' if rank is not None else 'needs'} a rank for each row")
    if rank is not None and len(rank) != len(texts):
        raise UsageError(f"{len(rank)} ranks for {len(texts)} rows: each row needs one")
    if keep is Keep.LONGEST:
        rank = -texts.cast(pl.String).str.len_chars().fill_null(0).cast(pl.Int64)
    if rank is None:
        return np.arange(len(texts), dtype=np.uint32)
    frame = pl.DataFrame({"rank": rank}).with_row_index("row")
    return frame.sort("rank", "row", nulls_last=True)["row"].to_numpy()


def _drop_leaders(near: NDArray[np.int32], similarity: NDArray[np.float64], fixed: int) -> None:
    """Mark the rows of ``texts`` for which others were removed as near themselves."""
    leaders = np.unique(near)
    leaders = leaders[leaders >= fixed]
    near[leaders] = leaders
    similarity[leaders] = 1.0


def _table(
    near: NDArray[np.int32], similarity: NDArray[np.float64], order: NDArray[np.uint32], fixed: int
) -> pl.DataFrame:
    places = np.flatnonzero(near >= 0)
    kept = near[places].astype(np.int64)
    in_against = kept < fixed
    kept[~in_against] = order[kept[~in_against] - fixed]
    columns = {
        "row": order[places - fixed].astype(np.int64),
        "kept_row": kept,
        "in_against": in_against,
        "similarity": similarity[places],
    }
    return pl.DataFrame(columns).sort("row")
