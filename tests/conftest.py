"""Fixtures that every room's tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
REAL_DATA = Path(os.environ.get("LINEAGE_REAL_DATA") or REPOSITORY.parent / "shared")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real documents, labels, graphs and rows; its users skip where it is absent."""
    if not (REAL_DATA / "corpus").is_dir():
        pytest.skip(f"real material not found at {REAL_DATA}: set LINEAGE_REAL_DATA to its folder")
    return REAL_DATA
