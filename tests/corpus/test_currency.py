"""A corpus is called stale when its recipe would give another one now, with what changed; and only then."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lineage_platform.cli.doctor import Health, examine
from lineage_platform.corpus.building import STAGES
from lineage_platform.settings import Settings
from lineage_platform.workspace import Workspace

RECIPE = """
name: small
roots: {max: 2, exclude: [org/bench]}
filters: {languages: off}
near_duplicates: off
benchmarks: {ids: [org/bench]}
diversity: off
"""


class Home:
    """A hub folder of a benchmark, two roots and a mix of them, and a corpus of the roots."""

    def __init__(self, folder: Path) -> None:
        self.hub, self.recipe = folder / "hub", folder / "small.yaml"
        self.settings = Settings(home=folder / "home", hub=str(self.hub), agents="rules")
        self.recipe.write_text(RECIPE)
        for name in ("org/bench", "org/one", "org/two"):
            self.write(name)
        self.write("org/mix", sources=("org/one", "org/two"))
        self.look("org/mix", "org/bench")
        build = self.workspace.corpus_build(self.recipe, workers=1)
        for stage in STAGES:
            build.run(stage)
        self.workspace.assemble_corpus(build, folder / "corpus")

    @property
    def workspace(self) -> Workspace:
        return Workspace.open(self.settings)

    def write(self, name: str, *, revision: str = "1", sources: tuple[str, ...] = (), rows: str = "") -> None:
        place = self.hub / "datasets" / name
        (place / "data").mkdir(parents=True, exist_ok=True)
        declared = "".join(f"- {source}\n" for source in sources)
        (place / "README.md").write_text(
            f"---\nsource_datasets:\n{declared}---\n# A card\n" if sources else "# A card\n"
        )
        tags = ["task_categories:question-answering", "math"]
        info = {"id": name, "sha": revision * 40, "createdAt": "2024-05-01T00:00:00.000Z", "tags": tags}
        (place / "info.json").write_text(json.dumps(info))
        row = {"instruction": f"What is asked in {rows or name}?", "output": "An answer."}
        (place / "data" / "rows.jsonl").write_text(json.dumps(row) + "\n")

    def look(self, *names: str) -> None:
        """Trace, and build the graph."""
        for _ in self.workspace.trace(names):
            pass
        self.workspace.build_graph()

    def read(self, name: str) -> None:
        """Read rows anew."""
        for _ in self.workspace.shard_builder().build(name):
            pass

    @property
    def changes(self) -> list[str]:
        [(built, changes)] = self.workspace.corpora()
        assert built.recipe.name == "small"
        return list(changes)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path)
    assert made.changes == []
    return made


def test_a_root_whose_card_changed_is_named_with_both_revisions(home: Home) -> None:
    home.write("org/one", revision="2")
    assert home.changes == []  # nobody has looked yet
    home.look("org/one")
    assert home.changes == [f"org/one was at revision {'1' * 12}, is at {'2' * 12}"]


def test_doctor_names_the_corpus_and_what_moved(home: Home) -> None:
    home.write("org/one", revision="2")
    home.look("org/one")
    (said,) = (each for each in examine(home.settings) if each.check == "check: corpus_is_current")
    assert said.health is Health.NOTE
    assert said.detail == f"1 found: small, org/one was at revision {'1' * 12}, is at {'2' * 12}"
    assert "--update-lock" in said.hint


def test_datasets_that_were_looked_at_and_are_as_they_were_make_nothing_stale(home: Home) -> None:
    home.look("org/mix", "org/bench")
    for name in ("org/one", "org/two", "org/bench"):
        home.read(name)
    assert home.changes == []


def test_a_dataset_that_is_no_root_may_change(home: Home) -> None:
    home.write("org/mix", revision="2", sources=("org/one", "org/two"))
    home.look("org/mix")
    assert home.changes == []


def test_other_rows_at_the_same_revision_are_told(home: Home) -> None:
    home.write("org/two", rows="another set")
    home.read("org/two")
    assert home.changes == ["org/two has other rows at the same revision"]


def test_a_benchmark_that_moved_is_told(home: Home) -> None:
    home.write("org/bench", revision="3")
    home.look("org/bench")
    assert home.changes == [f"benchmark org/bench was at revision {'1' * 12}, is at {'3' * 12}"]


def test_a_leaf_that_ranks_higher_now_takes_the_place_of_a_root(home: Home) -> None:
    home.write("org/better")
    for name in ("org/x", "org/y"):
        home.write(name, sources=("org/better", "org/one"))
    home.look("org/x", "org/y")
    assert home.changes == ["org/better is new", "org/two is no longer read"]


def test_a_root_that_the_hub_no_longer_has_is_told(home: Home) -> None:
    (home.hub / "datasets/org/two/info.json").unlink()
    home.look("org/two")
    assert home.changes == ["org/two is no longer read"]


def test_a_corpus_that_is_built_again_is_current(home: Home, tmp_path: Path) -> None:
    home.write("org/one", revision="2")
    home.look("org/one")
    build = home.workspace.corpus_build(home.recipe, workers=1, update_lock=True)
    for stage in STAGES:
        build.run(stage)
    assert home.changes != []  # it is not in its place yet
    home.workspace.assemble_corpus(build, tmp_path / "corpus")
    assert home.changes == []
