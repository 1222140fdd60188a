"""Two traces of the sample hub with one card changed between: the difference is that, and the old graph stays."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from lineage_platform import Settings, Workspace
from lineage_platform.catalog import open_hub
from lineage_platform.exports import jsonl
from lineage_platform.graph.history import Change, differences
from lineage_platform.graph.query import Graph, open_graph
from lineage_platform.graph.view import read_view

CHANGED = "teknium/OpenHermes-2.5"
ADDED = "openai/gsm8k"


def trace(home: Path, hub: Path) -> str:
    """One trace of everything that the seed leads to; returns the snapshot."""
    workspace = Workspace.open(Settings(home=home, hub=str(hub), agents="rules"))
    for _ in workspace.trace([CHANGED]):
        pass
    return workspace.build_graph().snapshot


def lines(graph: Graph) -> list[str]:
    return list(jsonl.lines(read_view(graph)))


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str], str, str]:
    root = tmp_path_factory.mktemp("two")
    sample = open_hub("sample").folder
    assert sample is not None
    shutil.copytree(sample, root / "hub")
    first = trace(root / "home", root / "hub")
    with open_graph(root / "home" / "graph.duckdb") as graph:
        before = lines(graph)
    card = root / "hub" / "datasets" / CHANGED / "README.md"
    section = f"### GSM8K\nthe training split - https://huggingface.co/datasets/{ADDED}\n\n## Format"
    card.write_text(card.read_text(encoding="utf-8").replace("## Format", section), encoding="utf-8")
    return root / "home" / "graph.duckdb", before, first, trace(root / "home", root / "hub")


@pytest.fixture
def changes(traced: tuple[Path, list[str], str, str]) -> Iterator[tuple[Change, ...]]:
    path, _, first, second = traced
    with open_graph(path) as graph:
        yield differences(graph.snapshots.find(first), graph.snapshots.find(second))


def test_the_difference_names_exactly_what_changed(changes: tuple[Change, ...]) -> None:
    pair = f"{ADDED} -> {CHANGED}"
    assert {(change.kind, change.change, change.subject) for change in changes} == {
        ("dataset", "new", ADDED),
        ("edge", "new", pair),
        ("statement", "new", pair),
    }


def test_the_earlier_graph_is_as_it_was(traced: tuple[Path, list[str], str, str]) -> None:
    path, before, first, second = traced
    assert first != second
    with open_graph(path, first) as graph:
        assert lines(graph) == before
        assert ADDED not in {edge.source for edge in graph.sources(CHANGED)}
    with open_graph(path) as graph:
        assert ADDED in {edge.source for edge in graph.sources(CHANGED)}
