"""The sample hub's rows: everything planted is found, exactly, with its paths, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lineage_platform.audits.benchmarks import read_benchmarks
from lineage_platform.audits.overlaps import measure_overlaps
from lineage_platform.audits.redundancy import measure_redundancy
from lineage_platform.measurements import Containment, Contamination, Finding
from tests.audits.worlds import World
from tests.sample_hub import brute_force

FOLDER = Path(brute_force.__file__).parent
EXPECTED: dict[str, Any] = json.loads((FOLDER / "expected_rows.json").read_text(encoding="utf-8"))


def expected_edges() -> dict[tuple[str, str], str]:
    """The edges that a trace of the sample hub accepts, with their relation."""
    lines = (FOLDER / "expected_edges.tsv").read_text(encoding="utf-8").splitlines()[1:]
    cells = (line.split("\t") for line in lines)
    return {
        (source, target): relation.split(",")[0]
        for source, target, status, relation, _ in cells
        if status == "accepted"
    }


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("sample"), brute_force.triplets(), expected_edges())


def test_redundancy_and_intersections_are_those_planted(world: World) -> None:
    found = [measure_redundancy(rows, world.shelf, world.lineage, world.engine) for rows in world.shelf.all()]
    rates = [(each.dataset_id, each.rows, each.distinct_triplets, round(each.rate, 6)) for each in found]
    assert rates == [
        (each["dataset"], each["rows"], each["distinct_triplets"], each["rate"]) for each in EXPECTED["redundancy"]
    ]
    crossings = {
        (each.dataset_id, at.at, at.rows, at.duplicated_rows): at.paths for each in found for at in each.intersections
    }
    assert set(crossings) == {
        (each["dataset"], each["at"], each["rows"], each["duplicated_rows"]) for each in EXPECTED["intersections"]
    }
    for (dataset_id, at, _, _), paths in crossings.items():
        assert len({path[-2] for path in paths}) >= 2, (dataset_id, at)
        assert all(path[0] == at and path[-1] == dataset_id for path in paths)


def figures(records: Iterator[Contamination]) -> dict[tuple[str, str], tuple[int, int, int, int]]:
    return {
        (each.train, each.benchmark): (
            each.benchmark_queries,
            each.matched,
            each.matched_normalised,
            each.matched_near,
        )
        for each in records
        if each.matched_near and each.benchmark in brute_force.BENCHMARKS
    }


PLANTED = {
    (each["train"], each["benchmark"]): (
        each["benchmark_queries"],
        each["matched"],
        each["matched_normalised"],
        each["matched_near"],
    )
    for each in EXPECTED["contamination"]
}


def test_contamination_is_that_planted_and_lineage_first_finds_all_of_it_in_a_fifth_of_the_rows(world: World) -> None:
    registry = read_benchmarks()
    benchmarks = [rows for each in registry.all if (rows := world.shelf.benchmark(each))]
    screening = world.screening()
    assert figures(screening.run(world.shelf.all(), benchmarks)) == PLANTED
    assert screening.coverage.rows < 0.25 * screening.coverage.all_rows
    full = world.screening()
    records = {(each.train, each.benchmark): each for each in full.run(world.shelf.all(), benchmarks, full=True)}
    assert figures(iter(records.values())) == PLANTED
    assert full.coverage.rows == full.coverage.all_rows
    assert full.coverage.share_of_findings == 1.0
    for pair in PLANTED:
        paths = records[pair].paths
        assert paths, pair
        assert all((path[0], path[-1]) == pair[::-1] for path in paths)


def test_the_overlaps_nobody_documents_and_the_inclusion_that_did_not_happen_are_found(world: World) -> None:
    found = list(measure_overlaps(world.shelf.all(), world.shelf, world.lineage, world.engine))
    of = lambda finding: [each for each in found if each.finding is finding]  # noqa: E731
    undocumented: list[Containment] = of(Finding.UNDOCUMENTED)
    assert {(*sorted((each.source, each.target)), each.shared_queries_normalised) for each in undocumented} == {
        (each["a"], each["b"], each["shared_queries"]) for each in EXPECTED["unrelated_overlaps"]
    }
    assert all(each.examples and each.confirmed for each in undocumented)
    assert [{"source": each.source, "target": each.target} for each in of(Finding.DOUBTED)] == EXPECTED["doubted_edges"]
