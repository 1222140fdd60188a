"""A build keeps its accounts, gives the same bytes however it is done, and goes on where it was stopped."""

from __future__ import annotations

import shutil
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lineage_platform.corpus.accounting import Stage
from lineage_platform.corpus.assembly import assemble
from lineage_platform.corpus.building import STAGES, Build, StageMissing
from lineage_platform.corpus.checking import BuiltCorpus, benchmark_questions, untraceable_rows
from lineage_platform.corpus.lock import LockBroken
from lineage_platform.errors import BrokenRecord, GraphMissing
from lineage_platform.samples import digests
from tests.corpus.worlds import Row, World, folder_bytes, questions, removed, table

LONG = "Tell me how the old keeper of the northern lighthouse counts the ships that pass it every night in winter"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return shelved(World(tmp_path))


def shelved(small: World) -> World:
    """Two roots that share questions, one of them in parts, and a benchmark that leaked into both."""
    small.add(
        "a/first",
        [
            *questions("weight", 30),
            ("", "", "an answer without a question"),
            ("Is there an answer to this one?", "", ""),
            ("Hm", "", "too short"),
            ("Quelle est la capitale de la France et combien de personnes y habitent ?", "", "Paris."),
            (LONG, "", "With a lamp."),
        ],
        skipped=2,
    )
    small.add("b/second#one", [*questions("weight", 10), *questions("height", 10), (LONG + " and spring", "", "No.")])
    small.add("b/second#two", [*questions("height", 5), *questions("depth", 5), ("WHAT is the  answer?", "", "42")])
    small.add("q/bench", [*questions("depth", 2), ("What is the answer?", "", "42")])
    return small


RECIPE: dict[str, Any] = {"benchmarks": {"ids": ["q/bench"]}}


def test_each_stage_removes_what_it_should_and_says_why(world: World) -> None:
    build = world.build(world.recipe(**RECIPE))
    counts = world.counts(build)
    assert {stage: count.removed for stage, count in counts.items()} == {
        Stage.SELECTED_ROOTS: {},
        Stage.UNIFIED_ROWS: {"unreadable": 2},
        Stage.FILTERED_ROWS: {"empty_instruction": 1, "empty_output": 1, "instruction_too_short": 1, "language": 1},
        Stage.EXACT_UNIQUE_ROWS: {"same_question": 15},
        Stage.NEAR_UNIQUE_ROWS: {"near_duplicate": 1},
        Stage.DECONTAMINATED_ROWS: {"benchmark_exact": 2, "benchmark_normalised": 1},
        Stage.CORPUS: {},
    }
    same = removed(build, Stage.EXACT_UNIQUE_ROWS)["b/second", "one", 3]
    assert (same["kept_dataset"], same["kept_part"], same["kept_row"]) == ("a/first", "", 3)
    near = removed(build, Stage.NEAR_UNIQUE_ROWS)["b/second", "one", 20]
    assert (near["kept_dataset"], near["kept_row"]) == ("a/first", 34)
    assert 0.7 <= near["similarity"] < 1
    leaked = removed(build, Stage.DECONTAMINATED_ROWS)["b/second", "two", 10]
    assert (leaked["reason"], leaked["benchmark"], leaked["benchmark_row"]) == ("benchmark_normalised", "q/bench", 2)
    assert removed(build, Stage.FILTERED_ROWS)["a/first", "", 33]["detail"].startswith("fr ")


