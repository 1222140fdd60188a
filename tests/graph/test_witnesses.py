"""Each statement becomes one witness with a status and, unless accepted, a reason; and the dataset gets its outcome."""

from __future__ import annotations

from pathlib import Path

import pytest

from lineage_platform import graph
from lineage_platform.documents.reading import Reading
from lineage_platform.graph.resolution import Resolver
from lineage_platform.records import EdgeStatus, Extraction, Outcome, Resolution, Statement, Validation
from tests.graph.builders import TARGET, folder_hub, reading, statement, validation, witness

CARD = (
    "# Mix\n\nMix holds [UniqueCorpus](https://huggingface.co/datasets/lab/UniqueCorpus) rows.\n\n"
    "Mix holds Twin rows.\n\nMix holds forum posts.\n\nMix holds Mix rows.\n\n"
    "Mix holds [Lost](https://huggingface.co/datasets/lab/Lost) rows.\n"
)


@pytest.fixture
def resolver(tmp_path: Path) -> Resolver:
    return Resolver(folder_hub(tmp_path, ["acme/mix", "lab/UniqueCorpus", "a/Twin", "b/Twin"]))


def resolve(resolver: Resolver, *statements: Statement, readings: dict[str, Reading] | None = None) -> Resolution:
    return graph.resolve(
        validation(),
        Extraction(dataset_id=TARGET, input_digest="", agents="rules/1", statements=statements),
        {"card:acme/mix": reading(CARD)} if readings is None else readings,
        resolver=resolver,
        review_threshold=0.7,
        input_digest="digest",
    )


@pytest.mark.parametrize(
    ("said", "source", "status", "reason"),
    [
        (statement("UniqueCorpus", "UniqueCorpus](https://"), "lab/UniqueCorpus", "accepted", ""),
        (statement("forum posts", "Mix holds forum posts."), "name:forum-posts", "accepted", ""),
        (statement("Twin", "Mix holds Twin rows."), "name:twin", "review", "several datasets bear this name"),
        (statement("Lost", "/datasets/lab/Lost"), "lab/Lost", "review", "does not know"),
        (statement("Mix", "Mix holds Mix rows."), TARGET, "rejected", "dataset itself"),
        (statement("Twin", "Mix has Twin rows."), "name:twin", "rejected", "does not occur"),
        (
            statement("forum posts", "Mix holds forum posts.", confidence=0.75),
            "name:forum-posts",
            "review",
            "confidence 0.68 is under 0.70",
        ),
        (
            statement("forum posts", "Mix holds forum posts.", about="Mix-Mini"),
            "name:forum-posts",
            "review",
            "about Mix-Mini",
        ),
        (statement("Twin", "Twin", document_id="elsewhere"), "name:twin", "rejected", "not stored"),
    ],
)
def test_the_status_of_a_witness(resolver: Resolver, said: Statement, source: str, status: str, reason: str) -> None:
    (found,) = resolve(resolver, said).witnesses
    assert (found.source, found.status) == (source, status)
    assert reason in found.reason
    assert bool(found.reason) is (status != "accepted")
    assert found.verified is (status != "rejected" or source == TARGET)
    assert found.statement == said


def test_confidence_is_lowered_by_the_way_of_resolving(resolver: Resolver) -> None:
    linked, named = resolve(
        resolver,
        statement("UniqueCorpus", "UniqueCorpus](https://"),
        statement("forum posts", "Mix holds forum posts."),
    ).witnesses
    assert linked.confidence == 0.9
    assert named.confidence == pytest.approx(0.81)


def test_mentions_are_kept_once_each(resolver: Resolver) -> None:
    found = resolve(resolver, statement("Twin", "Mix holds Twin rows."), statement("Twin", "Twin rows."))
    assert len(found.witnesses) == 2
    assert [mention.mention for mention in found.mentions] == ["Twin"]


@pytest.mark.parametrize(
    ("statements", "outcome"),
    [
        ([], Outcome.NO_SOURCES_DOCUMENTED),
        ([statement("Twin", "not there")], Outcome.NO_SOURCES_DOCUMENTED),
        ([statement("Twin", "Mix holds Twin rows.")], Outcome.TRACED),
        ([statement("forum posts", "Mix holds forum posts.")], Outcome.TRACED),
    ],
)
def test_a_leaf_is_proven_by_documents_that_name_no_source(
    resolver: Resolver, statements: list[Statement], outcome: Outcome
) -> None:
    assert resolve(resolver, *statements).outcome is outcome


def test_without_a_readable_document_nothing_is_proven(resolver: Resolver) -> None:
    assert resolve(resolver, readings={}).outcome is Outcome.NO_DOCUMENTATION


def test_the_same_input_gives_the_same_record(resolver: Resolver) -> None:
    said = statement("Twin", "Mix holds Twin rows.")
    assert resolve(resolver, said).model_dump_json() == resolve(resolver, said).model_dump_json()


def resolution(*witnesses: tuple[str, EdgeStatus]) -> Resolution:
    return Resolution(
        dataset_id=TARGET,
        input_digest="",
        outcome=Outcome.TRACED,
        witnesses=tuple(witness(source, status) for source, status in witnesses),
    )


def test_only_accepted_hub_sources_are_followed() -> None:
    found = resolution(
        ("b/two", EdgeStatus.ACCEPTED),
        ("a/one", EdgeStatus.ACCEPTED),
        ("b/two", EdgeStatus.REVIEW),
        ("c/doubted", EdgeStatus.REVIEW),
        ("d/no", EdgeStatus.REJECTED),
        ("name:forum", EdgeStatus.ACCEPTED),
        ("github:a/b", EdgeStatus.ACCEPTED),
    )
    assert graph.hub_sources(found) == ("a/one", "b/two")


def test_a_source_younger_than_its_target_is_not_followed() -> None:
    found = resolution(
        ("a/old", EdgeStatus.ACCEPTED), ("a/young", EdgeStatus.ACCEPTED), ("a/dateless", EdgeStatus.ACCEPTED)
    )
    months = {"a/old": "2023-01", "a/young": "2024-09", "a/dateless": None}

    def validation_of(source: str) -> Validation:
        return validation(source, month=months[source])

    followed = graph.sources_to_follow(found, validation(month="2024-01"), validation_of, graph.Decisions())
    assert followed == ("a/dateless", "a/old")
