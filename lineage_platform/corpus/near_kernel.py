"""The loops behind near-duplicates; imported when first needed, since numba takes its time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lineage_platform.samples.compiling import compiled

U32 = NDArray[np.uint32]
U64 = NDArray[np.uint64]
I32 = NDArray[np.int32]
I64 = NDArray[np.int64]


class Buckets(NamedTuple):
    """Which rows share a band, and the survivors among them.

    Parameters
    ----------
    groups:
        ``[band, place]``: the number of the place's group in that band, or -1 where nothing shares it.
    first:
        ``[band]``: where the groups of the band begin in ``starts``.
    starts:
        Where the survivors of each group begin in ``lists``; no group holds more than fit before the next.
    filled:
        How many survivors each group has so far.
    lists:
        Survivors, by their number, group after group.
    met:
        Room for the survivors that one row meets.
    """

    groups: I32
    first: I64
    starts: I64
    filled: I32
    lists: I32
    met: I32


class Survivors(NamedTuple):
    """The rows kept so far that may meet others: their places, their shingles, and who looked at them last."""

    places: I32
    values: U64
    offsets: I64
    seen_by: I32


class Verdicts(NamedTuple):
    """For each place the place of the kept row that it is near, or -1, and how similar they are."""

    near: I32
    similarity: NDArray[np.float64]


_LOW = np.uint64(0xFFFFFFFF)
_MIX = np.uint64(0x9E3779B97F4A7C15)


@compiled
def band_keys(values: U64, offsets: I64, low: U32, high: U32, keys: U32, first: int) -> None:
    """Write the key of each band of each row's MinHash signature to ``keys[band, first + row]``.

    Permutation ``i`` of a shingle with halves ``l`` and ``h`` is ``low[i] * l + high[i] * h``, 32 bits wide.
    """
    bands, permutations = len(keys), len(low)
    width = permutations // bands
    for row in range(len(offsets) - 1):
        least = np.full(permutations, np.uint32(0xFFFFFFFF), np.uint32)
        for at in range(offsets[row], offsets[row + 1]):
            lower, upper = np.uint32(values[at] & _LOW), np.uint32(values[at] >> np.uint64(32))
            for i in range(permutations):
                least[i] = min(least[i], np.uint32(low[i] * lower + high[i] * upper))
        for band in range(bands):
            key = np.uint64(band)
            for i in range(band * width, (band + 1) * width):
                key = (key ^ np.uint64(least[i])) * _MIX
                key ^= key >> np.uint64(32)
            keys[band, first + row] = np.uint32(key >> np.uint64(32))


@compiled
def group_equal(keys: U32, groups: I32) -> I32:
    """Number the keys that occur more than once; write each row's number, or -1, and return the groups' sizes."""
    rows = len(keys)
    bits = 1
    while (1 << bits) < 2 * rows:
        bits += 1
    mask = (1 << bits) - 1
    first = np.full(1 << bits, np.int32(-1), np.int32)
    count = np.zeros(rows, np.int32)
    for row in range(rows):
        slot = np.int64((np.uint64(keys[row]) * _MIX) >> np.uint64(64 - bits))
        while first[slot] >= 0 and keys[first[slot]] != keys[row]:
            slot = (slot + 1) & mask
        if first[slot] < 0:
            first[slot] = row
        groups[row] = first[slot]
        count[first[slot]] += 1
    total = 0
    sizes = np.empty(rows // 2, np.int32)
    for row in range(rows):
        leader = groups[row]
        if leader == row and count[row] > 1:
            sizes[total] = count[row]
            count[row] = -total
            groups[row] = total
            total += 1
        elif leader == row:
            groups[row] = -1
        else:
            groups[row] = -count[leader]
    return sizes[:total].copy()


@compiled
def jaccard(left: U64, right: U64, threshold: float) -> float:
    """The Jaccard similarity of two sorted sets; 0 as soon as it is clear that ``threshold`` is not reached."""
    misses = (len(left) + len(right)) * (1 - threshold) / (1 + threshold) + 1
    if abs(len(left) - len(right)) > misses:
        return 0.0
    shared = i = j = 0
    while i < len(left) and j < len(right):
        mine, theirs = left[i], right[j]
        shared += mine == theirs
        i += mine <= theirs
        j += mine >= theirs
        if i + j - 2 * shared > misses:
            return 0.0
    return shared / (len(left) + len(right) - shared)


@compiled
def _meet(place: int, buckets: Buckets, survivors: Survivors) -> int:
    """Note the survivors that share a band with the row at ``place``, each once, and return how many there are."""
    count = 0
    for band in range(len(buckets.groups)):
        if buckets.groups[band, place] < 0:
            continue
        group = buckets.first[band] + buckets.groups[band, place]
        for at in range(buckets.starts[group], buckets.starts[group] + buckets.filled[group]):
            other = buckets.lists[at]
            if survivors.seen_by[other] != place:
                survivors.seen_by[other] = place
                buckets.met[count] = other
                count += 1
    return count


@compiled
def _first_near(mine: U64, met: I32, survivors: Survivors, threshold: float) -> tuple[int, float]:
    """The first of all survivors met that the row is near, or -1, and how similar they are."""
    first, likeness = -1, 0.0
    for other in met:
        if first < 0 or other < first:
            theirs = survivors.values[survivors.offsets[other] : survivors.offsets[other + 1]]
            found = jaccard(mine, theirs, threshold)
            if found >= threshold:
                first, likeness = other, found
    return first, likeness


@compiled
def _keep(number: int, place: int, mine: U64, buckets: Buckets, survivors: Survivors) -> None:
    """Make the row at ``place`` survivor ``number``, findable in its bands as long as there is room."""
    start = survivors.offsets[number]
    survivors.places[number] = place
    survivors.offsets[number + 1] = start + len(mine)
    for at in range(len(mine)):  # an assignment of slices would compile for seconds, for the message of its error
        survivors.values[start + at] = mine[at]
    for band in range(len(buckets.groups)):
        if buckets.groups[band, place] < 0:
            continue
        group = buckets.first[band] + buckets.groups[band, place]
        end = buckets.starts[group] + buckets.filled[group]
        if end < buckets.starts[group + 1]:
            buckets.lists[end] = number
            buckets.filled[group] += 1


@compiled
def settle(
    places: I64,
    values: U64,
    offsets: I64,
    buckets: Buckets,
    survivors: Survivors,
    kept: int,
    fixed: int,
    threshold: float,
    verdicts: Verdicts,
) -> int:
    """Judge the rows at ``places``, in this order, and return how many survivors there are then.

    The first ``fixed`` places are kept unseen; ``values`` and ``offsets`` hold the rows' distinct shingles.
    """
    for row in range(len(places)):
        place = places[row]
        mine = values[offsets[row] : offsets[row + 1]]
        if place >= fixed:
            met = buckets.met[: _meet(place, buckets, survivors)]
            other, likeness = _first_near(mine, met, survivors, threshold)
            if other >= 0:
                verdicts.near[place] = survivors.places[other]
                verdicts.similarity[place] = likeness
        if verdicts.near[place] < 0:
            _keep(kept, place, mine, buckets, survivors)
            kept += 1
    return kept
