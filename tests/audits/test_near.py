"""Near matches: most of an item's word 5-grams in one row, found whatever stands around them, and nothing else."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineage_platform.audits.near import Batch, NearIndex, compared_part, confirmed, options_kept, plain_words
from lineage_platform.audits.options import Question, split_options

QUESTION = "A crate holds forty seven lemons and a second crate holds nine fewer; how many lemons are in both?"


def search(
    items: Sequence[str], rows: Sequence[str], *, batch: int = 3, threads: int = 2
) -> dict[int, tuple[int, int]]:
    """Items found, each with its best row and the number of rows."""
    batches = [
        Batch(np.arange(start, min(start + batch, len(rows))), pl.Series(rows[start : start + batch], dtype=pl.String))
        for start in range(0, len(rows), batch)
    ]
    return {match.item: (match.place, match.rows) for match in NearIndex(items).search(batches, 2)}


def holders(items: Sequence[str], rows: Sequence[str]) -> dict[int, int]:
    """Rows that hold an item, each with the item of which it holds most."""
    batches = [Batch(np.array([at]), pl.Series([row])) for at, row in enumerate(rows)]
    found = NearIndex(items).holders(batches, 2)
    return {int(batch.places[row]): item for batch, matches in found for row, item in matches}


def by_brute_force(items: Sequence[str], rows: Sequence[str]) -> set[int]:
    return {at for at, item in enumerate(items) if any(confirmed(item, row) is not None for row in rows)}


@pytest.mark.parametrize(
    "row",
    [
        QUESTION,
        f"Solve the following problem step by step. {QUESTION} Explain your answer at the end.",
        QUESTION.upper(),
        QUESTION.replace(" ", "\n\t"),
        QUESTION.replace(";", " -").replace("?", "!!"),
        QUESTION.replace("lemons", "ｌｅｍｏｎｓ").replace("both", "bo\u200bth"),
        QUESTION.replace("nine", "eight"),
    ],
    ids=["verbatim", "embedded", "case", "white space", "punctuation", "unicode", "a word changed"],
)
def test_an_altered_copy_is_found(row: str) -> None:
    assert search([QUESTION], ["nothing of the kind", row]) == {0: (1, 1)}
    assert confirmed(QUESTION, row) is not None


def test_every_row_that_holds_an_item_is_found_with_the_item_it_holds_most_of() -> None:
    other = QUESTION.replace("lemons", "pears").replace("crate", "basket")
    rows = [f"Solve: {QUESTION}", "nothing of the kind", f"{QUESTION} {QUESTION}", other, f"{other} A crate holds"]
    assert holders([QUESTION, other], rows) == {0: 0, 2: 0, 3: 1, 4: 1}
    assert holders([], rows) == {}


def test_a_question_on_the_same_matter_in_other_words_is_not_found() -> None:
    assert search([QUESTION], ["Two crates hold lemons: forty seven in one, nine fewer in the other. How many?"]) == {}


def test_an_item_under_eight_words_is_only_found_by_other_comparisons() -> None:
    assert search(["What is two plus two exactly?"], ["What is two plus two exactly?"]) == {}
    assert confirmed("What is two plus two exactly?", "What is two plus two exactly?") is None


def test_the_row_that_holds_most_of_an_item_is_named_and_all_are_counted() -> None:
    cut = " ".join(QUESTION.split()[:14])
    rows = [cut, QUESTION, "unrelated words that are not in the item at all", QUESTION]
    for batch in (1, 4):
        assert search([QUESTION], rows, batch=batch) == {0: (1, 3)}


def test_grams_that_many_items_share_do_not_hide_or_invent_a_match() -> None:
    items = [f"In this question you are given one number; say whether {n} is prime or {n} is not" for n in range(50)]
    assert set(search(items, [items[7]])) == by_brute_force(items, [items[7]])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_it_finds_exactly_what_counting_every_pair_finds(seed: int) -> None:
    dice = random.Random(seed)
    words = ["ash", "birch", "cedar", "Ebony", "fir,"]
    texts = [" ".join(dice.choices(words, k=dice.randint(0, 25))) for _ in range(24)]
    items, rows = texts[:12], [*texts[12:], f"{texts[0]} {texts[1]}", texts[2][3:]]
    assert set(search(items, rows)) == by_brute_force(items, rows)


def test_no_items_and_no_rows_are_no_matches() -> None:
    assert search([], ["a row"]) == {}
    assert search([QUESTION], []) == {}
    assert search(["", "  "], ["", " "]) == {}


def test_text_is_compared_without_punctuation_and_invisible_characters() -> None:
    assert plain_words(pl.Series(["Ｈｅ said: “No\u00adpe”, twice…", None])).to_list() == ["he said nope twice", ""]


# Answer options -------------------------------------------------------------------------------------------------------

STEM = "Which of these rivers is the longest one that flows into the northern sea?"
CHOICES = f"{STEM}\n(A) the Alder\n(B) the Brook\n(C) the Calder"


def test_options_are_told_from_the_stem() -> None:
    assert split_options(CHOICES) == Question(STEM, ("the Alder", "the Brook", "the Calder"))


@pytest.mark.parametrize("text", ["A. Nobody knows.", "Solve for A: 3 = A + 1", "", "B) first\nC) second"])
def test_a_text_without_a_run_of_options_is_all_stem(text: str) -> None:
    assert split_options(text) == Question(text)


def test_a_copy_with_other_options_is_found_and_says_so() -> None:
    row = f"{STEM} A) one of the lakes B) none of them C) the Calder"
    assert search(compared_part([CHOICES]), [row]) == {0: (0, 1)}
    assert options_kept(CHOICES, row) == pytest.approx(1 / 3)
    assert options_kept(QUESTION, row) is None


def test_a_stem_that_several_items_share_does_not_stand_for_one_of_them() -> None:
    other = f"{STEM}\n(A) the Dove\n(B) the Elder\n(C) the Fal"
    assert compared_part([CHOICES, other]) == [CHOICES, other]
    assert compared_part([CHOICES, QUESTION]) == [STEM, QUESTION]


def test_a_stem_too_short_to_be_compared_keeps_its_options() -> None:
    short = "Pick one.\nA) the first of four long answers\nB) the second of four long answers"
    assert compared_part([short]) == [short]
