"""Small samples of query digests, from which the containment of any two parts is estimated without a join.

A sketch holds the smallest digests of a part: all of them below a bound that a sixty-fourth of all digests lie below,
and at least ``SMALLEST``. Two sketches are comparable below the lower of their two ends, where both are complete.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import polars as pl

SMALLEST = 4096
SCALE = 64
COLUMNS = ("query_hi", "query_lo")

_BOUND = -(1 << 63) + (1 << 64) // SCALE


@dataclass(frozen=True)
class Sketch:
    """The smallest query digests of a part.

    Parameters
    ----------
    hashes:
        Pairs of the higher and lower half, ascending, each once.
    queries:
        Distinct queries of the part.
    """

    hashes: np.ndarray[tuple[int, ...], np.dtype[np.void]]
    queries: int

    @property
    def complete(self) -> bool:
        """Whether it holds every query of its part."""
        return len(self.hashes) >= self.queries


@dataclass(frozen=True)
class Estimate:
    """An estimated share, with its standard error; the error is 0 where both sketches are complete."""

    share: float
    error: float


def sketch_of(digests: pl.LazyFrame) -> pl.DataFrame:
    """The sketch of digests sorted as a shard is: they are its first ones."""
    distinct = digests.select(COLUMNS).filter(pl.struct(COLUMNS).ne_missing(pl.struct(COLUMNS).shift()))
    smallest = distinct.head(SMALLEST).collect()
    below = digests.filter(pl.col(COLUMNS[0]) < _BOUND).select(COLUMNS).unique().sort(COLUMNS).collect()
    return below if below.height > smallest.height else smallest


def sketch(frame: pl.DataFrame, queries: int) -> Sketch:
    """What :func:`sketch_of` made, of a part with so many distinct queries."""
    pairs = np.ascontiguousarray(frame.select(COLUMNS).to_numpy().astype(np.int64))
    return Sketch(pairs.view([("hi", np.int64), ("lo", np.int64)]).reshape(-1), queries)


def containment(of: Sketch, within: Sketch) -> Estimate:
    """Share of the queries of one part that the other has, too.

    The error is that of a sample drawn without replacement; a share of none or all in a sample is taken to be off by
    one at least.
    """
    sample = _comparable(of, within)
    if not of.queries or not len(sample):
        return Estimate(0.0, 0.0 if not of.queries else 1.0)
    found = int(np.isin(sample, within.hashes).sum())
    size, whole = len(sample), of.queries
    likely = (found + 1) / (size + 2)
    unseen = (whole - size) / max(1, whole - 1)
    return Estimate(found / size, math.sqrt(likely * (1 - likely) / size * unseen))


def _comparable(of: Sketch, within: Sketch) -> np.ndarray[tuple[int, ...], np.dtype[np.void]]:
    """Those hashes of one that the other would hold if its part had them."""
    if within.complete:
        return of.hashes
    return of.hashes[: np.searchsorted(of.hashes, within.hashes[-1], side="right")]
