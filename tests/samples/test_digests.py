"""Digests: equal for equal texts only, the same everywhere, and of one scheme."""

from __future__ import annotations

import unicodedata

import polars as pl
import pytest
import xxhash
from hypothesis import given, settings
from hypothesis import strategies as st

from lineage_platform.errors import UsageError
from lineage_platform.samples.digests import (
    COLUMNS,
    DEFAULT_SCHEME,
    SCHEMES,
    SchemeMismatch,
    normalised,
    one_scheme,
    with_digests,
)

# Not the characters that this Python does not know yet: the other side's tables may be newer.
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cn"]), max_size=12)
TRIPLETS = st.lists(st.tuples(TEXT, TEXT, TEXT), min_size=1, max_size=30)
PINNED = {
    "xxh3-128/1": (8815399287696030519, -1604081397536741963),
    "blake3-128/1": (-4220163935218633880, -1889665973815593135),
}
PYTHON_ONLY_SPACE = {chr(code) for code in range(0x1C, 0x20)}


def frame(triplets: list[tuple[str, str, str]]) -> pl.DataFrame:
    return pl.DataFrame(triplets, ["instruction", "input", "output"], orient="row")


def digests(triplets: list[tuple[str, str, str]], name: str, scheme: str = DEFAULT_SCHEME) -> list[tuple[int, int]]:
    return with_digests(frame(triplets), scheme).select(f"{name}_hi", f"{name}_lo").rows()


@pytest.mark.parametrize("scheme", SCHEMES)
@given(triplets=TRIPLETS)
@settings(max_examples=30, deadline=None)
def test_digests_are_equal_exactly_where_the_texts_are(scheme: str, triplets: list[tuple[str, str, str]]) -> None:
    found = digests(triplets, "triplet", scheme)
    assert len(set(found)) == len(set(triplets))
    assert len({*zip(found, triplets, strict=True)}) == len(set(triplets))
    assert len(set(digests(triplets, "query", scheme))) == len({triplet[:2] for triplet in triplets})


def test_moving_text_from_one_field_to_the_next_changes_the_digest() -> None:
    shifted = [
        ("ab", "c", "d"),
        ("a", "bc", "d"),
        ("abc", "", "d"),
        ("abcd", "", ""),
        ("", "", "abcd"),
        ("", "abcd", ""),
    ]
    assert len(set(digests(shifted, "triplet"))) == len(shifted)


def test_a_query_is_no_triplet_with_an_empty_output() -> None:
    assert digests([("a", "b", "")], "triplet") != digests([("a", "b", "")], "query")


def test_the_default_scheme_can_be_computed_by_anyone() -> None:
    record = b""
    for text in ("Was heißt „Weg“?", ""):
        data = text.encode()
        hashed = xxhash.xxh3_128_intdigest(data)
        parts = (len(data), hashed & (1 << 64) - 1, hashed >> 64)
        record += b"".join(part.to_bytes(8, "little") for part in parts)
    whole = xxhash.xxh3_128_intdigest(record)
    signed = [int.from_bytes(half.to_bytes(8, "little"), "little", signed=True) for half in divmod(whole, 1 << 64)]
    assert digests([("Was heißt „Weg“?", "", "Pfad")], "query") == [tuple(signed)]


def test_a_change_of_the_scheme_would_be_seen() -> None:
    stored = {name: digests([("instruction", "input", "output")], "triplet", name)[0] for name in SCHEMES}
    assert stored == PINNED


def test_columns_are_signed_64_bit() -> None:
    made = with_digests(frame([("a", "b", "c")]))
    assert [made.schema[name] for name in COLUMNS] == [pl.Int64] * 8


@given(text=TEXT)
@settings(max_examples=200, deadline=None)
def test_normalising_is_nfkc_lower_case_and_single_spaces(text: str) -> None:
    text = "".join(" " if character in PYTHON_ONLY_SPACE else character for character in text)
    expected = " ".join(unicodedata.normalize("NFKC", text).lower().split())
    assert pl.select(normalised(pl.lit(text))).item() == expected


def test_normalised_digests_ignore_what_readers_do_not_see() -> None:
    same = [("Ｆind  the\nAREA", "", "x"), ("find the area", "", "X"), ("find the\u00a0area ", "", " x")]
    assert len(set(digests(same, "triplet_norm"))) == 1
    assert len(set(digests(same, "triplet"))) == 3


def test_empty_texts_have_digests() -> None:
    assert digests([("", "", "")], "triplet") != digests([("", "", "")], "query")


def test_an_empty_frame_has_none() -> None:
    assert with_digests(frame([]).cast(pl.String)).height == 0


def test_different_schemes_are_refused() -> None:
    with pytest.raises(SchemeMismatch, match="a: blake3-128/1; b: xxh3-128/1"):
        one_scheme({"a": "blake3-128/1", "b": "xxh3-128/1"})
    assert one_scheme({"a": "blake3-128/1", "b": "blake3-128/1"}) == "blake3-128/1"


def test_an_unknown_scheme_is_named_with_those_there_are() -> None:
    with pytest.raises(UsageError, match="'md5'") as failure:
        with_digests(frame([("a", "", "")]), "md5")
    assert DEFAULT_SCHEME in failure.value.hint
