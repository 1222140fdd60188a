"""Which pairs of datasets are worth a join: those whose sketches have queries in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce

import numpy as np
import polars as pl

from lineage_platform.samples.sketches import Sketch, containment

ERRORS_ALLOWED = 2.0
_HASHES = 1 << 64
_LEAST = -(1 << 63)


def merged(sketches: Sequence[Sketch]) -> Sketch:
    """The sketch of several parts as one set: what is known of all of them."""
    union = reduce(np.union1d, (sketch.hashes for sketch in sketches))
    ends = [sketch.hashes[-1] for sketch in sketches if not sketch.complete]
    if not ends:
        return Sketch(union, len(union))
    end = min(ends, key=np.void.tolist)
    known = union[: np.searchsorted(union, end, side="right")]
    seen_of_all = (int(end["hi"]) - _LEAST) / _HASHES
    return Sketch(known, max(len(known) + 1, round(len(known) / seen_of_all)))


def likely_pairs(sketches: Mapping[str, Sketch], share: float) -> Iterator[tuple[str, str]]:
    """Pairs of names, in order, of which one may hold at least ``share`` of the other, within two standard errors."""
    for one, other in _meeting(sketches):
        for of, within in ((one, other), (other, one)):
            estimate = containment(sketches[of], sketches[within])
            if estimate.share + ERRORS_ALLOWED * estimate.error >= share:
                yield one, other
                break


def _meeting(sketches: Mapping[str, Sketch]) -> Iterator[tuple[str, str]]:
    """Pairs whose sketches have a hash in common (its higher half tells it well enough to propose a pair)."""
    names = sorted(sketches)
    halves = [sketches[name].hashes["hi"] for name in names]
    owners = np.repeat(np.arange(len(names)), [len(each) for each in halves])
    hashes = pl.DataFrame({"set": owners, "hash": np.concatenate([np.empty(0, np.int64), *halves])})
    pairs = hashes.join(hashes, on="hash", suffix="_other").filter(pl.col("set") < pl.col("set_other"))
    for one, other in pairs.select("set", "set_other").unique().sort("set", "set_other").iter_rows():
        yield names[one], names[other]
