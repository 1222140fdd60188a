"""Each known row format becomes the triplet that DESIGN says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lineage_platform.samples.triplets import Fields, Triplet, UnknownShape, detect, text_of


def told(row: dict[str, Any]) -> tuple[str, Triplet]:
    fields = detect(list(row), [row], "file")
    return fields.shape, fields.reader()(row)


TURNS = [("system", "Be brief."), ("human", " Why? "), ("gpt", "So."), ("human", "And?"), ("gpt", "Thus.")]
SHAREGPT = [{"from": who, "value": words} for who, words in TURNS]
CHAT = [{"role": {"human": "user", "gpt": "assistant"}.get(who, who), "content": words} for who, words in TURNS]
REST = [{"role": "user", "content": "And?"}, {"role": "assistant", "content": "Thus."}]

FLAT = [
    ("alpaca", {"instruction": "q", "input": "i", "output": "a"}, ("q", "i", "a")),
    ("alpaca", {"instruction": "q", "output": "a"}, ("q", "", "a")),
    ("instruction_response", {"instruction": "q", "input": "i", "response": "a"}, ("q", "i", "a")),
    ("prompt_completion", {"prompt": "q", "completion": "a"}, ("q", "", "a")),
    ("question_answer", {"question": "q", "answer": "a"}, ("q", "", "a")),
    ("question_answer", {"Question": "q", "Answer": 3}, ("q", "", "3")),
    ("problem_solution", {"problem": "q", "solution": "a"}, ("q", "", "a")),
    ("problem_text_answer", {"problem_text": "q", "answer": "a"}, ("q", "", "a")),
    ("problem_text_answer", {"problem_text": "q", "answer_latex": "x", "answer_number": "7"}, ("q", "", "7")),
    ("query_response", {"query": "q", "response": "a"}, ("q", "", "a")),
    ("preference", {"prompt": "q", "chosen": "a", "rejected": "b"}, ("q", "", "a")),
    ("input_output", {"input": "q", "output": "a"}, ("q", "", "a")),
    ("self_instruct", {"instruction": "q", "instances": [{"input": "i", "output": "a"}]}, ("q", "i", "a")),
]


@pytest.mark.parametrize(("shape", "row", "triplet"), FLAT, ids=lambda value: value if isinstance(value, str) else "")
def test_a_known_shape_is_told_and_read(shape: str, row: dict[str, Any], triplet: tuple[str, str, str]) -> None:
    assert told(row) == (shape, Triplet(*triplet))


@pytest.mark.parametrize(
    ("shape", "row"), [("sharegpt", {"conversations": SHAREGPT}), ("messages", {"messages": CHAT})]
)
def test_a_conversation_gives_its_first_turns_and_keeps_the_rest_aside(shape: str, row: dict[str, Any]) -> None:
    found_shape, found = told(row)
    assert (found_shape, found[:3]) == (shape, ("Why?", "Be brief.", "So."))
    assert json.loads(found.rest or "") == REST


def test_a_short_conversation_has_no_rest() -> None:
    assert told({"messages": CHAT[1:3]})[1] == Triplet("Why?", "", "So.")


def test_turns_that_are_no_turns_are_kept_aside_and_break_nothing() -> None:
    row = {"messages": [*CHAT[1:2], "loose words", {"role": "tool", "content": {"x": 1}}, *CHAT[2:3]]}
    found = told(row)[1]
    assert found[:3] == ("Why?", "", "So.")
    assert [turn["content"] for turn in json.loads(found.rest or "")] == ["loose words", '{"x":1}']


def test_of_several_answers_the_order_is_output_response_solution_answer() -> None:
    answers = ["output", "response", "solution", "answer"]
    for position in range(len(answers)):
        row = {"question": "q", **{name: name for name in reversed(answers[position:])}}
        assert told(row)[1].output == answers[position]


def test_a_stray_row_among_the_first_decides_nothing() -> None:
    rows = [{"question": "q", "answer": "a"}] * 3 + [{"prompt": "p", "output": "a"}]
    found = detect(["question", "answer", "prompt", "output"], rows, "file")
    assert (found.instruction, found.output) == ("question", "answer")


def test_a_chosen_conversation_gives_the_question_where_no_prompt_is_given() -> None:
    assert told({"chosen": CHAT[1:3], "rejected": CHAT[1:3]}) == ("preference", Triplet("Why?", "", "So."))


def test_a_prompt_of_turns_is_its_first_user_turn() -> None:
    assert told({"prompt": CHAT[:2], "completion": CHAT[2:3]})[1] == Triplet("Why?", "", "So.")


def test_conversations_are_told_by_what_is_in_the_first_rows_that_have_any() -> None:
    rows = [{"conversations": None}, {"conversations": []}, {"conversations": SHAREGPT}]
    assert detect(["conversations"], rows, "file").shape == "sharegpt"


def test_of_two_columns_that_differ_in_case_the_plain_one_is_taken() -> None:
    assert detect(["Question", "question", "Answer"], [], "file").instruction == "question"


def test_what_has_no_known_shape_is_said_with_its_columns() -> None:
    with pytest.raises(UnknownShape, match=r"notes: .*'audio', 'label'"):
        detect(["audio", "label"], [], "notes")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("", ""),
        (True, "true"),
        (0, "0"),
        (11760, "11760"),
        (0.5, "0.5"),
        (3.0, "3.0"),
        (1e22, "1e+22"),
        (b"caf\xc3\xa9", "café"),
        ([1, 2.5, None], "[1,2.5,null]"),
        ({"b": "é", "a": [True]}, '{"a":[true],"b":"é"}'),
    ],
)
def test_each_kind_of_value_has_one_text(value: object, text: str) -> None:
    assert text_of(value) == text


def test_given_fields_may_lead_into_a_row_and_are_found_in_any_case() -> None:
    fields = Fields("given", "META.questions.1", "", "answer").spelled(["Meta", "Answer"])
    row = {"Meta": {"questions": ["no", "yes"]}, "Answer": " a "}
    assert fields.columns == ("Meta", "Answer")
    assert fields.reader()(row) == Triplet("yes", "", "a")


def test_a_path_that_leads_nowhere_is_empty() -> None:
    row = {"a": {"b": [1]}}
    assert Fields("given", "a.b.7", "a.c", "a.b.x").reader()(row) == Triplet("", "", "")


def test_a_column_with_a_dot_in_its_name_can_be_named() -> None:
    assert Fields("given", "meta.text").spelled(["meta.text"]).instruction == "meta.text"
