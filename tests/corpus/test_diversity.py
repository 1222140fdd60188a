"""Vendi score and centroid distance: equal to their definitions, in one pass, with honest intervals."""

from __future__ import annotations

import sys
import tracemalloc
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from vendi_score import vendi

from lineage_platform.corpus.bootstrap import SAMPLE_ROWS, Interval, RowSample, spread
from lineage_platform.corpus.diversity import BLOCK_ROWS, NoDiversity, reference, streamed
from lineage_platform.errors import ExtraMissing

Vectors = NDArray[np.float64]
entries = st.floats(-4, 4, width=32).map(lambda value: round(value, 3))
shapes = st.tuples(st.integers(1, 30), st.integers(1, 12))


def cloud(rows: int, dimensions: int = 16, seed: int = 0) -> Vectors:
    """Vectors that lie more in some directions than in others, around a mean that is not zero."""
    random = np.random.default_rng(seed)
    scales = 1 / np.arange(1, dimensions + 1)
    return random.normal(size=(rows, dimensions)) * scales + 0.3


def plain_vendi(vectors: Vectors) -> float:
    """The definition, over the N x N kernel."""
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    values = np.linalg.eigvalsh(units @ units.T / len(units))
    values = values[values > 1e-15]
    return float(np.exp(-np.sum(values * np.log(values))))


def plain_centroid_distance(vectors: Vectors) -> float:
    """The definition, row by row."""
    mean = sum(vectors) / len(vectors)
    cosines = [row @ mean / (np.linalg.norm(row) * np.linalg.norm(mean)) for row in vectors]
    return float(1 - sum(cosines) / len(cosines))


def has_figures(vectors: Vectors) -> bool:
    return bool((np.linalg.norm(vectors, axis=1) > 0.01).all() and np.linalg.norm(vectors.mean(axis=0)) > 0.01)


clouds_with_figures = shapes.flatmap(lambda shape: arrays(np.float64, shape, elements=entries)).filter(has_figures)


@settings(max_examples=40, deadline=None)
@given(clouds_with_figures)
def test_the_figures_equal_their_definitions(vectors: Vectors) -> None:
    found = streamed([vectors])
    assert found.vendi == pytest.approx(plain_vendi(vectors), abs=1e-6)
    assert found.centroid_distance == pytest.approx(plain_centroid_distance(vectors), abs=1e-6)


@pytest.mark.parametrize(("rows", "dimensions"), [(1, 8), (5, 64), (64, 64), (700, 48)])
def test_the_score_equals_the_authors_implementation(rows: int, dimensions: int) -> None:
    vectors = cloud(rows, dimensions)
    found = streamed([vectors])
    assert found.vendi == pytest.approx(vendi.score_dual(vectors), abs=1e-6)
    assert found.vendi == pytest.approx(vendi.score_X(vectors), abs=1e-6)


@pytest.mark.parametrize(("rows", "dimensions"), [(5, 64), (700, 48)])
def test_both_engines_agree(rows: int, dimensions: int) -> None:
    vectors = cloud(rows, dimensions)
    one, other = streamed([vectors]), reference([vectors[:3], vectors[3:]])
    assert one.vendi == pytest.approx(other.vendi, abs=1e-6)
    assert one.centroid_distance == pytest.approx(other.centroid_distance, abs=1e-6)
    assert (one.rows, one.dimensions) == (other.rows, other.dimensions) == (rows, dimensions)


def test_vectors_in_32_bit_lose_little() -> None:
    vectors = cloud(20_000, 48)
    one, other = streamed([vectors.astype(np.float32)]), streamed([vectors])
    assert one.vendi == pytest.approx(other.vendi, rel=1e-5)
    assert one.centroid_distance == pytest.approx(other.centroid_distance, abs=1e-6)


def test_equal_rows_count_as_one_and_orthogonal_rows_each() -> None:
    same = streamed([np.tile([3.0, 4.0], (50, 1))])
    assert same.vendi == pytest.approx(1)
    assert same.centroid_distance == pytest.approx(0, abs=1e-12)
    assert streamed([np.eye(7)]).vendi == pytest.approx(7)


def test_the_mean_is_of_the_vectors_as_they_are() -> None:
    """A long vector pulls the mean towards itself; the mean of the unit vectors would lie between the two."""
    found = streamed([np.array([[100.0, 0.0], [0.0, 1.0]])])
    assert found.centroid_distance == pytest.approx(1 - (1 + 0.01) / (2 * np.hypot(1, 0.01)))


@settings(max_examples=40, deadline=None)
@given(clouds_with_figures, st.randoms())
def test_neither_order_nor_length_of_the_vectors_changes_the_score(vectors: Vectors, random: Any) -> None:
    order = random.sample(range(len(vectors)), len(vectors))
    lengths = np.array([random.uniform(0.5, 2) for _ in order])[:, None]
    assert streamed([vectors[order] * lengths]).vendi == pytest.approx(streamed([vectors]).vendi, abs=1e-6)


def test_it_does_not_matter_how_the_stream_is_cut() -> None:
    vectors = cloud(3 * BLOCK_ROWS + 17)
    whole = streamed([vectors], seed=4)
    cut = streamed([vectors[:1], vectors[1:9_000], vectors[9_000:9_000], vectors[9_000:]], seed=4)
    assert cut.vendi == pytest.approx(whole.vendi, rel=1e-12)
    assert cut.vendi_interval == pytest.approx(whole.vendi_interval, rel=1e-12)
    assert cut.centroid_interval == pytest.approx(whole.centroid_interval, rel=1e-12)


