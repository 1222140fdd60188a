"""A data home on a disk that cannot be written: what writes says so, and what reads answers."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from lineage_platform.agents.llm.ledger import FILE_NAME, CallOutcome, Cost, Ledger, Purpose
from lineage_platform.agents.llm.models import Task
from tests.cli.conftest import Lineage
from tests.samples.rows import write_rows
from tests.support import write_dataset


@pytest.fixture
def read_only(graph: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The home with its graph on a disk of its own, mounted read-only where the machine allows it."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", str(disk)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a disk cannot be mounted here")
    with closing(Ledger(graph / FILE_NAME)) as ledger:
        asked = Purpose(Task.TRACING, "openai:x", "1", "acme/mix", "", "k")
        ledger.end(ledger.begin(asked), CallOutcome.OK, Cost(cost_usd=1.5))
    try:
        shutil.copytree(graph, disk / "home")
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        monkeypatch.setenv("LINEAGE_HOME", str(disk / "home"))
        yield disk / "home"
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def test_what_writes_is_refused_by_name_and_what_reads_answers(
    lineage: Lineage, read_only: Path, tmp_path: Path
) -> None:
    write_dataset(tmp_path / "hub", "acme/root", "# Root")
    write_rows(tmp_path / "hub/datasets/acme/root/rows.jsonl", [{"question": "q", "answer": "a"}])
    hub = ("--hub", tmp_path / "hub", "--json")
    for command in (("trace", "acme/root", "--agents", "rules"), ("rows", "acme/root")):
        answer = lineage(*command, *hub)
        assert (answer.code, answer.json["error"]["kind"]) == (1, "not_writable"), answer.err
        assert str(read_only) in answer.json["error"]["message"]
        assert "LINEAGE_HOME" in answer.json["error"]["hint"]
    for command in (("show", "acme/mix"), ("paths", "acme/root", "acme/mix"), ("report", "most_reused"), ("status",)):
        assert lineage(*command, "--json").code == 0
    assert lineage("status", "--cost", "--json").json["total"]["cost_usd"] == 1.5
    assert lineage("sql", "select count(*) as n from edges", "--json").json[0]["n"] > 0
