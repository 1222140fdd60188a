"""Filters remove what they name and keep what they are not sure of."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from lineage_platform.corpus import languages
from lineage_platform.corpus.accounting import Stage
from lineage_platform.corpus.languages import LanguageFilter
from lineage_platform.corpus.recipe import Languages
from lineage_platform.errors import UsageError
from tests.corpus.worlds import Row, World, removed

ENGLISH = [
    "How many apples does Anna have after she gives three of them to her brother?",
    "Compute $\\dbinom{7}{4}$.",
    "Write a Python function that returns the sum of two numbers.",
    "Convert the number in Fahrenheit to Celsius.",
    "x^2 + y^2 = z^2",
]
FOREIGN = {
    "de": "Wie viele Äpfel hat Anna, nachdem sie ihrem Bruder drei davon gegeben hat?",
    "fr": "Combien de pommes reste-t-il à Anna après en avoir donné trois à son frère ?",
    "zh": "安娜给了她弟弟三个苹果之后还剩下多少个苹果?",
    "es": "¿Cuántas manzanas le quedan a Ana después de darle tres de ellas a su hermano?",
}


def reasons(world: World, rows: list[Row], **filters: object) -> dict[int, str]:
    """Why each row that goes, goes."""
    world.add("a/b", [*rows, ("Which row always stays here?", "", "This one.")])
    build = world.build(world.recipe(filters=filters))
    for stage in (Stage.SELECTED_ROOTS, Stage.UNIFIED_ROWS, Stage.FILTERED_ROWS):
        build.run(stage)
    return {row: found["reason"] for (_, _, row), found in removed(build, Stage.FILTERED_ROWS).items()}


def asked(*texts: str) -> list[Row]:
    return [(text, "", "An answer.") for text in texts]


def test_lengths_are_of_the_question_with_its_input_and_of_the_answer(tmp_path: Path) -> None:
    rows = [
        ("one", "two three", "answer here"),
        ("one two", "", "answer here"),
        ("one two three four five six", "", "answer here"),
        ("one two three", "", "no"),
        ("one two three", "", "far too long an answer"),
    ]
    found = reasons(
        World(tmp_path),
        rows,
        instruction={"min_words": 3, "max_words": 5},
        output={"min_characters": 3, "max_characters": 15},
        languages=False,
    )
    assert found == {
        1: "instruction_too_short",
        2: "instruction_too_long",
        3: "output_too_short",
        4: "output_too_long",
    }


def test_characters_are_counted_not_bytes(tmp_path: Path) -> None:
    rows = asked("äöü ßäöüß", "abcd efghij")
    found = reasons(World(tmp_path), rows, instruction={"max_characters": 9, "min_words": 1}, languages=False)
    assert 0 not in found
    assert found[1] == "instruction_too_long"


def test_empty_parts_are_removed_whatever_the_bounds(tmp_path: Path) -> None:
    rows = [("", "only input", "x"), ("Only a question?", "", "")]
    found = reasons(World(tmp_path), rows, instruction={}, output={}, languages=False)
    assert found == {0: "empty_instruction", 1: "empty_output"}


def test_other_languages_go_and_formulas_and_code_stay(tmp_path: Path) -> None:
    found = reasons(World(tmp_path), asked(*ENGLISH, *FOREIGN.values()))
    assert found == dict.fromkeys(range(len(ENGLISH), len(ENGLISH) + len(FOREIGN)), "language")


def test_the_languages_to_keep_are_kept(tmp_path: Path) -> None:
    found = reasons(World(tmp_path), asked(*FOREIGN.values()), languages={"keep": ["de", "zh", "en"]})
    assert found == {1: "language", 3: "language"}


def test_a_higher_confidence_removes_less(tmp_path: Path) -> None:
    assert reasons(World(tmp_path), asked("¿Cuánto es 2+2?"), languages={"min_confidence": 0.5}) == {0: "language"}
    assert reasons(World(tmp_path / "sure"), asked("¿Cuánto es 2+2?"), languages={"min_confidence": 0.9}) == {}


def test_a_language_that_nobody_knows_is_named() -> None:
    with pytest.raises(UsageError, match="does not know xq") as failure:
        LanguageFilter(Languages(keep=("en", "xq")), workers=1)
    assert "de" in failure.value.hint


def test_several_processes_find_what_one_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(languages, "PIECE_ROWS", 10)
    texts = [*ENGLISH, *FOREIGN.values()] * 8
    rows = pl.DataFrame({"position": range(len(texts)), "instruction": texts, "input": [""] * len(texts)})
    answers = []
    for workers in (1, 2):
        with LanguageFilter(Languages(), workers) as language:
            answers.append(language.foreign(rows))
    assert answers[0].equals(answers[1])
    assert len(answers[0]) == 8 * len(FOREIGN)
