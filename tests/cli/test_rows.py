"""`rows` and `overlap`, as a person calls them; the real files beside figures counted by brute force."""

from __future__ import annotations

import csv
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from lineage_platform.samples.digests import DEFAULT_SCHEME
from lineage_platform.samples.engines import DuckDBEngine
from lineage_platform.samples.fields_file import FieldsTable
from lineage_platform.samples.overlap import Digested
from lineage_platform.samples.overlap import overlap as compare
from lineage_platform.samples.reading import read_triplets
from lineage_platform.samples.shards import ShardStore
from tests.cli.conftest import Lineage
from tests.conftest import REAL_DATA
from tests.samples.rows import write_rows
from tests.support import write_dataset

ROWS = [{"question": f"Question {n}?", "answer": "yes"} for n in range(10)]


def table(name: str) -> list[dict[str, str]]:
    path = REAL_DATA / "realdata" / name
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


FILES = {row["dataset_id"]: row for row in table("FIELDS.tsv")}


def test_two_files_are_compared_to_the_letter_and_normalised(lineage: Lineage, tmp_path: Path) -> None:
    a = write_rows(tmp_path / "a.jsonl", ROWS)
    b = write_rows(tmp_path / "b.parquet", [*ROWS[:4], {"question": "QUESTION  7?", "answer": "no"}, *ROWS[:1]])
    answer = lineage("overlap", a, b, "--json")
    assert answer.code == 0, answer.err
    found = answer.json
    assert (found["a"]["rows"], found["b"]["rows"], found["b"]["distinct_queries"]) == (10, 6, 5)
    assert (found["shared_triplets"], found["shared_queries"], found["shared_queries_normalised"]) == (4, 4, 5)
    assert (found["a_in_b"], found["b_in_a"], found["b_in_a_normalised"]) == (0.4, 0.8, 1.0)


def test_people_are_told_what_is_shared(lineage: Lineage, tmp_path: Path) -> None:
    a = write_rows(tmp_path / "a.jsonl", ROWS)
    answer = lineage("overlap", a, a, "--format", "human")
    assert "10 queries and 10 triplets shared" in answer.out
    assert "100.00%" in answer.out


def test_a_part_of_a_dataset_is_compared_with_a_file(lineage: Lineage, tmp_path: Path) -> None:
    write_dataset(tmp_path / "hub", "org/name", "# Name")
    write_rows(tmp_path / "hub/datasets/org/name/data/one/a.jsonl", ROWS[:5])
    write_rows(tmp_path / "hub/datasets/org/name/data/two/a.jsonl", ROWS[5:])
    file = write_rows(tmp_path / "b.jsonl", ROWS[4:6])
    for name, shared in (("org/name", 2), ("org/name#one", 1)):
        answer = lineage("overlap", name, file, "--hub", tmp_path / "hub", "--json")
        assert answer.json["shared_queries"] == shared
    missing = lineage("overlap", "org/name#three", file, "--hub", tmp_path / "hub", "--json")
    assert (missing.code, missing.json["error"]["hint"]) == (2, "parts: one, two")


@pytest.mark.parametrize("name", ["nothing.jsonl", "no/such.parquet", "word"])
def test_what_is_neither_a_file_nor_an_id_is_a_usage_error(lineage: Lineage, tmp_path: Path, name: str) -> None:
    assert lineage("overlap", name, name, "--json").code == 2


