"""`compare`: what scripts and people get."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import LABEL, Lineage


def test_two_datasets_are_compared_for_scripts(lineage: Lineage, graph: Path) -> None:
    answer = lineage("compare", "acme/left", "acme/right", "--json")
    assert answer.code == 0
    assert answer.json["kinship"] == "relatives"
    assert answer.json["shared_roots"] == ["acme/root"]
    assert answer.json["measured"] is None
    assert answer.json["label"] == LABEL


def test_two_datasets_are_compared_for_people(lineage: Lineage, graph: Path) -> None:
    answer = lineage("compare", "acme/root", "acme/mix")
    assert "acme/root went into acme/mix" in answer.out
    assert "lineage paths acme/root acme/mix" in answer.err
    assert "lineage overlap" in lineage("compare", "acme/left", "acme/right").err


def test_a_set_is_sorted_into_families(lineage: Lineage, graph: Path) -> None:
    answer = lineage("compare", "--family", "acme/left", "acme/right", "acme/mix", "--json")
    assert [family["members"] for family in answer.json["families"]] == [["acme/left", "acme/mix", "acme/right"]]
    assert "Family 1: 3 datasets" in lineage("compare", "--family", "acme/left", "acme/right", "acme/mix").out


def test_one_or_three_are_not_compared(lineage: Lineage, graph: Path) -> None:
    assert lineage("compare", "acme/left").code == 2
    assert "--family" in lineage("compare", "acme/left", "acme/mix", "acme/root").err
    assert lineage("compare", "acme/left", "acme/nobody").code == 1
