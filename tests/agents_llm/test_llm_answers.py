"""Reading answers: what is sound in them is kept, whatever stands around it or is missing."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage_platform.agents.llm.answers import read_answer
from lineage_platform.agents.llm.models import Role
from lineage_platform.agents.llm.schemas import ITEMS, KEYS, LinkItem, StatementItem, answer_schema
from lineage_platform.records import Relation


def item(source: str = "GSM8K", **fields: object) -> dict[str, object]:
    whole = {
        "source": source,
        "link": None,
        "relation": "direct_inclusion",
        "confidence": 0.9,
        "quote": f'taken from "{source}" {{sic}}',
        "about": None,
        "benchmark": False,
    }
    return {**whole, **fields}


def read(text: str) -> tuple[list[str], bool]:
    answer = read_answer(text, "statements", StatementItem)
    return [found.source for found in answer.items], not answer.problems


def test_a_sound_answer_is_read_whole() -> None:
    assert read(json.dumps({"statements": [item("A"), item("B")]})) == (["A", "B"], True)
    assert read('{"statements": []}') == ([], True)


@pytest.mark.parametrize(
    "wrapped",
    [
        "```json\n{}\n```",
        "Here you are: {}",
        "I saw {{braces}} and [1] first.\n{}\nDone [2].",
        "<think>maybe {{}} or []</think>{}",
        "\ufeff{}",
    ],
)
def test_what_stands_around_the_json_is_passed_over(wrapped: str) -> None:
    assert read(wrapped.format(json.dumps({"statements": [item("A")]}))) == (["A"], True)


def test_a_bare_list_and_a_bare_item_are_taken_for_the_list() -> None:
    assert read(json.dumps([item("A"), item("B")])) == (["A", "B"], True)
    assert read(json.dumps(item("A"))) == (["A"], True)
    assert read(json.dumps({"statements": item("A")})) == (["A"], True)


@given(st.integers(0, 3), st.data())
def test_of_json_that_breaks_off_exactly_the_whole_items_are_kept(count: int, data: st.DataObject) -> None:
    sources = [f"S{number}" for number in range(count)]
    text = json.dumps({"statements": [item(source) for source in sources]})
    cut = data.draw(st.integers(0, len(text) - 1))
    answer = read_answer(text[:cut], "statements", StatementItem)
    whole = sum(len(json.dumps({"statements": [item(s) for s in sources[: n + 1]]})) - 2 <= cut for n in range(count))
    assert [found.source for found in answer.items] == sources[:whole]
    assert answer.problems


def test_a_broken_bare_list_is_not_mistaken_for_its_first_item() -> None:
    text = json.dumps([item("A"), item("B")])
    assert read(text[:-5]) == ([], False)


@pytest.mark.parametrize(
    "broken",
    [
        {"source": ""},
        {"source": "x" * 301},
        {"source": 7},
        {"relation": "osmosis"},
        {"confidence": 1.5},
        {"confidence": "high"},
        {"confidence": float("nan")},
        {"quote": None},
        {"benchmark": "perhaps"},
    ],
)
def test_a_malformed_item_costs_that_item(broken: dict[str, object]) -> None:
    text = json.dumps({"statements": [item("A"), item("bad") | broken, "not an item", item("B")]})
    answer = read_answer(text, "statements", StatementItem)
    assert [found.source for found in answer.items] == ["A", "B"]
    assert [problem.split(":")[0] for problem in answer.problems] == ["item 2", "item 3"]


def test_terms_are_read_in_any_spelling_and_white_space_in_names_is_folded() -> None:
    text = json.dumps({"statements": [item(" Open\n Orca ", relation="CoT-Distillation", confidence="0.75", link=" ")]})
    found = read_answer(text, "statements", StatementItem).items[0]
    assert (found.source, found.relation, found.confidence, found.link) == (
        "Open Orca",
        Relation.COT_DISTILLATION,
        0.75,
        None,
    )


def test_the_same_item_twice_is_one() -> None:
    assert read(json.dumps({"statements": [item("A"), item("A"), item("A", confidence=0.8)]})) == (["A", "A"], True)


def test_a_repair_adds_to_what_was_sound() -> None:
    before = read_answer(json.dumps({"statements": [item("A"), item("")]}), "statements", StatementItem)
    after = before.joined(read_answer(json.dumps({"statements": [item("B"), item("A")]}), "statements", StatementItem))
    assert [found.source for found in after.items] == ["A", "B"]
    assert not after.problems


@given(st.text())
def test_no_text_is_too_odd_to_be_read(text: str) -> None:
    for kind, key in ((StatementItem, "statements"), (LinkItem, "links")):
        read_answer(text, key, kind)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["statements", "source", "quote"]), inner),
    )
)
def test_no_json_is_too_odd_to_be_read(value: object) -> None:
    read_answer(json.dumps(value), "statements", StatementItem)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"statements": ' + "[" * 100_000, '{"a":' * 50_000])
def test_deep_nesting_is_a_problem_not_a_crash(text: str) -> None:
    assert read(text) == ([], False)


@pytest.mark.parametrize("role", list(Role))
def test_every_schema_closes_every_object_and_requires_every_property(role: Role) -> None:
    def objects(schema: object) -> list[dict[str, object]]:
        if isinstance(schema, list):
            return [found for part in schema for found in objects(part)]
        if not isinstance(schema, dict):
            return []
        inner = [found for part in schema.values() for found in objects(part)]
        return [schema, *inner] if schema.get("type") == "object" else inner

    schema = answer_schema(role)
    found = objects(schema)
    assert len(found) == 2
    assert all(part["additionalProperties"] is False for part in found)
    assert all(part["required"] == list(part["properties"]) for part in found)  # type: ignore[call-overload]
    assert set(schema["properties"]) == {KEYS[role]}
    assert set(schema["properties"][KEYS[role]]["items"]["properties"]) == set(ITEMS[role].model_fields)
