"""Contamination: what is reported stands in the rows, by the comparison that it is reported under."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from lineage_platform.audits.contamination import Match, Pair, Scanner
from lineage_platform.measurements import Contamination
from lineage_platform.samples.digests import SchemeMismatch
from tests.audits.worlds import Row, World, keep

ITEMS: list[Row] = [
    ("How many marbles does Ada have left when she gives nine of her thirty marbles to Ben?", "", "21"),
    ("A train of seven waggons passes a signal in ninety seconds; how long is each waggon?", "at 2 m/s", "18"),
    ("Name the least prime above one hundred and say why there is none between.", "", "101"),
    ("Two plus two?", "", "4"),
]
EDGES = {("exam/test", "org/train"): "direct_inclusion"}


def scan(tmp_path: Path, rows: list[Row], items: list[Row] = ITEMS) -> Pair:
    world = World(tmp_path, {"exam/test": items, "org/train": rows})
    scanner = Scanner([world.rows("exam/test")], world.shelf, world.engine, threads=2)
    (pair,) = scanner.scan(world.rows("org/train"), ["exam/test"])
    return pair


def test_each_item_is_reported_once_by_the_strictest_comparison_that_holds(tmp_path: Path) -> None:
    first, second, third, short = (row[0] for row in ITEMS)
    rows: list[Row] = [
        ("A row that has nothing to do with it at all, of some length.", "", "Indeed."),
        (first, "", "another answer"),
        (first.upper(), "", "21"),
        (second.upper(), "AT  2\nM/S", "18"),
        (f"Please solve this: {third} Think first.", "", "101"),
        (short, "", "4"),
    ]
    pair = scan(tmp_path, rows)
    assert [(leak.match, leak.item.row, leak.row.row) for leak in pair.leaks] == [
        (Match.EXACT, 0, 1),
        (Match.NORMALISED, 1, 3),
        (Match.NEAR, 2, 4),
        (Match.EXACT, 3, 5),
    ]
    record = pair.record("x")
    assert (record.benchmark_queries, record.matched, record.matched_normalised, record.matched_near) == (4, 2, 3, 4)
    assert record.rate == 0.5


def test_the_same_words_in_other_fields_are_near_and_not_exact(tmp_path: Path) -> None:
    question, middle, _ = ITEMS[1]
    pair = scan(tmp_path, [("Read this.", f"{question} {middle}", "")])
    assert [leak.match for leak in pair.leaks] == [Match.NEAR]


def test_an_item_that_only_stands_in_an_answer_is_near(tmp_path: Path) -> None:
    pair = scan(tmp_path, [("Invent a question.", "", f"Here is one. {ITEMS[0][0]}")])
    assert [(leak.match, leak.item.row) for leak in pair.leaks] == [(Match.NEAR, 0)]


def test_repeated_questions_of_a_benchmark_are_one(tmp_path: Path) -> None:
    twice: list[Row] = [*ITEMS, (ITEMS[0][0], "", "another answer")]
    pair = scan(tmp_path, [ITEMS[0]], twice)
    assert (pair.benchmark_queries, pair.count(Match.EXACT)) == (4, 1)


def test_an_empty_question_is_never_a_leak(tmp_path: Path) -> None:
    pair = scan(tmp_path, [("", "", "x"), (" ", "", "y")], [("", "", "z"), *ITEMS])
    assert pair.leaks == ()


def test_a_short_question_inside_a_longer_row_is_no_leak(tmp_path: Path) -> None:
    assert scan(tmp_path, [("What is two plus two? And three?", "", "4 and 6")]).leaks == ()


def test_what_digests_propose_is_dropped_when_the_texts_differ(tmp_path: Path) -> None:
    """Somebody forged a row whose digests are those of an item."""
    world = World(
        tmp_path, {"exam/test": ITEMS, "org/train": [("A harmless row about weather in the hills.", "", "x")]}
    )
    train = world.rows("org/train")
    forged = pl.read_parquet(world.store.digests_path(world.rows("exam/test").shards[0])).head(1)
    forged.with_columns(row=pl.lit(0, pl.Int64)).write_parquet(world.store.digests_path(train.shards[0]))
    (pair,) = Scanner([world.rows("exam/test")], world.shelf, world.engine).scan(train, ["exam/test"])
    assert pair.leaks == ()


def test_digests_of_two_schemes_are_refused(tmp_path: Path) -> None:
    world = World(tmp_path, {"exam/test": ITEMS})
    keep(world.store, "org/train", ITEMS, scheme="blake3-128/1")
    scanner = Scanner([world.rows("exam/test")], world.shelf, world.engine)
    with pytest.raises(SchemeMismatch):
        list(scanner.scan(world.rows("org/train"), ["exam/test"]))


# Many pairs -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A training set that took the benchmark in, its heir, and one that nobody ties to it and that holds it too."""
    return World(
        tmp_path,
        {
            "exam/test": ITEMS,
            "org/train": [ITEMS[0], ITEMS[1], ("A row of its own making, nothing else.", "", "x")],
            "org/heir": [ITEMS[1], ("Another row of its own making.", "", "y")],
            "org/thief": [ITEMS[2], ("And yet another row of its own making.", "", "z")],
            "org/clean": [("Only what nobody asked before.", "", "w")],
        },
        {**EDGES, ("org/train", "org/heir"): "structured_fusion"},
    )


