"""Estimates from sketches, beside the exact shares."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineage_platform.samples import sketches
from lineage_platform.samples.sketches import Estimate, Sketch, containment, sketch, sketch_of

SMALL = st.sets(st.integers(0, 60), max_size=40)


def hashes(numbers: np.ndarray) -> pl.DataFrame:
    """Digests of numbers, spread as hashes are, sorted as a shard is."""
    words = pl.Series("n", numbers).cast(pl.UInt64).hash(seed=1)
    frame = pl.DataFrame({"query_hi": words, "query_lo": pl.Series(numbers).cast(pl.UInt64).hash(seed=2)})
    return frame.select(pl.all().reinterpret(signed=True)).sort("query_hi", "query_lo")


def sketched(numbers: set[int] | range, repeated: int = 1) -> Sketch:
    frame = hashes(np.repeat(np.array(sorted(numbers), dtype=np.int64), repeated))
    return sketch(sketch_of(frame.lazy()), len(numbers))


@given(one=SMALL, other=SMALL)
@settings(max_examples=60, deadline=None)
def test_small_parts_are_compared_exactly(one: set[int], other: set[int]) -> None:
    share = len(one & other) / len(one) if one else 0.0
    assert containment(sketched(one, 2), sketched(other, 3)) == Estimate(share, 0.0)


@pytest.mark.parametrize(
    ("first", "second"), [(range(30_000), range(20_000, 60_000)), (range(400_000), range(300_000))]
)
def test_an_estimate_is_within_four_standard_errors(first: range, second: range) -> None:
    found = containment(sketched(first), sketched(second))
    exact = len(set(first) & set(second)) / len(first)
    assert found.error < 0.05
    assert abs(found.share - exact) <= 4 * found.error


@given(seed=st.integers(0, 1 << 30), shared=st.integers(0, 3000), rest=st.integers(0, 3000), other=st.integers(0, 3000))
@settings(max_examples=40, deadline=None)
def test_estimates_hold_on_any_two_sets(seed: int, shared: int, rest: int, other: int) -> None:
    both = set(range(seed, seed + shared))
    one = both | set(range(seed + 10_000, seed + 10_000 + rest))
    two = both | set(range(seed + 20_000, seed + 20_000 + other))
    before, sketches.SMALLEST = sketches.SMALLEST, 256
    try:
        found = containment(sketched(one), sketched(two))
    finally:
        sketches.SMALLEST = before
    assert abs(found.share - (shared / len(one) if one else 0)) <= max(6 * found.error, 1e-9)


def test_a_sketch_is_the_beginning_of_the_sorted_digests_each_once() -> None:
    frame = hashes(np.repeat(np.arange(10_000), 3))
    made = sketch_of(frame.lazy())
    assert made.equals(frame.unique(maintain_order=True).head(sketches.SMALLEST))


def test_a_large_part_has_a_larger_sketch() -> None:
    made = sketched(range(600_000))
    assert len(made.hashes) == pytest.approx(600_000 / sketches.SCALE, rel=0.05)
    assert not made.complete


def test_nothing_is_contained_in_and_contains_nothing() -> None:
    empty, some = sketched(set()), sketched({1, 2})
    assert containment(empty, some) == Estimate(0.0, 0.0)
    assert containment(some, empty) == Estimate(0.0, 0.0)


def test_a_sample_without_a_hit_is_no_proof() -> None:
    found = containment(sketched(range(20_000)), sketched(range(20_000, 60_000)))
    assert found.share == 0
    assert 0 < found.error < 0.01