def test_the_shards_may_lie_anywhere_that_fsspec_reaches(world: World, tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    far = shelved(World(tmp_path / "far", shelf=f"memory://{uuid4().hex}"))
    for each in (world, far):
        each.corpus(each.recipe(**RECIPE))
    assert folder_bytes(tmp_path / "out") == folder_bytes(tmp_path / "far" / "out")
    built = BuiltCorpus(far.build(tmp_path / "far" / "small.yaml"), tmp_path / "far" / "out")
    assert not [*benchmark_questions(built), *untraceable_rows(built)]


def test_kept_and_removed_add_up_by_root_at_every_stage(world: World) -> None:
    counts = world.counts(world.build(world.recipe(**RECIPE, quotas={"each_root": {"rows": 9}})))
    for earlier, later in pairwise(STAGES[1:]):
        for before, after in zip(counts[earlier].roots, counts[later].roots, strict=True):
            assert after.input == before.kept == after.kept + sum(after.removed.values())
    assert [root.kept for root in counts[Stage.CORPUS].roots] == [9, 9]


def test_every_row_of_the_corpus_says_where_it_is_from(world: World) -> None:
    corpus = world.corpus(world.recipe(**RECIPE))
    rows = table(corpus.folder / "corpus.parquet")
    assert rows[0] == rows[0] | {
        "dataset": "a/first",
        "part": "",
        "row": 0,
        "root": "a/first",
        "path": "a/first",
        "licence": "mit",
        "domain": "unclassified",
    }
    assert [(row["dataset"], row["part"], row["row"]) for row in rows] == sorted(
        (row["dataset"], row["part"], row["row"]) for row in rows
    )
    assert len({(row["instruction"], row["input"]) for row in rows}) == len(rows)


def test_the_same_recipe_gives_the_same_bytes_with_any_workers_and_order_of_reading(
    world: World, tmp_path: Path
) -> None:
    recipe = world.recipe(**RECIPE, quotas={"rows": 25})
    first = folder_bytes(world.corpus(recipe, "once", place="s1").folder)
    again = folder_bytes(world.corpus(recipe, "twice", place="s2", workers=8).folder)
    shelves = sorted((tmp_path / "shards").rglob("shard.json"), reverse=True)
    other = World(tmp_path / "other")
    for shelf in shelves:  # the same shards, put there in another order
        shutil.copytree(shelf.parent, tmp_path / "other" / "shards" / shelf.parent.relative_to(tmp_path / "shards"))
    turned = folder_bytes(other.corpus(other.recipe(**RECIPE, quotas={"rows": 25}), workers=3).folder)
    assert first == again == turned
    assert {"corpus.parquet", "stages.json", "README.md", "croissant.json", "recipe.json"} <= set(first)


def test_another_seed_draws_other_rows(world: World) -> None:
    corpora = [
        table(
            world.corpus(world.recipe(f"seed{seed}", seed=seed, quotas={"rows": 5}), f"out{seed}").folder
            / "corpus.parquet"
        )
        for seed in (1, 2)
    ]
    assert [len(rows) for rows in corpora] == [5, 5]
    assert corpora[0] != corpora[1]


def test_a_stage_whose_input_is_unchanged_is_not_done_again(world: World) -> None:
    recipe = world.recipe(**RECIPE)
    assert world.corpus(recipe).changed
    worked: list[Stage] = []
    again = world.corpus(recipe, progress=lambda stage, done, total: worked.append(stage))
    assert not again.changed
    assert worked == []
    world.corpus(
        world.recipe(**RECIPE, near_duplicates=False), progress=lambda stage, done, total: worked.append(stage)
    )
    assert set(worked) == set(STAGES[STAGES.index(Stage.NEAR_UNIQUE_ROWS) :])


def test_a_stage_alone_needs_the_one_before_it_for_the_same_recipe(world: World) -> None:
    build = world.build(world.recipe())
    with pytest.raises(StageMissing, match="no roots are selected"):
        build.run(Stage.FILTERED_ROWS)
    build.run(Stage.SELECTED_ROOTS)
    with pytest.raises(StageMissing, match="unified_rows of small is not done"):
        build.run(Stage.FILTERED_ROWS)
    world.counts(build)
    with pytest.raises(StageMissing, match="filtered_rows of small is not done, or not for this recipe"):
        world.build(world.recipe(filters={"languages": False})).run(Stage.EXACT_UNIQUE_ROWS)


def test_changed_revisions_are_refused_until_the_lock_is_to_be_updated(world: World) -> None:
    recipe = world.recipe()
    world.corpus(recipe)
    world.add("a/first", questions("colour", 4), revision="r2")
    with pytest.raises(LockBroken, match="a/first was at revision r1, is at r2"):
        world.corpus(recipe)
    assert world.corpus(recipe, update_lock=True).changed


def test_rows_that_changed_behind_the_back_of_the_lock_stop_the_build(world: World) -> None:
    build = world.build(world.recipe())
    build.run(Stage.SELECTED_ROOTS)
    world.add("a/first", questions("colour", 4))
    with pytest.raises(BrokenRecord, match="the rows of a/first are no longer those that were selected"):
        build.run(Stage.UNIFIED_ROWS)


def test_ranked_roots_need_a_graph(world: World) -> None:
    with pytest.raises(GraphMissing):
        world.build(world.recipe(roots={"max": 3})).run(Stage.SELECTED_ROOTS)


def test_a_build_without_near_duplicates_or_benchmarks_keeps_what_they_would_remove(world: World) -> None:
    counts = world.counts(world.build(world.recipe(near_duplicates=False)))
    assert counts[Stage.NEAR_UNIQUE_ROWS].removed == {}
    assert counts[Stage.DECONTAMINATED_ROWS].removed == {}


@pytest.mark.parametrize(
    ("keep", "kept"),
    [
        ("first", {"a short"}),
        ("longest", {"a long"}),
        ("earliest", {"a short"}),
        ("nearest-root", {"a short"}),
        ("drop-all", set()),
    ],
)
def test_the_keep_policy_says_which_near_duplicate_stays(tmp_path: Path, keep: str, kept: set[str]) -> None:
    world = World(tmp_path)
    world.add("a/one", [(LONG, "", "a short"), (LONG + " and in spring", "", "a long")])
    corpus = world.corpus(world.recipe(near_duplicates={"keep": keep}))
    assert {row["output"] for row in table(corpus.folder / "corpus.parquet")} == kept


def test_two_questions_with_one_forged_digest_are_both_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = digests.with_digests

    def forged(frame: Any, scheme: str) -> Any:
        made = honest(frame, scheme)
        return made.with_columns(made[name] * 0 for name in ("query_hi", "query_lo"))

    monkeypatch.setattr(digests, "with_digests", forged)
    world.add(
        "c/forged", [("How many legs has a spider in all?", "", "8"), ("How many legs has a cat in all?", "", "4")]
    )
    corpus = world.corpus(world.recipe(roots={"max": 0, "include": ["c/forged"]}))
    assert len(table(corpus.folder / "corpus.parquet")) == 2


words = st.sampled_from(["red", "blue", "green", "grey", "ten"])
texts = st.lists(words, max_size=12).map(" ".join)
rows = st.lists(st.tuples(texts, st.sampled_from(["", "with care"]), st.sampled_from(["yes", "no", ""])), max_size=25)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=rows, second=rows, bench=rows)
def test_whatever_the_rows_accounts_hold_and_no_question_stands_twice(
    tmp_path_factory: pytest.TempPathFactory, first: list[Row], second: list[Row], bench: list[Row]
) -> None:
    world = World(tmp_path_factory.mktemp("world"))
    safe = [("Where does it end?", "", "there")]
    for name, given_rows in (("a/first", first), ("b/second", second), ("q/bench", bench)):
        world.add(name, [*given_rows, *safe] if name != "q/bench" else [*given_rows, ("Why?", "", "so")])
    build = world.build(world.recipe(**RECIPE))
    counts = world.counts(build)
    for stage in STAGES[2:]:
        kept = table(build.place(stage) / "kept.parquet")
        gone = removed(build, stage)
        assert counts[stage].input == len(kept) + len(gone)
        assert counts[stage].removed == Counter(row["reason"] for row in gone.values())
    asked = [(row["instruction"], row["input"]) for row in table(assembled(world, build) / "corpus.parquet")]
    assert len(set(asked)) == len(asked)
    assert not set(asked) & {row[:2] for row in bench}


def assembled(world: World, build: Build) -> Path:
    """The folder of the corpus of a finished build."""
    return assemble(build, world.root / "out", lambda _: ()).folder
