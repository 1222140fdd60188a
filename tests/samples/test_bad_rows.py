"""Rows that are none, and files that are not what they claim: named by file and row, and nothing else comes down."""

from __future__ import annotations

import gzip
import json
import os
import struct
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lineage_platform.samples.formats import MAX_ROW_BYTES
from lineage_platform.samples.parsing import Bounds, BrokenFile
from lineage_platform.samples.reading import BadRow, read_triplets
from lineage_platform.samples.row_files import NoRows
from tests.samples.rows import frame_of, triplets_of, write_rows

GOOD = [{"question": f"q{n}", "answer": f"a{n}"} for n in range(6)]
TRIPLETS = [(f"q{n}", "", f"a{n}") for n in range(6)]

BROKEN_LINES = {
    "no JSON": b'{"question": "q"',
    "two values": b'{"question": "q"} {"answer": "a"}',
    "a list": b'["q", "a"]',
    "a number": b"17",
    "null": b"null",
    "not UTF-8": b'{"question": "caf\xe9", "answer": "a"}',
    "half a character": b'{"question": "\\ud83d", "answer": "a"}',
    "half a character in the answer": b'{"question": "q", "answer": "x\\udc00"}',
    "no text": b'{"question": null, "answer": " \\n"}',
    "no fields": b'{"prompt": "q"}',
    "nested too deeply": b'{"question": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "a number of too many digits": b'{"question": ' + b"9" * 5000 + b"}",
    "binary": bytes(range(1, 10)),
}


def with_line(path: Path, line: bytes, at: int = 4) -> Path:
    lines = [json.dumps(row).encode() for row in GOOD]
    path.write_bytes(b"\n".join([*lines[:at], line, *lines[at:]]) + b"\n")
    return path


@pytest.mark.parametrize("line", BROKEN_LINES.values(), ids=BROKEN_LINES)
def test_a_broken_line_is_named(line: bytes, tmp_path: Path) -> None:
    path = with_line(tmp_path / "a.jsonl", line)
    with pytest.raises(BadRow, match=r"a\.jsonl, row 4 ") as failure:
        triplets_of(path)
    assert "--skip-bad-rows" in failure.value.hint


def test_broken_lines_are_counted_and_left_out_whatever_is_wrong_with_them(tmp_path: Path) -> None:
    rows = read_triplets(with_line(tmp_path / "a.jsonl", b"\n".join(BROKEN_LINES.values())), skip_bad_rows=True)
    frame = frame_of(rows)
    assert frame.select("instruction", "input", "output").rows() == TRIPLETS
    assert frame["row"].to_list() == [0, 1, 2, 3, 4 + len(BROKEN_LINES), 5 + len(BROKEN_LINES)]
    assert rows.skipped == len(BROKEN_LINES)


def test_the_first_bad_row_is_the_one_that_is_named(tmp_path: Path) -> None:
    path = with_line(tmp_path / "a.jsonl", b'{"question": "\\ud83d"}\n{')
    with pytest.raises(BadRow, match=r"row 4 .*half a character"):
        triplets_of(path)


def test_one_broken_line_of_very_many_is_found(tmp_path: Path) -> None:
    lines = [b'{"question": "q%d", "answer": "a"}' % n for n in range(60_000)]
    lines[41_234] = b"{" + lines[41_234]
    (tmp_path / "a.jsonl").write_bytes(b"\n".join(lines))
    with pytest.raises(BadRow, match="row 41234 "):
        triplets_of(tmp_path / "a.jsonl")
    rows = read_triplets(tmp_path / "a.jsonl", skip_bad_rows=True)
    assert (sum(frame.height for frame in rows), rows.skipped) == (59_999, 1)


def test_missing_and_null_fields_are_empty_text(tmp_path: Path) -> None:
    rows = [{"question": "q", "answer": None}, {"question": "r"}, {"answer": "a"}]
    assert triplets_of(write_rows(tmp_path / "a.jsonl", rows)) == [("q", "", ""), ("r", "", ""), ("", "", "a")]


def test_mixed_and_nested_values_are_text(tmp_path: Path) -> None:
    values = ["x", 1, 2.5, True, [1, {"b": "é"}], {"a": None}]
    rows = [{"question": "q", "answer": value} for value in values]
    written = write_rows(tmp_path / "a.jsonl", rows)
    assert [answer for *_, answer in triplets_of(written)] == ["x", "1", "2.5", "true", '[1,{"b":"é"}]', '{"a":null}']


@pytest.mark.parametrize(("name", "size"), [("a.jsonl", 50 << 20), ("a.json", 33 << 20), ("a.parquet", 33 << 20)])
def test_a_huge_text_is_a_bad_row(name: str, size: int, tmp_path: Path) -> None:
    huge = {"question": "x" * size, "answer": "a"}
    path = write_rows(tmp_path / name, [GOOD[0], huge, GOOD[1]])
    with pytest.raises(BadRow, match=r"row 1 .*32 Mi"):
        triplets_of(path)
    assert triplets_of(path, skip_bad_rows=True) == TRIPLETS[:2]


def test_a_large_text_is_no_bad_row(tmp_path: Path) -> None:
    large = "x" * (MAX_ROW_BYTES // 2)
    ((question, _, _),) = triplets_of(write_rows(tmp_path / "a.jsonl", [{"question": large, "answer": "a"}]))
    assert len(question) == len(large)


def test_an_array_that_breaks_off_is_a_broken_file_whatever_is_skipped(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.json", GOOD)
    path.write_bytes(path.read_bytes()[:-20])
    for skip in (False, True):
        with pytest.raises(BrokenFile, match=r"a\.json, row 5: .*breaks off"):
            triplets_of(path, skip_bad_rows=skip)


def test_elements_of_an_array_that_are_no_objects_are_bad_rows(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('[{"question": "q", "answer": "a"}, "words", {"question": "r", "answer": "b"}]')
    with pytest.raises(BadRow, match=r"row 1 .*no object but a str"):
        triplets_of(tmp_path / "a.json")
    assert triplets_of(tmp_path / "a.json", skip_bad_rows=True) == [("q", "", "a"), ("r", "", "b")]


def test_a_csv_row_of_the_wrong_width_is_a_bad_row(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('question,answer\nq,a\nonly\n"r\nr",b,c\n"s, s","""b"""\n')
    with pytest.raises(BadRow, match=r"row 1 .*1 values under 2 columns"):
        triplets_of(tmp_path / "a.csv")
    assert triplets_of(tmp_path / "a.csv", skip_bad_rows=True) == [("q", "", "a"), ("s, s", "", '"b"')]


def test_a_csv_of_another_encoding_names_the_row(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("question,answer\nq,a\ncafé,b\n".encode("cp1252"))
    with pytest.raises(BadRow, match=r"row 1 .*not UTF-8"):
        triplets_of(tmp_path / "a.csv")


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_two_columns_of_one_name_are_refused(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    if name.endswith("csv"):
        path.write_text("question,question,answer\nq,r,a\n")
    else:
        table = pa.Table.from_arrays([pa.array(["q"]), pa.array(["r"])], names=["question", "question"])
        pq.write_table(table, path)
    with pytest.raises(BrokenFile, match="two of its columns are called 'question'"):
        triplets_of(path)


def test_a_gzip_stream_that_breaks_off_is_a_broken_file(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.jsonl.gz", [{"question": f"{n * n} {n}", "answer": "a"} for n in range(3000)])
    path.write_bytes(path.read_bytes()[:4000])
    with pytest.raises(BrokenFile, match=r"a\.jsonl\.gz.*gzip stream is damaged"):
        triplets_of(path, skip_bad_rows=True)


def test_a_gzip_file_that_is_none_is_a_broken_file(tmp_path: Path) -> None:
    (tmp_path / "a.json.gz").write_bytes(b"[]")
    with pytest.raises(BrokenFile, match="gzip"):
        triplets_of(tmp_path / "a.json.gz")


def test_a_compressed_file_may_not_grow_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The child has the real limits: one long run of spaces, which no row ends, is stopped by the size of a row.
    (tmp_path / "a.json.gz").write_bytes(gzip.compress(b'[{"question": "' + b" " * (130 << 20), 1))
    with pytest.raises(BrokenFile, match="128 MiB"):
        triplets_of(tmp_path / "a.json.gz")


# Parquet -------------------------------------------------------------------------------------------------------------


def test_a_truncated_parquet_is_a_broken_file(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.parquet", GOOD)
    data = path.read_bytes()
    for length in (0, 3, 40, len(data) // 2, len(data) - 1):
        path.write_bytes(data[:length])
        with pytest.raises((BrokenFile, NoRows), match=r"a\.parquet"):
            triplets_of(path, skip_bad_rows=True)


def test_a_damaged_page_takes_nothing_down(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pl.DataFrame(GOOD * 500).write_parquet(path, compression="zstd")
    data = bytearray(path.read_bytes())
    data[20:60] = b"\xff" * 40
    path.write_bytes(data)
    with pytest.raises(BrokenFile, match=r"a\.parquet"):
        triplets_of(path)


def test_a_parquet_that_claims_billions_of_rows_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"question": ["q"] * 777, "answer": ["a"] * 777}), path, compression="none")
    data = path.read_bytes()
    (length,) = struct.unpack("<I", data[-8:-4])
    body, footer = data[: -8 - length], data[-8 - length : -8]
    claimed = footer.replace(_varint(777 * 2), _varint(5_000_000_000 * 2))
    assert claimed != footer
    path.write_bytes(body + claimed + struct.pack("<I", len(claimed)) + b"PAR1")
    with pytest.raises(BrokenFile, match=r"a\.parquet"):
        triplets_of(path, skip_bad_rows=True)


def _varint(number: int) -> bytes:
    """As Thrift's compact protocol writes a number."""
    data = b""
    while number > 127:
        data += bytes([number & 127 | 128])
        number >>= 7
    return data + bytes([number])


def test_rows_of_one_value_that_fill_no_bytes_are_refused(tmp_path: Path) -> None:
    table = pa.table({"question": pa.array(["q"]), "answer": pa.array(["a"])})
    table = table.take(pa.array([0] * 3_000_000, pa.int32()))
    pq.write_table(table, tmp_path / "a.parquet", row_group_size=3_000_000)
    assert (tmp_path / "a.parquet").stat().st_size < 30_000
    with pytest.raises(BrokenFile, match="claims 3,000,000 rows"):
        triplets_of(tmp_path / "a.parquet")


def test_bytes_that_are_no_text_are_bad_rows(tmp_path: Path) -> None:
    table = pa.table({"question": pa.array([b"q", b"\xff\xfe", b"r"]), "answer": ["a", "b", "c"]})
    pq.write_table(table, tmp_path / "a.parquet")
    with pytest.raises(BadRow, match=r"row 1 .*not UTF-8"):
        triplets_of(tmp_path / "a.parquet")
    assert triplets_of(tmp_path / "a.parquet", skip_bad_rows=True) == [("q", "", "a"), ("r", "", "c")]


def test_text_that_is_marked_as_text_and_is_none_is_a_bad_row(tmp_path: Path) -> None:
    broken = pa.array([b"q", b"\xff\xfe"]).view(pa.string())
    pq.write_table(pa.table({"question": broken, "answer": ["a", "b"]}), tmp_path / "a.parquet")
    with pytest.raises(BadRow, match="row 1 "):
        triplets_of(tmp_path / "a.parquet")


def test_a_parquet_row_without_text_is_a_bad_row(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.parquet", [*GOOD[:2], {"question": None, "answer": "  "}, GOOD[2]])
    with pytest.raises(BadRow, match="row 2 "):
        triplets_of(path)
    assert triplets_of(path, skip_bad_rows=True) == TRIPLETS[:3]


# The child -----------------------------------------------------------------------------------------------------------


def test_a_file_that_takes_too_much_memory_is_an_outcome(tmp_path: Path) -> None:
    pl.DataFrame([{"question": "x" * (300 << 20), "answer": "a"}]).write_parquet(tmp_path / "a.parquet")
    with pytest.raises(BrokenFile, match=r"a\.parquet.*memory"):
        triplets_of(tmp_path / "a.parquet", bounds=Bounds(memory=600 << 20))


def test_a_file_that_takes_too_much_time_is_an_outcome(tmp_path: Path) -> None:
    with pytest.raises(BrokenFile, match=r"a\.jsonl.*no rows came within 0\.01 s"):
        triplets_of(write_rows(tmp_path / "a.jsonl", GOOD), bounds=Bounds(seconds=0.01))


def test_the_child_sees_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from lineage_platform.samples import parsing

    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    seen: dict[str, str] = {}
    start = parsing.subprocess.Popen

    def watched(*arguments: object, **options: dict[str, str]) -> object:
        seen.update(options["env"])
        return start(*arguments, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(parsing.subprocess, "Popen", watched)
    triplets_of(write_rows(tmp_path / "a.jsonl", GOOD))
    assert seen
    assert "hf_secret" not in seen.values()


def test_a_reader_that_stops_early_leaves_no_process_and_ctrl_c_reaches_none(tmp_path: Path) -> None:
    import psutil

    rows = write_rows(tmp_path / "a.jsonl", [{"question": f"q{n}", "answer": "a"} for n in range(70_000)])
    before = {child.pid for child in psutil.Process().children()}
    frames = iter(read_triplets(rows))
    next(frames)
    (reader,) = {child.pid for child in psutil.Process().children()} - before
    assert os.getpgid(reader) != os.getpgid(0)  # a terminal sends Ctrl-C to all processes of a group
    frames.close()  # type: ignore[attr-defined]
    assert {child.pid for child in psutil.Process().children()} <= before
