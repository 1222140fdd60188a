"""A home says its version: older ones are brought up step by step, newer ones are refused, a crash loses nothing."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import threading
from pathlib import Path

import pytest

from lineage_platform import Settings, Workspace, __version__
from lineage_platform.errors import BrokenRecord
from lineage_platform.files import write_whole
from lineage_platform.migrations import (
    FILE_NAME,
    MIGRATIONS,
    HomeVersion,
    Migration,
    NewerHome,
    bring_up_to_date,
    check,
)
from tests.cli.conftest import Lineage
from tests.cli.conftest import home as home
from tests.cli.conftest import lineage as lineage
from tests.support import write_hub

LATEST = MIGRATIONS[-1].version


def doubled(home: Path) -> None:
    """A step that bears being done twice: the new file is made from the old one, which goes last."""
    if (home / "old").exists():
        write_whole(home / "new", (home / "old").read_bytes() * 2)
        (home / "old").unlink()


def killed(home: Path) -> None:
    """The same, by a process that dies in the middle of it."""
    write_whole(home / "new", (home / "old").read_bytes() * 2)
    os.kill(os.getpid(), signal.SIGKILL)


THREE = (*MIGRATIONS, Migration(2, "doubled", doubled), Migration(3, "nothing more", lambda _: None))


def test_versions_are_numbered_without_gaps() -> None:
    assert [each.version for each in MIGRATIONS] == list(range(1, len(MIGRATIONS) + 1))


def test_a_home_from_before_versions_gets_one_and_keeps_all_that_is_in_it(tmp_path: Path) -> None:
    hub = write_hub(tmp_path / "hub", {"o/a": ["o/b"], "o/b": []})
    settings = Settings(home=tmp_path / "home", hub=str(hub), agents="rules")
    workspace = Workspace.open(settings)
    list(workspace.trace(["o/a"]))
    (settings.home / FILE_NAME).unlink()
    before = {path: path.read_bytes() for path in settings.home.rglob("*") if path.is_file()}
    assert [traced.worked for traced in Workspace.open(settings).trace(["o/a"])] == [frozenset()] * 2
    assert check(settings.home).number == LATEST
    assert before.items() <= {path: path.read_bytes() for path in settings.home.rglob("*") if path.is_file()}.items()


def test_each_step_is_taken_once_in_order_and_written_down_with_the_release(tmp_path: Path) -> None:
    (tmp_path / "old").write_text("ab")
    bring_up_to_date(tmp_path)
    bring_up_to_date(tmp_path, THREE)
    bring_up_to_date(tmp_path, THREE)
    assert (tmp_path / "new").read_text() == "abab"
    steps = check(tmp_path, THREE).steps
    assert [(step.version, step.release) for step in steps] == [(1, __version__), (2, __version__), (3, __version__)]


def test_killed_within_a_step_the_home_is_the_old_one_and_the_next_run_brings_it_up(tmp_path: Path) -> None:
    (tmp_path / "old").write_text("ab")
    dying = (*MIGRATIONS, Migration(2, "doubled", killed))
    process = multiprocessing.get_context("fork").Process(target=bring_up_to_date, args=(tmp_path, dying))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    assert check(tmp_path, THREE).number == 1
    bring_up_to_date(tmp_path, THREE)
    assert (tmp_path / "new").read_text() == "abab"
    assert check(tmp_path, THREE).number == 3


def test_many_at_once_take_each_step_once(tmp_path: Path) -> None:
    taken: list[int] = []
    steps = (*MIGRATIONS, Migration(2, "counted", lambda _: taken.append(2)))
    threads = [threading.Thread(target=bring_up_to_date, args=(tmp_path, steps)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert taken == [2]


def newer(home: Path) -> None:
    """A home as a later release may leave it, with more in its records than this one knows."""
    step = {"version": LATEST + 1, "what": "?", "release": "9.1", "taken_at": "2030-01-01T00:00:00Z", "more": 1}
    home.mkdir(exist_ok=True)
    (home / FILE_NAME).write_text(json.dumps({"steps": [step], "more": 1}))


def test_a_newer_home_is_refused_by_name_and_left_as_it_is(tmp_path: Path) -> None:
    newer(tmp_path)
    for refuse in (check, bring_up_to_date, lambda home: Workspace.open(Settings(home=home, hub="sample"))):
        with pytest.raises(NewerHome, match=r"changed by lineage-platform 9\.1") as failure:
            refuse(tmp_path)
        assert "pip install 'lineage-platform>=9.1'" in failure.value.hint
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


def test_commands_refuse_a_newer_home(lineage: Lineage, home: Path) -> None:
    newer(home)
    for command in (("status",), ("show", "o/a"), ("trace", "o/a", "--hub", "sample"), ("sql", "from edges")):
        answer = lineage(*command, "--json")
        assert (answer.code, answer.json["error"]["kind"]) == (1, "newer_home")


def test_a_version_that_cannot_be_read_stops_everything_before_it_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("{")
    with pytest.raises(BrokenRecord, match=FILE_NAME) as failure:
        bring_up_to_date(tmp_path)
    assert "from a copy" in failure.value.hint
    assert (tmp_path / FILE_NAME).read_text() == "{"


def test_opening_a_workspace_to_read_writes_nothing(tmp_path: Path) -> None:
    Workspace.open(Settings(home=tmp_path / "home", hub="sample", agents="rules"))
    assert check(tmp_path / "home") == HomeVersion()
    assert not (tmp_path / "home").exists()
