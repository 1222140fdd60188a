"""A name becomes an id by a link, the same organisation, an alias or an exact name; anything less is asked."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lineage_platform.catalog.folder import FolderHub
from lineage_platform.errors import HubUnavailable
from lineage_platform.graph.resolution import CONFIDENCE_KEPT, Resolver, link_around
from lineage_platform.records import DatasetInfo
from tests.graph.builders import TARGET, folder_hub, reading, statement

IDS = [
    "acme/mix",
    "acme/seed-tasks",
    "acme/own_rows",
    "first/Twin",
    "second/twin",
    "lab/UniqueCorpus",
    "lab/CorpusOne",
    "openai/gsm8k",
    "maker/Tool-Data",
    "EleutherAI/hendrycks_math",
]
HUB_URL = "https://huggingface.co/datasets/"


@pytest.fixture
def hub(tmp_path: Path) -> FolderHub:
    return folder_hub(tmp_path, IDS, {"oldlab/UniqueCorpus": "lab/UniqueCorpus"})


@pytest.mark.parametrize(
    ("mention", "link", "chosen", "method"),
    [
        ("the corpus", HUB_URL + "lab/UniqueCorpus", "lab/UniqueCorpus", "link"),
        ("the corpus", HUB_URL + "oldlab/UniqueCorpus", "lab/UniqueCorpus", "link"),
        (HUB_URL + "lab/CorpusOne", None, "lab/CorpusOne", "link"),
        ("the corpus", HUB_URL + "lab/Nowhere", "lab/Nowhere", "unknown_link"),
        ("the problems", HUB_URL + "hendrycks/competition_math", "EleutherAI/hendrycks_math", "alias"),
        ("Some Repo", "https://github.com/Who/Some-Repo/tree/main", "github:who/some-repo", "link"),
        ("Some Paper", "https://arxiv.org/abs/2401.00001v3", "arxiv:2401.00001", "link"),
        ("Tool Data", "https://github.com/maker/tool", "maker/Tool-Data", "same_organisation"),
        ("GSM8K", "https://example.org/whatever", "openai/gsm8k", "alias"),
        ("lab/UniqueCorpus", None, "lab/UniqueCorpus", "id"),
        ("seed tasks", None, "acme/seed-tasks", "same_organisation"),
        ("own rows", None, "acme/own_rows", "same_organisation"),
        ("GSM-8K", None, "openai/gsm8k", "alias"),
        ("unique corpus", None, "lab/UniqueCorpus", "exact_name"),
        ("the GSM8K dataset", None, "openai/gsm8k", "alias"),
        ("Unique Corpus data", None, "lab/UniqueCorpus", "exact_name"),
        ("Seed Tasks dataset", None, "acme/seed-tasks", "same_organisation"),
        ("Twin", None, None, "ambiguous"),
        ("UniqueCorpu", None, None, "near_name"),
        ("Corpus", None, "name:corpus", "name"),
        ("A Forum Dump", None, "name:a-forum-dump", "name"),
    ],
)
def test_the_order_of_trust(hub: FolderHub, mention: str, link: str | None, chosen: str | None, method: str) -> None:
    resolved = Resolver(hub).resolve(TARGET, statement(mention, link=link))
    assert (resolved.chosen_id, resolved.method) == (chosen, method)
    assert resolved.mention == mention


def test_the_part_that_a_link_names_is_kept(hub: FolderHub) -> None:
    link = HUB_URL + "lab/UniqueCorpus/viewer/math"
    resolved = Resolver(hub).resolve(TARGET, statement("its math part", link=link))
    assert (resolved.chosen_id, resolved.part) == ("lab/UniqueCorpus", "math")


def test_namesakes_are_all_kept_as_candidates_and_none_is_chosen(hub: FolderHub) -> None:
    resolved = Resolver(hub).resolve(TARGET, statement("Twin"))
    assert resolved.chosen_id is None
    assert {candidate.id for candidate in resolved.candidates} >= {"first/Twin", "second/twin"}
    assert all(0 <= candidate.score <= 1 for candidate in resolved.candidates)


def test_the_own_organisations_namesake_is_no_ambiguity(tmp_path: Path) -> None:
    resolved = Resolver(folder_hub(tmp_path, ["acme/Twin", "other/Twin"])).resolve(TARGET, statement("Twin"))
    assert (resolved.chosen_id, resolved.method) == ("acme/Twin", "same_organisation")


def test_only_a_link_keeps_the_whole_confidence() -> None:
    assert {method for method, kept in CONFIDENCE_KEPT.items() if kept == 1} == {"link"}
    assert all(0 < kept <= 1 for kept in CONFIDENCE_KEPT.values())


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("Built from [Twin](https://huggingface.co/datasets/second/twin) rows.", "rows."),
        ('Built from <a href="https://huggingface.co/datasets/second/twin">the Twin dataset</a>.', "Built from"),
        ("| [Twin dataset](https://huggingface.co/datasets/second/twin) | 5k |", "5k"),
    ],
)
def test_a_link_around_the_name_in_the_document_is_used(hub: FolderHub, text: str, quote: str) -> None:
    resolved = Resolver(hub).resolve(TARGET, statement("Twin", quote), reading(text))
    assert (resolved.chosen_id, resolved.method) == ("second/twin", "link")


@pytest.mark.parametrize(
    "text",
    [
        "Built from Twin, unlike [Other](https://huggingface.co/datasets/second/twin).",
        "Built from Twin. ![Twin](https://huggingface.co/datasets/second/twin)",
        "Built from Twin. [Twin](javascript:alert)",
        "Built from Twin. [twin-fix](https://huggingface.co/datasets/second/twin-fix)",
        "Built from Twin. [Twin 2](https://huggingface.co/datasets/second/twin2)",
    ],
)
def test_another_names_link_is_not(text: str) -> None:
    assert link_around(statement("Twin", "Built from Twin"), reading(text)) is None


class CountingHub(FolderHub):
    """A hub folder that notes what it was asked, and can be away."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, name="test")
        self.asked: list[str] = []
        self.away = False

    def info(self, dataset_id: str) -> DatasetInfo:
        self.asked.append(dataset_id)
        if self.away:
            raise HubUnavailable("the hub is away")
        return super().info(dataset_id)

    def search(self, words: str, limit: int = 20) -> Sequence[str]:
        self.asked.append(f"search {words}")
        return super().search(words, limit)


