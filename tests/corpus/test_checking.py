"""Each check finds what it is there to find, and nothing in a corpus as it should be."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lineage_platform.corpus.checking import CHECKS, BuiltCorpus, CorpusCheck
from lineage_platform.corpus.recipe import Recipe
from tests.corpus.worlds import World, questions

BY_NAME = {check.name: check for check in CHECKS}
LONG = "Tell me how the old keeper of the northern lighthouse counts the ships that pass it every night in winter"
Spoil = Callable[[pa.Table], pa.Table]


@pytest.fixture(scope="module")
def as_built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A world in which a corpus was built, to be copied."""
    world = World(tmp_path_factory.mktemp("checking") / "world")
    world.add("a/first", [*questions("weight", 20), (LONG, "", "With a lamp.")])
    world.add("b/second#one", questions("height", 20))
    world.add("q/bench", questions("depth", 3))
    world.corpus(world.recipe(benchmarks={"ids": ["q/bench"]}, quotas={"each_root": {"share": 0.6}}))
    return world.root


@pytest.fixture
def built(as_built: Path, tmp_path: Path) -> BuiltCorpus:
    world = World(shutil.copytree(as_built, tmp_path / "world"))
    return BuiltCorpus(world.build(world.root / "small.yaml"), world.root / "out")


def spoil(built: BuiltCorpus, change: Spoil) -> None:
    pq.write_table(change(pq.read_table(built.file)), built.file)


def added(**columns: str) -> Spoil:
    """The corpus with its first row once more, some of its columns changed."""

    def change(table: pa.Table) -> pa.Table:
        row = table.slice(0, 1).to_pylist()[0] | columns
        return pa.concat_tables([table, pa.Table.from_pylist([row], schema=table.schema)])

    return change


def renumbered(table: pa.Table) -> pa.Table:
    rows = [row + 1 for row in table.column("row").to_pylist()]
    return table.set_column(table.schema.get_field_index("row"), "row", pa.array(rows, pa.int64()))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_a_corpus_as_it_should_be_passes(built: BuiltCorpus, check: CorpusCheck) -> None:
    assert check.run(built) == []


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("no_query_twice", added()),
        ("no_near_pair", added(instruction=LONG + " and spring")),
        ("no_benchmark_item", added(instruction=questions("depth", 1)[0][0].upper(), input="  ")),
        ("rows_traceable", renumbered),
        ("rows_traceable", added(output="another answer")),
        ("quotas_kept", lambda table: table.slice(0, 21)),
        ("figures_present", lambda table: table.slice(1)),
    ],
)
def test_a_spoilt_corpus_is_found_out(built: BuiltCorpus, name: str, change: Spoil) -> None:
    spoil(built, change)
    found = BY_NAME[name].run(built)
    assert found
    assert BY_NAME[name].remedy


def test_a_missing_card_is_found(built: BuiltCorpus) -> None:
    (built.folder / "README.md").unlink()
    assert BY_NAME["figures_present"].run(built) == [{"figure": "README.md", "found": "missing"}]


def test_missing_diversity_is_found_where_the_recipe_asks_for_it(built: BuiltCorpus) -> None:
    object.__setattr__(built.build, "recipe", Recipe(name="small"))
    assert BY_NAME["figures_present"].run(built) == [{"figure": "diversity.json", "found": "missing"}]


def test_near_pairs_are_not_looked_for_where_the_recipe_allows_them(built: BuiltCorpus) -> None:
    spoil(built, added(instruction=LONG + " and spring"))
    allowed = Recipe(name="small", near_duplicates=None)
    object.__setattr__(built.build, "recipe", allowed)
    assert BY_NAME["no_near_pair"].run(built) == []