def test_a_bad_row_is_named_and_can_be_left_out(lineage: Lineage, tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.jsonl", ROWS)
    path.write_text(path.read_text() + "[1]\n")
    answer = lineage("overlap", path, path, "--json")
    assert (answer.code, answer.json["error"]["kind"]) == (1, "bad_row")
    assert "a.jsonl, row 10" in answer.json["error"]["message"]
    assert "--skip-bad-rows" in answer.json["error"]["hint"]
    answer = lineage("overlap", path, path, "--skip-bad-rows", "--json")
    assert (answer.json["shared_queries"], answer.json["skipped_rows"]) == (10, {str(path): 1})


def test_rows_of_traced_datasets_are_read_and_their_outcomes_told(lineage: Lineage, tmp_path: Path) -> None:
    write_dataset(tmp_path / "hub", "org/good", "# Good")
    write_dataset(tmp_path / "hub", "org/empty", "# Empty")
    write_rows(tmp_path / "hub/datasets/org/good/data/a.jsonl", ROWS)
    answer = lineage("rows", "org/good", "org/empty", "--hub", tmp_path / "hub", "--json")
    assert answer.code == 0
    assert [(part["dataset_id"], part["outcome"], part["rows"]) for part in answer.json] == [
        ("org/good", "read", 10),
        ("org/empty", "no_rows", 0),
    ]
    assert "as before" in lineage("rows", "org/good", "--hub", tmp_path / "hub").err
    answer = lineage("rows", "org/good", "org/none", "--hub", tmp_path / "hub", "--json")
    assert answer.code == 4
    assert "org/none" in answer.err
    assert lineage("rows", "org/none", "--hub", tmp_path / "hub").code == 1


def test_how_many_rows_have_been_read_is_told_meanwhile(
    lineage: Lineage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lineage_platform.cli.rows_progress.EVERY_SECONDS", 0.0)
    write_dataset(tmp_path / "hub", "org/good", "# Good")
    write_rows(tmp_path / "hub/datasets/org/good/data/a.jsonl", ROWS)
    assert "reading org/good: 10 rows so far" in lineage("rows", "org/good", "--hub", tmp_path / "hub").err


def test_rows_without_an_id_are_those_of_what_was_traced(lineage: Lineage, graph: Path) -> None:
    answer = lineage("rows", "--hub", "sample")
    assert answer.code == 2
    assert "nothing was traced" in answer.err


# Real files ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Digested]:
    """Each real file under its stated fields, as `overlap` reads it; read when it is first asked for."""
    store = ShardStore(tmp_path_factory.mktemp("shards"))
    stated = FieldsTable.read(REAL_DATA / "realdata" / "FIELDS.tsv")

    @cache
    def shard(dataset_id: str) -> Digested:
        path = REAL_DATA / "realdata" / FILES[dataset_id]["file"]
        return Digested(store, [store.write(read_triplets(path, stated.of_file(path)), DEFAULT_SCHEME)])

    return shard


@pytest.mark.parametrize("pair", table("EXPECTED.tsv"), ids=lambda pair: f"{pair['first']} {pair['second']}")
def test_real_files_share_what_brute_force_counts(kept: Callable[[str], Digested], pair: dict[str, str]) -> None:
    found = compare(kept(pair["first"]), kept(pair["second"]), DuckDBEngine())
    assert found.shared_triplets == int(pair["shared_triplets"])
    assert found.shared_queries == int(pair["shared_queries"])
    assert (found.a.distinct_queries, found.b.distinct_queries) == (
        int(pair["first_queries"]),
        int(pair["second_queries"]),
    )
    assert round(100 * found.a_in_b, 2) == float(pair["share_of_first_pct"])
    assert round(100 * found.b_in_a, 2) == float(pair["share_of_second_pct"])


@pytest.mark.parametrize("dataset_id", FILES)
def test_real_files_hold_what_brute_force_counts(kept: Callable[[str], Digested], dataset_id: str) -> None:
    (shard,) = kept(dataset_id).shards
    for name in ("rows", "distinct_triplets", "distinct_queries"):
        assert getattr(shard, name) == int(FILES[dataset_id][name])


def test_normalised_more_of_aime_2024_agrees_than_to_the_letter(lineage: Lineage, real_data: Path) -> None:
    folder = real_data / "realdata"
    files = [folder / FILES[name]["file"] for name in ("AIME-2024#a", "AIME-2024#b")]
    found = lineage("overlap", *files, "--fields", folder / "FIELDS.tsv", "--json").json
    assert (found["shared_queries"], found["shared_queries_normalised"]) == (18, 25)


def test_theoremqa_has_one_question_twice(lineage: Lineage, real_data: Path) -> None:
    folder = real_data / "realdata"
    files = [folder / FILES[name]["file"] for name in ("TIGER-Lab/TheoremQA", "TIGER-Lab/TheoremQA#copy")]
    found = lineage("overlap", *files, "--fields", folder / "FIELDS.tsv", "--json").json
    assert (found["a"]["rows"], found["a"]["distinct_queries"], found["shared_queries"]) == (800, 799, 799)


DIFFERENCES: dict[str, tuple[str, str, str]] = {
    # A solution comes before an answer; the table takes the short answer, as those who train on these files do.
    "agentica-org/DeepScaleR-Preview-Dataset#aime": ("problem", "", "solution"),
    "AIME-2024#b": ("problem", "", "solution"),
    # It has an output and a response in each row: output comes first, and the table takes the other.
    "sahil280114/codealpaca#new": ("instruction", "input", "output"),
    # Of a problem and the same problem as a question, the question comes first; the answer as above.
    "AIME-2024#a": ("question", "", "solution"),
}


@pytest.mark.parametrize("dataset_id", FILES)
def test_detection_finds_the_fields_of_real_files_but_for_known_differences(real_data: Path, dataset_id: str) -> None:
    row = FILES[dataset_id]
    path = real_data / "realdata" / row["file"]
    stated = FieldsTable.read(real_data / "realdata" / "FIELDS.tsv").of_file(path)
    assert stated is not None
    expected: Any = DIFFERENCES.get(dataset_id, (stated.instruction, stated.input, stated.output))
    rows = read_triplets(path)
    next(iter(rows))
    assert rows.fields is not None
    assert (rows.fields.instruction, rows.fields.input, rows.fields.output) == expected
