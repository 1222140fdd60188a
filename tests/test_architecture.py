"""Rooms import only what stands to their left, and the domain knows no framework."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

PACKAGE = REPOSITORY / "lineage_platform"
KERNEL = (
    "errors",
    "records",
    "measurements",
    "settings",
    "logs",
    "files",
    "leftovers",
    "migrations",
    "concurrency",
    "sql",
    "webhook",
    "mail",
    "notices",
)
FLOW = (
    *("catalog", "documents", "agents", "graph", "samples", "audits", "corpus", "exports", "imports"),
    *("stage_records", "stages", "tracing", "batch_tracing", "workspace", "extract", "upkeep", "changes", "checks"),
)
OUTER = ("testing", "defs", "cli")
FRAMEWORKS = {"dagster", "dagster_duckdb", "click", "rich", "flask", "fastapi", "starlette"}


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            if node.module == "lineage_platform":
                rooms = {*KERNEL, *FLOW, *OUTER}
                yield from (f"lineage_platform.{alias.name}" for alias in node.names if alias.name in rooms)


def rooms_imported(path: Path) -> set[str]:
    parts = (name.split(".") for name in imports(path) if name.startswith("lineage_platform."))
    return {names[1] for names in parts}


MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_room_imports_only_what_stands_to_its_left(path: Path) -> None:
    room = room_of(path)
    order = [*FLOW, *OUTER]
    if room in KERNEL:
        assert rooms_imported(path) <= set(KERNEL)
    else:
        assert rooms_imported(path) <= {*KERNEL, *order[: order.index(room) + 1]}


@pytest.mark.parametrize(
    "path", [path for path in MODULES if room_of(path) not in OUTER], ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_domain_code_imports_no_framework(path: Path) -> None:
    assert not FRAMEWORKS & {name.split(".")[0] for name in imports(path)}


def test_every_module_belongs_to_a_known_room() -> None:
    assert {room_of(path) for path in MODULES} <= {*KERNEL, *FLOW, *OUTER}
