"""A row is removed if and only if it is near one that is kept; the table says which; nothing else matters."""

from __future__ import annotations

import random
import sys

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineage_platform.corpus import near_survivors
from lineage_platform.corpus.minhash import Banding, band_keys
from lineage_platform.corpus.near_duplicates import Engine, Keep, NearDuplicates, near_duplicates
from lineage_platform.errors import ExtraMissing, UsageError
from tests.corpus.near_oracle import Verdict, greedy

# Rows that share any of 128 minima meet: nothing as similar as these tests ask for is missed.
MEET_ALL = Banding(128, 1)
TEXTS = st.lists(st.lists(st.sampled_from(["a", "b", "c", "ﬁ", "FI", "Ünï"]), max_size=7).map(" ".join), max_size=12)
THRESHOLDS = st.sampled_from([0.3, 0.5, 0.7, 1.0])


def verdicts(found: NearDuplicates) -> list[Verdict]:
    return list(found.removed.select("row", "kept_row", "similarity").iter_rows())


def find(texts: list[str], **options: object) -> NearDuplicates:
    column = pl.Series(texts, dtype=pl.String)
    return near_duplicates(column, **{"banding": MEET_ALL, "threads": 1, **options})  # type: ignore[arg-type]


@given(texts=TEXTS, threshold=THRESHOLDS, size=st.sampled_from([1, 2, 8]))
@settings(max_examples=150, deadline=None)
def test_survivors_are_the_greedy_ones(texts: list[str], threshold: float, size: int) -> None:
    found = find(texts, threshold=threshold, size=size)
    expected = greedy(texts, range(len(texts)), threshold, size)
    assert verdicts(found) == expected
    assert found.kept.to_list() == sorted(set(range(len(texts))) - {row for row, _, _ in expected})


@given(texts=TEXTS, threshold=THRESHOLDS)
@settings(max_examples=60, deadline=None)
def test_the_longest_stay_where_they_are_asked_for(texts: list[str], threshold: float) -> None:
    order = sorted(range(len(texts)), key=lambda row: (-len(texts[row]), row))
    assert verdicts(find(texts, threshold=threshold, size=2, keep=Keep.LONGEST)) == greedy(texts, order, threshold, 2)


@given(data=st.data(), texts=TEXTS, keep=st.sampled_from([Keep.EARLIEST, Keep.NEAREST_ROOT]))
@settings(max_examples=60, deadline=None)
def test_low_ranks_stay_and_missing_ranks_come_last(data: st.DataObject, texts: list[str], keep: Keep) -> None:
    ranks = data.draw(st.lists(st.none() | st.integers(0, 3), min_size=len(texts), max_size=len(texts)))
    order = sorted(range(len(texts)), key=lambda row: (ranks[row] is None, ranks[row] or 0, row))
    found = find(texts, size=2, keep=keep, rank=pl.Series(ranks, dtype=pl.Int64))
    assert verdicts(found) == greedy(texts, order, 0.7, 2)


@given(texts=TEXTS, threshold=THRESHOLDS)
@settings(max_examples=60, deadline=None)
def test_dropping_all_leaves_no_row_that_another_was_removed_for(texts: list[str], threshold: float) -> None:
    found = find(texts, threshold=threshold, size=2, keep=Keep.DROP_ALL)
    first = greedy(texts, range(len(texts)), threshold, 2)
    leaders = {(leader, leader, 1.0) for _, leader, _ in first}
    assert verdicts(found) == sorted({*first, *leaders})


@given(texts=TEXTS, others=TEXTS, threshold=THRESHOLDS)
@settings(max_examples=60, deadline=None)
def test_rows_near_a_second_corpus_are_removed_and_it_stays_whole(
    texts: list[str], others: list[str], threshold: float
) -> None:
    found = find(texts, threshold=threshold, size=2, against=pl.Series(others, dtype=pl.String))
    expected = []
    kept = [(True, at) for at in range(len(others))]
    for row, text in enumerate(texts):
        for in_against, other in kept:
            pair = greedy([others[other] if in_against else texts[other], text], [0, 1], threshold, 2)
            if pair:
                expected.append((row, other, in_against, pair[0][2]))
                break
        else:
            kept.append((False, row))
    assert list(found.removed.iter_rows()) == expected


