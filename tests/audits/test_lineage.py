"""What audits ask of the graph."""

from __future__ import annotations

from pathlib import Path

from lineage_platform.audits.licences import Condition, conditions, licence_conflicts
from lineage_platform.audits.lineage import Lineage
from lineage_platform.files import RecordStore
from lineage_platform.graph.build import build_graph
from lineage_platform.graph.query import open_graph
from tests.graph.builders import traced, witness

DIAMOND = Lineage(
    dict.fromkeys(
        [("root", "left"), ("root", "right"), ("left", "mix"), ("right", "mix"), ("root", "mix"), ("solo", "left")], "x"
    ),
    licences={"root": "cc-by-nc-sa-4.0", "solo": "mit", "left": "cc-by-nc-4.0", "mix": "apache-2.0"},
)


def test_ancestors_are_all_that_is_upstream() -> None:
    assert DIAMOND.ancestors("mix") == {"left", "right", "root", "solo"}
    assert DIAMOND.ancestors("root") == set()


def test_a_crossing_is_reached_through_two_direct_sources_and_may_be_one_of_them() -> None:
    assert DIAMOND.crossings("mix") == ("root",)
    assert DIAMOND.crossings("left") == ()


def test_a_mix_is_one_more_dataset_that_takes_its_members_in() -> None:
    assert DIAMOND.with_member_edges("mix:new", ("left", "right")).crossings("mix:new") == ("root",)


def test_ways_into_a_mix_end_at_its_members() -> None:
    mixed = DIAMOND.with_member_edges("mix:new", ("left", "root"))
    assert mixed.ways("root", "mix:new").paths == (("root",), ("root", "left"))
    assert mixed.ways("root", "left").paths == (("root", "left"),)
    assert DIAMOND.ways("root", "left").paths == (("root", "left"),)


def test_around_a_cycle_no_dataset_is_its_own_ancestor_or_crossing() -> None:
    circle = Lineage(dict.fromkeys([("a", "b"), ("b", "a"), ("c", "a"), ("c", "b")], "x"))
    assert circle.ancestors("a") == {"b", "c"}
    assert circle.crossings("a") == ("c",)


def test_it_is_read_from_a_graph(tmp_path: Path) -> None:
    records = RecordStore(tmp_path / "hub")
    traced(records, "acme/root", month="2023-01")
    traced(records, "acme/mix", [witness("acme/root")], month="2024-01")
    build_graph(records, tmp_path / "graph.duckdb", hub_name="h", hub_label="a label")
    with open_graph(tmp_path / "graph.duckdb") as graph:
        lineage = Lineage.of(graph)
    assert lineage.sources("acme/mix") == {"acme/root"}
    assert lineage.ways("acme/root", "acme/mix").paths == (("acme/root", "acme/mix"),)
    assert (lineage.released["acme/root"] or "").startswith("2023-01")
    assert lineage.label == "a label"


def test_what_a_licence_asks_for_is_told_from_its_identifier() -> None:
    assert conditions("cc-by-nc-sa-4.0") == {Condition.NON_COMMERCIAL, Condition.SHARE_ALIKE}
    assert conditions("CC BY-ND 4.0") == {Condition.NO_DERIVATIVES}
    assert conditions("gpl-3.0") == {Condition.SHARE_ALIKE}
    for free in ("mit", "apache-2.0", "cc-by-4.0", "odc-by", "unknown", "", None):
        assert conditions(free) == frozenset()


def test_a_condition_that_a_dataset_does_not_pass_on_is_a_conflict_with_its_path() -> None:
    found = [(each.source, each.condition, each.path) for each in licence_conflicts("mix", DIAMOND)]
    assert found == [
        ("left", Condition.NON_COMMERCIAL, ("left", "mix")),
        ("root", Condition.NON_COMMERCIAL, ("root", "mix")),
        ("root", Condition.SHARE_ALIKE, ("root", "mix")),
    ]
    assert [each.condition for each in licence_conflicts("left", DIAMOND)] == [Condition.SHARE_ALIKE]


def test_datasets_whose_sources_nobody_looked_for_are_told_from_leaves() -> None:
    relations = dict.fromkeys([("a/leaf", "a/mix"), ("a/far", "a/mix"), ("url:a/b", "a/mix")], "")
    lineage = Lineage(relations, traced=frozenset({"a/mix", "a/leaf"}))
    assert lineage.untraced(["a/mix"]) == ("a/far",)
    assert lineage.untraced(["a/unheard-of"]) == ("a/unheard-of",)
