"""The exported lines are what the graph says, in one order, without anything that belongs to a run."""

from __future__ import annotations

import json
from pathlib import Path

from lineage_platform.exports import jsonl
from lineage_platform.files import RecordStore
from lineage_platform.graph.build import build_graph
from lineage_platform.graph.query import open_graph
from lineage_platform.graph.view import read_view
from tests.graph.builders import traced, witness


def exported(root: Path, order: list[str]) -> list[str]:
    records = RecordStore(root / "records")
    for dataset_id in order:
        traced(records, dataset_id, [witness("z/two"), witness("a/one")] if dataset_id == "m/mix" else [])
    build_graph(records, root / "graph.duckdb", hub_name="test", hub_label="")
    with open_graph(root / "graph.duckdb") as graph:
        return list(jsonl.lines(read_view(graph)))


def test_the_order_of_tracing_leaves_no_trace(tmp_path: Path) -> None:
    ids = ["z/two", "m/mix", "a/one"]
    assert exported(tmp_path / "x", ids) == exported(tmp_path / "y", ids[::-1])


def test_lines_are_sorted_within_nodes_edges_and_witnesses(tmp_path: Path) -> None:
    lines = [json.loads(line) for line in exported(tmp_path, ["z/two", "m/mix", "a/one"])]
    assert [line["kind"] for line in lines] == ["node"] * 3 + ["edge"] * 2 + ["witness"] * 2
    assert [line["dataset_id"] for line in lines[:3]] == ["a/one", "m/mix", "z/two"]
    assert [line["source"] for line in lines[3:]] == ["a/one", "z/two", "a/one", "z/two"]


def test_nothing_of_a_run_is_in_it(tmp_path: Path) -> None:
    text = "".join(exported(tmp_path, ["m/mix"]))
    assert not {"built_at", "fetched_at", "downloads", "likes", "seconds"} & set(text.replace('"', " ").split())


def test_a_change_of_one_statement_shows(tmp_path: Path) -> None:
    before = exported(tmp_path, ["m/mix"])
    records = RecordStore(tmp_path / "records")
    traced(records, "m/mix", [witness("z/two"), witness("a/one", confidence=0.71)])
    build_graph(records, tmp_path / "graph.duckdb", hub_name="test", hub_label="")
    with open_graph(tmp_path / "graph.duckdb") as graph:
        assert list(jsonl.lines(read_view(graph))) != before
