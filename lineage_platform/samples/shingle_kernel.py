"""The loops behind :mod:`lineage_platform.samples.shingles`; imported when first needed, since numba takes its time."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lineage_platform.samples.compiling import compiled

U8 = NDArray[np.uint8]
U64 = NDArray[np.uint64]
I64 = NDArray[np.int64]

_SIP_0 = np.uint64(0x736F6D6570736575)
_SIP_1 = np.uint64(0x646F72616E646F6D)
_SIP_2 = np.uint64(0x6C7967656E657261)
_SIP_3 = np.uint64(0x7465646279746573)
_MIX = np.uint64(0x9E3779B97F4A7C15)


@compiled
def _rotated(value: Any, bits: int) -> Any:
    return (value << np.uint64(bits)) | (value >> np.uint64(64 - bits))


@compiled
def _sip_round(v0: Any, v1: Any, v2: Any, v3: Any) -> Any:
    v0 += v1
    v2 += v3
    v1 = _rotated(v1, 13) ^ v0
    v3 = _rotated(v3, 16) ^ v2
    v0 = _rotated(v0, 32) + v3
    v2 += v1
    v3 = _rotated(v3, 21) ^ v0
    v1 = _rotated(v1, 17) ^ v2
    return v0, v1, _rotated(v2, 32), v3


@compiled
def _word_edges(text: U8, start: int, end: int, edges: I64) -> int:
    """Write where each word of ``text[start:end]`` begins and ends, and return how many there are.

    Without a branch for each byte: word lengths cannot be predicted, and a wrong guess costs more than a byte does.
    """
    count = 0
    before = np.uint8(1)
    for at in range(start, end):
        byte = text[at]
        control = np.uint8(byte - np.uint8(0x09)) <= np.uint8(4)
        separator = np.uint8(byte - np.uint8(0x1C)) <= np.uint8(3)
        space = np.uint8((byte == np.uint8(0x20)) | control | separator)
        edges[count] = at
        count += int(space != before)
        before = space
    edges[count] = end
    return (count + 1) // 2


@compiled
def word_hash(blocks: U64, start: int, end: int, key: U64) -> Any:
    """The SipHash-1-3 of the bytes from ``start`` to ``end``; ``blocks[i]`` are the eight bytes from ``i`` on."""
    v0, v1, v2, v3 = key[0] ^ _SIP_0, key[1] ^ _SIP_1, key[0] ^ _SIP_2, key[1] ^ _SIP_3
    length = np.uint64(end - start) << np.uint64(56)
    while start + 8 <= end:
        v3 ^= blocks[start]
        v0, v1, v2, v3 = _sip_round(v0, v1, v2, v3)
        v0 ^= blocks[start]
        start += 8
    last = length | (blocks[start] & ((np.uint64(1) << np.uint64(8 * (end - start))) - np.uint64(1)))
    v3 ^= last
    v0, v1, v2, v3 = _sip_round(v0, v1, v2, v3)
    v0 ^= last
    v2 ^= np.uint64(0xFF)
    for _ in range(3):
        v0, v1, v2, v3 = _sip_round(v0, v1, v2, v3)
    return v0 ^ v1 ^ v2 ^ v3


@compiled
def shingle_rows(text: U8, blocks: U64, bounds: I64, key: U64, factors: U64, values: U64, offsets: I64) -> None:
    """Hash every run of ``len(factors) - 1`` words of every row; the last factor marks how many words a run has."""
    size = len(factors) - 1
    longest = 0
    for row in range(len(bounds) - 1):
        longest = max(longest, bounds[row + 1] - bounds[row])
    edges, words = np.empty(longest + 2, np.int64), np.empty(longest // 2 + 1, np.uint64)
    total = 0
    for row in range(len(bounds) - 1):
        count = _word_edges(text, bounds[row], bounds[row + 1], edges)
        for word in range(count):
            words[word] = word_hash(blocks, edges[2 * word], edges[2 * word + 1], key)
        run = min(count, size)
        for first in range(max(count - size, 0) + 1):
            mixed = factors[size] * np.uint64(run)
            for at in range(run):
                mixed += words[first + at] * factors[at]
            mixed = (mixed ^ (mixed >> np.uint64(32))) * _MIX
            values[total] = mixed ^ (mixed >> np.uint64(29))
            total += 1
        offsets[row + 1] = total


@compiled
def distinct_rows(values: U64, offsets: I64, kept: U64, kept_offsets: I64) -> None:
    """Copy each row's values to ``kept``, sorted and without repetition."""
    total = 0
    for row in range(len(offsets) - 1):
        ordered = np.sort(values[offsets[row] : offsets[row + 1]])
        for at in range(len(ordered)):
            if at == 0 or ordered[at] != ordered[at - 1]:
                kept[total] = ordered[at]
                total += 1
        kept_offsets[row + 1] = total
