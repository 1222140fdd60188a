"""Fixtures that every room's tests share."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import redirect_stderr
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # of matrices as small as the tests', threads wait for each other

REPOSITORY = Path(__file__).resolve().parent.parent
REAL_DATA = Path(os.environ.get("LINEAGE_REAL_DATA") or REPOSITORY.parent / "shared")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real documents, labels, graphs and rows; its users skip where it is absent."""
    if not (REAL_DATA / "corpus").is_dir():
        pytest.skip(f"real material not found at {REAL_DATA}: set LINEAGE_REAL_DATA to its folder")
    return REAL_DATA


@pytest.fixture
def rows_parsed_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of rows are parsed in this process; the one of their own that they have elsewhere takes a second."""
    from lineage_platform.samples import parsing
    from tests.row_parsing import ThreadThatParses

    started = SimpleNamespace(Popen=ThreadThatParses, PIPE=subprocess.PIPE, DEVNULL=subprocess.DEVNULL)
    monkeypatch.setattr(parsing, "subprocess", started)


@pytest.fixture(scope="session")
def mlcroissant() -> Any:
    """The Croissant library, loaded so that it leaves pytest's own streams alone.

    The logging library it brings closes the stream that was ``sys.stderr`` when it was imported, once logging is
    configured anew (as Dagster does) while ``sys.stderr`` is another: that must not be the file pytest captures with.
    """
    with redirect_stderr(sys.__stderr__):
        import mlcroissant
    return mlcroissant
