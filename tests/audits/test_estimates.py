"""Which pairs are worth a join, told from sketches: none that matters is missed, few that do not are proposed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage_platform.audits.estimates import likely_pairs, merged
from lineage_platform.samples.sketches import Sketch, containment

SIZE = 400


def sketch(hashes: Iterable[int]) -> Sketch:
    whole = sorted(set(hashes))
    pairs = np.array([(each, 0) for each in whole[:SIZE]], dtype=[("hi", np.int64), ("lo", np.int64)])
    return Sketch(pairs, len(whole))


def proposed(share: float, *sets: Iterable[int]) -> list[tuple[str, str]]:
    return list(likely_pairs({f"set {at}": sketch(each) for at, each in enumerate(sets)}, share))


def random_hashes(size: int, seed: int = 0) -> Sequence[int]:
    bounds = np.iinfo(np.int64)
    return [int(each) for each in np.random.default_rng(seed).integers(bounds.min, bounds.max, size)]


@given(st.sets(st.integers(-50, 50), min_size=1), st.sets(st.integers(-50, 50), min_size=1))
def test_small_sets_are_proposed_when_they_share_as_much_as_asked_for(one: set[int], other: set[int]) -> None:
    share = len(one & other) / min(len(one), len(other))
    assert bool(proposed(0.25, one, other)) == (share >= 0.25)


@pytest.mark.parametrize("shared", [500, 2_000, 9_500])
def test_large_sets_that_share_a_twentieth_or_more_are_proposed(shared: int) -> None:
    for seed in range(10):
        pool = random_hashes(20_000 - shared, seed)
        assert proposed(0.05, pool[:10_000], pool[10_000 - shared :]) == [("set 0", "set 1")]


def test_sets_that_share_nothing_are_not_proposed() -> None:
    pool = random_hashes(30_000)
    assert proposed(0.01, pool[:10_000], pool[10_000:20_000], pool[20_000:]) == []
    assert proposed(0.01) == []


@given(st.lists(st.sets(st.integers(-50, 50), min_size=1), min_size=1, max_size=4))
def test_parts_that_are_known_whole_are_one_set_known_whole(parts: list[set[int]]) -> None:
    together = merged([sketch(part) for part in parts])
    union = set().union(*parts)
    assert together.complete
    assert together.queries == len(union)
    assert together.hashes["hi"].tolist() == sorted(union)


def test_parts_are_known_together_as_far_as_each_of_them_is() -> None:
    pool = random_hashes(6_000)
    together = merged([sketch(pool[:1_000]), sketch(pool[1_000:]), sketch([-(2**62), 2**62])])
    whole = sorted({*pool, -(2**62), 2**62})
    assert not together.complete
    assert together.hashes["hi"].tolist() == whole[: len(together.hashes)]
    assert abs(together.queries - len(whole)) < 600
    assert containment(sketch(pool[:200]), together).share == pytest.approx(1.0)
