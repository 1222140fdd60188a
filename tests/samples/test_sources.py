"""Which files of a hub folder are rows, and of which part."""

from __future__ import annotations

from pathlib import Path

import pytest

from lineage_platform.catalog.folder import FolderHub
from lineage_platform.errors import BrokenRecord, DatasetGated, DatasetNotFound
from lineage_platform.samples.row_files import NoRows
from lineage_platform.samples.sources import row_sources
from tests.samples.rows import write_rows
from tests.support import write_dataset

ROWS = [{"question": "q", "answer": "a"}]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    write_dataset(tmp_path, "org/name", "# Name")
    return tmp_path / "datasets" / "org" / "name" / "data"


def test_files_are_the_whole_and_sub_folders_are_parts(tmp_path: Path, data: Path) -> None:
    for name in ("b.jsonl", "a.jsonl", "math/x/train.jsonl", "code/train.parquet", "code/notes.txt"):
        write_rows(data / name, ROWS)
    sources = row_sources(FolderHub(tmp_path), "ORG/name")
    assert {source.name: [file.name for file in source.files] for source in sources} == {
        "org/name": ["data/a.jsonl", "data/b.jsonl"],
        "org/name#code": ["data/code/train.parquet"],
        "org/name#math": ["data/math/x/train.jsonl"],
    }


def test_the_revision_changes_with_the_files(tmp_path: Path, data: Path) -> None:
    write_rows(data / "a.jsonl", ROWS)
    (before,) = row_sources(FolderHub(tmp_path), "org/name")
    write_rows(data / "a.jsonl", ROWS * 2)
    (after,) = row_sources(FolderHub(tmp_path), "org/name")
    assert before.revision != after.revision


def test_a_dataset_without_rows_says_so(tmp_path: Path, data: Path) -> None:
    with pytest.raises(NoRows, match="org/name"):
        row_sources(FolderHub(tmp_path), "org/name")
    data.mkdir()
    (data / "load.py").write_text("raise SystemExit")
    (data / "rows.pkl").write_bytes(b"\x80\x04")
    with pytest.raises(NoRows):
        row_sources(FolderHub(tmp_path), "org/name")


def test_a_gated_dataset_gives_nothing_away(tmp_path: Path) -> None:
    write_dataset(tmp_path, "org/name", "# Name", gated="auto")
    write_rows(tmp_path / "datasets/org/name/data/a.jsonl", ROWS)
    with pytest.raises(DatasetGated):
        row_sources(FolderHub(tmp_path), "org/name")


def test_what_the_hub_does_not_have_has_no_rows(tmp_path: Path, data: Path) -> None:
    with pytest.raises(DatasetNotFound):
        row_sources(FolderHub(tmp_path), "org/other")


def test_no_link_leads_out_of_the_folder(tmp_path: Path, data: Path) -> None:
    outside = write_rows(tmp_path.parent / f"{tmp_path.name}-outside.jsonl", ROWS)
    data.mkdir()
    (data / "a.jsonl").symlink_to(outside)
    with pytest.raises(BrokenRecord, match="leads out"):
        row_sources(FolderHub(tmp_path), "org/name")
