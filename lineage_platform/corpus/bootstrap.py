"""Bootstrap intervals of a stream: a bounded random sample of its rows, and the spread of what they contribute."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

SAMPLE_ROWS = 4_096
RESAMPLES = 1_000
CONFIDENCE = 0.95


class Interval(NamedTuple):
    """Where a figure would lie in 95 of 100 samples of as many rows."""

    low: float
    high: float


class RowSample:
    """A uniform random sample of the rows of a stream, the same however the stream is cut into blocks.

    Each row draws a number; the rows with the smallest numbers are kept.

    Parameters
    ----------
    seed:
        Of the numbers drawn.
    size:
        Rows to keep.
    """

    def __init__(self, seed: int, size: int = SAMPLE_ROWS) -> None:
        self._random = np.random.default_rng(seed)
        self._size = size
        self._numbers: NDArray[np.float64] = np.empty(0)
        self._rows: Floats | None = None

    def add(self, block: Floats) -> None:
        """Take in the stream's next rows."""
        numbers = self._random.random(len(block))
        if self._rows is None:
            self._rows = np.empty((0, block.shape[1]), block.dtype)
        room = self._size - len(self._rows)
        if room > 0:
            self._numbers = np.concatenate([self._numbers, numbers[:room]])
            self._rows = np.concatenate([self._rows, block[:room]])
            numbers, block = numbers[room:], block[room:]
        self._replace(numbers, block)

    def _replace(self, numbers: NDArray[np.float64], block: Floats) -> None:
        """Let rows with smaller numbers take the places of those with the largest, and only those be copied."""
        assert self._rows is not None
        better = np.flatnonzero(numbers < self._numbers.max(initial=0))
        if not better.size:
            return
        both = np.concatenate([self._numbers, numbers[better]])
        kept = np.zeros(len(both), dtype=bool)
        kept[np.argpartition(both, self._size - 1)[: self._size]] = True
        leaving = np.flatnonzero(~kept[: self._size])
        coming = better[kept[self._size :]]
        self._numbers[leaving] = numbers[coming]
        self._rows[leaving] = block[coming]

    def rows(self) -> NDArray[np.float64]:
        """The sampled rows in 64-bit, in an order that does not depend on how the stream was cut."""
        assert self._rows is not None
        return self._rows[np.argsort(self._numbers)].astype(np.float64)


def spread(contributions: NDArray[np.float64], rows: int, seed: int) -> tuple[float, float]:
    """How far the mean over ``rows`` rows strays from one sample of rows to another, as quantiles of a bootstrap.

    Parameters
    ----------
    contributions:
        What each sampled row adds to the mean.
    rows:
        Rows that the mean is over; where they are more than the sampled ones, the spread narrows with their root.
    seed:
        Of the resamples.

    Returns
    -------
    tuple
        The lower and the upper deviation from the mean.
    """
    random = np.random.default_rng(seed)
    count = len(contributions)
    centred = contributions - contributions.mean()
    together = max(1, SAMPLE_ROWS // count)
    drawn = (random.integers(count, size=(together, count)) for _ in range(-(-RESAMPLES // together)))
    means = np.concatenate([centred[rows_drawn].mean(axis=1) for rows_drawn in drawn])[:RESAMPLES]
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(means, [tail, 1 - tail]) * np.sqrt(count / rows)
    return float(low), float(high)
