"""What processes that were killed left half-written in a data home: found, and deleted when nobody can own it."""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from lineage_platform.settings import A_DAY

OWNED_SECONDS = 2 * A_DAY
"""How long what is half-written may be somebody's work. A write takes seconds, a part of a large dataset minutes; a run
of Dagster may live a day."""

_UNFINISHED = re.compile(r"^\.(.*\.part|part-.*|graph-.*)$")


def unfinished(home: Path) -> Iterator[Path]:
    """Half-written files and folders of a data home that nothing has touched for ``OWNED_SECONDS``.

    Nothing reads them, and no work is lost by deleting them. A folder is as young as the youngest file in it.
    """
    oldest = time.time() - OWNED_SECONDS
    for place, folders, files in os.walk(home):
        left = [name for name in (*folders, *files) if _UNFINISHED.match(name)]
        folders[:] = [name for name in folders if name not in left]
        for path in (Path(place, name) for name in left):
            with suppress(FileNotFoundError):  # its writer has just ended
                if _touched(path) < oldest:
                    yield path


def sweep(home: Path) -> None:
    """Delete what is unfinished, at most once a day: to look through a large home takes a second.

    What cannot be deleted stays: a home is tidied beside the work in it, never in its way.
    """
    done = home / ".swept"
    with suppress(OSError, Timeout), FileLock(home / ".sweep.lock", timeout=0):
        if done.exists() and abs(time.time() - done.stat().st_mtime) < A_DAY:
            return
        for path in list(unfinished(home)):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
        done.touch()


def _touched(path: Path) -> float:
    """When a file, or anything in a folder, was last written."""
    inside = (Path(place, name) for place, _, files in os.walk(path) for name in files)
    return max(each.stat().st_mtime for each in (path, *inside))
