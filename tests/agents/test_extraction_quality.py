"""The rules on real documents: the aim of the design is held, and every quote is found."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from lineage_platform.agents import open_agents

BENCHMARK = Path(__file__).resolve().parents[2] / "benchmarks" / "extraction_quality.py"


def benchmark() -> ModuleType:
    """The benchmark as a module; it is no part of the package."""
    spec = importlib.util.spec_from_file_location("extraction_quality", BENCHMARK)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_stated_sources_of_real_readmes_are_found_with_their_quotes(real_data: Path) -> None:
    quality = benchmark()
    quality.REAL_DATA = real_data
    labels = quality.labelled()
    figures = quality.score([quality.prediction(open_agents("rules"), label) for label in labels], labels)
    assert figures["stated"]["f1"] >= 0.65
    assert figures["quotes_found"] == figures["quotes"] > 0
