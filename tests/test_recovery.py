"""Killed anywhere, or refused an answer: the next run ends as an undisturbed one, and asks nothing twice.

A short version of ``benchmarks/recovery.py``.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from benchmarks import recovery


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[recovery.World]:
    with recovery.world(tmp_path_factory.mktemp("recovery")) as made:
        yield made


def test_runs_killed_anywhere_end_as_an_undisturbed_run_and_repeat_no_call(world: recovery.World) -> None:
    figures = recovery.kills(world, 2, seed=3)
    assert figures["restarts that ended as an undisturbed run"] == 2
    assert figures["errors of restarts"] == 0
    assert figures["calls repeated though their answer was on disk"] == 0


def test_a_request_that_fails_is_named_and_the_next_run_completes(world: recovery.World) -> None:
    figures = recovery.faults(world, "requests", 1)
    assert figures["errors without a name, or in the next run"] == 0
    assert figures["ended with a named error"] == 1
    assert figures["graphs that opened after the fault"] == 1
    assert figures["next runs that ended as an undisturbed run"] == 1
