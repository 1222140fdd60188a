"""The graph holds what the records say, whole and in one order; a broken record costs its own dataset."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from lineage_platform.exports import jsonl
from lineage_platform.files import RecordStore
from lineage_platform.graph.build import build_graph
from lineage_platform.graph.query import Graph, open_graph
from lineage_platform.graph.view import read_view
from lineage_platform.records import (
    Candidate,
    Domain,
    EdgeStatus,
    Mention,
    Outcome,
    Relation,
    Resolution,
    Validation,
    Witness,
)
from tests.graph.builders import traced, validation, witness


@pytest.fixture
def store(tmp_path: Path) -> RecordStore:
    """lab/base -> acme/mix -> acme/chat, with a forum beside them; acme/mix was asked for by its old name, too."""
    records = RecordStore(tmp_path / "records")
    traced(records, "lab/base", outcome=Outcome.NO_SOURCES_DOCUMENTED, month="2022-05", domains=(Domain.MATH,))
    traced(
        records,
        "acme/mix",
        [witness("lab/base"), witness("lab/base", confidence=0.8), witness("name:forum", is_benchmark=True)],
        month="2023-02",
        domains=(Domain.MATH, Domain.CODE),
        licence="mit",
        summary="A mix.",
    )
    traced(
        records,
        "acme/chat",
        [
            witness("acme/mix"),
            witness("lab/doubted", EdgeStatus.REVIEW, reason="several datasets bear this name"),
            witness("acme/chat", EdgeStatus.REJECTED, reason="the name resolves to the dataset itself"),
            witness("lab/false", EdgeStatus.REJECTED, reason="the quote does not occur in the document"),
        ],
        month="2024-01",
    )
    records.write("old/mix", validation("acme/mix", requested="old/mix"))
    return records


def build(store: RecordStore, name: str = "graph.duckdb") -> Graph:
    path = store.root.parent / name
    build_graph(store, path, hub_name="test", hub_label="test data")
    return open_graph(path)


def column(graph: Graph, query: str) -> list[object]:
    return [row[0] for row in graph.sql(query).rows]


def test_the_nodes_are_what_was_traced_and_what_counting_edges_touch(store: RecordStore) -> None:
    graph = build(store)
    assert column(graph, "SELECT dataset_id FROM datasets ORDER BY 1") == [
        "acme/chat",
        "acme/mix",
        "lab/base",
        "name:forum",
    ]
    mix = graph.dataset("acme/mix")
    assert (mix.depth, mix.in_degree, mix.out_degree) == (1, 2, 1)
    assert (mix.domains, mix.licence, mix.summary, mix.release_date) == (("math", "code"), "mit", "A mix.", "2023-02")
    assert graph.dataset("name:forum").is_benchmark
    assert not graph.dataset("name:forum").on_hub
    assert graph.dataset("acme/chat").depth == 2


def test_edges_are_the_candidates_that_count(store: RecordStore) -> None:
    graph = build(store)
    assert graph.sql("SELECT source, target, witnesses FROM edges ORDER BY ALL").rows == (
        ("acme/mix", "acme/chat", 1),
        ("lab/base", "acme/mix", 2),
        ("name:forum", "acme/mix", 1),
    )
    statuses = dict(graph.sql("SELECT source, status FROM edge_candidates WHERE target = 'acme/chat'").rows)
    assert statuses == {
        "acme/mix": "accepted",
        "lab/doubted": "review",
        "acme/chat": "rejected",
        "lab/false": "rejected",
    }
    assert len(column(graph, "SELECT quote FROM witnesses")) == 7


def test_the_meta_row_says_what_it_is(store: RecordStore) -> None:
    meta = build(store).meta
    assert (meta.hub_name, meta.hub_label, meta.datasets, meta.edges, meta.review) == ("test", "test data", 4, 3, 1)


def test_old_names_are_aliases_that_questions_accept(store: RecordStore) -> None:
    graph = build(store)
    assert graph.sql("SELECT * FROM aliases").rows == (("old/mix", "acme/mix", "requested"),)
    assert graph.dataset("old/mix").dataset_id == "acme/mix"


def test_a_link_to_an_old_name_makes_an_alias_and_the_part_is_kept(store: RecordStore) -> None:
    mention = Mention(
        mention="Base",
        link="https://huggingface.co/datasets/first/base/viewer/algebra",
        chosen_id="lab/base",
        part="algebra",
        method="link",
        score=1.0,
        candidates=(Candidate(id="lab/base", method="link", score=1.0),),
    )
    resolved = store.read("acme/mix", Resolution)
    assert resolved
    store.write("acme/mix", resolved.model_copy(update={"mentions": (mention,)}))
    graph = build(store)
    assert graph.dataset("first/base").dataset_id == "lab/base"
    rows = graph.sql("SELECT target, chosen_id, part, method, candidates[1].id FROM mentions").rows
    assert rows == (("acme/mix", "lab/base", "algebra", "link", "lab/base"),)


@pytest.mark.parametrize(
    ("outcome", "sources", "leaf"),
    [
        (Outcome.NO_SOURCES_DOCUMENTED, [], True),
        (Outcome.NO_DOCUMENTATION, [], True),
        (Outcome.FAILED, [], False),
        (Outcome.TRACED, [("name:forum", EdgeStatus.ACCEPTED)], True),
        (Outcome.TRACED, [("name:forum", EdgeStatus.ACCEPTED), ("lab/x", EdgeStatus.REJECTED)], True),
        (Outcome.TRACED, [("name:forum", EdgeStatus.ACCEPTED), ("lab/x", EdgeStatus.REVIEW)], False),
        (Outcome.TRACED, [("lab/x", EdgeStatus.ACCEPTED)], False),
    ],
)
def test_a_leaf_is_where_the_trace_ended(
    tmp_path: Path, outcome: Outcome, sources: list[tuple[str, EdgeStatus]], leaf: bool
) -> None:
    records = RecordStore(tmp_path / "records")
    traced(records, "acme/mix", [witness(source, status) for source, status in sources], outcome)
    assert build(records).dataset("acme/mix").is_leaf is leaf


@pytest.mark.parametrize(
    ("outcome", "leaf", "on_hub"),
    [
        (Outcome.BEFORE_CUTOFF, True, True),
        (Outcome.GATED, False, True),
        (Outcome.NOT_FOUND, False, False),
        (Outcome.FAILED, False, False),
        (None, False, True),
    ],
)
def test_a_trace_that_validation_ended(tmp_path: Path, outcome: Outcome | None, leaf: bool, on_hub: bool) -> None:
    records = RecordStore(tmp_path / "records")
    known = on_hub and outcome is not Outcome.GATED
    checked = validation("acme/mix", outcome=outcome, detail="why")
    records.write("acme/mix", checked if known else checked.model_copy(update={"info": None}))
    node = build(records).dataset("acme/mix")
    assert (node.outcome, node.is_leaf, node.on_hub) == (outcome, leaf, on_hub)
    assert "why" in node.detail if outcome else "not traced" in node.detail


def test_faults_are_listed_by_name(store: RecordStore) -> None:
    traced(store, "loop/a", [witness("loop/b")])
    traced(store, "loop/b", [witness("loop/a")])
    traced(store, "late/target", [witness("acme/chat")], month="2023-05")
    traced(store, "twice/said", [witness("lab/base"), witness("lab/base")])
    faults = {kind: (subject, detail) for kind, subject, detail in build(store).sql("SELECT * FROM faults").rows}
    assert faults["self_edge"][0] == "acme/chat"
    assert faults["cycle"] == ("loop/a", "2 datasets are each other's sources: loop/a, loop/b")
    assert faults["anachronism"][0] == "acme/chat -> late/target"
    assert "2024-01" in faults["anachronism"][1]
    assert "2023-05" in faults["anachronism"][1]
    assert faults["duplicate"][0] in {"lab/base -> twice/said", "lab/base -> acme/mix"}


@pytest.mark.parametrize("content", ["{", "", "[]", '{"dataset_id": 3}', "\x00\x01"])
@pytest.mark.parametrize("kind", [Validation, Resolution])
def test_a_broken_record_costs_its_dataset_and_nothing_else(store: RecordStore, content: str, kind: type) -> None:
    store.path("lab/base", kind.__name__.lower()).write_text(content)
    graph = build(store)
    assert list(column(graph, "SELECT subject FROM faults WHERE kind = 'broken_record'")) == ["lab--base"]
    assert graph.dataset("acme/mix").in_degree == 2
    assert graph.dataset("lab/base").outcome is None


def test_building_twice_gives_the_same_graph(store: RecordStore) -> None:
    first, second = build(store, "a.duckdb"), build(store, "b.duckdb")
    assert list(jsonl.lines(read_view(first))) == list(jsonl.lines(read_view(second)))
    assert len(list(jsonl.lines(read_view(first)))) == 4 + 6 + 7


def test_an_open_reader_keeps_its_graph_while_a_new_one_is_swapped_in(store: RecordStore) -> None:
    before = build(store)
    traced(store, "new/one", [witness("acme/chat")])
    after = build(store)
    assert (before.meta.datasets, after.meta.datasets) == (4, 5)
    assert len(column(before, "SELECT dataset_id FROM datasets")) == 4


def test_nothing_half_written_is_left_when_building_fails(store: RecordStore, monkeypatch: pytest.MonkeyPatch) -> None:
    build(store).close()
    path = store.root.parent / "graph.duckdb"
    before = path.read_bytes()
    monkeypatch.setattr("lineage_platform.graph.history.sql_files", lambda _: (Path(__file__),))
    with pytest.raises(duckdb.Error):
        build_graph(store, path, hub_name="test", hub_label="")
    assert path.read_bytes() == before
    assert {entry.name for entry in path.parent.iterdir()} == {"graph.duckdb", "records", "hubs"}


@pytest.mark.parametrize(
    "text", ['"quoted"', "line\nbreak", "tab\tnul\x00", "💥 \u2028", "\\u0041", "'; DROP TABLE datasets; --"]
)
def test_any_text_survives(tmp_path: Path, text: str) -> None:
    records = RecordStore(tmp_path / "records")
    odd = witness("lab/base")
    odd = Witness(**{**dict(odd), "statement": odd.statement.model_copy(update={"quote": text})})
    traced(records, "acme/mix", [odd], summary=text)
    graph = build(records)
    assert column(graph, "SELECT quote FROM witnesses") == [text]
    assert graph.dataset("acme/mix").summary == text


def test_every_relation_and_the_schema_comments_are_there(store: RecordStore) -> None:
    from lineage_platform.sql import sql_files

    for schema in sql_files("schema"):
        lines = schema.read_text().splitlines()
        assert lines[0].startswith("-- ")
        if "CREATE TABLE" in lines[1]:
            assert all(" -- " in line for line in lines[2:-1]), schema.name
    traced(store, "every/relation", [witness(f"lab/{relation}", relation=relation) for relation in Relation])
    mix = {row["relation"] for row in build(store).report("relation_mix").records()}
    assert mix == set(Relation)
