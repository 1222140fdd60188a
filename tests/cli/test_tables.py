"""Tables for people: whole figures, names that can be read, and records where a table does not fit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage_platform.cli.output import Table, console, grid

LONG = "microsoft/orca-math-word-problems-200k"


@pytest.fixture(autouse=True)
def no_settings_of_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Colour is the terminal's business."""
    monkeypatch.setenv("NO_COLOR", "1")


def drawn(columns: Sequence[str], rows: Sequence[Sequence[Any]], width: int) -> list[str]:
    """The lines of the table in a terminal of that width."""
    printer = console()
    printer.width = width
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lineage_platform.cli.output.console", lambda: printer)
        with printer.capture() as capture:
            printer.print(grid(Table(columns, rows)))
    return [line.rstrip() for line in capture.get().splitlines()]


@given(
    st.lists(st.integers(0, 10**9), min_size=1, max_size=6),
    st.text(alphabet="abc-/", min_size=1, max_size=60),
    st.integers(40, 120),
)
def test_no_figure_is_cut_however_narrow_the_terminal(figures: list[int], name: str, width: int) -> None:
    columns = ["dataset", *(f"figure {at}" for at in range(len(figures)))]
    lines = drawn(columns, [(name, *figures)], width)
    assert max(map(len, lines)) <= width
    words = " ".join(lines).split()
    assert all(words.count(str(figure)) >= figures.count(figure) for figure in figures)


def test_a_table_that_does_not_fit_is_shown_one_record_below_the_other() -> None:
    lines = drawn(("benchmark", "train", "exact", "normalised", "near"), [(LONG, LONG, 49, 49, 50)], 60)
    assert [line.split() for line in lines[1:]] == [
        ["benchmark", LONG],
        ["train", LONG],
        ["exact", "49"],
        ["normalised", "49"],
        ["near", "50"],
    ]


def test_a_name_is_cut_at_its_joints() -> None:
    lines = drawn(("dataset", "rows"), [(LONG, 7)], 36)
    assert [line.split() for line in lines[3:5]] == [["microsoft/orca-math-word-", "7"], ["problems-200k"]]


def test_what_room_there_is_goes_to_what_needs_it() -> None:
    lines = drawn(("dataset", "rows"), [(LONG, 7)], 100)
    assert lines[3].split() == [LONG, "7"]


def test_shares_and_figures_stand_below_each_other() -> None:
    lines = drawn(("share", "figure", "word"), [("8.3%", 18.0, "a"), ("26.7%", 61.63, "b"), ("", None, "c")], 80)
    assert lines[3:6] == ["  8.3%    18.00   a", " 26.7%    61.63   b", "                  c"]


def test_very_small_figures_keep_their_digits() -> None:
    lines = drawn(("share",), [(1.5e-07,), (0.25,)], 80)
    assert [line.strip() for line in lines[3:5]] == ["1.5e-07", "0.25"]


def test_one_long_figure_makes_the_others_no_longer() -> None:
    lines = drawn(("confidence",), [(2 / 3,), (0.48,)], 80)
    assert [line.strip() for line in lines[3:5]] == ["0.666667", "0.48"]


def test_times_are_told_to_the_second_and_paths_with_arrows() -> None:
    built = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
    lines = drawn(("built_at", "path", "through"), [(built, ["a/b", "c/d"], ["a/b", "c/d"])], 80)
    assert lines[3].split("   ") == [" 2026-01-02 03:04:05+00:00", "a/b → c/d", "a/b, c/d"]
