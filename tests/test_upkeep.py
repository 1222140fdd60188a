"""What is looked at again by night: failures, then what waited longest, then what most people use; never too much."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from lineage_platform.errors import BudgetSpent
from lineage_platform.records import Outcome, Validation
from lineage_platform.settings import A_DAY, Limits, Settings, Upkeep
from lineage_platform.upkeep import due
from lineage_platform.workspace import Workspace
from tests.servers.models import ModelServer, say
from tests.support import write_dataset

DOWNLOADS = {"org/little": 1, "org/much": 1_000, "org/some": 50, "org/most": 9_000}


class Nights:
    """A data home in which some datasets were traced, and what the next night would look at."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings = Settings(home=folder / "home", hub=str(folder / "hub"), agents="rules")
        for name, downloads in DOWNLOADS.items():
            write_dataset(folder / "hub", name, "# A card\n", downloads=downloads)
        self.trace()

    @property
    def workspace(self) -> Workspace:
        return Workspace.open(self.settings)

    def trace(self) -> None:
        for _ in self.workspace.trace(DOWNLOADS):
            pass
        self.workspace.build_graph()

    def asked(self, days_ago: Mapping[str, int]) -> None:
        """When the hub was asked about each dataset."""
        noon = time.time() // A_DAY * A_DAY + A_DAY / 2
        for name in DOWNLOADS:
            moment = noon - days_ago.get(name, 0) * A_DAY
            os.utime(self.workspace.records.path(name, "validation"), (moment, moment))

    def due(self, batch: int = 500) -> list[str]:
        return due(replace(self.workspace, settings=replace(self.settings, upkeep=Upkeep(batch=batch))))


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    return Nights(tmp_path)


def test_of_datasets_asked_about_on_one_day_the_most_downloaded_come_first(nights: Nights) -> None:
    nights.asked({})
    assert nights.due() == ["org/most", "org/much", "org/some", "org/little"]


def test_what_waited_longest_comes_before_what_is_downloaded_most(nights: Nights) -> None:
    nights.asked({"org/little": 3, "org/some": 1})
    assert nights.due() == ["org/little", "org/some", "org/most", "org/much"]


def test_what_failed_comes_first_however_little_it_is_used(nights: Nights) -> None:
    write_dataset(nights.folder / "hub", "org/little", "# A card\n")
    (nights.folder / "hub/datasets/org/little/info.json").write_text("{ broken")
    nights.trace()
    nights.asked({"org/some": 30})
    assert nights.due() == ["org/little", "org/some", "org/most", "org/much"]


def test_what_fails_night_after_night_leaves_half_of_them_to_others(nights: Nights) -> None:
    for name in ("org/little", "org/some", "org/much"):
        (nights.folder / f"hub/datasets/{name}/info.json").write_text("{ broken")
    nights.trace()
    nights.asked({"org/much": 2, "org/some": 1})
    assert nights.due(batch=2) == ["org/much", "org/most"]
    assert nights.due(batch=4) == ["org/much", "org/some", "org/most", "org/little"]


def test_what_a_wrong_clock_dated_into_the_future_does_not_wait_for_that_day(nights: Nights) -> None:
    nights.asked({"org/little": -365, "org/some": 1})
    assert nights.due() == ["org/little", "org/some", "org/most", "org/much"]


def test_a_graph_of_another_hub_that_was_built_since_does_not_end_the_nights(nights: Nights) -> None:
    nights.asked({})
    Workspace.open(replace(nights.settings, hub="sample")).build_graph()
    assert nights.due(batch=1) == ["org/most"]


def test_after_a_month_without_a_night_the_next_takes_one_batch_and_the_night_after_the_rest(nights: Nights) -> None:
    nights.asked(dict.fromkeys(DOWNLOADS, 30))
    first = nights.due(batch=3)
    assert first == ["org/most", "org/much", "org/some"]
    nights.asked({"org/little": 30})
    assert nights.due(batch=1) == ["org/little"]


@pytest.fixture
def dear(tmp_path: Path) -> Iterator[tuple[Path, ModelServer]]:
    """A model that finds nothing, at a dollar a token."""
    with ModelServer(say({"links": [], "passages": [], "statements": [], "profiles": []})) as server:
        path = tmp_path / "models.toml"
        path.write_text(
            f'[default]\nmodel = "openai:x"\nbase_url = "{server.openai_url}"\nattempts = 1\n'
            "[providers.openai]\nmax_concurrency = 8\nkeys = []\n[prices.openai]\nx = { input = 1e6, output = 1e6 }\n"
        )
        yield path, server


def test_the_night_ends_at_its_cap_and_the_next_begins_with_what_the_money_did_not_reach(
    nights: Nights, dear: tuple[Path, ModelServer]
) -> None:
    nights.asked({})
    models, server = dear
    capped = replace(nights.settings, agents="llm", models=models, limits=Limits(concurrency=1, max_cost=0.5))
    with pytest.raises(BudgetSpent):
        for _ in Workspace.open(capped).trace(["org/little", "org/some"]):
            pass
    assert len(server.log) == 1
    assert "org/little" in nights.due()[:2]  # the other, if it was begun
    assert nights.workspace.records.confirmed_at("org/little", Validation) == 0
    assert Outcome.FAILED not in {each.outcome for each in nights.workspace.records.all(Validation)}
