"""On real rows the bands miss next to nothing, and what they bring together is judged as brute force judges it."""

from __future__ import annotations

import random
from itertools import combinations
from pathlib import Path

import polars as pl
import pytest

from lineage_platform.corpus.minhash import RECALL_BANDING, band_keys
from lineage_platform.corpus.near_duplicates import near_duplicates
from lineage_platform.samples.reading import read_triplets
from tests.corpus.near_oracle import greedy, jaccard, word_shingles

FILES = ("gpteacher_toolformer_dedupe_only.json.gz", "math_test.jsonl.gz", "deepscaler_train_math.json.gz")


@pytest.fixture(scope="module")
def texts(real_data: Path) -> list[str]:
    """A thousand rows: templated ones, and problems of which some stand in two files."""
    picker = random.Random(0)
    rows: list[str] = []
    for name, count in zip(FILES, (500, 300, 200), strict=True):
        frame = pl.concat(read_triplets(real_data / "realdata" / name))
        rows += picker.sample(
            frame.select(pl.concat_str("instruction", "input", "output")).to_series().to_list(), count
        )
    return rows


def test_the_kept_rows_are_those_of_brute_force(texts: list[str]) -> None:
    found = near_duplicates(pl.Series(texts))
    expected = greedy(texts, range(len(texts)), 0.7, 8)
    kept, wanted = set(found.kept), set(range(len(texts))) - {row for row, _, _ in expected}
    assert len(kept & wanted) / len(kept | wanted) >= 0.99
    assert expected


def test_every_removal_is_confirmed_on_the_words(texts: list[str]) -> None:
    for row, kept_row, _, similarity in near_duplicates(pl.Series(texts)).removed.iter_rows():
        assert jaccard(word_shingles(texts[row], 8), word_shingles(texts[kept_row], 8)) == similarity >= 0.7


def test_near_pairs_meet_in_some_band(texts: list[str]) -> None:
    sets = [word_shingles(text, 8) for text in texts]
    near = [(a, b) for a, b in combinations(range(len(texts)), 2) if jaccard(sets[a], sets[b]) >= 0.7]
    keys = band_keys(pl.Series(texts), 8, RECALL_BANDING, 2)
    met = sum(bool((keys[:, a] == keys[:, b]).any()) for a, b in near)
    assert len(near) >= 10
    assert met / len(near) >= 0.95
