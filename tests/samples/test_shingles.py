"""Shingles are the word n-grams of the folded text, whatever the text, the chunking and the number of threads."""

from __future__ import annotations

import re
import subprocess
import sys
import unicodedata

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineage_platform.samples import shingles as module
from lineage_platform.samples.shingles import (
    PUBLIC_KEY,
    byte_lengths,
    chunks_of,
    folded,
    secret_key,
    shingle_chunks,
    shingles,
)

SPACES = "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000"
WORDS = st.text(alphabet=st.sampled_from("abAB é\u0130\ufb01Ω漢🙂\u0300.,-" + SPACES), max_size=40)


def words_of(text: str) -> list[str]:
    return unicodedata.normalize("NFKC", text).lower().split()


def grams_of(text: str, size: int) -> list[tuple[str, ...]]:
    words = words_of(text)
    return [tuple(words[at : at + size]) for at in range(max(len(words) - size, 0) + 1)]


@given(texts=st.lists(WORDS, max_size=8), size=st.integers(1, 4))
@settings(max_examples=200, deadline=None)
def test_two_shingles_have_one_hash_if_and_only_if_they_are_the_same_words(texts: list[str], size: int) -> None:
    made = shingles(pl.Series(texts, dtype=pl.String), size, threads=1)
    assert len(made) == len(texts)
    seen: dict[tuple[str, ...], int] = {}
    for at, text in enumerate(texts):
        grams = grams_of(text, size)
        assert len(made.row(at)) == len(grams)
        assert all(seen.setdefault(gram, value) == value for gram, value in zip(grams, made.row(at), strict=True))
    assert len(set(seen.values())) == len(seen)


@given(text=WORDS)
@settings(max_examples=200, deadline=None)
def test_texts_are_folded_as_unicode_says(text: str) -> None:
    made = folded(pl.Series([text])).item()
    assert made.split(" ") == re.split("[\u0085\u1680\u2028\u2029 ]", unicodedata.normalize("NFKC", text).lower())


def test_words_are_hashed_with_siphash_1_3_as_python_hashes_bytes() -> None:
    """An independent implementation: CPython's own, which has an all-zero key when its hash seed is 0."""
    from lineage_platform.samples.shingle_kernel import word_hash

    words = ["a", "sevenby", "eight888", "nine_char", "x" * 64, "ünï", "漢字かな"]
    script = "import sys; print(*(hash(word.encode()) % 2**64 for word in sys.argv[1:]))"
    child = subprocess.run(
        [sys.executable, "-c", script, *words], env={"PYTHONHASHSEED": "0"}, capture_output=True, text=True, check=True
    )
    for word, expected in zip(words, child.stdout.split(), strict=True):
        text = word.encode() + b"the next word"
        blocks = np.array([int.from_bytes(text[at : at + 8], "little") for at in range(len(text))], np.uint64)
        assert word_hash(blocks, 0, len(word.encode()), np.frombuffer(PUBLIC_KEY, "<u8")) == int(expected)


@pytest.mark.parametrize("space", SPACES)
def test_every_white_space_that_python_splits_at_separates_words(space: str) -> None:
    apart, together = shingles(pl.Series([f"{space}a{space}{space}b{space}", "a b"]), 1).values.reshape(2, 2)
    assert (apart == together).all()


def test_the_values_of_the_public_key_never_change() -> None:
    assert shingles(pl.Series(["The quick brown fox"]), 3).values.tolist() == [1114755433383130905, 3974998589805265113]


def test_another_key_gives_other_values() -> None:
    texts = pl.Series(["the quick brown fox"])
    assert not set(shingles(texts, 2).values) & set(shingles(texts, 2, key=secret_key()).values)


def test_a_text_that_is_short_empty_or_missing_is_one_shingle() -> None:
    made = shingles(pl.Series(["", None, "  ", "one", "one two"]), 3)
    assert np.diff(made.offsets).tolist() == [1] * 5
    assert made.values[0] == made.values[1] == made.values[2]
    assert len(set(made.values)) == 3


def test_no_rows_make_no_shingles() -> None:
    made = shingles(pl.Series([], dtype=pl.String), 8)
    assert len(made) == 0
    assert len(made.values) == 0
    assert len(made.distinct()) == 0


def test_punctuation_can_be_left_out() -> None:
    bare, dressed = "so he said 1 2 is 3", "“So”, he said: 1 + 2 is 3!"
    kept = shingles(pl.Series([bare, dressed]), 5)
    left = shingles(pl.Series([bare, dressed]), 5, strip_punctuation=True)
    assert kept.row(0).tolist() != kept.row(1).tolist()
    assert left.row(0).tolist() == left.row(1).tolist() == kept.row(0).tolist()


def test_distinct_rows_are_sorted_sets() -> None:
    made = shingles(pl.Series(["a b a b a b", "", "b a"]), 2)
    for at, row in enumerate(made.distinct().row(at) for at in range(3)):
        assert row.tolist() == sorted(set(made.row(at).tolist()))


@pytest.mark.parametrize("column", [pl.Series, pa.array, pa.chunked_array], ids=["polars", "arrow", "chunked"])
def test_polars_and_arrow_columns_of_any_layout_give_the_same(column: object) -> None:
    texts = ["a b c", None, "Ünï code", "x" * 100]
    rows = pa.chunked_array([texts[:1], texts[1:]]) if column is pa.chunked_array else column(texts)  # type: ignore
    made = shingles(pl.Series(rows), 2)
    assert made.values.tolist() == shingles(pl.Series(texts), 2).values.tolist()
    assert shingles(pl.Series(texts)[1:3], 2).values.tolist() == made.values[2:4].tolist()


@given(texts=st.lists(WORDS, max_size=30), rows=st.integers(1, 5), size=st.integers(1, 50), threads=st.integers(1, 3))
@settings(max_examples=60, deadline=None)
def test_neither_chunks_nor_threads_change_anything(texts: list[str], rows: int, size: int, threads: int) -> None:
    column = pl.Series(texts, dtype=pl.String)
    whole = shingles(column, 3, threads=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "CHUNK_ROWS", rows)
        patch.setattr(module, "CHUNK_BYTES", size)
        cuts = chunks_of(byte_lengths(column))
        chunked = shingles(column, 3, threads=threads)
        lengths = [len(chunk) for chunk in shingle_chunks(column, 3, threads=threads)]
    assert (whole.values == chunked.values).all()
    assert (whole.offsets == chunked.offsets).all()
    assert sum(lengths) == len(texts)
    assert all(length <= rows for length in lengths)
    assert all(cut.stop - cut.start == 1 or sum(len(text.encode()) for text in texts[cut]) <= size for cut in cuts)


def test_the_command_line_does_not_pay_for_numba() -> None:
    script = "import sys, lineage_platform.samples.shingles; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
