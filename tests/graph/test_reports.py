"""Each named report says what it answers, takes the parameters it names, and answers right."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lineage_platform.errors import UsageError
from lineage_platform.files import RecordStore
from lineage_platform.graph.build import build_graph
from lineage_platform.graph.query import Graph, open_graph
from lineage_platform.graph.reports import read_reports
from lineage_platform.records import Domain, EdgeStatus, Outcome, Relation
from tests.graph.builders import drawn, traced, validation, witness

NODES = [f"o/{letter}" for letter in "abcdef"]
FIXED = {
    "topology_by_domain": ["domain", "nodes", "depth", "in_degree", "out_degree", "leaf_pct"],
    "cross_domain": ["source_domain", "target_domain", "edges", "share_pct"],
    "most_reused": ["domain", "rank", "dataset_id", "out_degree"],
    "highest_in_degree": ["rank", "dataset_id", "in_degree"],
    "deepest": ["rank", "dataset_id", "depth"],
    "release_years": ["domain", "year", "kind", "datasets"],
}


@pytest.fixture
def graph(tmp_path: Path) -> Graph:
    """Two leaves, a mix of both, a set made from the mix and a leaf; one id that is not there, one untraced."""
    records = RecordStore(tmp_path / "records")
    leaf = Outcome.NO_SOURCES_DOCUMENTED
    traced(records, "a/leaf", outcome=leaf, month="2022-05", domains=(Domain.MATH,))
    traced(records, "b/leaf", outcome=leaf, month="2023-05", domains=(Domain.CODE,))
    traced(
        records,
        "c/mix",
        [witness("a/leaf"), witness("b/leaf"), witness("name:forum")],
        month="2023-09",
        domains=(Domain.MATH, Domain.CODE),
    )
    traced(
        records,
        "d/chat",
        [witness("c/mix"), witness("a/leaf"), witness("x/doubt", EdgeStatus.REVIEW, reason="why")],
        month="2024-01",
        domains=(Domain.GENERAL,),
    )
    records.write("e/gone", validation("e/gone", outcome=Outcome.NOT_FOUND, detail="deleted"))
    records.write("f/later", validation("f/later"))
    build_graph(records, tmp_path / "graph.duckdb", hub_name="test", hub_label="")
    return open_graph(tmp_path / "graph.duckdb")


def test_every_report_has_a_header_and_runs(graph: Graph) -> None:
    names = [report.name for report in graph.reports()]
    assert set(FIXED) | {"leaves", "coverage", "relation_mix", "review_queue", "intersections"} <= set(names)
    for report in graph.reports():
        assert report.title
        assert report.question.endswith((")", "?", "."))
        assert report.source
        assert all(f"${name}" in report.sql for name in report.parameters)
        assert graph.report(report.name).columns


@pytest.mark.parametrize("name", FIXED)
def test_columns_that_scripts_rely_on_stay(graph: Graph, name: str) -> None:
    assert list(graph.report(name).columns) == FIXED[name]


def test_a_parameter_narrows_a_report(graph: Graph) -> None:
    assert len(graph.report("deepest", top=1).rows) == 1
    assert len(graph.report("deepest", top="2").rows) == 2


@pytest.mark.parametrize(
    ("name", "parameters", "says"),
    [
        ("nothing", {}, "there is no report 'nothing'"),
        ("deepest", {"bottom": 1}, "no parameter 'bottom'"),
        ("deepest", {"top": "many"}, "must be a number"),
        ("leaves", {"top": 1}, "no parameter 'top'"),
    ],
)
def test_a_wrong_request_is_answered_with_what_there_is(
    graph: Graph, name: str, parameters: dict[str, object], says: str
) -> None:
    with pytest.raises(UsageError, match=says):
        graph.report(name, **parameters)


def test_a_dataset_of_two_domains_counts_in_each(graph: Graph) -> None:
    rows = {row["domain"]: row for row in graph.report("topology_by_domain").records()}
    assert [rows[domain]["nodes"] for domain in ("math", "code", "general")] == [2, 2, 1]
    assert rows["math"]["in_degree"] == 1.5
    assert rows["math"]["leaf_pct"] == 50.0
    flow = {(row["source_domain"], row["target_domain"]): row for row in graph.report("cross_domain").records()}
    assert flow["math", "general"]["edges"] == 2
    assert flow["math", "general"]["share_pct"] == pytest.approx(66.67)


def test_reuse_is_ranked_for_the_whole_graph_and_by_domain_with_ties_by_id(graph: Graph) -> None:
    rows = [tuple(row.values()) for row in graph.report("most_reused").records()]
    assert rows[:3] == [("all", 1, "a/leaf", 2), ("all", 2, "b/leaf", 1), ("all", 3, "c/mix", 1)]
    assert ("code", 2, "c/mix", 1) in rows


def test_years_count_leaves_and_internal_datasets_apart(graph: Graph) -> None:
    rows = graph.report("release_years").rows
    assert ("math", 2022, "leaf", 1) in rows
    assert ("math", 2022, "internal", 0) in rows
    assert ("general", 2024, "internal", 1) in rows


def test_coverage_says_how_each_trace_ended(graph: Graph) -> None:
    rows = {row["outcome"]: row for row in graph.report("coverage").records()}
    assert {outcome: row["datasets"] for outcome, row in rows.items()} == {
        "traced": 2,
        "no_sources_documented": 2,
        "not_found": 1,
        "not_traced": 1,
    }
    assert rows["not_found"]["reason"] == "deleted"


def test_leaves_and_the_review_queue(graph: Graph) -> None:
    assert [row["dataset_id"] for row in graph.report("leaves").records()] == ["a/leaf", "b/leaf"]
    assert [(row["source"], row["reason"]) for row in graph.report("review_queue").records()] == [("x/doubt", "why")]


def test_an_intersection_is_named_with_its_paths(graph: Graph) -> None:
    (row,) = graph.report("intersections").records()
    assert (row["dataset_id"], row["intersection"], row["paths"]) == ("d/chat", "a/leaf", 2)
    assert row["through"] == ["a/leaf", "c/mix"]


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edges=st.sets(st.tuples(st.sampled_from(NODES), st.sampled_from(NODES)), min_size=1, max_size=14))
def test_intersections_equal_brute_force(tmp_path: Path, edges: set[tuple[str, str]]) -> None:
    edges = {edge for edge in edges if edge[0] != edge[1]} or {("o/a", "o/b")}
    drawn(tmp_path / "graph.duckdb", edges)
    whole = nx.DiGraph(edges)
    expected = {
        (target, ancestor): through
        for target in whole
        for ancestor in whole
        if ancestor != target
        and len(through := {s for s in whole.predecessors(target) if nx.has_path(whole, ancestor, s)}) >= 2
    }
    with open_graph(tmp_path / "graph.duckdb") as graph:
        rows = graph.report("intersections", top=10_000).records()
    assert {(row["dataset_id"], row["intersection"]): set(row["through"]) for row in rows} == expected
    if nx.is_directed_acyclic_graph(whole):
        for row in rows:
            paths = list(nx.all_simple_paths(whole, row["intersection"], row["dataset_id"]))
            assert row["paths"] == len(paths)
            assert row["all_paths"] == (sorted(paths, key=lambda path: (len(path), path)) if len(paths) <= 20 else [])


def test_reports_are_read_once_and_sorted() -> None:
    names = [report.name for report in read_reports()]
    assert names == sorted(names)
    assert read_reports() is read_reports()


def licensed(root: Path, licences: dict[str, str], edges: dict[str, list[str]]) -> Graph:
    records = RecordStore(root / "licensed")
    for name, licence in licences.items():
        traced(records, name, [witness(source) for source in edges.get(name, ())], licence=licence)
    build_graph(records, root / "licensed.duckdb", hub_name="test", hub_label="")
    return open_graph(root / "licensed.duckdb")


def test_a_licence_that_drops_a_term_is_named_with_the_nearest_ancestor_that_has_it(tmp_path: Path) -> None:
    graph = licensed(
        tmp_path,
        {
            "a/far": "cc-by-nc-4.0",
            "b/near": "cc-by-nc-sa-4.0",
            "c/free": "mit",
            "d/mute": "",
            "e/kept": "cc-by-nc-sa-3.0",
        },
        {
            "b/near": ["a/far"],
            "c/free": ["b/near", "a/far"],
            "d/mute": ["a/far"],
            "e/kept": ["b/near"],
            "a/far": ["c/free"],
        },
    )
    rows = [
        (row["dataset_id"], row["dropped_term"], row["ancestor"], row["path"])
        for row in graph.report("licences").records()
    ]
    assert rows == [
        ("c/free", "no commercial use", "a/far", ["a/far", "c/free"]),
        ("c/free", "share alike", "b/near", ["b/near", "c/free"]),
        ("a/far", "share alike", "b/near", ["b/near", "c/free", "a/far"]),
    ]
    mix = {row["licence"]: row["datasets"] for row in graph.report("licence_mix").records()}
    assert mix["none declared"] == 1


def test_build_patterns_count_the_relations_along_paths(tmp_path: Path) -> None:
    records = RecordStore(tmp_path / "records")
    fused = Relation.STRUCTURED_FUSION
    traced(records, "b/mix", [witness("a/root"), witness("a/other")])
    traced(records, "c/chat", [witness("b/mix", relation=fused)])
    traced(records, "d/loop", [witness("c/chat"), witness("d/back")])
    traced(records, "d/back", [witness("d/loop")])
    build_graph(records, tmp_path / "graph.duckdb", hub_name="test", hub_label="")
    rows = {row["pattern"]: row for row in open_graph(tmp_path / "graph.duckdb").report("build_patterns").records()}
    two = rows["direct_inclusion → structured_fusion"]
    assert (two["steps"], two["paths"], two["sources"], two["results"]) == (2, 2, 2, 1)
    assert two["most_often_from"] == ["a/other", "a/root"]
    assert rows["direct_inclusion → structured_fusion → direct_inclusion"]["paths"] == 2
    assert rows["direct_inclusion"]["paths"] == 5


def test_degrees_far_above_the_usual_are_outliers(tmp_path: Path) -> None:
    drawn(
        tmp_path / "graph.duckdb", [("o/root", f"o/{i}") for i in range(30)] + [(f"o/{i}", f"p/{i}") for i in range(30)]
    )
    rows = open_graph(tmp_path / "graph.duckdb").report("degree_outliers").records()
    assert [(row["figure"], row["dataset_id"], row["degree"]) for row in rows] == [("out_degree", "o/root", 30)]


def test_witnesses_that_disagree_are_listed_with_what_each_says(tmp_path: Path) -> None:
    records = RecordStore(tmp_path / "records")
    traced(records, "b/mix", [witness("a/root"), witness("a/root", relation=Relation.COT_DISTILLATION, confidence=0.8)])
    traced(records, "c/mix", [witness("a/root"), witness("a/root")])
    build_graph(records, tmp_path / "graph.duckdb", hub_name="test", hub_label="")
    rows = open_graph(tmp_path / "graph.duckdb").report("disagreeing_witnesses").records()
    assert [(row["target"], row["stated"], row["confidence"]) for row in rows] == [
        ("b/mix", "direct_inclusion", 0.9),
        ("b/mix", "cot_distillation", 0.8),
    ]


def test_measured_reports_rank_what_was_measured(tmp_path: Path) -> None:
    from tests.graph.test_measured import measured_in

    records = RecordStore(tmp_path / "records")
    traced(records, "a/left", [witness("a/root")])
    traced(records, "a/mix", [witness("a/left"), witness("a/root")])
    measured_in(records.root)
    build_graph(records, tmp_path / "graph.duckdb", hub_name="test", hub_label="")
    graph = open_graph(tmp_path / "graph.duckdb")
    (redundant,) = graph.report("redundancy").records()
    assert (redundant["rate_pct"], redundant["intersections"], redundant["worst_intersection"]) == (10.0, 1, "a/root")
    (leak,) = graph.report("contamination").records()
    assert (leak["rank"], leak["rate_pct"], leak["paths"]) == (1, 25.0, [["b/test", "a/mix"]])
    (crossing,) = graph.report("intersections").records()
    assert (crossing["rows"], crossing["duplicated_rows"]) == (4, 2)
    assert crossing["all_paths"] == [["a/root", "a/mix"], ["a/root", "a/left", "a/mix"]]
