"""Folders that appear whole or not at all."""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from lineage_platform.errors import LineageError

_FROM_HERE, _EXCHANGE = -100, 2  # AT_FDCWD and RENAME_EXCHANGE of Linux


class BuildFailed(LineageError):
    """A stage that could not be written."""

    kind = "build_failed"


class DiskFull(BuildFailed):
    """No space is left where a stage is written."""

    kind = "disk_full"


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """A folder to fill, which takes the place of ``path`` when the block ends well; of a link, where it leads to.

    The two are exchanged in one step, so that whoever looks finds the old or the new one, whenever the process is
    killed. Where the file system cannot do that (it takes Linux; NFS cannot), a folder that stood there is set aside
    first and deleted last: it is back if anything fails, and :func:`restore` brings it back if the process was killed
    between the two renames.
    """
    path = path.resolve()
    building, earlier = _aside(path, "building"), _aside(path, "earlier")
    restore(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir()
    try:
        yield building
        if not (path.exists() and _exchanged(building, path)):
            if path.exists():
                path.rename(earlier)
            building.rename(path)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        restore(path)
        raise
    for left in (building, earlier):
        shutil.rmtree(left, ignore_errors=True)


def restore(path: Path) -> None:
    """Bring back the folder that was set aside for one that never came."""
    path = path.resolve()
    earlier = _aside(path, "earlier")
    if earlier.exists() and not path.exists():
        earlier.rename(path)
    shutil.rmtree(earlier, ignore_errors=True)


def _exchanged(one: Path, other: Path) -> bool:
    """Whether the two have changed places, in one step; not every system can."""
    renameat2 = getattr(ctypes.CDLL(None), "renameat2", None)
    if renameat2 is None:
        return False
    return bool(renameat2(_FROM_HERE, os.fsencode(one), _FROM_HERE, os.fsencode(other), _EXCHANGE) == 0)


@contextmanager
def failures_named(what: str, where: Path, unharmed: str) -> Iterator[None]:
    """Turn what the disk or the engine refuses into an error that says what was being written, and where.

    Raises
    ------
    DiskFull, BuildFailed
        With what is unharmed, and what to do.
    """
    try:
        yield
    except (OSError, duckdb.Error) as error:
        reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
        if getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT) or "No space left" in str(error):
            raise DiskFull(
                f"no space is left in {where} for {what}; {unharmed}",
                "free some space, then run the same command: it goes on from the last finished stage",
            ) from error
        raise BuildFailed(
            f"{what} could not be written in {where}: {reason}; {unharmed}",
            "mend that, then run the same command: it goes on from the last finished stage",
        ) from error


def _aside(path: Path, role: str) -> Path:
    return path.with_name(f".{path.name}.{role}")
