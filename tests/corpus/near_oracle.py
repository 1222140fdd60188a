"""Near-duplicates by brute force on the words themselves, as DESIGN 5 states them: slow and plain."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

Verdict = tuple[int, int, float]


def word_shingles(text: str, size: int) -> set[tuple[str, ...]]:
    words = unicodedata.normalize("NFKC", text).lower().split()
    return {tuple(words[at : at + size]) for at in range(max(len(words) - size, 0) + 1)}


def jaccard(left: set[Any], right: set[Any]) -> float:
    shared = len(left & right)
    return shared / (len(left) + len(right) - shared)


def greedy(texts: Sequence[str], order: Sequence[int], threshold: float, size: int) -> list[Verdict]:
    """(row, kept row, similarity) of each removed row, in row order."""
    sets = [word_shingles(text, size) for text in texts]
    kept: list[int] = []
    removed: list[Verdict] = []
    for row in order:
        for other in kept:
            similarity = jaccard(sets[row], sets[other])
            if similarity >= threshold:
                removed.append((row, other, similarity))
                break
        else:
            kept.append(row)
    return sorted(removed)