def test_the_same_seed_gives_the_same_intervals_and_another_one_others() -> None:
    vectors = cloud(500)
    assert streamed([vectors], seed=1) == streamed([vectors], seed=1)
    assert streamed([vectors], seed=1).vendi_interval != streamed([vectors], seed=2).vendi_interval


def test_memory_does_not_grow_with_the_rows() -> None:
    def peak(blocks: int) -> int:
        tracemalloc.start()
        streamed(cloud(BLOCK_ROWS, seed=number).astype(np.float32) for number in range(blocks))
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    assert peak(72) < 1.2 * peak(24)  # enough for a piece to wait before each thread


def resampled(vectors: Vectors, resamples: int = 400) -> tuple[Vectors, Vectors]:
    """Both figures over resamples of the rows: the bootstrap without the short cut."""
    random = np.random.default_rng(7)
    drawn = [vectors[random.integers(len(vectors), size=len(vectors))] for _ in range(resamples)]
    scores = np.array([vendi.score_dual(rows) for rows in drawn])
    return scores, np.array([plain_centroid_distance(rows) for rows in drawn])


def width(interval: Interval | None) -> float:
    assert interval is not None
    return interval.high - interval.low


def test_the_intervals_are_as_wide_as_those_of_a_plain_bootstrap() -> None:
    vectors = cloud(400)
    found = streamed([vectors])
    scores, distances = resampled(vectors)
    assert width(found.vendi_interval) == pytest.approx(np.ptp(np.quantile(scores, [0.025, 0.975])), rel=0.15)
    assert width(found.centroid_interval) == pytest.approx(np.ptp(np.quantile(distances, [0.025, 0.975])), rel=0.15)


def test_the_intervals_hold_the_figures_though_resamples_score_lower() -> None:
    vectors = np.random.default_rng(3).normal(size=(200, 64)) + 0.3
    found = streamed([vectors])
    assert found.vendi_interval is not None
    assert found.centroid_interval is not None
    assert found.vendi_interval.low < found.vendi < found.vendi_interval.high
    assert found.centroid_interval.low < found.centroid_distance < found.centroid_interval.high
    assert resampled(vectors, 40)[0].max() < found.vendi_interval.low


def test_four_times_the_rows_halve_the_intervals() -> None:
    few, many = (streamed([cloud(rows, seed=5)]) for rows in (4 * SAMPLE_ROWS, 16 * SAMPLE_ROWS))
    assert width(few.vendi_interval) / width(many.vendi_interval) == pytest.approx(2, rel=0.1)
    assert width(few.centroid_interval) / width(many.centroid_interval) == pytest.approx(2, rel=0.1)


@given(st.lists(st.integers(0, 40), max_size=8), st.integers(1, 25), st.integers(0, 5))
def test_a_sample_of_rows_is_the_same_however_the_stream_is_cut(cuts: list[int], size: int, seed: int) -> None:
    rows = np.arange(40.0)[:, None]
    edges = [0, *sorted(cuts), 40]
    sample = RowSample(seed, size)
    for start, end in pairwise(edges):
        sample.add(rows[start:end])
    whole = RowSample(seed, size)
    whole.add(rows)
    assert sample.rows().tolist() == whole.rows().tolist()
    assert len(set(sample.rows().ravel())) == size


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_every_row_may_be_sampled(seed: int) -> None:
    counts = np.zeros(10)
    for number in range(200):
        sample = RowSample(seed * 1_000 + number, 3)
        sample.add(np.arange(10.0)[:, None])
        counts[sample.rows().ravel().astype(int)] += 1
    assert counts.min() > 20  # 60 expected; 20 is six standard deviations below


def test_rows_that_contribute_alike_leave_no_spread() -> None:
    assert spread(np.full(10, 3.0), 10, seed=0) == (0, 0)


@pytest.mark.parametrize("bad", [0.0, np.nan, np.inf])
def test_a_vector_without_direction_is_named(bad: float) -> None:
    vectors = cloud(BLOCK_ROWS + 5)
    vectors[BLOCK_ROWS + 2] = bad
    with pytest.raises(NoDiversity, match=f"row {BLOCK_ROWS + 2} "):
        streamed([vectors])


def test_a_mean_of_zero_is_an_error_not_a_distance() -> None:
    with pytest.raises(NoDiversity, match="mean of the vectors is zero"):
        streamed([np.array([[1.0, 2.0], [-1.0, -2.0]])])


@pytest.mark.parametrize("engine", [streamed, reference])
@pytest.mark.parametrize("blocks", [[], [np.empty((0, 4))]])
def test_no_rows_are_an_error(engine: Any, blocks: list[Vectors]) -> None:
    with pytest.raises(NoDiversity, match="no rows"):
        engine(iter(blocks))


def test_the_reference_engine_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vendi_score", None)
    with pytest.raises(ExtraMissing) as failure:
        reference([cloud(3)])
    assert "lineage-platform[reference]" in failure.value.hint


def test_a_generator_is_read_once_and_a_block_at_a_time() -> None:
    alive = []

    def blocks() -> Iterator[Vectors]:
        for number in range(3):
            alive.append(number)
            yield cloud(10, seed=number)

    assert streamed(blocks()).rows == 30
    assert alive == [0, 1, 2]
