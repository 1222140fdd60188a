"""The drawing is well-formed whatever the names are, and stays small."""

from __future__ import annotations

from base64 import b64decode
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage_platform.defs.drawing import LONGEST_LABEL, MOST_NEIGHBOURS, neighbourhood
from lineage_platform.defs.metadata import LONGEST_CELL, MOST_ROWS, table

SVG = "{http://www.w3.org/2000/svg}"


def drawn(dataset_id: str, sources: list[str], used_by: list[str]) -> ElementTree.Element:
    markdown = str(neighbourhood(dataset_id, sources, used_by).value)
    return ElementTree.fromstring(b64decode(markdown.split("base64,")[1].removesuffix(")")))


def labels(image: ElementTree.Element) -> list[str]:
    return [text.text or "" for text in image.iter(f"{SVG}text")]


def test_each_neighbour_is_drawn_and_joined_to_the_dataset() -> None:
    image = drawn("org/b", ["org/a", "github:x/y"], ["org/c"])
    assert labels(image) == ["org/a", "github:x/y", "org/b", "org/c"]
    assert len(list(image.iter(f"{SVG}path"))) == 3


@pytest.mark.parametrize(("sources", "used_by"), [([], ["org/c"]), (["org/a"], []), ([], [])])
def test_a_missing_side_is_left_out(sources: list[str], used_by: list[str]) -> None:
    image = drawn("org/b", sources, used_by)
    assert labels(image) == [*sources, "org/b", *used_by]
    assert len(list(image.iter(f"{SVG}path"))) == len(sources) + len(used_by)


def test_many_neighbours_are_counted_instead_of_drawn() -> None:
    image = drawn("org/b", [f"org/{n}" for n in range(100)], [])
    assert len(labels(image)) == MOST_NEIGHBOURS + 2
    assert f"and {100 - MOST_NEIGHBOURS} more" in labels(image)


@given(st.lists(st.text(st.characters(exclude_categories=())), max_size=4))
def test_no_name_breaks_the_drawing(names: list[str]) -> None:
    image = drawn("org/<b>&", names, names)
    assert all(len(label) <= LONGEST_LABEL for label in labels(image))
    assert {element.tag for element in image.iter()} <= {SVG + tag for tag in ("svg", "rect", "text", "path")}


def test_a_table_is_cut_to_what_a_person_reads() -> None:
    rows = table({"quote": "x" * 1000, "n": number} for number in range(1000)).value
    assert len(rows.records) == MOST_ROWS
    assert len(rows.records[0].data["quote"]) == LONGEST_CELL


def test_an_empty_table_is_a_table() -> None:
    assert table([]).value.records == []
