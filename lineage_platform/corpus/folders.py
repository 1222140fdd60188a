"""Folders that appear whole or not at all."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from lineage_platform.errors import LineageError


class BuildFailed(LineageError):
    """A stage that could not be written."""

    kind = "build_failed"


class DiskFull(BuildFailed):
    """No space is left where a stage is written."""

    kind = "disk_full"


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """A folder to fill, which takes the place of ``path`` when the block ends well.

    A folder that stood there is set aside first and deleted last: it is back if anything fails, and
    :func:`restore` brings it back if the process was killed between the two renames.
    """
    building, earlier = _aside(path, "building"), _aside(path, "earlier")
    restore(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir()
    try:
        yield building
        if path.exists():
            path.rename(earlier)
        building.rename(path)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        restore(path)
        raise
    shutil.rmtree(earlier, ignore_errors=True)


def restore(path: Path) -> None:
    """Bring back the folder that was set aside for one that never came."""
    earlier = _aside(path, "earlier")
    if earlier.exists() and not path.exists():
        earlier.rename(path)
    shutil.rmtree(earlier, ignore_errors=True)


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
