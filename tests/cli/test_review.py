"""`review`: what waits, shown with all that is needed, and decided in a file that survives every trace."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lineage_platform.files import Home
from lineage_platform.graph.build import build_graph
from lineage_platform.measurements import Containment, Finding, MeasurementStore
from tests.cli.conftest import HOSTILE, LABEL, Lineage
from tests.support import HUB_URL, have_rows, write_dataset

OPEN = ("acme/doubt", "acme/mix")


@pytest.fixture(autouse=True)
def _author(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINEAGE_AUTHOR", "ann")
    monkeypatch.delenv("LINEAGE_REVIEWS", raising=False)


def statuses(lineage: Lineage) -> dict[str, str]:
    rows = lineage("sql", "select source, status from edge_candidates where target = 'acme/mix'", "--json").json
    return {row["source"]: row["status"] for row in rows}


@pytest.mark.usefixtures("graph")
def test_the_queue_lists_what_waits_with_its_reason(lineage: Lineage) -> None:
    answer = lineage("review", "list", "--json")
    assert answer.code == 0
    assert [(row["source"], row["target"], row["status"], row["reason"]) for row in answer.json] == [
        (*OPEN, "review", "several datasets bear this name")
    ]
    assert f"lineage review show {' '.join(OPEN)}" in answer.err
    assert LABEL in answer.err


@pytest.mark.usefixtures("graph")
def test_a_case_shows_statements_and_candidates_harmlessly(lineage: Lineage) -> None:
    shown = lineage("review", "show", *OPEN, "--json").json
    assert shown["status"] == "review"
    assert shown["statements"][0]["quote"] == "Built from doubt."
    page = lineage("review", "show", "acme/left", "acme/mix", "--format", "human")
    assert "Built from left" in page.out
    assert "\x1b" not in page.out
    assert HOSTILE not in page.out
    unknown = lineage("review", "show", "acme/nobody", "acme/mix")
    assert unknown.code == 2
    assert "lineage review list" in unknown.err


def test_a_decision_is_a_line_in_the_file_and_shows_at_once(lineage: Lineage, graph: Path) -> None:
    answer = lineage("review", "accept", *OPEN, "--reason", "asked the authors", "--json")
    assert answer.code == 0, answer.err
    [line] = [json.loads(line) for line in (graph / "reviews.jsonl").read_text().splitlines()]
    assert line == answer.json
    assert {"author": "ann", "reason": "asked the authors", "action": "accept", "hub": "small"}.items() <= line.items()
    assert statuses(lineage)["acme/doubt"] == "accepted"
    assert lineage("review", "list", "--json").json == []

    lineage("review", "reject", *OPEN, "--reason", "they were wrong", "--author", "bob")
    assert statuses(lineage)["acme/doubt"] == "rejected"
    rebound = lineage("review", "rebind", *OPEN, "--to", "acme/clear", "--reason", "a typo")
    assert "lineage trace acme/clear" in rebound.err, "nobody has asked the hub yet"
    assert "acme/doubt" not in statuses(lineage)
    assert statuses(lineage)["acme/clear"] == "accepted"
    assert len((graph / "reviews.jsonl").read_text().splitlines()) == 1


@pytest.mark.usefixtures("graph")
def test_what_nobody_states_and_what_is_half_said_cannot_be_decided(lineage: Lineage, home: Path) -> None:
    for wrong in (
        ("accept", "acme/nobody", "acme/mix", "--reason", "x"),
        ("accept", *OPEN),
        ("accept", *OPEN, "--reason", " "),
        ("rebind", *OPEN, "--reason", "x"),
        ("rebind", *OPEN, "--to", "acme/mix", "--reason", "x"),
    ):
        assert lineage("review", *wrong).code == 2
    assert not (home / "reviews.jsonl").exists()


@pytest.mark.usefixtures("graph")
def test_the_file_may_lie_elsewhere_and_strange_lines_in_it_are_named(
    lineage: Lineage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "repository" / "decisions.jsonl"
    file.parent.mkdir()
    file.write_text("<<<<<<< HEAD\n")
    monkeypatch.setenv("LINEAGE_REVIEWS", str(file))
    answer = lineage("review", "reject", *OPEN, "--reason", "x", "-q")
    assert answer.code == 0
    assert "decisions.jsonl:2: not a decision" in answer.err
    assert statuses(lineage)["acme/doubt"] == "rejected"
    assert lineage("sql", "select subject from faults where kind = 'review_line'", "--json").json == [
        {"subject": "decisions.jsonl:2"}
    ]


@pytest.mark.usefixtures("graph")
def test_an_overlap_that_nothing_documents_waits_too(lineage: Lineage, home: Path) -> None:
    shared = {"scheme": "x", "source_queries": 10, "target_queries": 40, "shared_queries": 8, "confirmed": True}
    shared |= {"source_in_target": 0.8, "target_in_source": 0.2, "finding": Finding.UNDOCUMENTED}
    records = Home(home).records("small")
    measured = MeasurementStore(records.root)
    have_rows(measured, "acme/root", "acme/mix")
    measured.write(Containment(source="acme/root", target="acme/mix", **shared))
    build_graph(records, Home(home).graph, hub_name="small", hub_label=LABEL)
    queue = lineage("review", "list", "--json").json
    assert [row["source"] for row in queue if row["status"] == "overlap"] == ["acme/root"]
    assert lineage("review", "show", "acme/root", "acme/mix", "--json").json["status"] == "overlap"
    lineage("review", "accept", "acme/root", "acme/mix", "--reason", "rows do not lie")
    assert statuses(lineage)["acme/root"] == "accepted"
    assert len(lineage("review", "list", "--json").json) == 1


def test_a_decision_survives_the_next_trace_is_followed_and_shows_its_context(
    lineage: Lineage, tmp_path: Path, home: Path
) -> None:
    hub = tmp_path / "hub"
    link = f"[Lost-QA]({HUB_URL}gone/Lost-QA)"
    write_dataset(hub, "org/Mix-2", f"# Mix-2\n\nWe mixed.\n\n## Source datasets\n\nBuilt from:\n\n- {link}\n")
    write_dataset(hub, "org/Found-QA", "# Found-QA\n\nWritten by hand.\n")
    trace = ("trace", "org/Mix-2", "--hub", hub, "--agents", "rules", "--json")
    assert lineage(*trace).json["edges"] == 0
    shown = lineage("review", "show", "gone/Lost-QA", "org/Mix-2", "--json").json
    assert "the hub does not know" in shown["reason"]
    assert "Built from" in shown["statements"][0]["before"] + shown["statements"][0]["quote"]

    lineage("review", "rebind", "gone/Lost-QA", "org/Mix-2", "--to", "org/Found-QA", "--reason", "moved")
    again = lineage(*trace).json
    assert (again["datasets"], again["edges"]) == (2, 1)
    refreshed = lineage(*trace, "--refresh").json
    assert (refreshed["datasets"], refreshed["edges"]) == (2, 1)
    assert lineage("sql", "select source from edges", "--json").json == [{"source": "org/Found-QA"}]
