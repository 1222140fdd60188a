"""The recipe of the demo: as documented, and locked to the embedded sample hub."""

from __future__ import annotations

from lineage_platform.catalog import open_hub
from lineage_platform.corpus.lock import lock_path, read_lock
from lineage_platform.corpus.recipe import Recipe
from lineage_platform.corpus.recipe_reading import read_recipe
from lineage_platform.records import Record
from tests.conftest import REPOSITORY

SAMPLE = REPOSITORY / "docs" / "recipes" / "sample.yaml"


def test_its_lock_names_revisions_of_the_sample_hub() -> None:
    recipe, lock, hub = read_recipe(SAMPLE), read_lock(lock_path(SAMPLE)), open_hub("sample")
    assert lock is not None
    assert set(lock.benchmarks) == set(recipe.benchmarks.ids)
    assert len(lock.roots) == recipe.roots.max
    for name, locked in (*lock.roots.items(), *lock.benchmarks.items()):
        assert locked.revision == hub.info(name).sha


def test_every_key_of_a_recipe_is_documented() -> None:
    documented = (REPOSITORY / "docs" / "recipes.md").read_text(encoding="utf-8")
    sections = [Recipe, *(type(value) for value in vars(Recipe(name="x")).values() if isinstance(value, Record))]
    for section in sections:
        for key in section.model_fields:
            assert f"{key}:" in documented, key
