"""A folder is there as it was or as it is to be; what the disk refuses is said."""

from __future__ import annotations

import errno
import sys
from pathlib import Path

import duckdb
import pytest

from lineage_platform.corpus import folders
from lineage_platform.corpus.folders import BuildFailed, DiskFull, failures_named, restore, whole_folder


@pytest.fixture
def two_renames(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system that cannot exchange two folders in one step."""
    monkeypatch.setattr(folders, "_exchanged", lambda one, other: False)


@pytest.fixture(params=[False, True], ids=["one step", "two renames"])
def either_way(request: pytest.FixtureRequest) -> None:
    if request.param:
        request.getfixturevalue("two_renames")


def fill(path: Path, text: str) -> None:
    with whole_folder(path) as folder:
        (folder / "file").write_text(text)


def content(path: Path) -> str:
    return (path / "file").read_text()


@pytest.mark.usefixtures("either_way")
def test_a_folder_takes_the_place_of_the_one_before_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    fill(tmp_path / "corpus", "old")
    fill(tmp_path / "corpus", "new")
    assert content(tmp_path / "corpus") == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["corpus"]


@pytest.mark.usefixtures("either_way")
def test_a_folder_that_fails_leaves_the_one_before(tmp_path: Path) -> None:
    fill(tmp_path / "corpus", "old")
    with pytest.raises(IsADirectoryError), whole_folder(tmp_path / "corpus") as folder:
        folder.write_text("a folder is no file")
    assert content(tmp_path / "corpus") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["corpus"]


@pytest.mark.usefixtures("two_renames")
def test_a_rename_that_fails_leaves_the_one_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path / "corpus", "old")
    rename = Path.rename

    def refused(self: Path, target: Path) -> Path:
        if self.name.endswith(".building"):
            raise PermissionError(errno.EACCES, "no")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refused)
    with pytest.raises(PermissionError):
        fill(tmp_path / "corpus", "new")
    assert content(tmp_path / "corpus") == "old"


def test_a_process_killed_between_the_renames_loses_nothing(tmp_path: Path) -> None:
    fill(tmp_path / "corpus", "old")
    (tmp_path / "corpus").rename(tmp_path / ".corpus.earlier")
    (tmp_path / ".corpus.building").mkdir()
    restore(tmp_path / "corpus")
    assert content(tmp_path / "corpus") == "old"
    fill(tmp_path / "corpus", "new")
    assert [path.name for path in tmp_path.iterdir()] == ["corpus"]


def test_a_process_killed_after_the_renames_keeps_the_new_one(tmp_path: Path) -> None:
    fill(tmp_path / "corpus", "new")
    fill(tmp_path / ".corpus.earlier", "old")
    restore(tmp_path / "corpus")
    assert content(tmp_path / "corpus") == "new"
    assert not (tmp_path / ".corpus.earlier").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux exchanges folders in one step")
def test_at_no_moment_is_there_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path / "corpus", "old")

    def moved(self: Path, target: Path) -> Path:
        raise AssertionError(f"{self} is moved away")

    monkeypatch.setattr(Path, "rename", moved)
    fill(tmp_path / "corpus", "new")
    assert content(tmp_path / "corpus") == "new"


@pytest.mark.usefixtures("either_way")
def test_a_link_stays_and_where_it_leads_to_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "corpus").symlink_to(tmp_path / "disk" / "corpus")
    for text in ("old", "new"):
        fill(tmp_path / "corpus", text)
        assert content(tmp_path / "disk" / "corpus") == text
    assert (tmp_path / "corpus").is_symlink()
    assert [path.name for path in (tmp_path / "disk").iterdir()] == ["corpus"]


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EDQUOT, "Disk quota exceeded"),
        OSError("Error writing bytes to file. Detail: [errno 28] No space left on device"),
        duckdb.IOException("IO Error: Could not write file: No space left on device"),
    ],
)
def test_a_full_disk_is_called_by_its_name(tmp_path: Path, error: Exception) -> None:
    with (
        pytest.raises(DiskFull, match=r"no space is left in .* for the stage; the rest is fine") as failure,
        failures_named("the stage", tmp_path, "the rest is fine"),
    ):
        raise error
    assert failure.value.kind == "disk_full"
    assert failure.value.hint


def test_another_refusal_says_which(tmp_path: Path) -> None:
    with (
        pytest.raises(BuildFailed, match=r"the stage could not be written in .*: Read-only file system; all else is"),
        failures_named("the stage", tmp_path, "all else is"),
    ):
        raise OSError(errno.EROFS, "Read-only file system")
