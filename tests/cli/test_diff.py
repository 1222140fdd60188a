"""`diff` and `--as-of`: what changed between two builds, and how it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from lineage_platform.files import Home
from lineage_platform.graph.build import build_graph
from tests.cli.conftest import LABEL, Lineage
from tests.graph.builders import traced, witness


@pytest.fixture
def changed(graph: Path, home: Path) -> Path:
    """The small graph, and a second build of it in which acme/left has another source."""
    store = Home(home).records("small")
    traced(store, "acme/left", [witness("acme/root", confidence=0.8), witness("acme/new")], month="2023-01")
    build_graph(store, Home(home).graph, hub_name="small", hub_label=LABEL)
    return home


def test_scripts_get_each_change_with_old_and_new_values(lineage: Lineage, changed: Path) -> None:
    answer = lineage("diff", "1", "2", "--json")
    assert answer.code == 0
    assert answer.json["from"].startswith("0001-")
    assert answer.json["to"].startswith("0002-")
    assert answer.json["label"] == LABEL
    assert {"edges changed": 1, "edges new": 1, "datasets new": 1}.items() <= answer.json["counts"].items()
    assert {
        "kind": "edge",
        "change": "changed",
        "subject": "acme/root -> acme/left",
        "field": "confidence",
        "old": "0.9",
        "new": "0.8",
    } in answer.json["changes"]


@pytest.mark.parametrize(("arguments", "code"), [(("1", "2"), 3), (("2", "2"), 0)])
def test_a_check_can_go_by_the_exit_code(
    lineage: Lineage, changed: Path, arguments: tuple[str, str], code: int
) -> None:
    assert lineage("diff", *arguments, "--exit-code").code == code


def test_people_read_what_is_new_gone_and_changed(lineage: Lineage, changed: Path) -> None:
    out = lineage("diff", "1", "2").out
    assert "+ edge acme/new -> acme/left" in out
    assert "confidence: 0.9 → 0.8" in out
    assert "nothing changed" in lineage("diff", "1", "1").out


def test_what_documents_say_is_harmless_in_a_difference(lineage: Lineage, changed: Path, home: Path) -> None:
    store = Home(home).records("small")
    traced(store, "acme/root", month="2022-01", summary="plain")
    build_graph(store, Home(home).graph, hub_name="small", hub_label=LABEL)
    for form in ("human", "json", "csv"):
        answer = lineage("diff", "2", "3", "--format", form)
        assert "summary" in answer.out
        assert not {"\x1b", "\x07", "\u202e", "\x9b"} & set(answer.out + answer.err)


@pytest.mark.parametrize(
    "command",
    [
        ["show", "acme/left", "--json"],
        ["report", "highest_in_degree", "--json"],
        ["export", "--to", "jsonl"],
    ],
)
def test_an_earlier_graph_answers_as_it_did(lineage: Lineage, changed: Path, command: list[str]) -> None:
    before, now = lineage(*command, "--as-of", "1"), lineage(*command)
    assert before.code == now.code == 0
    assert "acme/new" not in before.out
    assert before.out != now.out


def test_a_snapshot_that_is_not_there_is_a_usage_error(lineage: Lineage, changed: Path) -> None:
    for command in (["diff", "1", "9"], ["show", "acme/left", "--as-of", "9"]):
        answer = lineage(*command)
        assert answer.code == 2
        assert "0002-" in answer.err


def test_the_report_of_changes_goes_back_as_far_as_asked(lineage: Lineage, changed: Path, home: Path) -> None:
    store = Home(home).records("small")
    traced(store, "acme/root", month="2022-01", summary="plain")
    build_graph(store, Home(home).graph, hub_name="small", hub_label=LABEL)
    last, all_of_it = lineage("report", "changes", "--json"), lineage("report", "changes", "--since", "1", "--json")
    assert all_of_it.json == lineage("diff", "1", "3", "--json").json["changes"]
    assert {row["subject"] for row in last.json} < {row["subject"] for row in all_of_it.json}
    earlier = lineage("report", "changes", "--since", "1", "--as-of", "2", "-p", "top=2", "--json")
    assert earlier.json == lineage("diff", "1", "2", "--json").json["changes"][:2]
    assert "0001-" in earlier.err


@pytest.mark.parametrize(("arguments", "told"), [(("leaves",), "report changes"), (("changes", "-p", "to=2"), "to")])
def test_only_changes_have_a_beginning(lineage: Lineage, changed: Path, arguments: tuple[str, ...], told: str) -> None:
    answer = lineage("report", *arguments, "--since", "1")
    assert answer.code == 2
    assert told in answer.err


def test_datasets_are_compared_as_they_were(lineage: Lineage, changed: Path) -> None:
    assert lineage("compare", "acme/left", "acme/new", "--json").json["kinship"] == "descendant"
    assert lineage("compare", "acme/left", "acme/new", "--as-of", "1").code == 1
    as_they_were = lineage("compare", "acme/left", "acme/root", "--as-of", "1", "--json").json
    assert (
        as_they_were["expected_a_in_b"]
        != lineage("compare", "acme/left", "acme/root", "--json").json["expected_a_in_b"]
    )
