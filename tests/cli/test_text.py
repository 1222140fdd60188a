"""Text from outside is shown, never obeyed."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage_platform.cli.text import count, folded, plain, shortened

ANY_TEXT = st.text(st.characters(codec=None, categories=None))


@given(ANY_TEXT)
def test_no_control_or_invisible_character_is_left(text: str) -> None:
    assert not {unicodedata.category(character) for character in plain(text)} & {"Cc", "Cf", "Cs", "Zl", "Zp"}


@given(ANY_TEXT)
def test_making_text_plain_twice_changes_nothing(text: str) -> None:
    assert plain(plain(text)) == plain(text)


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07after", "after"),
        ("\x1b]8;;https://evil\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x9b31mred", "red"),
        ("two\nlines\tand\u2028more", "two lines and more"),
        ("\u202egnp.exe", "gnp.exe"),
        ("zero\u200bwidth", "zerowidth"),
        ("lone \ud800 surrogate", "lone \N{REPLACEMENT CHARACTER} surrogate"),
        ("plain, Ünïcode, 中文 and 👍", "plain, Ünïcode, 中文 and 👍"),
    ],
)
def test_terminal_tricks_are_taken_out(hostile: str, shown: str) -> None:
    assert plain(hostile) == shown


def test_a_million_openings_of_an_escape_cost_little() -> None:
    assert plain("\x1b]\n" * 300_000) == ""


@given(ANY_TEXT, st.integers(2, 50))
def test_shortened_text_is_as_short_as_asked_for(text: str, length: int) -> None:
    assert len(shortened(text, length)) <= length


def test_numbers_go_with_their_nouns() -> None:
    assert [count(n, "dataset") for n in (0, 1, 2000)] == ["0 datasets", "1 dataset", "2,000 datasets"]
    assert count(2, "entry", "entries") == "2 entries"


@given(st.text(alphabet="ab cd-/é", max_size=80), st.integers(1, 30))
def test_folded_text_loses_nothing_but_spaces_and_is_nowhere_too_wide(text: str, width: int) -> None:
    lines = folded(text, width)
    assert all(len(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_text_is_folded_at_spaces_then_at_the_joints_of_names() -> None:
    assert folded("near sample-org/contest-digest", 20) == ["near", "sample-org/contest-", "digest"]
    assert folded('{"leaf":"false","outcome":"not"}', 24) == ['{"leaf":"false",', '"outcome":"not"}']
    assert folded("x" * 25, 10) == ["x" * 10, "x" * 10, "x" * 5]
    assert folded("fits", 10) == ["fits"]
