"""How diverse a set of texts is, from their vectors: Vendi score and centroid distance, in one pass.

The Vendi score with the cosine kernel K is exp(entropy of the eigenvalues of K/N). K/N (rows x rows) and the mean outer
product of the unit vectors (dimensions x dimensions) have the same eigenvalues but for zeros, and the latter is a sum
over rows: it is accumulated block by block, and no more than a block of vectors is ever held.

Intervals are bootstrap intervals of the linearised figures. Resampling rows and scoring each resample would cost a
thousand passes, and would be off: a resample repeats a third of its rows, so that its Vendi score is lower than the
set's by more than its spread. Instead, what each row contributes to a figure to first order is resampled; its spread is
the same within a few per cent.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from lineage_platform.concurrency import in_order
from lineage_platform.corpus.bootstrap import Floats, Interval, RowSample, spread
from lineage_platform.errors import ExtraMissing, LineageError

BLOCK_ROWS = 4_096  # so many rows that adding their product up costs little beside the product
THREADS = min(4, os.cpu_count() or 1)  # pieces at a time, each by one thread: product after product, BLAS's own
# threads would wait for each other, and for the lengths and unit vectors that one thread works out
_NO_DIRECTION = 1e-12  # of the mean length: a shorter mean vector is rounding


class NoDiversity(LineageError):
    """Vectors for which a figure is not defined: none at all, one without a direction, a mean without one."""

    kind = "no_diversity"


@dataclass(frozen=True)
class Diversity:
    """How diverse a set of vectors is.

    Parameters
    ----------
    rows, dimensions:
        Of the vectors.
    vendi:
        The effective number of different rows: 1 when all point one way, at most the lesser of rows and dimensions.
    centroid_distance:
        1 - mean cosine to the mean of the vectors.
    vendi_interval, centroid_interval:
        Where they would lie in 95 of 100 samples of as many rows; None where the engine does not say.
    """

    rows: int
    dimensions: int
    vendi: float
    centroid_distance: float
    vendi_interval: Interval | None = None
    centroid_interval: Interval | None = None


@dataclass(frozen=True)
class DiversityRow:
    """One dataset of a comparison.

    Parameters
    ----------
    dataset:
        Name of the corpus, dataset or file.
    model:
        That embedded it; figures of different models are not comparable.
    sampled:
        Share of its rows that was embedded.
    diversity:
        The figures over those.
    """

    dataset: str
    model: str
    sampled: float
    diversity: Diversity


def streamed(blocks: Iterable[Floats], *, seed: int = 0) -> Diversity:
    """The figures in one pass and in memory that does not depend on how many rows there are.

    Parameters
    ----------
    blocks:
        Vectors as the model gives them, rows x dimensions; 64-bit blocks are computed in 64-bit, others in 32-bit, and
        sums are in 64-bit.
    seed:
        Of the intervals.

    Raises
    ------
    NoDiversity
        There is no vector, one is zero or not finite, or their mean is zero.
    """
    moments = Moments(seed)
    with threadpool_limits(1, user_api="blas"):
        for sums in in_order(_sums_of, _pieces(blocks), THREADS):
            moments.add(sums)
    return moments.diversity()


def _pieces(blocks: Iterable[Floats]) -> Iterator[tuple[int, Floats]]:
    """The vectors in pieces that stay in the cache, each with the number of its first row."""
    rows = 0
    for block in blocks:
        for start in range(0, len(block), BLOCK_ROWS):
            piece = np.asarray(block[start : start + BLOCK_ROWS])
            yield rows + start, piece.astype(np.float64 if piece.dtype == np.float64 else np.float32, copy=False)
        rows += len(block)


class Sums(NamedTuple):
    """What a piece adds: its vectors, and sums over them, over their unit vectors' outer products, and of lengths."""

    vectors: Floats
    gram: Floats
    units: Floats
    total: Floats
    lengths: float


def _sums_of(piece: tuple[int, Floats]) -> Sums:
    first, vectors = piece
    lengths = _lengths_of(vectors, first)
    scales = 1 / lengths
    unit = vectors * scales[:, None]
    gram = unit.T @ unit  # half of a product: NumPy sees that it is symmetric
    total = np.ones_like(scales) @ vectors
    return Sums(vectors, gram, scales @ vectors, total, float(lengths.sum(dtype=np.float64)))


