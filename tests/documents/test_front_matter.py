"""A card's metadata is data: read where it is plain YAML, named as broken where it is not, and never more than that."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage_platform.documents.front_matter import front_matter
from tests.documents.support import card, readme

LEVELS = [f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]" for before, name in pairwise("abcdefghi")]
BOMB = "\n".join(["a: &a [x, x, x, x, x, x, x, x, x]", *LEVELS])


def with_front_matter(block: str) -> str:
    return f"---\n{block}\n---\n\n# Body\n"


def test_front_matter_is_metadata_and_stays_in_the_stored_text() -> None:
    text = with_front_matter("license: mit\nsource_datasets:\n- openai/gsm8k\ntags: [math]")
    read = card(text)
    assert read.front_matter == {"license": "mit", "source_datasets": ["openai/gsm8k"], "tags": ["math"]}
    assert read.clean.text.strip() == "# Body"
    assert read.text == text


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_line_ends_and_a_byte_order_mark_do_not_matter(line_end: str) -> None:
    text = line_end.join(["\ufeff---", "license: mit", "---", "Body"])
    assert front_matter(text).values == {"license": "mit"}
    assert card(text).clean.text.strip() == "Body"


def test_a_card_of_front_matter_alone_is_a_document() -> None:
    assert card("---\nlicense: mit\n---").front_matter == {"license": "mit"}
    assert front_matter("---\n---\n").values == {}


@pytest.mark.parametrize(
    "text", ["", "# Title\n\n---\nlicense: mit\n---\n", "---\nnever: closed\n", "----\na: 1\n---\n"]
)
def test_what_does_not_open_a_card_is_no_front_matter(text: str) -> None:
    assert front_matter(text).span == (0, 0)
    assert front_matter(text).fault == ""


def test_a_readme_has_no_front_matter() -> None:
    assert readme("---\na: 1\n---\nBody").front_matter == {}


@pytest.mark.parametrize(
    ("block", "fault"),
    [
        ("license: [mit", "line"),
        ("license: 'mit", "line"),
        ("a: b: c", "line 2"),
        ("\tlicense: mit", "line"),
        ("- just\n- a list", "it is a list, not a mapping"),
        ("only words", "it is a str, not a mapping"),
        ("x: !!python/object/apply:os.system ['touch /tmp/x']", "could not determine a constructor"),
        ("x: !!python/name:os.system", "could not determine a constructor"),
        ("x: !custom {a: 1}", "could not determine a constructor"),
        ("x: &x [*x]", "repeat without end"),
        ("x: *unknown", "undefined alias"),
        ("x: " + "[" * 1000 + "]" * 1000, "nested too deeply"),
        ("x:\n" + "".join(" " * n + "- \n" for n in range(1, 200)), "nested too deeply"),
        ("- " * 5000 + "x", "nested too deeply"),
        (BOMB, "repeat without end"),
        ("x: 2024-13-45", "month must be in 1..12"),
        ("x: " + "9" * 5000, "digits"),
        ("x: [" + "1," * 200_001 + "]", "too many entries"),
        ("x: " + "y" * 500_000, "longer than 500,000 characters"),
        ("? {a: 1}\n: b", "unhashable"),
        ("x: \x01", "character"),
    ],
    ids=range(21),
)
def test_broken_front_matter_is_a_fault_with_a_reason(block: str, fault: str) -> None:
    text = with_front_matter(block)
    found = front_matter(text)
    assert found.values == {}
    assert found.fault.startswith("the front matter is not plain YAML: ")
    assert fault in found.fault
    assert "\n" not in found.fault
    assert len(found.fault) < 300
    assert card(text).front_matter == {}
    assert card(text).clean.text.strip() in ("# Body", "")


def test_anchors_as_the_hubs_own_tools_write_them_are_read() -> None:
    assert front_matter(with_front_matter("a: &id001 [x]\nb: *id001")).values == {"a": ["x"], "b": ["x"]}


def test_values_are_plain_json() -> None:
    block = "date: 2024-05-01\n1: one\nnull: x\nset: !!set {a, b}\nbinary: !!binary aGk=\nnumber: 1.5\nnan: .nan"
    values = front_matter(with_front_matter(block)).values
    assert values["date"] == "2024-05-01"
    assert values["1"] == "one"
    assert values["number"] == 1.5
    json.dumps(values)


@given(st.text(max_size=200))
def test_no_text_is_too_strange_to_be_front_matter(block: str) -> None:
    found = front_matter(with_front_matter(block))
    json.dumps(found.values)
    assert found.values == {} or found.fault == ""