@given(texts=TEXTS, seed=st.integers(0, 9))
@settings(max_examples=40, deadline=None)
def test_rows_that_have_nothing_to_do_with_it_change_nothing(texts: list[str], seed: int) -> None:
    """Unrelated rows are strewn among the others: the same rows go, for the same reasons."""
    picker = random.Random(seed)
    mixed: list[tuple[int, str]] = list(enumerate(texts))
    for number in range(10):
        mixed.insert(picker.randint(0, len(mixed)), (-1, f"unrelated row {number} of its own words {number}"))
    places = {row: at for at, (row, _) in enumerate(mixed)}
    found = find([text for _, text in mixed], size=2)
    expected = [(places[row], places[kept], likeness) for row, kept, likeness in verdicts(find(texts, size=2))]
    assert verdicts(found) == expected


def sentences(count: int, seed: int = 0) -> list[str]:
    """Invented rows; every third is an earlier one with a few words changed."""
    picker = random.Random(seed)
    words = [f"word{number}" for number in range(500)]
    rows: list[str] = []
    for number in range(count):
        row = picker.choice(rows).split() if rows and number % 3 == 2 else picker.choices(words, k=60)
        for _ in range(picker.randint(0, 2)):
            row[picker.randrange(len(row))] = picker.choice(words)
        rows.append(" ".join(row))
    return rows


@pytest.mark.parametrize("keep", [Keep.FIRST, Keep.LONGEST, Keep.DROP_ALL])
def test_the_reference_engine_agrees(keep: Keep) -> None:
    texts, against = pl.Series(sentences(400)), pl.Series(sentences(450)[380:])
    found = near_duplicates(texts, keep=keep, against=against)
    reference = near_duplicates(texts, keep=keep, against=against, engine=Engine.REFERENCE)
    assert found.removed.equals(reference.removed)
    assert set(found.removed["in_against"]) == {True, False}


def test_the_reference_engine_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "datasketch", None)
    with pytest.raises(ExtraMissing) as missing:
        near_duplicates(pl.Series(["a"]), engine=Engine.REFERENCE)
    assert "lineage-platform[reference]" in missing.value.hint


def test_the_default_banding_finds_what_brute_force_finds() -> None:
    texts = sentences(600)
    found = near_duplicates(pl.Series(texts))
    assert verdicts(found) == greedy(texts, range(len(texts)), 0.7, 8)
    assert found.removed.height > 100


