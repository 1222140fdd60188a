"""The loops behind :mod:`lineage_platform.samples.shingles`; imported when first needed, since numba takes its time."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lineage_platform.samples.compiling import compiled

U64 = NDArray[np.uint64]

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
def _space_at(text: NDArray[np.uint8], at: int, end: int) -> int:
    """How many bytes of white space (as ``str.split`` has it) start here; 0 within a word."""
    first = text[at]
    if first < 0x80:
        return 1 if first == 0x20 or 0x09 <= first <= 0x0D or 0x1C <= first <= 0x1F else 0
    if first == 0xC2 and at + 1 < end:
        return 2 if text[at + 1] == 0x85 or text[at + 1] == 0xA0 else 0
    if at + 2 >= end or not (0xE1 <= first <= 0xE3):
        return 0
    second, third = text[at + 1], text[at + 2]
    if first == 0xE1:
        return 3 if second == 0x9A and third == 0x80 else 0
    if first == 0xE3:
        return 3 if second == 0x80 and third == 0x80 else 0
    if second == 0x81:
        return 3 if third == 0x9F else 0
    return 3 if second == 0x80 and (third <= 0x8A or third == 0xA8 or third == 0xA9 or third == 0xAF) else 0


@compiled
def word_hashes(text: NDArray[np.uint8], start: int, end: int, key: U64, words: U64) -> int:
    """Write the SipHash-1-3 of each word of ``text[start:end]`` to ``words`` and return how many there are."""
    count = 0
    at = start
    while at < end:
        width = _space_at(text, at, end)
        if width:
            at += width
            continue
        v0, v1, v2, v3 = key[0] ^ _SIP_0, key[1] ^ _SIP_1, key[0] ^ _SIP_2, key[1] ^ _SIP_3
        block, filled, length = np.uint64(0), np.uint64(0), np.uint64(0)
        while at < end and (0x20 < text[at] < 0x80 or _space_at(text, at, end) == 0):
            block |= np.uint64(text[at]) << filled
            filled += np.uint64(8)
            length += np.uint64(1)
            at += 1
            if filled == np.uint64(64):
                v3 ^= block
                v0, v1, v2, v3 = _sip_round(v0, v1, v2, v3)
                v0 ^= block
                block, filled = np.uint64(0), np.uint64(0)
        block |= length << np.uint64(56)
        v3 ^= block
        v0, v1, v2, v3 = _sip_round(v0, v1, v2, v3)
        v0 ^= block
        v2 ^= np.uint64(0xFF)
        for _ in range(3):
            v0, v1, v2, v3 = _sip_round(v0, v1, v2, v3)
        words[count] = v0 ^ v1 ^ v2 ^ v3
        count += 1
    return count


@compiled
def shingle_rows(
    text: NDArray[np.uint8], bounds: NDArray[np.int64], key: U64, factors: U64, values: U64, offsets: NDArray[np.int64]
) -> None:
    """Hash every run of ``len(factors) - 1`` words of every row; the last factor marks how many words a run has."""
    size = len(factors) - 1
    longest = 0
    for row in range(len(bounds) - 1):
        longest = max(longest, bounds[row + 1] - bounds[row])
    words = np.empty(longest // 2 + 1, np.uint64)
    total = 0
    for row in range(len(bounds) - 1):
        count = word_hashes(text, bounds[row], bounds[row + 1], key, words)
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
def distinct_rows(values: U64, offsets: NDArray[np.int64], kept: U64, kept_offsets: NDArray[np.int64]) -> None:
    """Copy each row's values to ``kept``, sorted and without repetition."""
    total = 0
    for row in range(len(offsets) - 1):
        ordered = np.sort(values[offsets[row] : offsets[row + 1]])
        for at in range(len(ordered)):
            if at == 0 or ordered[at] != ordered[at - 1]:
                kept[total] = ordered[at]
                total += 1
        kept_offsets[row + 1] = total
