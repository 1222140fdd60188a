"""Killed anywhere, or refused the disk, an answer or the hub: the next run ends as an undisturbed one.

A short version of ``benchmarks/recovery.py``.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from benchmarks import recovery
from benchmarks.recovery_world import World


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with World(tmp_path_factory.mktemp("recovery"), live=True) as made:
        yield made


def test_a_run_killed_anywhere_ends_as_an_undisturbed_run_and_repeats_no_call(world: World) -> None:
    figures = recovery.kills(world, 1, seed=3)
    assert figures["restarts that ended as an undisturbed run"] == 1
    assert figures["errors of restarts"] == 0
    assert figures["rows lost or doubled"] == 0
    assert figures["calls repeated though their answer was on disk"] == 0


@pytest.mark.parametrize("kind", ["model", "hub"])
def test_a_request_that_fails_is_named_and_the_next_run_completes(world: World, kind: str) -> None:
    figures = recovery.faults(world, kind, 1)
    assert figures["errors without a name"] == 0
    assert figures["ended with a named error"] == 1
    assert figures["graphs that opened after the fault"] == 1
    assert figures["next runs that ended as an undisturbed run"] == 1


@pytest.mark.skipif(not shutil.which("cc"), reason="needs a C compiler")
def test_a_full_disk_leaves_the_graph_that_was_there_or_the_new_one(world: World) -> None:
    figures = recovery.faults(world, "data", 9, slice(3, None), at_once=2, step="graph")  # the last: DuckDB closes
    assert figures["went on, and something was"] == 0
    assert figures["errors without a name"] == 0
    assert figures["graphs that opened after the fault"] == 6
    assert figures["next runs that ended as an undisturbed run"] == 6
