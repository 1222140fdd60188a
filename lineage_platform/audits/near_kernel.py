"""The loops behind :mod:`lineage_platform.audits.near`; imported when first needed, since numba takes its time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lineage_platform.samples.compiling import compiled

I64 = NDArray[np.int64]
U64 = NDArray[np.uint64]

NOT_FOUND = -1


@compiled
def fill_table(grams: U64, slots: I64, keys: U64, bits: U64) -> None:
    """Enter each gram into an open hash table (its number in ``slots``) and into a one-bit filter before it."""
    mask = np.uint64(len(slots) - 1)
    bit_mask = np.uint64(len(bits) * 64 - 1)
    for number in range(len(grams)):
        gram = grams[number]
        slot = gram & mask
        while slots[slot] != NOT_FOUND:
            slot = (slot + np.uint64(1)) & mask
        slots[slot] = number
        keys[slot] = gram
        bit = (gram >> np.uint64(20)) & bit_mask
        bits[bit >> np.uint64(6)] |= np.uint64(1) << (bit & np.uint64(63))


@compiled
def _number_of(gram: np.uint64, slots: I64, keys: U64, bits: U64) -> int:
    bit = (gram >> np.uint64(20)) & np.uint64(len(bits) * 64 - 1)
    if not (bits[bit >> np.uint64(6)] >> (bit & np.uint64(63))) & np.uint64(1):
        return NOT_FOUND
    mask = np.uint64(len(slots) - 1)
    slot = gram & mask
    while slots[slot] != NOT_FOUND:
        if keys[slot] == gram:
            return int(slots[slot])
        slot = (slot + np.uint64(1)) & mask
    return NOT_FOUND


@compiled
def find_items(
    grams: U64,
    offsets: I64,
    places: I64,
    slots: I64,
    keys: U64,
    bits: U64,
    rare_offsets: I64,
    rare_items: I64,
    item_offsets: I64,
    item_grams: I64,
    needed: I64,
    gram_seen: I64,
    item_seen: I64,
    best: I64,
    best_place: I64,
    rows: I64,
    row_item: I64,
) -> None:
    """Find, in each row, the items that have enough of their grams in it.

    An item that has is certain to have one of its rare grams in the row; so only items of rare grams are counted.
    ``gram_seen`` and ``item_seen`` hold the last place at which each was seen; ``best``, ``best_place`` and ``rows``
    are brought up to date for the items found; ``row_item`` gets, for each row, the item of which it has most.
    """
    longest = 0
    for row in range(len(places)):
        longest = max(longest, offsets[row + 1] - offsets[row])
    found = np.empty(longest, np.int64)
    for row in range(len(places)):
        place = places[row]
        distinct = 0
        most = 0
        for at in range(offsets[row], offsets[row + 1]):
            number = _number_of(grams[at], slots, keys, bits)
            if number != NOT_FOUND and gram_seen[number] != place:
                gram_seen[number] = place
                found[distinct] = number
                distinct += 1
        for at in range(distinct):
            for rare in range(rare_offsets[found[at]], rare_offsets[found[at] + 1]):
                item = rare_items[rare]
                if item_seen[item] == place:
                    continue
                item_seen[item] = place
                count = 0
                for each in range(item_offsets[item], item_offsets[item + 1]):
                    count += gram_seen[item_grams[each]] == place
                if count < needed[item]:
                    continue
                rows[item] += 1
                if count > most or (count == most and item < row_item[row]):
                    most = count
                    row_item[row] = item
                if count > best[item] or (count == best[item] and place < best_place[item]):
                    best[item] = count
                    best_place[item] = place
