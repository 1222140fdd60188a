"""Fixtures that every room's tests share."""

from __future__ import annotations

import os
import sys
from contextlib import redirect_stderr
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
REAL_DATA = Path(os.environ.get("LINEAGE_REAL_DATA") or REPOSITORY.parent / "shared")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real documents, labels, graphs and rows; its users skip where it is absent."""
    if not (REAL_DATA / "corpus").is_dir():
        pytest.skip(f"real material not found at {REAL_DATA}: set LINEAGE_REAL_DATA to its folder")
    return REAL_DATA


@pytest.fixture(scope="session")
def mlcroissant() -> Any:
    """The Croissant library, loaded so that it leaves pytest's own streams alone.

    The logging library it brings closes the stream that was ``sys.stderr`` when it was imported, once logging is
    configured anew (as Dagster does) while ``sys.stderr`` is another: that must not be the file pytest captures with.
    """
    with redirect_stderr(sys.__stderr__):
        import mlcroissant
    return mlcroissant
