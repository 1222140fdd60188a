"""Datasets that the hub renames or loses: their figures are in no report any more, and on disk still."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lineage_platform.audits.lineage import Lineage
from lineage_platform.audits.redundancy import keep_redundancy
from lineage_platform.audits.rows import Shelf
from lineage_platform.measurements import Redundancy
from lineage_platform.samples.engines import DuckDBEngine
from lineage_platform.settings import Settings
from lineage_platform.workspace import Workspace
from tests.samples.rows import write_rows
from tests.support import write_dataset


class Home:
    """A hub folder of one dataset, ``acme/twice``, and a home where its rows were read and measured."""

    def __init__(self, folder: Path) -> None:
        self.hub, self.settings = folder / "hub", Settings(home=folder / "home", hub=str(folder / "hub"))
        self.add("acme/twice")
        self.read("acme/twice")
        self.measure("acme/twice")

    @property
    def workspace(self) -> Workspace:
        return Workspace.open(self.settings)

    def add(self, dataset_id: str) -> None:
        place = write_dataset(self.hub, dataset_id, "# Rows")
        (place / "data").mkdir()
        write_rows(place / "data" / "rows.jsonl", [{"question": "q", "answer": "a"}] * 2)

    def lose(self, dataset_id: str, *, now: str = "") -> None:
        """The hub deletes it, or calls it by another name."""
        shutil.rmtree(self.hub / "datasets" / dataset_id)
        if now:
            self.add(now)
            (self.hub / "aliases.tsv").write_text(f"alias\tdataset_id\n{dataset_id}\t{now}\n")

    def read(self, dataset_id: str) -> None:
        list(self.workspace.shard_builder().build(dataset_id))

    def measure(self, dataset_id: str) -> None:
        shelf, workspace = Shelf(self.workspace.shards), self.workspace
        rows = shelf.find(dataset_id)
        assert rows is not None
        keep_redundancy(rows, shelf, Lineage(), DuckDBEngine(), workspace.measurements)

    @property
    def reported(self) -> list[str]:
        self.workspace.build_graph()
        with self.workspace.open_graph() as graph:
            return [row["dataset_id"] for row in graph.report("redundancy").records()]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path)
    assert made.reported == ["acme/twice"]
    return made


def test_what_the_hub_deleted_is_reported_no_more_until_it_is_back(home: Home) -> None:
    home.lose("acme/twice")
    assert home.reported == ["acme/twice"]  # nobody has looked yet
    home.read("acme/twice")
    assert home.reported == []
    assert [each.dataset_id for each in home.workspace.measurements.all(Redundancy)] == ["acme/twice"]
    home.add("acme/twice")
    home.read("acme/twice")
    assert home.reported == ["acme/twice"]


def test_what_the_hub_renamed_is_reported_under_its_new_name_alone(home: Home) -> None:
    home.lose("acme/twice", now="acme/double")
    home.read("acme/twice")
    home.measure("acme/double")
    assert home.reported == ["acme/double"]
    assert len(list(home.workspace.measurements.all(Redundancy))) == 2
