"""Commands in processes of their own, to be sent signals."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.conftest import REPOSITORY

PATIENCE = 90.0


def started(*arguments: str | Path, **settings: str) -> subprocess.Popen[str]:
    """``lineage ARGUMENTS...``, begun."""
    command = [sys.executable, "-m", "lineage_platform.cli.main", *map(str, arguments)]
    return subprocess.Popen(
        command,
        cwd=REPOSITORY,
        env={**os.environ, **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_until(what: Callable[[], object]) -> None:
    """Wait for something to become true."""
    deadline = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < deadline, f"not within {PATIENCE:g} s"
        time.sleep(0.01)
