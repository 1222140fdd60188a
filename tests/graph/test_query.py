"""Questions to the graph are answered with evidence, by any name of a dataset, and paths are all and in order."""

from __future__ import annotations

from pathlib import Path

import duckdb
import networkx as nx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lineage_platform.errors import DatasetNotFound, GraphMissing
from lineage_platform.files import RecordStore
from lineage_platform.graph.build import build_graph
from lineage_platform.graph.query import Graph, open_graph
from lineage_platform.records import DocumentKind, EdgeStatus, Relation
from tests.graph.builders import drawn, traced, validation, witness

NODES = [f"o/{letter}" for letter in "abcdef"]


@pytest.fixture
def graph(tmp_path: Path) -> Graph:
    records = RecordStore(tmp_path / "records")
    traced(records, "lab/base")
    traced(
        records,
        "acme/mix",
        [
            witness("lab/base", confidence=0.8, document_kind=DocumentKind.PAPER, relation=Relation.STRUCTURED_FUSION),
            witness("lab/base", confidence=0.95, quote_offset=12),
            witness("lab/base", EdgeStatus.REJECTED, confidence=0.99, reason="the quote does not occur"),
            witness("lab/doubted", EdgeStatus.REVIEW, confidence=0.99, reason="several datasets bear this name"),
            witness("lab/false", EdgeStatus.REJECTED, reason="the quote does not occur in the document"),
        ],
    )
    traced(records, "acme/chat", [witness("acme/mix"), witness("lab/base", confidence=0.7)])
    records.write("Old/Mix", validation("acme/mix", requested="Old/Mix"))
    build_graph(records, tmp_path / "graph.duckdb", hub_name="test", hub_label="")
    return open_graph(tmp_path / "graph.duckdb")


@pytest.mark.parametrize("content", [None, b"", b"not a database", b"x" * 100_000])
def test_without_a_graph_the_way_to_one_is_said(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "graph.duckdb"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(GraphMissing) as error:
        open_graph(path)
    assert str(path) in error.value.message
    assert "lineage trace" in error.value.hint


def test_a_database_of_something_else_is_no_graph(tmp_path: Path) -> None:
    with duckdb.connect(tmp_path / "other.duckdb") as other:
        other.execute("CREATE TABLE t AS SELECT 1")
    with pytest.raises(GraphMissing, match="is not a graph"):
        open_graph(tmp_path / "other.duckdb")


@pytest.mark.parametrize("name", ["acme/mix", "Old/Mix", "ACME/Mix", "https://huggingface.co/datasets/acme/mix"])
def test_a_dataset_is_found_by_each_of_its_names(graph: Graph, name: str) -> None:
    assert graph.dataset(name).dataset_id == "acme/mix"
    assert graph.sources(name) == graph.sources("acme/mix")


def test_an_unknown_dataset_is_answered_with_near_names(graph: Graph) -> None:
    with pytest.raises(DatasetNotFound) as error:
        graph.dataset("acme/mixx")
    assert "acme/mix" in error.value.hint


def test_sources_come_with_quotes_best_first_and_without_what_was_rejected(graph: Graph) -> None:
    base, doubted = graph.sources("acme/mix")
    assert (base.source, base.status, base.relation, base.confidence) == (
        "lab/base",
        "accepted",
        "direct_inclusion",
        0.95,
    )
    assert base.disagreement == "structured_fusion"
    assert [(quote.confidence, quote.status) for quote in base.evidence] == [
        (0.95, "accepted"),
        (0.8, "accepted"),
        (0.99, "rejected"),
    ]
    first = base.evidence[0]
    assert (first.quote, first.document, first.quote_offset) == ("Built from base.", "card:acme/mix", 12)
    assert first.url == "https://example.org/card:acme/mix"
    assert (doubted.source, doubted.status, doubted.reason) == (
        "lab/doubted",
        "review",
        "several datasets bear this name",
    )


def test_what_is_built_on_a_dataset(graph: Graph) -> None:
    assert [edge.target for edge in graph.used_by("lab/base")] == ["acme/mix", "acme/chat"]
    assert graph.used_by("acme/chat") == ()


def test_the_neighbourhood_goes_as_far_as_asked(graph: Graph) -> None:
    around = graph.neighbourhood("acme/chat", up=1, down=1)
    assert [(hop.dataset_id, hop.hops) for hop in around.nodes] == [
        ("acme/chat", 0),
        ("acme/mix", -1),
        ("lab/base", -1),
    ]
    assert len(around.edges) == 3
    assert graph.neighbourhood("acme/mix", up=0, down=0).nodes == graph.neighbourhood("acme/mix", 0, 0).nodes
    assert [hop.dataset_id for hop in graph.neighbourhood("acme/mix", up=0, down=5).nodes] == ["acme/mix", "acme/chat"]


def test_paths_run_from_source_to_target_with_their_relations(graph: Graph) -> None:
    found = graph.paths("lab/base", "acme/chat")
    assert [path.nodes for path in found.paths] == [("lab/base", "acme/chat"), ("lab/base", "acme/mix", "acme/chat")]
    assert found.paths[1].relations == ("direct_inclusion", "direct_inclusion")
    assert graph.paths("acme/chat", "lab/base").paths == ()
    assert graph.paths("acme/mix", "acme/mix").paths == ()
    with pytest.raises(DatasetNotFound):
        graph.paths("lab/base", "nobody/nothing")


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    edges=st.sets(st.tuples(st.sampled_from(NODES), st.sampled_from(NODES)), min_size=1, max_size=18), data=st.data()
)
def test_paths_equal_all_simple_paths_on_graphs_with_cycles(
    tmp_path: Path, edges: set[tuple[str, str]], data: st.DataObject
) -> None:
    edges = {edge for edge in edges if edge[0] != edge[1]} or {("o/a", "o/b")}
    drawn(tmp_path / "graph.duckdb", edges)
    ends = sorted({end for edge in edges for end in edge})
    source, target = data.draw(st.sampled_from(ends)), data.draw(st.sampled_from(ends))
    limit = data.draw(st.integers(1, 30))
    expected = [] if source == target else list(nx.all_simple_paths(nx.DiGraph(edges), source, target))
    with open_graph(tmp_path / "graph.duckdb") as graph:
        whole, cut = graph.paths(source, target), graph.paths(source, target, limit=limit)
    assert [list(path.nodes) for path in whole.paths] == sorted(expected, key=lambda nodes: (len(nodes), nodes))
    assert not whole.truncated
    assert cut.truncated is (len(expected) > limit)
    assert [len(path.nodes) for path in cut.paths] == [len(path.nodes) for path in whole.paths][:limit]


def test_a_thousand_paths_are_where_it_stops(tmp_path: Path) -> None:
    rungs = [(f"o/{i}{a}", f"o/{i + 1}{b}") for i in range(12) for a in "xy" for b in "xy"]
    drawn(tmp_path / "graph.duckdb", rungs)
    found = open_graph(tmp_path / "graph.duckdb").paths("o/0x", "o/12x")
    assert (len(found.paths), found.truncated) == (1000, True)
