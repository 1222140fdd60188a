"""`dedup`: files in; the rows that stay, and which row went for which, out."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from tests.cli.conftest import Lineage

pytestmark = pytest.mark.usefixtures("rows_parsed_here")

WORDS = [f"word{number}" for number in range(40)]
QUESTION = " ".join(WORDS)
NEARLY = " ".join([*WORDS[:-1], "changed"])
OTHER = " ".join(reversed(WORDS))
SIMILARITY = 32 / 34  # 33 shingles each, of which the last differs


def write(path: Path, *questions: str) -> Path:
    rows = ({"instruction": question, "input": "", "output": f"answer {at}"} for at, question in enumerate(questions))
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_one_of_near_rows_is_kept_and_the_table_names_it(lineage: Lineage, tmp_path: Path) -> None:
    file = write(tmp_path / "a.jsonl", QUESTION, OTHER, NEARLY)
    answer = lineage("dedup", file, "--out", tmp_path / "out", "--json")
    assert answer.code == 0, answer.err
    assert answer.json == {"rows": 3, "kept": 2, "removed": 1}
    kept = pl.read_parquet(tmp_path / "out/kept.parquet")
    assert kept.rows(named=True)[1] == {
        **{"file": str(file), "row": 1, "instruction": OTHER, "input": "", "output": "answer 1"}
    }
    removed = pl.read_parquet(tmp_path / "out/removed.parquet")
    assert removed.rows() == [(str(file), 2, str(file), 0, pytest.approx(SIMILARITY))]
    assert removed.columns == ["file", "row", "kept_file", "kept_row", "similarity"]


def test_rows_of_several_files_are_numbered_in_their_files(lineage: Lineage, tmp_path: Path) -> None:
    first, second = write(tmp_path / "a.jsonl", OTHER, QUESTION), write(tmp_path / "b.jsonl", "short", NEARLY)
    assert lineage("dedup", first, second, "--out", tmp_path / "out").code == 0
    removed = pl.read_parquet(tmp_path / "out/removed.parquet").drop("similarity")
    assert removed.rows() == [(str(second), 1, str(first), 1)]


def test_the_other_corpus_stays_out_of_the_answer(lineage: Lineage, tmp_path: Path) -> None:
    file, benchmark = write(tmp_path / "a.jsonl", NEARLY, OTHER), write(tmp_path / "b.jsonl", "short", QUESTION)
    answer = lineage("dedup", file, "--against", benchmark, "--out", tmp_path / "out", "--json")
    assert answer.json == {"rows": 2, "kept": 1, "removed": 1}
    assert pl.read_parquet(tmp_path / "out/kept.parquet")["instruction"].to_list() == [OTHER]
    removed = pl.read_parquet(tmp_path / "out/removed.parquet").drop("similarity")
    assert removed.rows() == [(str(file), 0, str(benchmark), 1)]


@pytest.mark.parametrize(("keep", "kept"), [("first", [0, 2]), ("longest", [1, 2]), ("drop-all", [2])])
def test_the_policy_says_which_stays(lineage: Lineage, tmp_path: Path, keep: str, kept: list[int]) -> None:
    file = write(tmp_path / "a.jsonl", QUESTION, f"{NEARLY} and longer", OTHER)
    assert lineage("dedup", file, "--out", tmp_path / "out", "--keep", keep).code == 0
    assert pl.read_parquet(tmp_path / "out/kept.parquet")["row"].to_list() == kept


@pytest.mark.parametrize(("keep", "stays"), [("earliest", "old"), ("nearest-root", "old")])
def test_the_graph_says_which_dataset_is_older_and_nearer_the_root(
    lineage: Lineage, graph: Path, tmp_path: Path, keep: str, stays: str
) -> None:
    young, old = write(tmp_path / "young.jsonl", NEARLY), write(tmp_path / "old.jsonl", QUESTION)
    answer = lineage(*("dedup", f"acme/mix={young}", f"acme/root={old}", "--keep", keep, "--out", tmp_path / "out"))
    assert answer.code == 0, answer.err
    assert pl.read_parquet(tmp_path / "out/kept.parquet")["file"].to_list() == [str(tmp_path / f"{stays}.jsonl")]


def test_a_file_whose_dataset_is_not_named_has_no_date(lineage: Lineage, tmp_path: Path) -> None:
    file = write(tmp_path / "a.jsonl", QUESTION)
    answer = lineage("dedup", file, "--keep", "earliest", "--out", tmp_path / "out", "--json")
    assert answer.code == 2
    assert str(file) in answer.json["error"]["message"]
    assert f"ORG/NAME={file}" in answer.json["error"]["hint"]


def test_both_engines_give_the_same(lineage: Lineage, tmp_path: Path) -> None:
    file = write(tmp_path / "a.jsonl", QUESTION, NEARLY, OTHER, "", "")
    for engine in ("compiled", "reference"):
        assert lineage("dedup", file, "--engine", engine, "--out", tmp_path / engine).code == 0
    for table in ("kept.parquet", "removed.parquet"):
        assert (tmp_path / "compiled" / table).read_bytes() == (tmp_path / "reference" / table).read_bytes()


def test_a_bad_row_leaves_the_earlier_answer_as_it_was(lineage: Lineage, tmp_path: Path) -> None:
    file = write(tmp_path / "a.jsonl", QUESTION, NEARLY)
    assert lineage("dedup", file, "--out", tmp_path / "out").code == 0
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    file.write_text(file.read_text() + "{broken\n")
    answer = lineage("dedup", file, "--out", tmp_path / "out", "--json")
    assert answer.code == 1
    assert answer.json["error"]["kind"] == "bad_row"
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jsonl", "out"]


def test_bad_rows_can_be_left_out_and_are_counted(lineage: Lineage, tmp_path: Path) -> None:
    file = write(tmp_path / "a.jsonl", QUESTION, NEARLY)
    file.write_text("{broken\n" + file.read_text())
    answer = lineage("dedup", file, "--out", tmp_path / "out", "--skip-bad-rows", "--json")
    assert answer.json == {"rows": 2, "kept": 1, "removed": 1}
    assert f"1 bad row of {file} left out" in answer.err


@pytest.mark.parametrize("threshold", ["0", "1.5", "nan"])
def test_a_threshold_that_is_none_is_a_wrong_usage(lineage: Lineage, tmp_path: Path, threshold: str) -> None:
    file = write(tmp_path / "a.jsonl", QUESTION)
    answer = lineage("dedup", file, "--out", tmp_path / "out", "--threshold", threshold)
    assert answer.code == 2
    assert "threshold" in answer.err
    assert not (tmp_path / "out").exists()


def test_a_file_cannot_be_the_folder(lineage: Lineage, tmp_path: Path) -> None:
    file = write(tmp_path / "a.jsonl", QUESTION)
    answer = lineage("dedup", file, "--out", file)
    assert answer.code == 2
    assert "is a file" in answer.err
    assert file.read_text()


def test_fields_say_which_columns_hold_the_question(lineage: Lineage, tmp_path: Path) -> None:
    file = tmp_path / "odd.jsonl"
    file.write_text("".join(json.dumps({"ask": text, "tell": "x"}) + "\n" for text in (QUESTION, NEARLY)))
    fields = tmp_path / "fields.tsv"
    fields.write_text("file\tinstruction\tinput\toutput\nodd.jsonl\task\t\ttell\n")
    answer = lineage("dedup", file, "--fields", fields, "--out", tmp_path / "out", "--json")
    assert answer.json == {"rows": 2, "kept": 1, "removed": 1}
