"""MinHash signatures cut into bands: rows with similar shingle sets get, in some band, the same key.

Two rows of Jaccard similarity ``s`` share at least one of ``b`` bands of ``r`` permutations with a probability of
``1 - (1 - s**r)**b`` (docs/near_duplicates.md shows the curve as it was measured).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lineage_platform.concurrency import in_order
from lineage_platform.samples.shingles import PUBLIC_KEY, byte_lengths, chunks_of, shingle

Places = NDArray[np.integer[Any]]


@dataclass(frozen=True)
class Banding:
    """How a signature is cut: ``bands`` bands of ``rows`` permutations each."""

    bands: int
    rows: int

    def probability(self, similarity: float) -> float:
        """That two rows of this Jaccard similarity share a band."""
        return float(1 - (1 - similarity**self.rows) ** self.bands)


# 125 of 128 permutations. At 0.7 it misses one pair in a hundred; 21 x 6 would miss one in fourteen.
RECALL_BANDING = Banding(25, 5)


@dataclass(frozen=True)
class Nearness:
    """When two texts are near.

    Parameters
    ----------
    threshold:
        From which Jaccard similarity on.
    size:
        Words in a shingle.
    banding:
        Who is compared at all.
    """

    threshold: float
    size: int
    banding: Banding


def band_keys(
    texts: pl.Series, size: int, banding: Banding, threads: int, order: Places | None = None
) -> NDArray[np.uint32]:
    """The key of every band (first axis) of every row (second axis), the rows in ``order``.

    Parameters
    ----------
    texts:
        The rows.
    size:
        Words in a shingle.
    banding:
        How many bands, how wide.
    threads:
        How many to use; the keys do not depend on it.
    order:
        Which rows, and where. Default: all, as they are.
    """
    from lineage_platform.corpus import near_kernel

    order = np.arange(len(texts)) if order is None else order
    keys = np.empty((banding.bands, len(order)), np.uint32)
    low, high = _permutations(banding.bands * banding.rows)

    def fill(rows: slice) -> None:
        made = shingle(texts.gather(order[rows]), size, PUBLIC_KEY)
        near_kernel.band_keys(made.values, made.offsets, low, high, keys, rows.start)

    for _ in in_order(fill, chunks_of(byte_lengths(texts)[order]), threads):
        pass
    return keys


def _permutations(count: int) -> NDArray[np.uint32]:
    """Two odd 32-bit factors for each permutation, always the same."""
    digest = hashlib.shake_128(b"MinHash permutations").digest(8 * count)
    return (np.frombuffer(digest, "<u4") | np.uint32(1)).reshape(2, count)
