"""Copies of benchmark items, altered and put into training rows: almost all are found, and nothing else is."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.conftest import REPOSITORY
from tests.sample_hub import brute_force


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    """The benchmark, whose alterations are the ones meant here."""
    path = REPOSITORY / "benchmarks" / "contamination.py"
    spec = importlib.util.spec_from_file_location("contamination_benchmark", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def rates(bench: ModuleType) -> dict[str, tuple[float, float, float]]:
    names = brute_force.BENCHMARKS
    items = dict.fromkeys(" ".join(query).strip() for name in names for query in sorted(brute_force.queries(name)))
    found: dict[str, tuple[float, float, float]] = bench.recall(list(items))
    return found


@pytest.mark.parametrize("alteration", ["verbatim", "re-wrapped", "case"])
def test_the_normalised_comparison_finds_what_only_differs_in_form(
    rates: dict[str, tuple[float, float, float]], alteration: str
) -> None:
    assert rates[alteration][0] >= 0.99


@pytest.mark.parametrize("alteration", ["embedded in filler", "punctuation", "unicode", "options only"])
def test_containment_finds_what_was_put_among_other_text_or_changed(
    rates: dict[str, tuple[float, float, float]], alteration: str
) -> None:
    assert rates[alteration][2] >= 0.95


def test_real_rows_that_hold_no_item_are_not_taken_for_one(bench: ModuleType, real_data: Path) -> None:
    items, disjoint = bench.material(real_data / "realdata")
    for name in ("GSM8K test", "TheoremQA", "SciBench"):
        hits = bench.found(items[name], disjoint)["near"]
        assert len(hits) <= 0.001 * len(items[name]) + 0.5, (name, hits)
