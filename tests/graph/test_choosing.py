"""Names that the rules leave open, put before a chooser: only known candidates, and no choice that nothing backs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from lineage_platform.agents.interface import Name, Subject
from lineage_platform.catalog.folder import FolderHub
from lineage_platform.files import digest
from lineage_platform.graph.choosing import choose_names, score
from lineage_platform.graph.resolution import Resolver
from lineage_platform.graph.witnesses import resolve
from lineage_platform.records import DatasetInfo, EdgeStatus, Extraction, NameChoice, Resolution, Statement
from tests.graph.builders import TARGET, reading, statement, validation
from tests.support import write_dataset

SUBJECT = Subject(TARGET, DatasetInfo(id=TARGET, created_at="2024-06-01"))
TWINS = ("makers/Fog-QA", "copiers/Fog-QA")


class Chooses:
    """Chooses by a table, finds by another, and keeps what it was asked."""

    def __init__(
        self, table: Mapping[str, str] | None = None, found: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        self.table = table or {}
        self.found = found or {}
        self.asked: list[Name] = []
        self.searched: list[str] = []

    def searching(self, subject: Subject, mention: str) -> Sequence[str]:
        self.searched.append(mention)
        return self.found.get(mention, ())

    def choosing(self, subject: Subject, name: Name) -> str | None:
        self.asked.append(name)
        return self.table.get(name.mention)


@pytest.fixture
def hub(tmp_path: Path) -> FolderHub:
    """Two datasets of one name, one whose name is near, and one that nobody mistakes."""
    tags = {"makers/Fog-QA": ["size_categories:1K<n<10K", "math"], "copiers/Fog-QA": ["size_categories:1M<n<10M"]}
    for dataset_id in (*TWINS, "makers/Fogs-QA", "clear/Sky"):
        write_dataset(tmp_path, dataset_id, "card", tags=tags.get(dataset_id, []))
    return FolderHub(tmp_path, name="test")


def chosen(hub: FolderHub, chooser: Chooses, text: str, *said: Statement) -> tuple[NameChoice, ...]:
    readings = {"card:acme/mix": reading(text)}
    return choose_names(chooser, SUBJECT, said, readings, Resolver(hub), "llm/1")


def resolved(hub: FolderHub, text: str, said: Statement, choice: str | None) -> Resolution:
    choices = (NameChoice(mention="fogqa", chosen_id=choice, said_by="llm/1"),)
    extraction = Extraction(dataset_id=TARGET, input_digest="", agents="", statements=(said,), choices=choices)
    return resolve(
        validation(month="2024-06"), extraction, {"card:acme/mix": reading(text)}, Resolver(hub), 0.7, digest()
    )


def test_a_name_that_is_open_is_asked_about_once_with_what_the_hub_knows(hub: FolderHub) -> None:
    chooser = Chooses({"Fog-QA": "makers/Fog-QA"})
    text = "Built from Fog-QA.\n\nBuilt from Sky."
    choices = chosen(hub, chooser, text, statement("Fog-QA"), statement("Fog-QA", confidence=0.5), statement("Sky"))
    assert choices == (NameChoice(mention="fogqa", chosen_id="makers/Fog-QA", said_by="llm/1"),)
    [asked] = chooser.asked
    assert {offered.id for offered in asked.candidates} >= set(TWINS)
    assert all("created 2024-01-01" in offered.known for offered in asked.candidates)
    assert "Built from Fog-QA." in asked.passage


def test_what_the_document_links_by_the_name_is_offered_too(hub: FolderHub) -> None:
    chooser = Chooses()
    links = "".join(f"[Fog-QA](https://huggingface.co/datasets/{name})\n\n" for name in ("clear/Sky", "nobody/Gone"))
    chosen(hub, chooser, f"{links}Built from Fog-QA.", statement("Fog-QA"))
    offered = {each.id for each in chooser.asked[0].candidates}
    assert "nobody/Gone" not in offered, "nothing is offered that the hub does not know"


def test_nothing_is_asked_without_candidates(hub: FolderHub) -> None:
    chooser = Chooses()
    assert chosen(hub, chooser, "Built from Unheard-Of.", statement("Unheard-Of")) == ()
    assert not chooser.asked


def test_what_the_web_proposes_is_offered_only_if_the_hub_knows_it(hub: FolderHub) -> None:
    proposed = ["no id at all", "nobody/Gone", "clear/Sky"]
    chooser = Chooses({"Fog-QA": "clear/Sky", "Unheard-Of": "clear/Sky"}, {"Fog-QA": proposed, "Unheard-Of": proposed})
    said = (statement("Fog-QA"), statement("Unheard-Of"), statement("Unheard-Of", confidence=0.5), statement("Sky"))
    text = "Built from Fog-QA.\n\nBuilt from Unheard-Of.\n\nBuilt from Sky."
    choices = chosen(hub, chooser, text, *said)
    assert [choice.chosen_id for choice in choices] == ["clear/Sky", "clear/Sky"]
    assert chooser.searched == ["Fog-QA", "Unheard-Of"], "once for each name, and for none that the rules bind"
    offered = [{each.id for each in name.candidates} for name in chooser.asked]
    assert offered[0] >= {*TWINS, "clear/Sky"}
    assert offered[1] == {"clear/Sky"}


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("Built from Clear Night. It was released by Sky.", "sky/Clear-Night"),
        ("Built from Clear Night.", "name:clear-night"),
    ],
    ids=["backed", "unbacked"],
)
def test_a_name_off_the_hub_moves_only_to_what_the_document_backs(text: str, source: str, tmp_path: Path) -> None:
    """The hub's search finds it under no word of the name: only its page on the web does."""

    class Forgetful(FolderHub):
        def search(self, query: str, limit: int = 10) -> list[str]:
            return []

    write_dataset(tmp_path, "sky/Clear-Night", "card")
    said = statement("Clear Night", "Built from Clear Night.", confidence=0.95)
    choices = (NameChoice(mention="clearnight", chosen_id="sky/Clear-Night", said_by="llm/1"),)
    extraction = Extraction(dataset_id=TARGET, input_digest="", agents="", statements=(said,), choices=choices)
    readings = {"card:acme/mix": reading(text)}
    resolver = Resolver(Forgetful(tmp_path, name="test"))
    [witness] = resolve(validation(month="2024-06"), extraction, readings, resolver, 0.7, digest()).witnesses
    assert (witness.status, witness.source) == (EdgeStatus.ACCEPTED, source)


