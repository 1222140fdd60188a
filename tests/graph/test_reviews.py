"""People's decisions: a text file made for git, whose every line counts alone, and which wins over every agent."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from lineage_platform.files import RecordStore
from lineage_platform.graph.build import build_graph
from lineage_platform.graph.collecting import collect
from lineage_platform.graph.query import open_graph
from lineage_platform.graph.queue import case
from lineage_platform.graph.reviews import Action, Decision, Decisions, ReviewFile
from lineage_platform.graph.tables import Tables
from lineage_platform.graph.witnesses import sources_to_follow
from lineage_platform.measurements import Containment, Finding, MeasurementStore
from lineage_platform.records import EdgeStatus, Mention, Outcome, Resolution
from tests.graph.builders import traced, validation, witness

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def decision(action: Action = Action.ACCEPT, source: str = "acme/source", **fields: Any) -> Decision:
    given: dict[str, Any] = {"hub": "test", "target": "acme/mix", "author": "ann", "reason": "seen", "decided_at": NOON}
    if action is Action.REBIND:
        given["to"] = "acme/other"
    return Decision(source=source, action=action, **{**given, **fields})


def decisions(*made: Decision) -> Decisions:
    return Decisions({(each.source, each.target): each for each in made})


def edges(tables: Tables) -> dict[str, tuple[str, str]]:
    return {edge.source: (edge.status.value, edge.reason) for edge in tables.edge_candidates}


def resolution(*witnesses: Any, **fields: Any) -> Resolution:
    return Resolution(dataset_id="acme/mix", input_digest="", outcome=Outcome.TRACED, witnesses=witnesses, **fields)


@pytest.mark.parametrize(
    "wrong",
    [
        {"action": "rebind", "to": None},
        {"action": "accept", "to": "acme/other"},
        {"source": "acme/mix"},
        {"action": "rebind", "to": "acme/mix"},
        {"reason": "  "},
        {"author": "two\nlines"},
        {"decided_at": "2026-01-01T00:00:00"},
        {"more": 1},
    ],
)
def test_a_line_that_is_no_whole_decision_is_none(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Decision.model_validate({**decision().model_dump(mode="json"), **wrong})


def test_the_file_is_sorted_one_decision_a_line_and_a_later_one_takes_the_place_of_an_earlier(tmp_path: Path) -> None:
    file = ReviewFile(tmp_path / "deep" / "reviews.jsonl")
    assert file.decisions("test") == Decisions()
    for source in ("b/x", "a/x", "c/x"):
        file.decide(decision(source=source))
    file.decide(decision(Action.REJECT, "b/x", author="bob"))
    lines = [json.loads(line) for line in file.path.read_text().splitlines()]
    assert [(line["source"], line["action"]) for line in lines] == [
        ("a/x", "accept"),
        ("b/x", "reject"),
        ("c/x", "accept"),
    ]
    assert file.decisions("test").of("b/x", "acme/mix") == decision(Action.REJECT, "b/x", author="bob")


@settings(deadline=None, max_examples=25)
@given(st.permutations([f"{org}/x" for org in "abcde"]))
def test_the_file_is_the_same_whatever_the_order_of_deciding(order: list[str]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        file = ReviewFile(Path(folder, "reviews.jsonl"))
        for source in order:
            file.decide(decision(source=source))
        assert file.path.read_text() == "".join(
            decision(source=source).model_dump_json(exclude_none=True) + "\n" for source in sorted(order)
        )


def test_invalid_lines_are_named_kept_and_cost_no_other(tmp_path: Path) -> None:
    file = ReviewFile(tmp_path / "reviews.jsonl")
    file.decide(decision(source="a/x"))
    merged = ["<<<<<<< ours", file.path.read_text().strip(), "=======", '{"hub": "test"}', "", "\udcff bytes"]
    file.path.write_bytes("\n".join(merged).encode("utf-8", "surrogateescape"))
    found = file.decisions("test")
    assert found.of("a/x", "acme/mix")
    assert [(misfit.kind, misfit.where) for misfit in found.misfits] == [
        ("review_line", f"reviews.jsonl:{number}") for number in (1, 3, 4, 6)
    ]
    file.decide(decision(source="b/x"))
    again = file.decisions("test")
    assert set(again.by_edge) == {("a/x", "acme/mix"), ("b/x", "acme/mix")}
    assert len(again.misfits) == 4
    assert file.path.read_text().splitlines()[2] == "<<<<<<< ours"


def test_conflicting_lines_decide_nothing_until_somebody_settles_them(tmp_path: Path) -> None:
    file = ReviewFile(tmp_path / "reviews.jsonl")
    for made in (decision(), decision(Action.REJECT, author="bob"), decision(source="b/x")):
        with file.path.open("a") as lines:
            lines.write(made.model_dump_json() + "\n")
    found = file.decisions("test")
    assert set(found.by_edge) == {("b/x", "acme/mix")}
    [conflict] = found.misfits
    assert (conflict.kind, conflict.where) == ("review_conflict", "reviews.jsonl:1, 2")
    assert "accept by ann; reject by bob" in conflict.detail
    file.decide(decision(Action.REJECT, author="cyd"))
    assert not file.decisions("test").misfits
    assert len(file.path.read_text().splitlines()) == 2


def test_two_people_who_decide_alike_are_no_conflict_and_hubs_do_not_mix(tmp_path: Path) -> None:
    file = ReviewFile(tmp_path / "reviews.jsonl")
    later = decision(author="bob", decided_at=NOON + timedelta(days=1))
    other = decision(Action.REJECT, hub="sample")
    file.path.write_text("".join(each.model_dump_json() + "\n" for each in (decision(), later, other)))
    assert file.decisions("test").by_edge == {("acme/source", "acme/mix"): later}
    assert file.decisions("sample").by_edge == {("acme/source", "acme/mix"): other}


@pytest.fixture
def store(tmp_path: Path) -> RecordStore:
    """A mix with one edge of each status, the source of one of them younger than the mix."""
    store = RecordStore(tmp_path)
    found = [
        witness("acme/sure"),
        witness("acme/doubt", EdgeStatus.REVIEW, confidence=0.5, reason="confidence 0.50 is under 0.70"),
        witness("name:fog", EdgeStatus.REVIEW, reason="several datasets bear this name", confidence=0.54),
        witness("acme/invented", EdgeStatus.REJECTED, reason="the quote does not occur in the document"),
        witness("acme/young"),
    ]
    traced(store, "acme/mix", found, month="2023-01")
    traced(store, "acme/young", outcome=Outcome.NO_SOURCES_DOCUMENTED, month="2024-01")
    return store


def test_a_decision_settles_its_edge_and_no_other(store: RecordStore) -> None:
    before = edges(collect(store))
    made = decisions(
        decision(Action.ACCEPT, "acme/doubt"),
        decision(Action.REJECT, "acme/sure"),
        decision(Action.REBIND, "name:fog"),
        decision(Action.ACCEPT, "acme/young"),
    )
    assert edges(collect(store, made)) == {
        "acme/doubt": ("accepted", "accepted by ann: seen"),
        "acme/sure": ("rejected", "rejected by ann: seen"),
        "acme/other": ("accepted", "rebound from name:fog by ann: seen"),
        "acme/young": ("accepted", "accepted by ann: seen"),
        "acme/invented": before["acme/invented"],
    }
    assert before["acme/young"][0] == "anachronistic"
    assert edges(collect(store)) == before, "the records stay as the agents had them"


def test_a_rebound_name_keeps_the_confidence_of_its_statement_and_must_have_its_quote(store: RecordStore) -> None:
    rebound = collect(store, decisions(decision(Action.REBIND, "name:fog"), decision(Action.REBIND, "acme/invented")))
    [edge] = [edge for edge in rebound.edge_candidates if edge.source == "acme/other"]
    assert edge.status is EdgeStatus.ACCEPTED
    assert edge.confidence == 0.9
    assert {row.status for row in rebound.witnesses if row.source == "acme/other"} == {
        EdgeStatus.ACCEPTED,
        EdgeStatus.REJECTED,
    }


def test_decisions_are_rows_that_say_whether_they_still_apply(store: RecordStore) -> None:
    made = decisions(decision(Action.REBIND, "name:fog"), decision(source="acme/gone"))
    rows = {row.source: (row.action, row.rebound_to, row.applied) for row in collect(store, made).reviews}
    assert rows == {"name:fog": ("rebind", "acme/other", True), "acme/gone": ("accept", None, False)}


def test_lines_that_decide_nothing_are_faults_of_the_graph(store: RecordStore, tmp_path: Path) -> None:
    (tmp_path / "reviews.jsonl").write_text("nonsense\n")
    faults = collect(store, ReviewFile(tmp_path / "reviews.jsonl").decisions("test")).faults
    assert ("review_line", "reviews.jsonl:1") in {(fault.kind, fault.subject) for fault in faults}


def test_a_dataset_whose_every_source_was_rejected_has_none(store: RecordStore) -> None:
    sources = ("acme/sure", "acme/doubt", "name:fog", "acme/young")
    tables = collect(store, decisions(*(decision(Action.REJECT, source) for source in sources)))
    [mix] = [row for row in tables.datasets if row.dataset_id == "acme/mix"]
    assert (mix.outcome, mix.is_leaf) == (Outcome.NO_SOURCES_DOCUMENTED, True)


def test_an_overlap_that_no_document_states_becomes_an_edge_when_a_person_says_so(store: RecordStore) -> None:
    measured = MeasurementStore(store.root)
    shared = {"scheme": "x", "source_queries": 10, "target_queries": 40, "shared_queries": 8, "confirmed": True}
    shared |= {"source_in_target": 0.8, "target_in_source": 0.2, "finding": Finding.UNDOCUMENTED}
    measured.write(Containment(source="acme/copied", target="acme/mix", **shared))
    assert "acme/copied" not in edges(collect(store))
    made = decisions(decision(Action.ACCEPT, "acme/copied"), decision(Action.ACCEPT, "acme/unmeasured"))
    tables = collect(store, made)
    assert edges(tables)["acme/copied"][0] == "accepted"
    assert "8 queries shared" in edges(tables)["acme/copied"][1]
    assert "acme/unmeasured" not in edges(tables), "a decision alone is no edge"
    assert [row.on_hub for row in tables.datasets if row.dataset_id == "acme/copied"] == [True]


def test_what_is_followed_upstream_is_what_the_decisions_leave() -> None:
    found = resolution(
        witness("acme/sure"), witness("acme/doubt", EdgeStatus.REVIEW), witness("acme/young"), witness("acme/wrong")
    )
    released = {"acme/young": "2024-01", "acme/mix": "2023-01"}

    def followed(*made: Decision) -> tuple[str, ...]:
        held = decisions(*made)
        return sources_to_follow(
            held.applied(found),
            validation("acme/mix", month="2023-01"),
            lambda source: validation(source, month=released.get(source)),
            held,
        )

    assert followed() == ("acme/sure", "acme/wrong")
    assert followed(
        decision(source="acme/doubt"), decision(source="acme/young"), decision(Action.REBIND, "acme/wrong")
    ) == ("acme/doubt", "acme/other", "acme/sure", "acme/young")
    assert followed(decision(Action.REJECT, "acme/sure"), decision(Action.REJECT, "acme/wrong")) == ()


def test_a_rebound_mention_names_what_was_decided() -> None:
    fog = Mention(mention="Fog", method="ambiguous")
    found = resolution(witness("name:fog", EdgeStatus.REVIEW), mentions=(fog,))
    [mention] = decisions(decision(Action.REBIND, "name:fog")).applied(found).mentions
    assert (mention.chosen_id, mention.method) == ("acme/other", "review")


def test_what_a_person_or_a_model_said_of_a_name_is_kept_as_an_alias_and_offered_for_it_elsewhere(
    store: RecordStore, tmp_path: Path
) -> None:
    for target in ("acme/mix", "acme/next"):
        open_name = witness("name:fog", EdgeStatus.REVIEW)
        named = open_name.statement.model_copy(update={"mention": "fog"})
        traced(store, target, [open_name.model_copy(update={"statement": named})])
        said = store.read(target, Resolution)
        assert said is not None
        fog = Mention(mention="fog", method="ambiguous")
        store.write(target, said.model_copy(update={"mentions": (fog,)}))
    made = decisions(decision(Action.REBIND, "name:fog"))
    build_graph(store, tmp_path / "graph.duckdb", hub_name="test", hub_label="", decisions=made)
    with open_graph(tmp_path / "graph.duckdb") as graph:
        aliases = graph.select("SELECT alias, dataset_id, origin FROM aliases").records()
        assert aliases == [{"alias": "fog", "dataset_id": "acme/other", "origin": "review"}]
        [candidate] = case(graph, "name:fog", "acme/next", lambda *_: None).candidates
    assert (candidate.id, candidate.method) == ("acme/other", "learnt")
