"""The command line as a person calls it, over a small graph that was traced from hostile documents."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from lineage_platform.cli.main import cli
from lineage_platform.files import Home
from lineage_platform.graph.build import build_graph
from lineage_platform.records import Candidate, Domain, EdgeStatus, Mention, Outcome, Relation, Resolution
from tests.graph.builders import traced, witness

LABEL = "sample data: nothing in it is true"
HOSTILE = "\x1b[31mred\x1b[0m [bold]loud[/bold] \x1b]0;owned\x07\u202egnp.exe :boom:"


@dataclass(frozen=True)
class Answer:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Stdout, which must be JSON and nothing else."""
        return json.loads(self.out)


Lineage = Callable[..., Answer]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data home, and no settings of the person who runs the tests."""
    for name in ("LINEAGE_HUB", "LINEAGE_AGENTS", "DAGSTER_HOME", "NO_COLOR", "FORCE_COLOR", "HF_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LINEAGE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "120")
    return tmp_path / "home"


@pytest.fixture
def lineage(home: Path) -> Lineage:
    """Runs ``lineage ARGUMENTS...`` in this process."""

    def run(*arguments: str | Path) -> Answer:
        result = CliRunner().invoke(cli, [str(argument) for argument in arguments])
        return Answer(result.exit_code, result.stdout, result.stderr)

    return run


@pytest.fixture
def graph(home: Path) -> Path:
    """``acme/root`` went into ``acme/left`` and ``acme/right``, both into ``acme/mix``; some of it is in doubt."""
    store = Home(home).records("small")
    traced(store, "acme/root", outcome=Outcome.NO_SOURCES_DOCUMENTED, month="2022-01", summary=HOSTILE)
    traced(store, "acme/left", [witness("acme/root")], month="2023-01", domains=(Domain.MATH,))
    traced(store, "acme/right", [witness("acme/root", relation=Relation.SEMANTIC_EVOLUTION)], month="2023-02")
    doubtful = witness("acme/doubt", EdgeStatus.REVIEW, reason="several datasets bear this name")
    hostile = witness("acme/left")
    hostile = hostile.model_copy(
        update={"statement": hostile.statement.model_copy(update={"quote": f"Built from left {HOSTILE}"})}
    )
    traced(store, "acme/mix", [hostile, witness("acme/right"), doubtful], month="2024-01", summary="A mix.")
    _mention(store.read("acme/mix", Resolution), store)
    build_graph(store, Home(home).graph, hub_name="small", hub_label=LABEL)
    return home


def _mention(resolution: Resolution | None, store: Any) -> None:
    """A name in the mix's card that may stand for a dataset nobody traced."""
    assert resolution is not None
    mention = Mention(
        mention="Fog", method="ambiguous", candidates=(Candidate(id="acme/fog", method="search", score=0.9),)
    )
    store.write("acme/mix", resolution.model_copy(update={"mentions": (mention,)}))
