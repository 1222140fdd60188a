"""Near-duplicates by datasketch's index and Python's own sets: the oracle beside :mod:`.near_survivors`."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lineage_platform.corpus.minhash import Nearness, Places
from lineage_platform.errors import ExtraMissing

Words = tuple[str, ...]


def judge(
    texts: pl.Series,
    order: Places,
    fixed: int,
    near: Nearness,
    threads: int,  # noqa: ARG001 - the other engine's
    report: Callable[[int], None],
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """As :func:`lineage_platform.corpus.near_survivors.judge`, on one thread, with every kept row in the index.

    Raises
    ------
    ExtraMissing
        datasketch is not installed.
    """
    try:
        from datasketch import MinHash, MinHashLSH
    except ImportError as error:
        raise ExtraMissing("datasketch", "reference") from error

    permutations = near.banding.bands * near.banding.rows
    index = MinHashLSH(num_perm=permutations, params=(near.banding.bands, near.banding.rows))
    kept: dict[int, set[Words]] = {}
    verdicts, similarities = np.full(len(order), -1, np.int32), np.zeros(len(order))
    for place, text in enumerate(texts.gather(order)):
        mine = _shingles(text or "", near.size)
        signature = MinHash(num_perm=permutations)
        signature.update_batch([" ".join(words).encode() for words in sorted(mine)])
        met = sorted(index.query(signature)) if place >= fixed else []
        for other in met:
            similarity = _jaccard(mine, kept[other])
            if similarity >= near.threshold:
                verdicts[place], similarities[place] = other, similarity
                break
        else:
            kept[place] = mine
            index.insert(place, signature)
        report(place + 1)
    return verdicts, similarities


def _shingles(text: str, size: int) -> set[Words]:
    words = unicodedata.normalize("NFKC", text).lower().split()
    return {tuple(words[at : at + size]) for at in range(max(len(words) - size, 0) + 1)}


def _jaccard(left: set[Words], right: set[Words]) -> float:
    shared = len(left & right)
    return shared / (len(left) + len(right) - shared)
