"""Which rows survive: each is compared exactly with the rows kept so far with which it shares a band."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lineage_platform.concurrency import in_order
from lineage_platform.corpus.minhash import Nearness, Places, band_keys
from lineage_platform.samples.shingles import Shingles, byte_lengths, chunks_of, secret_key, shingle

# Kept rows that share a band with hundreds of others are of one template: these many stand for all of them.
MOST_PER_GROUP = 64
GROWTH = 1.25

if TYPE_CHECKING:
    from lineage_platform.corpus.near_kernel import Buckets


def judge(
    texts: pl.Series, order: Places, fixed: int, near: Nearness, threads: int, report: Callable[[int], None]
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """For each place the place of the earlier kept text that its text is near, or -1, and their similarity.

    Parameters
    ----------
    texts:
        The rows.
    order:
        In which they are judged.
    fixed:
        How many at the front of the order are kept whatever they are near.
    near:
        When two texts are near.
    threads:
        How many to use.
    report:
        Told how many texts have been judged.
    """
    from lineage_platform.corpus import near_kernel

    buckets = _buckets(band_keys(texts, near.size, near.banding, threads, order), threads)
    meeting = np.flatnonzero((buckets.groups >= 0).any(axis=0))
    verdicts = near_kernel.Verdicts(np.full(len(order), -1, np.int32), np.zeros(len(order)))
    key = secret_key()

    def sets(rows: slice) -> tuple[NDArray[np.int64], Shingles]:
        return meeting[rows], shingle(texts.gather(order[meeting[rows]]), near.size, key).distinct()

    survivors = near_kernel.Survivors(
        np.empty(len(meeting), np.int32),
        np.empty(0, np.uint64),
        np.zeros(len(meeting) + 1, np.int64),
        np.full(len(meeting), -1, np.int32),
    )
    kept = 0
    for places, made in in_order(sets, chunks_of(byte_lengths(texts)[order[meeting]]), threads):
        _make_room(survivors.values, int(survivors.offsets[kept]) + len(made.values))
        kept = near_kernel.settle(
            places, made.values, made.offsets, buckets, survivors, kept, fixed, near.threshold, verdicts
        )
        report(int(places[-1]) + 1)
    report(len(order))
    return verdicts.near, verdicts.similarity


def _buckets(keys: NDArray[np.uint32], threads: int) -> Buckets:
    """The rows that share a key, band by band, with room for the survivors among them."""
    from lineage_platform.corpus import near_kernel

    groups = keys.view(np.int32)

    def number(band: int) -> NDArray[np.int32]:
        return near_kernel.group_equal(keys[band].copy(), groups[band])

    sizes = list(in_order(number, range(len(keys)), threads))
    first = np.cumsum([0, *map(len, sizes)])
    room = np.minimum(np.concatenate(sizes), MOST_PER_GROUP)
    starts = np.concatenate([[0], np.cumsum(room, dtype=np.int64)])
    lists, met = np.empty(starts[-1], np.int32), np.empty(len(keys) * MOST_PER_GROUP, np.int32)
    return near_kernel.Buckets(groups, first, starts, np.zeros(len(room), np.int32), lists, met)


def _make_room(values: NDArray[np.uint64], length: int) -> None:
    """Lengthen the array in its place, so that no second copy of it is needed."""
    if len(values) < length:
        values.resize(int(length * GROWTH), refcheck=False)
