"""What was exported and comes back is the same graph, byte for byte, and coming back twice changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from lineage_platform.files import Home
from tests.cli.conftest import Answer, Lineage, home, lineage
from tests.exports.worlds import write_graph

__all__ = ["home", "lineage"]

FORMATS = ["jsonl", "openlineage", "croissant"]


def export(lineage: Lineage, form: str, file: Path) -> bytes:
    answer = lineage("export", "--to", form, "--out", file)
    assert answer.code == 0, answer.err
    return file.read_bytes()


def given(home: Path, tmp_path: Path) -> None:
    home.mkdir(parents=True, exist_ok=True)
    write_graph(tmp_path).replace(Home(home).graph)


@pytest.mark.parametrize("form", FORMATS)
def test_export_import_export_is_the_same(
    lineage: Lineage, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    given(home, tmp_path)
    first = export(lineage, form, tmp_path / "first.jsonl")
    monkeypatch.setenv("LINEAGE_HOME", str(tmp_path / "another"))
    assert lineage("import", tmp_path / "first.jsonl").code == 0
    assert export(lineage, form, tmp_path / "second.jsonl") == first
    assert len(first.splitlines()) >= 5


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_file_twice_changes_nothing(lineage: Lineage, home: Path, tmp_path: Path, form: str) -> None:
    given(home, tmp_path)
    export(lineage, form, tmp_path / "first.jsonl")
    lineage("import", tmp_path / "first.jsonl")
    before = export(lineage, "jsonl", tmp_path / "before.jsonl")
    (tmp_path / "copy.jsonl").write_bytes((tmp_path / "first.jsonl").read_bytes())
    again = lineage("import", tmp_path / "first.jsonl", tmp_path / "copy.jsonl", "--json")
    assert again.json["changed"] == 0
    assert export(lineage, "jsonl", tmp_path / "after.jsonl") == before


def test_run_events_carry_the_same_edges(
    lineage: Lineage, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given(home, tmp_path)
    lineage("export", "--to", "openlineage", "--compat", "run-events", "--out", tmp_path / "runs.jsonl")
    edges = edges_of(lineage("export", "--to", "csv"))
    monkeypatch.setenv("LINEAGE_HOME", str(tmp_path / "another"))
    lineage("import", tmp_path / "runs.jsonl")
    assert edges_of(lineage("export", "--to", "csv")) == edges


def edges_of(answer: Answer) -> set[str]:
    return {",".join(line.split(",")[:4]) for line in answer.out.splitlines()}


def test_what_is_imported_counts_beside_what_was_traced(lineage: Lineage, home: Path, tmp_path: Path) -> None:
    given(home, tmp_path)
    event = tmp_path / "event.json"
    event.write_text(
        '{"eventTime": "2024-01-01T00:00:00Z", "producer": "urn:x", "outputs": [{"namespace": "hf://datasets",'
        ' "name": "acme/new"}], "inputs": [{"namespace": "hf://datasets", "name": "lab/base"}]}'
    )
    answer = lineage("import", event, "--json")
    assert answer.code == 0
    (source,) = lineage("show", "acme/new", "--json").json["sources"]
    assert (source["id"], source["status"]) == ("lab/base", "imported")
    assert source["evidence"][0]["said_by"] == "import:openlineage:event.json"
