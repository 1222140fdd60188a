"""Selections on the command line: what `show` lists, what `report` and `export` keep to."""

from __future__ import annotations

from pathlib import Path

import pytest

from lineage_platform.cli.look import is_selection
from tests.cli.conftest import LABEL, Lineage


def test_show_lists_the_datasets_of_a_selection(lineage: Lineage, graph: Path) -> None:
    answer = lineage("show", '+key:"acme/left"', "--json")
    assert [row["dataset_id"] for row in answer.json] == ["acme/left", "acme/root"]
    assert [row["dataset_id"] for row in lineage("show", "domain:math", "--json").json] == ["acme/left"]
    assert LABEL in answer.err


@pytest.mark.parametrize(
    "text", ["+a/b", "key:a/b", "a/b or c/d", "not domain:math", "roots(*)", "*", 'key:"x"', "domian:math"]
)
def test_a_selection_is_told_from_an_id(text: str) -> None:
    assert is_selection(text)


@pytest.mark.parametrize("text", ["a/b", "github:a/b", "url:x.org/y", "name:key", "gsm8k", "https://x.org/y"])
def test_an_id_is_no_selection(text: str) -> None:
    assert not is_selection(text)


def test_a_report_keeps_to_its_focus(lineage: Lineage, graph: Path) -> None:
    whole = lineage("report", "relation_mix", "--json").json
    inside = lineage("report", "relation_mix", "--focus", '+key:"acme/left"', "--json").json
    assert sum(row["edges"] for row in whole) == 4
    assert sum(row["edges"] for row in inside) == 1


def test_an_export_keeps_to_its_focus(lineage: Lineage, graph: Path) -> None:
    answer = lineage("export", "--to", "csv", "--focus", '+key:"acme/left"')
    assert [line.split(",")[:2] for line in answer.out.splitlines()[1:]] == [["acme/root", "acme/left"]]


@pytest.mark.parametrize(
    "command",
    [["show", "+(acme/left"], ["report", "leaves", "--focus", "("], ["export", "--to", "csv", "--focus", "("]],
)
def test_a_wrong_selection_is_a_usage_error_with_its_place(lineage: Lineage, graph: Path, command: list[str]) -> None:
    answer = lineage(*command)
    assert answer.code == 2
    assert "character" in answer.err


def test_a_mistyped_attribute_is_named(lineage: Lineage, graph: Path) -> None:
    answer = lineage("show", "domian:math")
    assert answer.code == 2
    assert "did you mean domain:?" in answer.err


def test_an_empty_selection_is_said(lineage: Lineage, graph: Path) -> None:
    answer = lineage("export", "--to", "jsonl", "--focus", "key:nobody/*")
    assert (answer.code, answer.out) == (0, "")
    assert "means no dataset" in answer.err


def test_formats_of_several_files_need_a_folder(lineage: Lineage, graph: Path, tmp_path: Path) -> None:
    assert lineage("export", "--to", "parquet").code == 2
    assert lineage("export", "--to", "csv", "--compat", "run-events").code == 2
    assert lineage("export", "--to", "csv", "--out", tmp_path / "tables").code == 0
    assert sorted(path.name for path in (tmp_path / "tables").iterdir()) == [
        "datasets.csv",
        "edges.csv",
        "witnesses.csv",
    ]


@pytest.mark.parametrize(("form", "out", "files"), [("csv", "graph.csv", 1), ("csv", "graph", 3), ("jsonl", "g", 1)])
def test_scripts_are_told_what_was_written(
    lineage: Lineage, graph: Path, tmp_path: Path, form: str, out: str, files: int
) -> None:
    answer = lineage("export", "--to", form, "--out", tmp_path / out, "--json")
    assert answer.json == {"path": str(tmp_path / out), "files": files, "datasets": 4}
    assert lineage("export", "--to", form, "--out", tmp_path / out).out == ""
