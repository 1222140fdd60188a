"""The graph from Python: opened by its home, typed answers, polars frames, and a graph of a selection alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

import lineage_platform
from lineage_platform.errors import GraphMissing
from lineage_platform.graph.answers import Node, Rows
from lineage_platform.graph.guard import QueryFailed
from lineage_platform.graph.query import Graph
from tests.exports.worlds import write_graph


@pytest.fixture
def graph(tmp_path: Path) -> Graph:
    write_graph(tmp_path)
    return lineage_platform.open_graph(tmp_path)


def test_a_graph_is_opened_by_its_home_its_file_or_the_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_graph(tmp_path)
    monkeypatch.setenv("LINEAGE_HOME", str(tmp_path))
    for place in (path, str(path), tmp_path, str(tmp_path), None):
        with lineage_platform.open_graph(place) as opened:
            assert opened.dataset("acme/mix").summary == "A mix."
    with pytest.raises(GraphMissing):
        lineage_platform.open_graph(tmp_path / "nowhere")


def test_answers_are_typed(graph: Graph) -> None:
    assert [node.dataset_id for node in graph.datasets('1+key:"acme/chat"')] == ["acme/chat", "acme/mix"]
    assert all(isinstance(node, Node) for node in graph.datasets())
    assert graph.compare("lab/base", "acme/chat").kinship == "ancestor"
    assert len(graph.view("acme/chat").made_from("acme/chat")) == 1


def test_tables_reports_and_queries_are_polars_frames(graph: Graph) -> None:
    edges = graph.table("edges").to_polars()
    assert edges.schema["confidence"] == pl.Float64
    assert edges.filter(pl.col("target") == "acme/chat")["source"].to_list() == ["acme/mix"]
    assert graph.report("highest_in_degree", top=1).to_polars()["dataset_id"].to_list() == ["acme/mix"]
    assert graph.sql("SELECT 1 AS a, [2] AS b").to_polars().to_dicts() == [{"a": 1, "b": [2]}]
    assert Rows(("a", "a"), ((1, 2),)).to_polars().columns == ["a", "a_2"]
    assert Rows(("a",), ()).to_polars().is_empty()


@pytest.mark.parametrize("name", ["nothing", "edges; DROP TABLE datasets", "'/etc/passwd'", "/etc/passwd"])
def test_a_table_that_is_none_is_refused(graph: Graph, name: str) -> None:
    with pytest.raises(QueryFailed):
        graph.table(name)


def test_a_selection_is_a_graph_of_its_own(graph: Graph) -> None:
    with graph.within('key:"acme/*" or lab/base') as inside:
        assert [node.dataset_id for node in inside.datasets()] == ["acme/chat", "acme/late", "acme/mix", "lab/base"]
        edges = [("acme/mix", "acme/chat"), ("lab/base", "acme/mix")]
        assert sorted(inside.select("SELECT source, target FROM edges").rows) == edges
        assert sorted(inside.sql("SELECT source, target FROM edges").rows) == edges
        assert {row["dataset_id"] for row in inside.report("leaves").records()} == {"lab/base"}
    assert len(graph.datasets()) > 4


def test_polars_is_imported_only_where_a_frame_is_asked_for(tmp_path: Path) -> None:
    write_graph(tmp_path)
    program = (
        "import sys, lineage_platform; g = lineage_platform.open_graph(sys.argv[1]); g.report('leaves');"
        "assert 'polars' not in sys.modules; g.report('leaves').to_polars()"
    )
    subprocess.run([sys.executable, "-c", program, tmp_path], check=True)
