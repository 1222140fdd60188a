"""`import`: a published graph in, its faults told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Lineage
from tests.graph.test_importing import node, stated, tables


@pytest.fixture
def published(tmp_path: Path) -> tuple[Path, Path]:
    nodes = [node("lab/root", terminal="true"), node("lab/mix", "2023-02"), node("lab/young", "2024-01")]
    return tables(tmp_path, nodes, [stated("lab/root", "lab/mix"), stated("lab/young", "lab/mix")])


def test_an_imported_graph_is_the_graph_of_the_home(lineage: Lineage, published: tuple[Path, Path]) -> None:
    answer = lineage("import", *published, "--json")
    assert answer.code == 0
    assert answer.json["edges"] == 2
    assert answer.json["faults"] == {"anachronism": 1}
    assert "--apply-rules" in answer.err
    assert lineage("report", "highest_in_degree", "--json").json[0]["in_degree"] == 2


def test_with_the_rules_applied_the_figures_change(lineage: Lineage, published: tuple[Path, Path]) -> None:
    answer = lineage("import", *published, "--apply-rules", "--json")
    assert (answer.json["edges"], answer.json["faults"]) == (1, {"anachronism": 1})


@pytest.mark.parametrize(("files", "told"), [(1, "two tables"), (3, "two tables")])
def test_a_graph_is_two_tables(lineage: Lineage, published: tuple[Path, Path], files: int, told: str) -> None:
    answer = lineage("import", *([published[0]] * files))
    assert answer.code == 2
    assert told in answer.err


def test_a_missing_or_broken_file_changes_nothing(lineage: Lineage, published: tuple[Path, Path], home: Path) -> None:
    lineage("import", *published)
    before = (home / "graph.duckdb").read_bytes()
    assert lineage("import", published[0], home / "none.tsv").code == 2
    published[1].write_text("source\n")
    assert lineage("import", *published).code == 1
    assert (home / "graph.duckdb").read_bytes() == before


def test_a_card_that_states_nothing_is_named_with_the_dataset_it_was_read_for(lineage: Lineage, tmp_path: Path) -> None:
    card = tmp_path / "some" / "folder" / "README.md"
    card.parent.mkdir(parents=True)
    card.write_text("# No front matter")
    assert "no source is stated by: card some/folder" in lineage("import", card).err
