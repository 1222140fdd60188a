"""Roots are the leaves that most datasets are built on; every candidate that is none is told why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from lineage_platform.corpus.recipe import Recipe
from lineage_platform.corpus.selection import (
    Candidate,
    NothingSelected,
    RootKind,
    RootRows,
    RowsMissing,
    Selection,
    Source,
    candidates,
    select,
)
from lineage_platform.errors import DatasetGated, HubUnavailable
from lineage_platform.files import Home
from lineage_platform.graph import build_graph, open_graph
from lineage_platform.records import Domain, Outcome
from tests.graph.builders import traced, witness


def leaf(name: str, used_by: int = 1, *, domain: Domain = Domain.MATH, licence: str = "mit") -> Candidate:
    return Candidate(
        dataset_id=name, kind=RootKind.LEAF, used_by=used_by, domains=(domain,), licence=licence, path=(name,)
    )


def rows_of(*parts: str, licence: str = "") -> RootRows:
    sources = tuple(Source(part=part, rows=3, skipped_rows=0, shape="alpaca", content=part) for part in parts or ("",))
    return RootRows(revision="r1", licence=licence, sources=sources)


def everything(dataset_id: str) -> RootRows:
    return rows_of()


def chosen(
    ranked: Sequence[Candidate], read_rows: Callable[[str], RootRows] = everything, **recipe: object
) -> Selection:
    return select(ranked, Recipe.model_validate({"name": "x", **recipe}), read_rows)


def names(selection: Selection) -> list[str]:
    return [root.dataset_id for root in selection.roots]


def reasons(selection: Selection) -> dict[str, str]:
    return {each.dataset_id: each.reason for each in selection.rejected}


def test_every_candidate_is_a_root_or_is_told_why_not() -> None:
    ranked = [
        leaf("a/used", 9),
        leaf("a/shut", 8),
        leaf("a/pages", 7),
        leaf("a/bench", 6),
        leaf("a/out", 5),
        leaf("a/law", 4, domain=Domain.UNCLASSIFIED),
        leaf("a/paid", 3, licence="Proprietary"),
        leaf("a/also", 2),
        leaf("a/more", 1),
        leaf("a/idle", 0),
    ]

    def read(dataset_id: str) -> RootRows:
        if dataset_id == "a/shut":
            raise DatasetGated("it is gated")
        if dataset_id == "a/pages":
            raise RowsMissing("its rows are pages")
        return rows_of()

    selection = chosen(
        ranked,
        read,
        roots={"max": 2, "exclude": ["a/out"]},
        benchmarks={"ids": ["a/bench"]},
        licences={"deny": ["proprietary"]},
    )
    assert names(selection) == ["a/used", "a/also"]
    assert reasons(selection) == {
        "a/shut": "gated",
        "a/pages": "not_question_and_answer",
        "a/bench": "benchmark",
        "a/out": "excluded",
        "a/law": "domain",
        "a/paid": "licence",
        "a/more": "beyond_max",
        "a/idle": "too_little_used",
    }
    assert len(selection.roots) + len(selection.rejected) == len(ranked)


def test_rows_are_read_only_of_datasets_that_may_be_taken() -> None:
    read: list[str] = []

    def reading(dataset_id: str) -> RootRows:
        read.append(dataset_id)
        return rows_of()

    chosen([leaf("a/one", 3), leaf("a/two", 2), leaf("a/three", 1)], reading, roots={"max": 1})
    assert read == ["a/one"]


def test_a_named_dataset_needs_neither_rank_nor_domain_but_its_licence_counts() -> None:
    ranked = [leaf("a/idle", 0, domain=Domain.UNCLASSIFIED), leaf("a/paid", 0, licence="other"), leaf("a/free")]
    recipe = {"roots": {"max": 0, "include": ["a/idle", "a/paid"]}, "licences": {"allow": ["MIT"]}}
    selection = chosen(ranked, **recipe)
    assert names(selection) == ["a/idle"]
    assert reasons(selection) == {"a/paid": "licence", "a/free": "beyond_max"}


@pytest.mark.parametrize(("unknown", "taken"), [("keep", ["a/b"]), ("remove", [])])
def test_a_licence_that_nobody_states_follows_the_rule_for_unknown_ones(unknown: str, taken: list[str]) -> None:
    ranked = [leaf("a/b", licence=""), leaf("a/c", licence="mit")]
    assert names(chosen(ranked, licences={"unknown": unknown})) == [*taken, "a/c"]


def test_a_licence_that_only_the_hub_declares_counts_too() -> None:
    selection = chosen([leaf("a/b", licence=""), leaf("a/c")], lambda name: rows_of(licence="GPL-3.0"))
    assert selection.roots[0].licence == "GPL-3.0"
    denied = chosen(
        [leaf("a/b", licence=""), leaf("a/c")], lambda name: rows_of(licence="gpl-3.0"), licences={"deny": ["GPL-3.0"]}
    )
    assert reasons(denied) == {"a/b": "licence"}


def test_a_part_that_is_a_benchmark_is_left_out_and_the_others_stay() -> None:
    selection = chosen(
        [leaf("a/b"), leaf("a/c")], lambda name: rows_of("test", "train"), benchmarks={"ids": ["a/b#test"]}
    )
    assert [[source.part for source in root.sources] for root in selection.roots] == [["train"], ["test", "train"]]


def test_the_domain_of_a_root_is_the_first_of_the_recipe_that_it_has() -> None:
    both = leaf("a/b").model_copy(update={"domains": (Domain.MATH, Domain.CODE)})
    assert chosen([both], roots={"domains": ["code", "math"]}).roots[0].domain is Domain.CODE


def test_a_hub_that_does_not_answer_stops_the_selection() -> None:
    def silent(dataset_id: str) -> RootRows:
        raise HubUnavailable("no answer")

    with pytest.raises(HubUnavailable):
        chosen([leaf("a/b")], silent)


def test_a_recipe_that_fits_nothing_says_what_stood_in_the_way() -> None:
    with pytest.raises(NothingSelected, match=r"of 1 candidates none stayed \(domain\)"):
        chosen([leaf("a/b")], roots={"domains": ["code"]})


def test_leaves_come_by_use_and_internal_hubs_behind_them_with_their_path(tmp_path: Path) -> None:
    store = Home(tmp_path).records("small")
    traced(store, "o/leaf", outcome=Outcome.NO_SOURCES_DOCUMENTED, domains=(Domain.MATH,))
    traced(store, "o/rare", outcome=Outcome.NO_SOURCES_DOCUMENTED, domains=(Domain.MATH,))
    traced(store, "o/hub", [witness("o/leaf")], domains=(Domain.MATH,))
    traced(store, "o/mix", [witness("o/leaf"), witness("o/hub"), witness("o/rare")])
    build_graph(store, Home(tmp_path).graph, hub_name="small", hub_label="")
    leaves_only = Recipe(name="x")
    with_hubs = Recipe.model_validate({"name": "x", "hubs": {"max": 2}, "roots": {"include": ["o/rare", "o/new"]}})
    with open_graph(Home(tmp_path).graph) as graph:
        assert [each.dataset_id for each in candidates(graph, leaves_only)] == ["o/leaf", "o/rare"]
        ranked = candidates(graph, with_hubs)
    assert [each.dataset_id for each in ranked] == ["o/rare", "o/new", "o/leaf", "o/hub", "o/mix"]
    assert ranked[1].kind is RootKind.LISTED
    assert {each.dataset_id: each.path for each in ranked}["o/mix"] == ("o/leaf", "o/mix")
    root = select(ranked, with_hubs, everything).roots[-1]
    assert (root.dataset_id, root.anchor, root.path_text) == ("o/hub", "o/leaf", "o/leaf -> o/hub")
