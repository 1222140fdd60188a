"""docs/tables.md says what the SQL says."""

from __future__ import annotations

import runpy

from tests.conftest import REPOSITORY


def test_the_page_of_tables_is_current() -> None:
    script = runpy.run_path(str(REPOSITORY / "docs" / "make_tables.py"))
    current = (REPOSITORY / "docs" / "tables.md").read_text(encoding="utf-8")
    assert current == script["page"](), "write it anew: python docs/make_tables.py"
