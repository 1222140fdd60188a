"""What killed processes left in a data home goes by itself; what a living one works on never does."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from filelock import FileLock

from lineage_platform.files import write_whole
from lineage_platform.leftovers import OWNED_SECONDS, sweep, unfinished
from lineage_platform.settings import A_DAY, Settings
from lineage_platform.workspace import Workspace

LEFT = ("hubs/sample/documents/.0f.part", ".graph-x/graph.duckdb", "hubs/sample/shards/.part-y/texts.parquet")
KEPT = ("reviews.jsonl", "graph.duckdb", "hubs/sample/shards/a~1/whole/shard.json", "hubs/sample/snapshots/.lock")


def made(home: Path, *names: str, seconds_ago: float) -> None:
    """Files, and the hidden folders that they lie in, touched so long ago."""
    moment = time.time() - seconds_ago
    for name in names:
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("half")
        for each in (path, *(folder for folder in path.parents if folder.name.startswith("."))):
            os.utime(each, (moment, moment))


def files(home: Path) -> set[str]:
    own = {".swept", ".sweep.lock"}
    return {str(path.relative_to(home)) for path in home.rglob("*") if path.is_file() and path.name not in own}


def test_what_killed_processes_left_is_deleted_and_nothing_else(tmp_path: Path) -> None:
    made(tmp_path, *LEFT, *KEPT, seconds_ago=OWNED_SECONDS + 60)
    assert {str(path.relative_to(tmp_path)) for path in unfinished(tmp_path)} == {
        LEFT[0],
        ".graph-x",
        "hubs/sample/shards/.part-y",
    }
    sweep(tmp_path)
    assert files(tmp_path) == set(KEPT)
    assert not (tmp_path / ".graph-x").exists()


def test_what_may_be_somebodys_work_is_never_touched(tmp_path: Path) -> None:
    made(tmp_path, *LEFT, seconds_ago=OWNED_SECONDS - 60)
    sweep(tmp_path)
    assert files(tmp_path) == set(LEFT)


def test_a_folder_begun_long_ago_in_which_somebody_writes_stays(tmp_path: Path) -> None:
    made(tmp_path, *LEFT, seconds_ago=OWNED_SECONDS + 60)
    with (tmp_path / LEFT[2]).open("a") as writing:
        writing.write(" and more")
        writing.flush()
        moment = time.time() - OWNED_SECONDS - 60
        os.utime(tmp_path / "hubs/sample/shards/.part-y", (moment, moment))
        sweep(tmp_path)
    assert files(tmp_path) == {LEFT[2]}


def test_a_file_that_is_being_written_arrives_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rename = Path.replace

    def swept_first(path: Path, target: Path) -> Path:
        sweep(tmp_path)
        return rename(path, target)

    monkeypatch.setattr(Path, "replace", swept_first)
    write_whole(tmp_path / "record.json", b"whole")
    assert (tmp_path / ".swept").exists()
    assert (tmp_path / "record.json").read_bytes() == b"whole"


def test_a_home_is_looked_through_once_a_day_whatever_the_clock_does(tmp_path: Path) -> None:
    sweep(tmp_path)
    made(tmp_path, *LEFT, seconds_ago=OWNED_SECONDS + 60)
    sweep(tmp_path)
    assert files(tmp_path) == set(LEFT)
    moved_back = time.time() + 300 * A_DAY  # the day of the last look, as a clock that was moved back shows it
    os.utime(tmp_path / ".swept", (moved_back, moved_back))
    sweep(tmp_path)
    assert files(tmp_path) == set()


def test_two_that_sweep_are_not_in_each_others_way(tmp_path: Path) -> None:
    made(tmp_path, *LEFT, seconds_ago=OWNED_SECONDS + 60)
    with FileLock(tmp_path / ".sweep.lock"):
        sweep(tmp_path)
    assert files(tmp_path) == set(LEFT)


def test_a_home_that_cannot_be_tidied_stops_nothing(tmp_path: Path) -> None:
    made(tmp_path, *LEFT, seconds_ago=OWNED_SECONDS + 60)
    (tmp_path / ".sweep.lock").mkdir()
    sweep(tmp_path)
    assert files(tmp_path) == set(LEFT)


def test_the_build_that_follows_a_trace_sweeps(tmp_path: Path) -> None:
    workspace = Workspace.open(Settings(home=tmp_path, hub="sample", agents="rules"))
    made(tmp_path, *LEFT, seconds_ago=OWNED_SECONDS + 60)
    workspace.build_graph()
    assert not files(tmp_path) & set(LEFT)
    assert (tmp_path / "graph.duckdb").exists()
