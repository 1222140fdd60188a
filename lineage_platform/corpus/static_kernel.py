"""The loop behind :mod:`lineage_platform.corpus.static_model`; imported when needed, since numba takes its time."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lineage_platform.samples.compiling import compiled


@compiled
def weighted_sums(
    rows: NDArray[Any], places: NDArray[np.int64], weights: NDArray[np.float32], counts: NDArray[np.int64]
) -> NDArray[np.float32]:
    """For each of ``counts``, the weighted sum of the rows at the next that many ``places``."""
    sums = np.zeros((len(counts), rows.shape[1]), np.float32)
    at = 0
    for group in range(len(counts)):
        for _ in range(counts[group]):
            row, weight = places[at], weights[at]
            for column in range(rows.shape[1]):
                sums[group, column] += weight * rows[row, column]
            at += 1
    return sums
