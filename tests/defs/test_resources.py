"""A run works on exactly the settings it was given, and on the environment's where it was given none."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import dagster as dg
import pytest

from lineage_platform.defs.instance import dagster_home
from lineage_platform.defs.resources import WorkspaceResource
from lineage_platform.settings import Limits, Settings

GIVEN = Settings(
    home=Path("/data/home"),
    hub="sample",
    agents="rules",
    models=Path("/data/models.toml"),
    limits=Limits(concurrency=3, review_threshold=0.0, cutoff_year=2021),
)


def test_the_settings_of_a_run_are_those_it_was_started_with(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"HOME": "/elsewhere", "HUB": "live", "AGENTS": "auto", "REVIEW_THRESHOLD": "0.5"}.items():
        monkeypatch.setenv(f"LINEAGE_{name}", value)
    assert WorkspaceResource.of(GIVEN).settings() == GIVEN


def test_a_relative_home_stays_the_same_folder_in_another_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    resource = WorkspaceResource.of(replace(GIVEN, home=Path("lineage_data")))
    assert resource.settings().home == tmp_path / "lineage_data"


def test_what_is_left_empty_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINEAGE_HOME", "/from/environment")
    monkeypatch.setenv("LINEAGE_CONCURRENCY", "7")
    settings = WorkspaceResource(hub="sample").settings()
    assert (settings.home, settings.hub, settings.limits.concurrency) == (Path("/from/environment"), "sample", 7)


def test_dagsters_tables_are_made_once_before_anybody_uses_them(
    memory_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    folder = dagster_home(memory_folder / "home")
    with sqlite3.connect(folder / "history" / "runs" / "index.db") as index:
        assert index.execute("SELECT count(*) FROM alembic_version").fetchone() == (1,)
    monkeypatch.delenv("DAGSTER_HOME")
    monkeypatch.setattr(dg.DagsterInstance, "get", lambda: pytest.fail("its tables are there"))
    assert dagster_home(memory_folder / "home") == folder
