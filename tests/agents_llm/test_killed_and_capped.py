"""A trace by models that is killed or stopped by its cap goes on, and pays for nothing twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import agents
from benchmarks.tracing import generate


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[list[str], int]]:
    """A hub of 16 datasets, its graph, and the calls that it takes."""
    folder = tmp_path_factory.mktemp("world")
    generate(folder / "small", 16)
    return folder, agents.undisturbed(folder)


def test_a_killed_trace_pays_for_no_answer_again_and_ends_in_the_same_graph(
    world: tuple[Path, tuple[list[str], int]],
) -> None:
    folder, whole = world
    figures = agents.kills(folder, 1, whole)
    assert figures["calls paid again though their answer was on disk"] == 0
    assert figures["graph the same as undisturbed"] is True
    assert figures["calls sent in all"] <= whole[1] + figures["calls in flight at the kills"]


def test_a_capped_trace_ends_in_the_same_graph_for_the_same_money(
    world: tuple[Path, tuple[list[str], int]],
) -> None:
    folder, whole = world
    figures = agents.capped(folder, whole, 0.5)
    assert figures["graph the same as uncapped"] is True
    assert figures["runs until all was done"] > 1
    assert figures["calls sent in all (capped)"] == whole[1]