def _lengths_of(vectors: Floats, first: int) -> Floats:
    """Lengths of the vectors, none of which may be zero."""
    lengths: Floats = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    bad = ~((lengths > 0) & (lengths < np.inf))
    if bad.any():
        row = first + int(np.flatnonzero(bad)[0])
        raise NoDiversity(f"the vector of row {row} has no direction: it is zero or not finite", _CHECK_MODEL)
    return lengths


class Moments:
    """Sums over the vectors seen so far, enough for both figures.

    Parameters
    ----------
    seed:
        Of the intervals.
    """

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed
        self._sample = RowSample(seed)
        self._rows = 0
        self._lengths = 0.0

    def add(self, sums: Sums) -> None:
        """Take in the next vectors' sums."""
        if not self._rows:
            self._dimensions = sums.vectors.shape[1]
            self._gram = np.zeros((self._dimensions, self._dimensions))
            self._units, self._sum = np.zeros(self._dimensions), np.zeros(self._dimensions)
        self._gram += sums.gram
        self._units += sums.units
        self._sum += sums.total
        self._lengths += sums.lengths
        self._sample.add(sums.vectors)
        self._rows += len(sums.vectors)

    def diversity(self) -> Diversity:
        """The figures over all vectors taken in.

        Raises
        ------
        NoDiversity
            There are none, or their mean is zero.
        """
        if not self._rows:
            raise NoDiversity("there are no rows to measure", "check that the dataset has rows with an instruction")
        sample = self._sample.rows()
        vendi, vendi_interval = self._vendi(sample)
        distance, centroid_interval = self._centroid(sample)
        return Diversity(self._rows, self._dimensions, vendi, distance, vendi_interval, centroid_interval)

    def _vendi(self, sample: NDArray[np.float64]) -> tuple[float, Interval]:
        """The score; a row contributes -u'(log C)u to the entropy of C, the mean outer product of unit vectors u."""
        values, directions = np.linalg.eigh(self._gram / self._rows)
        values, directions = values[values > 0], directions[:, values > 0]
        score = float(np.exp(-np.sum(values * np.log(values))))
        units = sample / np.linalg.norm(sample, axis=1, keepdims=True)
        low, high = spread(-((units @ directions) ** 2 @ np.log(values)), self._rows, self._seed)
        return score, Interval(score * float(np.exp(low)), score * float(np.exp(high)))

    def _centroid(self, sample: NDArray[np.float64]) -> tuple[float, Interval]:
        """The distance; a row contributes through its own cosine and by moving the mean."""
        mean, unit_mean = self._sum / self._rows, self._units / self._rows
        length = float(np.linalg.norm(mean))
        if length <= _NO_DIRECTION * self._lengths / self._rows:
            raise NoDiversity("the mean of the vectors is zero: centroid distance is not defined", _CHECK_MODEL)
        towards = mean / length
        cosine = float(unit_mean @ towards)
        across = (unit_mean - cosine * towards) / length
        units = sample / np.linalg.norm(sample, axis=1, keepdims=True)
        low, high = spread(-(units @ towards + sample @ across), self._rows, self._seed)
        distance = max(0.0, 1 - cosine)
        return distance, Interval(distance + low, distance + high)


def reference(blocks: Iterable[Floats], *, seed: int = 0) -> Diversity:  # noqa: ARG001  an engine like the other
    """The figures by the score's authors' implementation and the plain formula, all vectors in memory; no intervals.

    Raises
    ------
    ExtraMissing
        vendi-score is not installed.
    NoDiversity
        There is no vector.
    """
    try:
        from vendi_score import vendi
    except ImportError as error:
        raise ExtraMissing("vendi-score, the reference engine", "reference") from error
    held = [block for block in blocks if len(block)]
    if not held:
        raise NoDiversity("there are no rows to measure", "check that the dataset has rows with an instruction")
    vectors: NDArray[Any] = np.concatenate(held)
    rows, dimensions = vectors.shape
    score = vendi.score_X(vectors) if rows <= dimensions else vendi.score_dual(vectors)
    mean = vectors.mean(axis=0)
    cosines = vectors @ mean / (np.linalg.norm(vectors, axis=1) * np.linalg.norm(mean))
    return Diversity(rows, dimensions, float(score), 1 - float(cosines.mean()))


ENGINES: dict[str, Callable[..., Diversity]] = {"streamed": streamed, "reference": reference}
_CHECK_MODEL = "check the model, or leave out the rows it cannot embed"