def test_each_question_is_asked_once_whatever_the_number_of_threads(hub: FolderHub) -> None:
    counting = CountingHub(hub.folder)
    resolver = Resolver(counting)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: resolver.resolve(TARGET, statement("unique corpus")), range(64)))
    assert len(counting.asked) == len(set(counting.asked))


def test_a_hub_that_is_away_is_said_and_asked_again(hub: FolderHub) -> None:
    counting = CountingHub(hub.folder)
    resolver = Resolver(counting)
    counting.away = True
    with pytest.raises(HubUnavailable):
        resolver.resolve(TARGET, statement("lab/UniqueCorpus"))
    counting.away = False
    assert resolver.resolve(TARGET, statement("lab/UniqueCorpus")).chosen_id == "lab/UniqueCorpus"


def test_a_dataset_whose_description_is_broken_is_known_all_the_same(hub: FolderHub) -> None:
    (hub.folder / "datasets/lab/UniqueCorpus/info.json").write_text("{")
    assert Resolver(hub).resolve(TARGET, statement("lab/UniqueCorpus")).chosen_id == "lab/UniqueCorpus"


@pytest.mark.parametrize(
    "mention", ["", "  ", "../../etc/passwd", "a/b/c", "\u200b", "💥", "x" * 5000, "a" + "/" * 300]
)
def test_odd_mentions_resolve_to_something_and_break_nothing(hub: FolderHub, mention: str) -> None:
    resolved = Resolver(hub).resolve(TARGET, statement(mention))
    assert resolved.chosen_id is None or resolved.chosen_id.startswith("name:")