@pytest.mark.parametrize("threads", [2, 5])
def test_the_number_of_threads_changes_nothing(threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lineage_platform.samples.shingles.CHUNK_ROWS", 64)
    texts = pl.Series(sentences(2000))
    assert near_duplicates(texts, threads=threads).removed.equals(near_duplicates(texts, threads=1).removed)


def test_rows_that_meet_are_compared_on_their_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """Were every band of every row forged to collide, the same rows would go."""
    texts = pl.Series(sentences(50))
    honest = near_duplicates(texts)
    monkeypatch.setattr(near_survivors, "band_keys", lambda *_: np.zeros((25, len(texts)), np.uint32))
    assert near_duplicates(texts).removed.equals(honest.removed)


def test_a_key_drawn_at_random_is_what_rows_are_compared_under(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[bytes] = []
    monkeypatch.setattr(near_survivors, "secret_key", lambda: drawn.append(random.randbytes(16)) or drawn[-1])
    for _ in range(2):
        assert near_duplicates(pl.Series(["same"] * 3)).removed["kept_row"].to_list() == [0, 0]
    assert len(set(drawn)) == 2


def test_empty_missing_and_one_word_rows_are_rows_like_others() -> None:
    found = near_duplicates(pl.Series(["", None, "  \n", "yes", "Yes ", "no"]))
    assert verdicts(found) == [(1, 0, 1.0), (2, 0, 1.0), (4, 3, 1.0)]


@pytest.mark.parametrize("texts", [[], [None], ["one row"]])
def test_fewer_than_two_rows_are_all_kept(texts: list[str | None]) -> None:
    found = near_duplicates(pl.Series(texts, dtype=pl.String))
    assert found.removed.height == 0
    assert found.removed.columns == ["row", "kept_row", "in_against", "similarity"]
    assert len(found.kept) == len(texts)


def test_an_arrow_column_is_taken_as_it_is() -> None:
    found = near_duplicates(pl.Series(pa.chunked_array([["a b", "c"], ["A  b"]])))
    assert verdicts(found) == [(2, 0, 1.0)]


def test_rows_of_one_template_that_are_near_leave_one() -> None:
    template = " ".join(f"part{number}" for number in range(60))
    found = near_duplicates(pl.Series([f"{template} item {number}" for number in range(40_000)]))
    assert found.kept.to_list() == [0]


def test_rows_of_one_template_that_are_not_near_do_not_meet_in_all_pairs() -> None:
    """All pairs are at 0.66, and a third of the rows share each band: a row meets a few that stand for them."""
    template = " ".join(f"part{number}" for number in range(22))
    texts = [f"{template} {' '.join(f'own{number}-{at}' for at in range(5))}" for number in range(40_000)]
    found = near_duplicates(pl.Series([*texts, *texts[:1000]]), size=4)
    assert found.kept.to_list() == list(range(40_000))
    assert found.removed["kept_row"].to_list() == list(range(1000))


def test_no_band_holds_more_kept_rows_than_its_share() -> None:
    buckets = near_survivors._buckets(np.zeros((3, 5000), np.uint32), 1)
    assert np.diff(buckets.starts).tolist() == [near_survivors.MOST_PER_GROUP] * 3


@given(keys=st.lists(st.integers(0, 5), max_size=30))
@settings(max_examples=60, deadline=None)
def test_rows_are_grouped_by_equal_keys(keys: list[int]) -> None:
    buckets = near_survivors._buckets(np.array([keys], np.uint32), 1)
    for key, group in zip(keys, buckets.groups[0], strict=True):
        assert (group >= 0) == (keys.count(key) > 1)
        assert [keys[at] for at in np.flatnonzero(buckets.groups[0] == group) if group >= 0] == [key] * (
            keys.count(key) if group >= 0 else 0
        )


@pytest.mark.parametrize(("changed", "bands"), [(0, (25, 25)), (40, (10, 23)), (400, (0, 0))])
def test_similar_rows_share_bands_and_others_do_not(changed: int, bands: tuple[int, int]) -> None:
    words = [f"w{number}" for number in range(400)]
    left, right = " ".join(words), " ".join(words[changed:] + [f"x{number}" for number in range(changed)])
    keys = band_keys(pl.Series([left, right]), 8, Banding(25, 5), 1)
    shared = int((keys[:, 0] == keys[:, 1]).sum())
    assert bands[0] <= shared <= bands[1]


def test_progress_is_told_to_the_end() -> None:
    told: list[int] = []
    near_duplicates(pl.Series(sentences(100)), report=told.append)
    assert told == sorted(told)
    assert told[-1] == 100


@pytest.mark.parametrize("threshold", [0.0, -1.0, 1.1, float("nan")])
def test_a_threshold_that_is_none_is_named(threshold: float) -> None:
    with pytest.raises(UsageError, match="is no threshold"):
        near_duplicates(pl.Series(["a"]), threshold=threshold)


@pytest.mark.parametrize("keep", [Keep.EARLIEST, Keep.NEAREST_ROOT])
def test_an_order_by_rank_needs_ranks(keep: Keep) -> None:
    with pytest.raises(UsageError, match="needs a rank"):
        near_duplicates(pl.Series(["a"]), keep=keep)
    with pytest.raises(UsageError, match="2 ranks for 1 rows"):
        near_duplicates(pl.Series(["a"]), keep=keep, rank=pl.Series([1, 2]))


def test_ranks_that_would_be_ignored_are_refused() -> None:
    with pytest.raises(UsageError, match="no use for"):
        near_duplicates(pl.Series(["a"]), rank=pl.Series([1]))
