"""One edge per pair, by its best witness; release dates decide last."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import pytest

from lineage_platform.graph.edges import assemble
from lineage_platform.records import DocumentKind, EdgeStatus, Relation, ReleaseDate, Witness
from tests.graph.builders import TARGET, witness

UNDATED: Mapping[str, ReleaseDate | None] = {}


def only_edge(*witnesses: Witness, dates: Mapping[str, ReleaseDate | None] = UNDATED):  # type: ignore[no-untyped-def]
    (edge,) = assemble(TARGET, witnesses, dates.get)
    return edge


FUSION, COT = Relation.STRUCTURED_FUSION, Relation.COT_DISTILLATION
LADDER = [
    witness(confidence=0.95, document_kind=DocumentKind.BLOG, relation=FUSION),
    witness(confidence=0.9, said_by="gpt-5.1/1", quote_offset=70, relation=COT),
    witness(confidence=0.9, quote_offset=3, relation=FUSION),
    witness(confidence=0.9, quote_offset=9, relation=COT),
    witness(confidence=0.9, document_kind=DocumentKind.REPOSITORY, quote_offset=0, relation=FUSION),
    witness(confidence=0.9, document_kind=DocumentKind.PAPER, quote_offset=0, relation=COT),
]


@pytest.mark.parametrize(("better", "worse"), list(itertools.combinations(LADDER, 2)))
def test_the_best_witness_gives_relation_and_confidence(better: Witness, worse: Witness) -> None:
    for pair in ((better, worse), (worse, better)):
        edge = only_edge(*pair)
        assert (edge.relation, edge.confidence) == (better.statement.relation, better.confidence)
        assert edge.witnesses == edge.verified_witnesses == 2


def test_disagreement_is_shown_and_agreement_is_not() -> None:
    assert only_edge(witness(relation=FUSION), witness(relation=COT, confidence=0.8)).disagreement == COT
    assert only_edge(witness(relation=FUSION), witness(relation=FUSION)).disagreement is None
    assert only_edge(witness(relation=FUSION), witness(relation=COT, status=EdgeStatus.REJECTED)).disagreement is None


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (["rejected", "review", "accepted"], "accepted"),
        (["rejected", "review"], "review"),
        (["rejected"], "rejected"),
    ],
)
def test_one_good_witness_is_enough(statuses: list[str], expected: str) -> None:
    edge = only_edge(*(witness(status=EdgeStatus(status), reason=f"because {status}") for status in statuses))
    assert edge.status == expected
    assert edge.reason == f"because {expected}"
    assert edge.witnesses == len(statuses)


def test_a_strong_witness_in_review_does_not_outbid_an_accepted_one() -> None:
    weak, strong = witness(confidence=0.75), witness(status=EdgeStatus.REVIEW, confidence=0.99)
    assert only_edge(weak, strong).confidence == 0.75


def date(value: str, origin: str = "hub") -> ReleaseDate:
    return ReleaseDate(value=value, origin=origin)


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        (date("2024-05-02"), date("2024-03-30"), EdgeStatus.ANACHRONISTIC),
        (date("2024-03-31"), date("2024-03-01"), EdgeStatus.ACCEPTED),
        (date("2023-01-01"), date("2024-01-01"), EdgeStatus.ACCEPTED),
        (date("2022-03-02", "hub_epoch"), date("2021-01-01", "paper:arxiv"), EdgeStatus.ACCEPTED),
        (None, date("2021-01-01"), EdgeStatus.ACCEPTED),
        (date("2024-05-02"), None, EdgeStatus.ACCEPTED),
    ],
)
def test_a_source_that_is_certainly_younger_is_anachronistic(
    source: ReleaseDate | None, target: ReleaseDate | None, expected: EdgeStatus
) -> None:
    edge = only_edge(witness(), dates={"acme/source": source, TARGET: target})
    assert edge.status is expected
    if expected is EdgeStatus.ANACHRONISTIC:
        assert "2024-05-02 (hub)" in edge.reason
        assert "2024-03-30 (hub)" in edge.reason


def test_a_rejected_edge_stays_rejected_whatever_the_dates() -> None:
    dates = {"acme/source": date("2025-01-01"), TARGET: date("2020-01-01")}
    assert only_edge(witness(status=EdgeStatus.REJECTED), dates=dates).status is EdgeStatus.REJECTED


def test_edges_are_sorted_by_source_and_benchmarks_marked() -> None:
    edges = assemble(TARGET, [witness("b/b", is_benchmark=True), witness("a/a")], UNDATED.get)
    assert [(edge.source, edge.is_benchmark) for edge in edges] == [("a/a", False), ("b/b", True)]
