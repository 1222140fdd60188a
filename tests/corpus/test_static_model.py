"""The project's own embedding model: made from its recipe to the byte, the same everywhere, and sensible."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineage_platform.corpus.diversity import streamed
from lineage_platform.corpus.static_model import DIMENSIONS, WORDS, StaticModel, weight, words
from lineage_platform.corpus.static_recipe import word_table

MODEL = StaticModel()
SUMS = [
    f"How many {thing} does {name} have after buying {n} more?"
    for n, (thing, name) in enumerate([("apples", "Tom"), ("pears", "Mary"), ("marbles", "Otto"), ("stamps", "Ines")])
]
CODE = [
    f"Write a Python function that {verb}s a list of {kind}."
    for verb, kind in [("sort", "strings"), ("reverse", "integers"), ("filter", "tuples"), ("merge", "dictionaries")]
]
LETTERS = [
    "Draft a polite letter to a landlord about the broken heating.",
    "Compose a cheerful poem about autumn rain.",
]


def cosine(one: str, other: str) -> float:
    first, second = MODEL.embed([one, other])
    return float(first @ second)


def mean_cosine(group: list[str], other: list[str]) -> float:
    """Over all pairs of different texts."""
    return float(np.mean([cosine(one, two) for one in group for two in other if one != two]))


def test_the_recipe_reproduces_the_word_table_to_the_byte() -> None:
    assert WORDS.read_bytes() == word_table(), "run: python -m lineage_platform.corpus.static_recipe"


def test_the_model_is_small() -> None:
    assert WORDS.stat().st_size < 100_000


def test_every_output_can_say_that_the_model_is_the_projects_own() -> None:
    assert "project's own" in MODEL.name
    assert "not comparable" in MODEL.name


def test_its_vectors_are_the_same_on_every_machine() -> None:
    vector = MODEL.embed(["How many apples does Tom have?"])[0]
    assert vector.shape == (DIMENSIONS,)
    assert vector[:4] == pytest.approx([-0.09853, -0.00283, 0.11198, 0.01573], abs=1e-5)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("How many apples does Tom have?", "how many  APPLES does Tom have"),
        ("How many apples does Tom have?", "How many apples does Tim have?"),
        ("Add 17 and 25.", "Add 93 and 48."),
        ("Sort the list in Python.", "Sort the lists in Python!"),
    ],
)
def test_texts_that_say_nearly_the_same_are_close(one: str, other: str) -> None:
    assert cosine(one, other) > 0.6


def test_texts_of_one_kind_are_nearer_to_each_other_than_to_those_of_another() -> None:
    for group in (SUMS, CODE):
        others = [text for other in (SUMS, CODE, LETTERS) if other is not group for text in other]
        assert mean_cosine(group, group) > 0.3
        assert mean_cosine(group, others) < 0.15


def test_more_topics_are_more_diverse_and_copies_are_not() -> None:
    one = streamed([MODEL.embed(SUMS * 3)])
    all_of_them = streamed([MODEL.embed(SUMS + CODE + LETTERS)])
    assert one.vendi == pytest.approx(streamed([MODEL.embed(SUMS)]).vendi, rel=1e-4)
    assert all_of_them.vendi > one.vendi + 2
    assert all_of_them.centroid_distance > one.centroid_distance


def test_common_words_weigh_little_and_unknown_ones_most() -> None:
    assert weight("the") < 0.1
    assert weight("the") < weight("python") <= weight("syzygy") == 1


def test_digits_are_one_and_the_same() -> None:
    assert words("Add 17 and 2,500") == words("ADD 93 and 4,816") == ["add", "00", "and", "0", "000"]


@settings(deadline=None)
@given(st.lists(st.text(max_size=80), min_size=1, max_size=6))
def test_every_text_has_a_direction_that_depends_on_itself_alone(texts: list[str]) -> None:
    together = MODEL.embed(texts)
    assert np.linalg.norm(together, axis=1) == pytest.approx(np.ones(len(texts)), abs=1e-5)
    alone = np.concatenate([MODEL.embed([text]) for text in texts])
    assert (together == alone).all()


def test_nothing_gives_nothing() -> None:
    assert MODEL.embed([]).shape == (0, DIMENSIONS)


def test_one_endless_word_is_read_in_pieces() -> None:
    assert {len(word) for word in words("x" * 10_000)} == {24, 10_000 % 24}
    assert MODEL.embed(["x" * 10_000]).shape == (1, DIMENSIONS)
