"""Local files of every format give the same rows, in order, with their numbers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lineage_platform.errors import UsageError
from lineage_platform.samples.parsing import Bounds
from lineage_platform.samples.reading import read_triplets
from lineage_platform.samples.row_files import NoRows
from lineage_platform.samples.triplets import Fields, UnknownShape
from tests.samples.rows import frame_of, triplets_of, write_rows

ROWS = [{"instruction": f" Question {n}\t", "input": None, "output": f"Answer\n“{n}”"} for n in range(250)]
TRIPLETS = [(f"Question {n}", "", f"Answer\n“{n}”") for n in range(250)]
NAMES = ["a.jsonl", "a.jsonl.gz", "a.json", "a.json.gz", "a.csv", "a.csv.gz", "a.parquet", "A.JSONL"]


@pytest.mark.parametrize("name", [name for name in NAMES if name != "a.csv.gz"])
def test_every_format_gives_the_same_triplets(name: str, tmp_path: Path) -> None:
    rows = read_triplets(write_rows(tmp_path / name, ROWS))
    frame = frame_of(rows)
    assert frame.select("instruction", "input", "output").rows() == TRIPLETS
    assert frame["row"].to_list() == list(range(250))
    assert rows.fields == Fields("alpaca", "instruction", "input", "output")
    assert (rows.skipped, rows.sampled) == (0, 1.0)


def test_a_folder_is_read_file_after_file_and_numbered_through(tmp_path: Path) -> None:
    write_rows(tmp_path / "b" / "2.parquet", ROWS[100:])
    write_rows(tmp_path / "a.jsonl", ROWS[:100])
    (tmp_path / "README.md").write_text("no rows")
    frame = frame_of(read_triplets(tmp_path))
    assert frame.select("instruction", "input", "output").rows() == TRIPLETS
    assert frame["row"].to_list() == list(range(250))


def test_nested_parquet_is_read_as_nested_json_is(tmp_path: Path) -> None:
    turns = [[{"role": "user", "content": f"q{n}"}, {"role": "assistant", "content": f"a{n}"}] for n in range(5)]
    rows = [{"id": n, "messages": each} for n, each in enumerate(turns)]
    one, other = write_rows(tmp_path / "a.parquet", rows), write_rows(tmp_path / "a.jsonl", rows)
    assert triplets_of(one) == triplets_of(other) == [(f"q{n}", "", f"a{n}") for n in range(5)]


def test_a_json_array_may_break_its_lines_anywhere(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('\ufeff [ {"question":\n"q", "answer" : 1e2}\n,\n{"question":"r","answer":[1 , "x"]} ]  \n')
    assert triplets_of(path) == [("q", "", "100.0"), ("r", "", '[1,"x"]')]


def test_a_json_file_may_hold_json_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("\n\n".join(json.dumps(row) for row in ROWS[:3]))
    assert triplets_of(path) == TRIPLETS[:3]


def test_long_values_and_many_small_ones_are_read_across_chunks(tmp_path: Path) -> None:
    rows = [{"question": f"{n} " + "x" * (3_000_000 if n % 5 == 0 else 10), "answer": n} for n in range(20)]
    for name in ("a.json", "a.jsonl"):
        assert [int(answer) for _, _, answer in triplets_of(write_rows(tmp_path / name, rows))] == list(range(20))


def test_utf_16_with_its_mark_is_read(tmp_path: Path) -> None:
    for name, text in (
        ("a.jsonl", '{"question": "für", "answer": "ß"}\n'),
        ("a.json", '[{"question":"für","answer":"ß"}]'),
    ):
        (tmp_path / name).write_text(text, encoding="utf-16")
        assert triplets_of(tmp_path / name) == [("für", "", "ß")]


def test_text_with_nul_is_text(tmp_path: Path) -> None:
    assert triplets_of(write_rows(tmp_path / "a.jsonl", [{"question": "a\x00b", "answer": "\x00"}])) == [
        ("a\x00b", "", "\x00")
    ]


def test_stripping_is_the_same_in_every_format(tmp_path: Path) -> None:
    space = "".join(chr(code) for code in range(0x3100) if chr(code).isspace())
    rows = [{"question": f"{space}q{space}", "answer": f"a{mark}"} for mark in ("", *space)]
    one, other = write_rows(tmp_path / "a.parquet", rows), write_rows(tmp_path / "a.jsonl", rows)
    assert set(triplets_of(one)) == set(triplets_of(other)) == {("q", "", "a")}


def test_given_fields_win_over_detection(tmp_path: Path) -> None:
    rows = [{"problem": "p", "solution": "long", "answer": 5}]
    assert triplets_of(write_rows(tmp_path / "a.jsonl", rows), fields=Fields("given", "Problem", "", "answer")) == [
        ("p", "", "5")
    ]


def test_columns_that_are_not_there_are_said_with_the_file(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.parquet", ROWS)
    with pytest.raises(UnknownShape, match=r"a\.parquet.*'body'"):
        triplets_of(path, fields=Fields("given", "body"))


def test_an_unknown_shape_is_said_with_its_columns(tmp_path: Path) -> None:
    with pytest.raises(UnknownShape, match=r"a\.jsonl.*'text', 'label'") as failure:
        triplets_of(write_rows(tmp_path / "a.jsonl", [{"text": "x", "label": 1}]))
    assert "--fields" in failure.value.hint


def test_what_is_no_file_of_rows_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "model.pkl").write_bytes(b"\x80\x04")
    for path in (tmp_path / "missing.jsonl", tmp_path / "model.pkl"):
        with pytest.raises(UsageError, match=path.name):
            read_triplets(path)


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.csv"])
def test_an_empty_file_has_no_rows(name: str, tmp_path: Path) -> None:
    (tmp_path / name).touch()
    with pytest.raises(NoRows, match=name):
        triplets_of(tmp_path / name)


def test_a_large_parquet_set_is_sampled_by_row_groups_the_same_way_each_time(tmp_path: Path) -> None:
    import polars as pl

    frame = pl.DataFrame([{"question": f"q{n}", "answer": str(n)} for n in range(1000)])
    frame.write_parquet(tmp_path / "a.parquet", row_group_size=100)
    rows = [read_triplets(tmp_path / "a.parquet", bounds=Bounds(most_rows=250, seed=seed)) for seed in "112"]
    first, again, other = (frame_of(each) for each in rows)
    assert first.equals(again)
    assert first.height == 300
    assert rows[0].sampled == 0.3
    assert not first.equals(other)
    assert [f"q{row}" for row in first["row"]] == first["instruction"].to_list()
