"""Lineage first: the pairs worth reading rows for, the likeliest first."""

from __future__ import annotations

from lineage_platform.audits.lineage import Lineage
from lineage_platform.audits.ranking import rank

EDGES = {
    ("bench/test", "org/copy"): "direct_inclusion",
    ("org/copy", "org/mix"): "structured_fusion",
    ("org/root", "bench/test"): "semantic_evolution",
    ("org/root", "org/cousin"): "semantic_evolution",
    ("org/unrelated", "org/other"): "direct_inclusion",
    ("org/carrier", "org/heir"): "direct_inclusion",
}
TRAINS = ["org/copy", "org/mix", "org/cousin", "org/other", "org/heir"]


def ranked(*known: tuple[str, str]) -> list[tuple[str, str]]:
    return [(pair.train, pair.why) for pair in rank(Lineage(EDGES), TRAINS, ["bench/test"], known)]


def test_a_benchmark_upstream_comes_first_and_the_nearer_the_sooner() -> None:
    assert ranked() == [
        ("org/copy", "is a source"),
        ("org/mix", "is upstream"),
        ("org/cousin", "also comes from org/root"),
    ]


def test_what_descends_from_a_leaking_dataset_is_likely_too() -> None:
    assert ("org/heir", "stands in org/carrier, which is upstream") in ranked(("org/carrier", "bench/test"))


def test_a_pair_without_any_tie_is_not_worth_reading() -> None:
    assert "org/other" not in [train for train, _ in ranked(("org/carrier", "bench/test"))]


def test_a_benchmark_is_not_paired_with_itself() -> None:
    assert rank(Lineage(EDGES), ["bench/test"], ["bench/test"]) == ()


def test_a_cycle_ends() -> None:
    circle = {("a/a", "b/b"): "direct_inclusion", ("b/b", "a/a"): "direct_inclusion"}
    assert [(pair.train, pair.benchmark) for pair in rank(Lineage(circle), ["a/a"], ["b/b"])] == [("a/a", "b/b")]


def test_an_edge_that_waits_for_review_is_reason_enough_to_read_rows_but_no_path() -> None:
    lineage = Lineage(EDGES, waiting=frozenset({("bench/test", "org/other")}))
    assert ("org/other", "bench/test") in [
        (pair.train, pair.benchmark) for pair in rank(lineage, TRAINS, ["bench/test"])
    ]
    assert lineage.ways("bench/test", "org/other").paths == ()