@pytest.mark.parametrize(
    ("text", "choice", "status", "source"),
    [
        ("Built from Fog-QA. It was released by Makers.", "makers/Fog-QA", EdgeStatus.ACCEPTED, "makers/Fog-QA"),
        ("Built from Fog-QA.", "makers/Fog-QA", EdgeStatus.REVIEW, "makers/Fog-QA"),
        ("Built from Fog-QA. It was released by Makers.", "copiers/Fog-QA", EdgeStatus.REVIEW, "copiers/Fog-QA"),
        ("Built from Fog-QA. By Makers, not by Copiers.", "makers/Fog-QA", EdgeStatus.REVIEW, "makers/Fog-QA"),
        ("Built from Fog-QA. It was released by Makers.", "makers/Fogs-QA", EdgeStatus.REVIEW, "makers/Fogs-QA"),
        ("Built from Fog-QA. It was released by Makers.", "nobody/Fog-QA", EdgeStatus.REVIEW, "name:fog-qa"),
        ("Built from Fog-QA. It was released by Makers.", None, EdgeStatus.REVIEW, "name:fog-qa"),
    ],
    ids=["backed", "unbacked", "against_the_document", "rivals_named", "near_name", "unknown", "none_chosen"],
)
def test_a_choice_is_accepted_only_where_the_document_backs_it(
    hub: FolderHub, text: str, choice: str | None, status: EdgeStatus, source: str
) -> None:
    said = statement("Fog-QA", "Built from Fog-QA.", confidence=0.95)
    [witness] = resolved(hub, text, said, choice).witnesses
    assert (witness.status, witness.source) == (status, source)
    assert witness.confidence < said.confidence, "resolving lowers confidence"


def test_a_choice_does_not_move_a_name_that_the_rules_bind(hub: FolderHub) -> None:
    said = statement("makers/Fog-QA", "Built from makers/Fog-QA.")
    [witness] = resolved(hub, "Built from makers/Fog-QA.", said, "copiers/Fog-QA").witnesses
    assert witness.source == "makers/Fog-QA"


@pytest.mark.parametrize(
    ("better", "worse", "shown"),
    [
        ({"id": "makers/Fog-QA"}, {"id": "makers/Frogs"}, "Fog-QA"),
        ({"id": "makers/Fog-QA"}, {"id": "copiers/Fog-QA"}, "Fog-QA by Makers"),
        ({"id": "acme/Fog-QA"}, {"id": "copiers/Fog-QA"}, "Fog-QA"),
        ({"id": "a/Fog-QA", "created_at": "2023-01-01"}, {"id": "b/Fog-QA", "created_at": "2025-01-01"}, "Fog-QA"),
        (
            {"id": "a/Fog-QA", "tags": ("size_categories:1K<n<10K",)},
            {"id": "b/Fog-QA", "tags": ("size_categories:n<1K",)},
            "7.5k problems of Fog-QA",
        ),
        ({"id": "a/Fog-QA", "tags": ("math",)}, {"id": "b/Fog-QA", "tags": ("code",)}, "the math of Fog-QA"),
    ],
    ids=["name", "organisation_named", "own_organisation", "date", "size", "domain"],
)
def test_each_sign_counts(better: dict[str, object], worse: dict[str, object], shown: str) -> None:
    scores = [score(DatasetInfo.model_validate(each), "Fog-QA", SUBJECT, shown) for each in (better, worse)]
    assert 0 <= scores[1] < scores[0] <= 1
