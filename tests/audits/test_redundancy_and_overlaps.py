"""Rows that repeat, rows that two datasets share, and what that says of the documents."""

from __future__ import annotations

from pathlib import Path

from lineage_platform.audits.overlaps import measure_overlaps
from lineage_platform.audits.redundancy import measure_redundancy
from lineage_platform.measurements import Containment, Finding
from tests.audits.worlds import Row, World

ROOT: list[Row] = [(f"Question number {n} of the root?", "", f"answer {n}") for n in range(20)]
OWN: list[Row] = [(f"Question number {n} of its own?", "", f"answer {n}") for n in range(20)]
EDGES = {
    ("org/root", "org/left"): "direct_inclusion",
    ("org/root", "org/right"): "direct_inclusion",
    ("org/left", "org/mix"): "structured_fusion",
    ("org/right", "org/mix"): "structured_fusion",
}


def test_rows_that_came_on_two_ways_are_counted_at_the_source_they_came_from(tmp_path: Path) -> None:
    rows = [*ROOT[:6], *ROOT[4:10], OWN[0], OWN[0]]
    world = World(tmp_path, {"org/root": ROOT, "org/mix": rows}, EDGES)
    found = measure_redundancy(world.rows("org/mix"), world.shelf, world.lineage, world.engine)
    assert (found.rows, found.distinct_triplets) == (14, 11)
    assert found.rate == 1 - 11 / 14
    (at,) = found.intersections
    assert (at.at, at.rows, at.duplicated_rows) == ("org/root", 12, 4)
    assert set(at.paths) == {("org/root", "org/left", "org/mix"), ("org/root", "org/right", "org/mix")}


def test_the_parts_of_a_dataset_are_counted_together(tmp_path: Path) -> None:
    world = World(tmp_path, {"org/mix#a": ROOT[:2], "org/mix#b": ROOT[1:3]})
    found = measure_redundancy(world.rows("org/mix"), world.shelf, world.lineage, world.engine)
    assert (found.rows, found.distinct_triplets) == (4, 3)
    part = measure_redundancy(world.rows("org/mix#a"), world.shelf, world.lineage, world.engine)
    assert (part.dataset_id, part.rows, part.rate) == ("org/mix#a", 2, 0.0)


def overlaps(world: World) -> dict[tuple[str, str], Containment]:
    found = measure_overlaps(world.shelf.all(), world.shelf, world.lineage, world.engine)
    return {(each.source, each.target): each for each in found}


def test_an_edge_with_shared_rows_is_measured_and_one_that_promises_them_in_vain_is_doubted(tmp_path: Path) -> None:
    world = World(tmp_path, {"org/root": ROOT, "org/left": [*ROOT[:5], *OWN[:5]], "org/right": OWN[5:]}, EDGES)
    found = overlaps(world)
    measured = found["org/root", "org/left"]
    assert measured.finding is Finding.MEASURED
    assert (measured.shared_queries, measured.source_in_target, measured.target_in_source) == (5, 0.25, 0.5)
    assert found["org/root", "org/right"].finding is Finding.DOUBTED


def test_an_edge_that_promises_no_row_is_not_doubted(tmp_path: Path) -> None:
    world = World(tmp_path, {"org/left": ROOT, "org/mix": OWN}, EDGES)
    assert overlaps(world)["org/left", "org/mix"].finding is Finding.NONE


def test_shared_rows_that_a_common_ancestor_holds_are_explained(tmp_path: Path) -> None:
    world = World(tmp_path, {"org/root": ROOT, "org/left": ROOT[:5], "org/right": ROOT[:9]}, EDGES)
    assert overlaps(world)["org/left", "org/right"].finding is Finding.EXPLAINED


def test_shared_rows_that_nothing_documents_are_a_finding_with_rows_to_show(tmp_path: Path) -> None:
    world = World(
        tmp_path,
        {"org/root": ROOT, "org/left": [*ROOT[:5], *OWN[:3]], "org/right": [*ROOT[:5], *OWN[:3]], "far/off": OWN},
        EDGES,
        released={"far/off": "2024-05", "org/left": "2023-01", "org/right": "2023-02"},
    )
    found = overlaps(world)
    siblings = found["org/left", "org/right"]
    assert (siblings.finding, siblings.shared_queries, siblings.unexplained_queries) == (Finding.UNDOCUMENTED, 8, 3)
    assert [(row.source_row, row.target_row) for row in siblings.examples] == [(5, 5), (6, 6), (7, 7)]
    assert siblings.examples[0].query == "Question number 0 of its own?"
    assert found["org/left", "far/off"].finding is Finding.UNDOCUMENTED  # the earlier released is the source


def test_datasets_that_share_nothing_are_not_mentioned(tmp_path: Path) -> None:
    assert overlaps(World(tmp_path, {"org/a": ROOT, "org/b": OWN})) == {}
    assert overlaps(World(tmp_path / "none", {})) == {}
