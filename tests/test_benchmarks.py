"""Benchmarks run by hand: what they take from the platform must still be there when somebody does."""

from __future__ import annotations

import importlib

import pytest

from tests.conftest import REPOSITORY

PARTS = {"recovery_world"}  # of another benchmark
NAMES = sorted(path.stem for path in (REPOSITORY / "benchmarks").glob("*.py") if path.stem not in PARTS)


@pytest.mark.parametrize("name", NAMES)
def test_a_benchmark_can_be_started(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(REPOSITORY))
    assert callable(importlib.import_module(f"benchmarks.{name}").main)
