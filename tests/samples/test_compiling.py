"""Compiled loops work wherever the package is installed; where nothing can be kept, they are compiled anew."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

SCRIPT = """
import sys
from pathlib import Path
import numba.core.caching as caching
if sys.argv[1] == "nowhere":
    caching.CacheImpl._locator_classes = []
from lineage_platform.samples.compiling import compiled

def double(value):
    return 2 * value

print(compiled(double)(21))
"""


@pytest.mark.parametrize("where", ["somewhere", "nowhere"])
def test_a_loop_runs_whether_or_not_its_code_can_be_kept(where: str, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    child = subprocess.run(
        [sys.executable, script, where],
        cwd=REPOSITORY,
        env={"PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
    )
    assert child.stdout == "42\n", child.stderr
    assert bool(list(tmp_path.rglob("*.nbc"))) == (where == "somewhere")
