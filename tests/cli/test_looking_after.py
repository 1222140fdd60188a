"""`status`, `doctor`, `ui`, `hub record`: what is where, what is missing, what is kept."""

from __future__ import annotations

import os
import socket
import sys
import tomllib
from pathlib import Path
from typing import Any

import duckdb
import pytest

from lineage_platform.cli.doctor import EXTRAS
from lineage_platform.graph.checks import GRAPH_CHECKS
from tests.cli.conftest import LABEL, Lineage
from tests.cli.test_trace import hub
from tests.conftest import REPOSITORY
from tests.support import write_dataset

__all__ = ["hub"]
SECRET = "hf_thisIsSecretAndStaysSo"


def test_status_works_before_anything_is_there(lineage: Lineage, home: Path) -> None:
    answer = lineage("status", "--json")
    assert answer.code == 0
    assert answer.json["exists"] is False
    assert answer.json["hubs"] == []
    assert answer.json["graph"] is None
    assert "lineage trace" in answer.err
    assert not home.exists()


def test_status_says_what_was_traced_from_where(lineage: Lineage, graph: Path) -> None:
    answer = lineage("status", "--json").json
    assert [(each["hub"], each["datasets"]) for each in answer["hubs"]] == [("small", 4)]
    assert answer["hubs"][0]["last_traced"]
    assert (answer["graph"]["hub_name"], answer["graph"]["datasets"]) == ("small", 4)
    assert answer["graph"]["built_at"]
    assert answer["bytes"] == sum(path.stat().st_size for path in graph.rglob("*") if path.is_file())
    assert answer["label"] == LABEL
    assert "4 datasets" in lineage("status").out


def test_status_tells_of_a_graph_that_is_none(lineage: Lineage, graph: Path) -> None:
    (graph / "graph.duckdb").write_bytes(b"not a database")
    answer = lineage("status", "--json")
    assert answer.code == 0
    assert answer.json["graph"] is None
    assert "is not a graph" in answer.json["trouble"]


def findings(lineage: Lineage, *arguments: str) -> dict[str, str]:
    return {row["check"]: row["health"] for row in lineage("doctor", "--json", *arguments).json}


def test_doctor_is_content_with_a_sound_home(lineage: Lineage, graph: Path) -> None:
    answer = lineage("doctor", "--hub", "sample", "--json")
    assert answer.code == 0
    found = findings(lineage, "--hub", "sample")
    assert {"python", "extra: ui", "extra: llm", "data home", "hub", "graph", "check: verified_evidence"} <= set(found)
    assert "broken" not in found.values()


def test_doctor_knows_every_extra() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert EXTRAS.keys() == project["optional-dependencies"].keys() - {"dev", "all"}


def test_doctor_finds_a_hub_that_is_not_there(lineage: Lineage) -> None:
    answer = lineage("doctor", "--hub", "/nowhere", "--json")
    assert answer.code == 1
    assert {row["check"] for row in answer.json if row["health"] == "broken"} == {"hub"}


def test_doctor_finds_a_damaged_graph(lineage: Lineage, graph: Path) -> None:
    (graph / "graph.duckdb").write_bytes(b"not a database")
    assert findings(lineage, "--hub", "sample")["graph"] == "broken"


def test_doctor_asks_what_the_checks_of_dagster_ask_and_says_what_to_do(lineage: Lineage, graph: Path) -> None:
    with duckdb.connect(str(graph / "graph.duckdb")) as connection:
        connection.execute("UPDATE edge_candidates SET source = target, status = 'accepted'")
    rows = {row["check"]: row for row in lineage("doctor", "--hub", "sample", "--json").json}
    assert {f"check: {check.name}" for check in GRAPH_CHECKS} <= set(rows)
    assert rows["check: no_self_edges"]["health"] == "broken"
    assert "report a fault" in rows["check: no_self_edges"]["hint"]
    assert rows["check: edges_lost"]["health"] == "ok"


def test_doctor_counts_what_killed_processes_left(lineage: Lineage, graph: Path) -> None:
    left = graph / "hubs" / ".0f.part"
    left.touch()
    os.utime(left, (0, 0))
    rows = {row["check"]: row for row in lineage("doctor", "--hub", "sample", "--json").json}
    assert rows["unfinished files"]["detail"].startswith("1 left")


