"""The build of a corpus in Dagster: each stage tells what it kept, checks look at the result, an error stays itself."""

from __future__ import annotations

import json
from pathlib import Path

import dagster as dg
import pytest

from lineage_platform.corpus.accounting import Stage
from lineage_platform.corpus.building import STAGES
from lineage_platform.corpus.checking import CHECKS
from lineage_platform.corpus.recipe_reading import BrokenRecipe
from lineage_platform.defs.corpus import KEYS
from lineage_platform.defs.run_corpus import run_corpus
from lineage_platform.settings import Settings

RECIPE = "name: small\nroots: {max: 0, include: [org/rows]}\nnear_duplicates: off\ndiversity: off\n"


@pytest.fixture
def small(memory_folder: Path, dagster_folder: Path) -> tuple[Settings, Path]:
    """A hub folder with one dataset of six rows, two of them alike, and a recipe for it."""
    folder = memory_folder / "hub" / "datasets" / "org" / "rows"
    (folder / "data").mkdir(parents=True)
    (folder / "info.json").write_text(json.dumps({"id": "org/rows", "sha": "1" * 40}))
    rows = [{"instruction": f"What is the {at % 5}th question here?", "output": "An answer."} for at in range(6)]
    (folder / "data" / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    recipe = memory_folder / "recipe.yaml"
    recipe.write_text(RECIPE)
    settings = Settings(home=memory_folder / "home", hub=str(memory_folder / "hub"), agents="rules")
    return settings, recipe


def test_each_stage_is_materialised_with_its_counts_and_every_check_passes(small: tuple[Settings, Path]) -> None:
    settings, recipe = small
    summary = run_corpus(settings, recipe, workers=1)
    assert summary.checks == {check.name: 0 for check in CHECKS}
    kept = {}
    with dg.DagsterInstance.get() as instance:
        for stage in STAGES:
            event = instance.get_latest_materialization_event(KEYS[stage])
            assert event is not None
            materialization = event.asset_materialization
            assert materialization is not None
            kept[stage] = materialization.metadata["dagster/row_count"].value
    assert kept == {Stage.SELECTED_ROOTS: 1, Stage.UNIFIED_ROWS: 6, Stage.FILTERED_ROWS: 6} | dict.fromkeys(
        STAGES[3:], 5
    )
    sources = materialization.metadata["sources"].value
    assert [record.data["kept"] for record in sources.records] == [5]


def test_an_error_of_a_stage_reaches_the_caller_as_it_is(small: tuple[Settings, Path]) -> None:
    settings, recipe = small
    recipe.write_text("name: small\nroot: {}\n")
    with pytest.raises(BrokenRecipe, match="did you mean roots"):
        run_corpus(settings, recipe)
