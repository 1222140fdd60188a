"""`report`: a picture where one says more, and all of them as a page."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import LABEL, Lineage


def test_a_report_is_printed_and_drawn(lineage: Lineage, graph: Path, tmp_path: Path) -> None:
    answer = lineage("report", "most_reused", "--plot", tmp_path / "most.svg", "--json")
    assert answer.code == 0
    assert answer.json[0]["dataset_id"] == "acme/root"
    assert "acme/root" in (tmp_path / "most.svg").read_text(encoding="utf-8")


def test_all_reports_are_one_page(lineage: Lineage, graph: Path, tmp_path: Path) -> None:
    answer = lineage("report", "all", "--to", tmp_path / "landscape", "--json")
    assert answer.code == 0
    page = Path(answer.json[0]["page"])
    assert LABEL in page.read_text(encoding="utf-8")
    assert LABEL in answer.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["all"], "--to DIR"),
        (["leaves", "--to", "somewhere"], "report all --to DIR"),
        (["leaves", "--plot", "leaves.svg"], "has no picture"),
        (["deepest", "--plot", "deepest.doc"], ".svg"),
    ],
)
def test_what_is_asked_wrongly_is_a_usage_error(
    lineage: Lineage, graph: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = lineage("report", *arguments)
    assert answer.code == 2
    assert told in answer.err
    assert answer.out == ""


def test_every_report_is_listed_with_its_question(lineage: Lineage) -> None:
    listed = lineage("report", "--list", "--json").json
    assert all(row["question"] and row["source"] for row in listed)
