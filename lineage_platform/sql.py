"""The project's SQL: one file per schema table and per report, in the wheel as in a checkout."""

from __future__ import annotations

from pathlib import Path


def sql_folder() -> Path:
    """The folder that holds ``schema/`` and ``reports/``: inside the package when installed, else the repository's."""
    packaged = Path(__file__).with_suffix("")
    return packaged if packaged.is_dir() else Path(__file__).parents[1] / "sql"


def sql_files(kind: str) -> tuple[Path, ...]:
    """The SQL files of one kind (``schema``, ``reports``), in the order of their names."""
    return tuple(sorted((sql_folder() / kind).glob("*.sql")))