def test_doctor_finds_a_home_that_is_a_file(lineage: Lineage, home: Path) -> None:
    home.write_text("in the way")
    assert findings(lineage, "--hub", "sample")["data home"] == "broken"


def test_doctor_never_prints_a_secret(lineage: Lineage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for name in ("HF_TOKEN", "OPENAI_API_KEY"):
        monkeypatch.setenv(name, SECRET)
    monkeypatch.setenv("GOOGLE_API_KEY", "")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{port}")
    answer = lineage("doctor", "--hub", "live", "--json")
    assert SECRET not in answer.out + answer.err
    found = {row["check"]: row["detail"] for row in answer.json}
    assert (found["OPENAI_API_KEY"], found["GOOGLE_API_KEY"]) == ("set", "not set")


def test_the_interface_names_the_extra_it_needs(lineage: Lineage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "dagster_webserver", None)
    answer = lineage("ui", "--json")
    assert answer.code == 1
    assert answer.json["error"]["kind"] == "missing_extra"
    assert "lineage-platform[ui]" in answer.json["error"]["hint"]


def test_the_interface_is_opened_over_the_data_home(
    lineage: Lineage, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That it answers is seen in tests/defs/test_ui_and_command.py."""
    pytest.importorskip("dagster_webserver")
    opened: list[Any] = []
    monkeypatch.setattr(os, "execve", lambda *arguments: opened.append(arguments))
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    assert lineage("ui", "--port", "3001").code == 0
    [(program, command, environment)] = opened
    assert (program, command[-4:]) == (sys.executable, ["-h", "127.0.0.1", "-p", "3001"])
    assert Path(environment["LINEAGE_HOME"]) == home
    assert (home / "dagster" / "dagster.yaml").is_file()


def test_what_was_recorded_gives_the_same_graph(lineage: Lineage, hub: Path, home: Path, tmp_path: Path) -> None:
    card = "# Linked\n\nCode: https://github.com/linkers/Linked-5K\n\n## Source datasets\n\n- [old](https://huggingface.co/datasets/rooters/Old-Root-QA)\n"
    write_dataset(hub, "linkers/Linked-5K", card)
    readme = hub / "github/linkers/Linked-5K/README.md"
    readme.parent.mkdir(parents=True)
    readme.write_text("# linked\n\nThe Linked-5K dataset is built from GSM8K.\n")
    (hub / "aliases.tsv").write_text("alias\tdataset_id\nrooters/Old-Root-QA\trooters/Root-QA\n")
    (hub / "label.txt").write_text("invented rows\n")
    to = tmp_path / "recorded"

    recorded = lineage(
        "hub", "record", "mixers/Mix-2", "linkers/Linked-5K", "--to", to, "--hub", hub, "--agents", "rules", "--json"
    )
    assert recorded.code == 0, recorded.err
    assert recorded.json["datasets"] == 5
    assert recorded.json["failed"] == []
    assert recorded.json["label"] == "invented rows"
    assert not (home / "hubs").exists()

    def exported(folder: Path) -> str:
        traced = lineage("trace", "mixers/Mix-2", "linkers/Linked-5K", "--hub", folder, "--agents", "rules")
        assert traced.code == 0, traced.err
        return lineage("export", "--to", "jsonl").out

    original = exported(hub)
    assert exported(to) == original
    assert lineage("trace", "--hub", to, "--agents", "rules", "--json").json["datasets"] == 5


def test_recording_again_adds_to_the_folder(lineage: Lineage, hub: Path, tmp_path: Path) -> None:
    to = tmp_path / "recorded"
    for dataset in ("lefties/Left-QA", "righters/Right-10K", "lefties/Left-QA"):
        assert lineage("hub", "record", dataset, "--to", to, "--hub", hub, "--agents", "rules").code == 0
    assert (to / "seeds.txt").read_text() == "lefties/Left-QA\nrighters/Right-10K\n"
    kept = {f"{path.parent.parent.name}/{path.parent.name}" for path in to.glob("datasets/*/*/README.md")}
    assert kept == {"lefties/Left-QA", "righters/Right-10K", "rooters/Root-QA"}