def run(world: World, *, full: bool) -> tuple[dict[str, Contamination], tuple[int, int, float | None]]:
    screening = world.screening()
    trains = [each for each in world.shelf.all() if each.name != "exam/test"]
    found = {record.train: record for record in screening.run(trains, [world.rows("exam/test")], full=full)}
    coverage = screening.coverage
    return found, (coverage.rows, coverage.all_rows, coverage.share_of_findings)


def test_lineage_first_reads_what_it_makes_likely_and_a_full_scan_says_what_that_missed(world: World) -> None:
    found, coverage = run(world, full=False)
    assert list(found) == ["org/train", "org/heir"]
    assert coverage == (5, 8, None)
    found, coverage = run(world, full=True)
    assert {name for name, record in found.items() if record.matched} == {"org/train", "org/heir", "org/thief"}
    assert coverage == (8, 8, 2 / 3)
    assert found["org/thief"].found_by == "scan"


def test_a_leak_comes_with_every_path_and_its_rows(world: World) -> None:
    found, _ = run(world, full=False)
    assert found["org/heir"].paths == (("exam/test", "org/train", "org/heir"),)
    (leak,) = world.leaks.read("org/heir", "exam/test")
    assert (leak["match"], leak["benchmark_row"], leak["train_row"]) == ("exact", 1, 0)
    assert leak["benchmark_text"] in leak["train_text"]


def test_a_pair_whose_rows_did_not_change_is_not_read_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    before, _ = run(world, full=True)
    keep(world.store, "org/clean", ITEMS, revision="2")
    told: list[str] = []
    screening = world.screening()
    screening.told = lambda rows: told.append(rows.name)
    trains = [each for each in world.shelf.all() if each.name != "exam/test"]
    after = {record.train: record for record in screening.run(trains, [world.rows("exam/test")], full=True)}
    assert told == ["org/clean"]
    assert after["org/clean"].matched == 4
    assert {name: record for name, record in before.items() if name != "org/clean"} == {
        name: record for name, record in after.items() if name != "org/clean"
    }


def test_a_dataset_is_not_compared_with_its_own_test_part(tmp_path: Path) -> None:
    world = World(tmp_path, {"exam/all#test": ITEMS, "exam/all#train": [ITEMS[0]]})
    benchmark = world.rows("exam/all#test")
    assert list(world.screening().run(world.shelf.all(), [benchmark], full=True)) == []
