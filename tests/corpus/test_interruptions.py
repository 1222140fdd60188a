"""A build that is killed, or whose disk is full, loses nothing: done again it gives the same bytes."""

from __future__ import annotations

import errno
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from lineage_platform.corpus import assembly, folders
from lineage_platform.corpus.folders import BuildFailed, DiskFull
from lineage_platform.errors import LineageError
from tests.corpus.worlds import World, folder_bytes, questions

RECIPE: dict[str, Any] = {"quotas": {"each_root": {"rows": 12}}, "filters": {"languages": False}}

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.corpus.worlds"])  # all that a build needs is imported once


def build(root: Path, die_at: int, told: Connection) -> None:
    """Build the corpus of a world, and be killed when it touches a file for the n-th time."""
    seen = 0

    def event(name: str, arguments: tuple[object, ...]) -> None:
        nonlocal seen
        if name in ("open", "os.rename", "os.mkdir", "os.rmdir", "os.remove") and str(root) in str(arguments[0]):
            seen += 1
            if seen == die_at:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(event)
    World(root).corpus(root / "small.yaml")
    told.send(seen)


@pytest.fixture(scope="module")
def as_built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A world with a corpus, whose rows were others since: a new build makes another corpus."""
    small = World(tmp_path_factory.mktemp("interruptions") / "world")
    small.add("a/first", questions("weight", 30))
    small.add("b/second", [*questions("weight", 10), *questions("height", 20)])
    small.corpus(small.recipe(**RECIPE))
    small.add("a/first", questions("colour", 30), revision="r2")
    (small.root / "small.lock").unlink()
    return small.root


@pytest.fixture
def world(as_built: Path, tmp_path: Path) -> World:
    return World(shutil.copytree(as_built, tmp_path / "world"))


def built_elsewhere(root: Path, die_at: int = 0) -> tuple[int | None, int]:
    """How a process that builds ends, and how often it touched a file if it was let."""
    heard, told = FORKS.Pipe(duplex=False)
    process = FORKS.Process(target=build, args=(root, die_at, told))
    process.start()
    told.close()
    process.join()
    return process.exitcode, heard.recv() if heard.poll() and not process.exitcode else 0


def test_a_build_killed_anywhere_and_done_again_gives_the_same_bytes(world: World) -> None:
    old = folder_bytes(world.root / "out")
    undisturbed = shutil.copytree(world.root, world.root.with_name("undisturbed"))
    ended, events = built_elsewhere(undisturbed)
    expected = folder_bytes(undisturbed / "out")
    assert ended == 0
    assert old != expected
    for number, part in enumerate((0.05, 0.4, 0.75, 0.97)):
        root = shutil.copytree(world.root, world.root.with_name(f"killed{number}"))
        assert built_elsewhere(root, int(part * events))[0] == -signal.SIGKILL
        folders.restore(root / "out")
        assert folder_bytes(root / "out") in (old, expected)
        assert folder_bytes(World(root).corpus(root / "small.yaml").folder) == expected
        assert not [path.name for path in root.iterdir() if path.name.startswith(".out")]


class FullDisk:
    """Lets so many writes of tables through, then has no space left."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, writes: int) -> None:
        self.left = writes
        real = pq.ParquetWriter.write_table

        def write(writer: pq.ParquetWriter, *arguments: Any, **options: Any) -> None:
            self.left -= 1
            if self.left < 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            real(writer, *arguments, **options)

        monkeypatch.setattr(pq.ParquetWriter, "write_table", write)


@pytest.mark.parametrize("writes", range(0, 8))
def test_on_a_full_disk_the_earlier_corpus_stays_and_the_next_build_goes_on(
    world: World, writes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = folder_bytes(world.root / "out")
    with monkeypatch.context() as patch:
        FullDisk(patch, writes)
        with pytest.raises(DiskFull, match=r"no space is left in .* are as they were") as failure:
            world.corpus(world.root / "small.yaml")
    assert "free some space" in failure.value.hint
    assert folder_bytes(world.root / "out") == old
    world.corpus(world.root / "small.yaml")
    assert folder_bytes(world.root / "out") != old


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real disk of 400 KiB, where the machine allows one to be mounted."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(place)]
    if not shutil.which("mount") or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("a small disk cannot be mounted here")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_disk_that_is_really_full_is_called_so(world: World, small_disk: Path) -> None:
    filler = small_disk / "filler"
    filler.write_bytes(os.urandom(390 << 10))
    build = world.build(world.root / "small.yaml", place=str(small_disk / "stages"))
    with pytest.raises(DiskFull):
        world.counts(build)
    filler.unlink()
    assert world.counts(build)


@pytest.mark.parametrize("step", ["write_table", "publish", "write_record"])
def test_whatever_fails_while_the_corpus_is_put_together_the_earlier_one_stays(
    world: World, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = folder_bytes(world.root / "out")

    def refuse(*arguments: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(assembly, step, refuse)
        with pytest.raises(BuildFailed, match=r"the corpus could not be written in .*: Input/output error"):
            world.corpus(world.root / "small.yaml")
    assert folder_bytes(world.root / "out") == old
    assert not [path.name for path in world.root.iterdir() if path.name.startswith(".out")]


def test_a_folder_that_is_no_corpus_is_never_replaced(world: World) -> None:
    precious = world.root / "precious"
    precious.mkdir()
    (precious / "letter.txt").write_text("Dear reader,")
    with pytest.raises(LineageError, match="is not empty and holds no corpus"):
        world.corpus(world.root / "small.yaml", "precious")
    with pytest.raises(LineageError, match="is a file"):
        world.corpus(world.root / "small.yaml", "precious/letter.txt")
    assert (precious / "letter.txt").read_text() == "Dear reader,"
    (world.root / "empty").mkdir()
    assert world.corpus(world.root / "small.yaml", "empty").changed
