"""`corpus build`: a recipe in, a corpus with its accounts out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from tests.cli.conftest import Lineage

pytestmark = pytest.mark.usefixtures("rows_parsed_here")

ROWS = [
    {"instruction": f"What is the {at}th question of this small dataset?", "output": f"It is {at}."} for at in range(30)
]


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A hub folder with two datasets that share rows, and one that holds pages."""
    rows = {"org/first": ROWS[:20], "org/second": ROWS[10:], "org/pages": [{"text": "A page of a book."}]}
    for dataset_id, lines in rows.items():
        folder = tmp_path / "hub" / "datasets" / dataset_id
        (folder / "data").mkdir(parents=True)
        (folder / "info.json").write_text(json.dumps({"id": dataset_id, "sha": "1" * 40}), encoding="utf-8")
        (folder / "data" / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in lines), encoding="utf-8")
    monkeypatch.setenv("LINEAGE_HUB", str(tmp_path / "hub"))
    return tmp_path / "hub"


def recipe(folder: Path, **sections: object) -> Path:
    roots = {"max": 0, "include": ["org/first", "org/second", "org/pages"]}
    path = folder / "recipe.yaml"
    path.write_text(yaml.safe_dump({"name": "small", "roots": roots, "near_duplicates": False, **sections}))
    return path


def test_a_recipe_becomes_a_corpus_and_is_not_built_twice(lineage: Lineage, hub: Path, tmp_path: Path) -> None:
    path = recipe(tmp_path)
    built = lineage("corpus", "build", path, "--out", tmp_path / "corpus", "--workers", "1", "--json")
    assert built.code == 0, built.err
    assert built.json["rows"] == 30
    assert built.json["changed"] is True
    assert {stage["stage"]: (stage["kept"], stage["removed"]) for stage in built.json["stages"]} == {
        "selected_roots": (2, {"unknown_shape": 1}),
        "unified_rows": (40, {}),
        "filtered_rows": (40, {}),
        "exact_unique_rows": (30, {"same_question": 10}),
        "near_unique_rows": (30, {}),
        "decontaminated_rows": (30, {}),
        "corpus": (30, {}),
    }
    assert [(root["dataset"], root["rows"], root["kept"]) for root in built.json["roots"]] == [
        ("org/first", 20, 20),
        ("org/second", 20, 10),
    ]
    assert [row["dataset"] for row in built.json["diversity"]] == ["small"]
    assert set(built.json["checks"].values()) == {0}
    assert (tmp_path / "corpus" / "corpus.parquet").is_file()
    assert (tmp_path / "recipe.lock").is_file()
    before = (tmp_path / "corpus" / "corpus.parquet").read_bytes()
    again = lineage("corpus", "build", path, "--out", tmp_path / "corpus")
    assert again.code == 0, again.err
    assert "there already" in again.out
    assert "same question" in again.out
    assert (tmp_path / "corpus" / "corpus.parquet").read_bytes() == before


def test_what_stops_a_build_is_told_with_its_kind_and_code(lineage: Lineage, hub: Path, tmp_path: Path) -> None:
    broken = lineage("corpus", "build", recipe(tmp_path, filterz={}), "--json")
    assert broken.code == 2
    assert broken.json["error"]["kind"] == "broken_recipe"
    assert "did you mean filters?" in broken.json["error"]["message"]
    nothing = lineage("corpus", "build", recipe(tmp_path, roots={"max": 0, "include": ["org/none"]}), "--json")
    assert nothing.code == 1
    assert nothing.json["error"]["kind"] == "nothing_selected"
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "letter.txt").write_text("Dear reader,")
    refused = lineage("corpus", "build", recipe(tmp_path), "--out", precious, "--json")
    assert refused.code == 2
    assert "holds no corpus" in refused.json["error"]["message"]
