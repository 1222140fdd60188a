"""What models cost, on the command line: estimated, bounded, and accounted for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lineage_platform.agents.llm.ledger import FILE_NAME
from tests.cli.conftest import Lineage
from tests.servers.models import Asked, Label, ModelServer, Oracle, Reply
from tests.support import HUB_URL, write_hub

SOURCES = {"org/mix": ["org/left", "org/right"], "org/left": ["org/root"], "org/right": ["org/root"], "org/root": []}
ORACLE = Oracle(
    {
        target: [
            Label(s.split("/")[1], f"It was made from [{s.split('/')[1]}]({HUB_URL}{s}).", link=HUB_URL + s) for s in up
        ]
        for target, up in SOURCES.items()
    }
)
MODELS = """
[default]
model = "openai:x"
base_url = "{url}"
attempts = 1
{priced}
"""
PRICE = "[prices.openai]\nx = { input = 1000.0, output = 0.0 }\n"


def thousand_tokens(asked: Asked) -> Reply:
    """The oracle's answer at one dollar."""
    return Reply(ORACLE(asked).text, input_tokens=1000, output_tokens=10)


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer(thousand_tokens) as server:
        yield server


@pytest.fixture
def arguments(server: ModelServer, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, ...]:
    """``trace`` of four datasets by the server's model, three calls each."""
    models = tmp_path / "models.toml"
    models.write_text(MODELS.format(url=server.openai_url, priced=PRICE))
    monkeypatch.setenv("LINEAGE_MODELS", str(models))
    monkeypatch.setenv("LINEAGE_CONCURRENCY", "1")
    return ("trace", "org/mix", "--hub", write_hub(tmp_path / "hub", SOURCES), "--agents", "llm", "--json")


def test_a_trace_stops_at_its_cap_and_the_next_goes_on(lineage: Lineage, server: ModelServer, arguments: Any) -> None:
    capped = lineage(*arguments, "--max-cost", "4")
    assert capped.code == 4, capped.err
    assert "budget of $4 is spent" in capped.json["stopped"]
    assert (capped.json["model_calls"], capped.json["cost_usd"]) == (4, 4.0)
    assert capped.json["failed"] == []
    assert capped.json["datasets"] == 1

    rest = lineage(*arguments)
    assert rest.code == 0, rest.err
    assert rest.json["stopped"] is None
    assert (rest.json["datasets"], rest.json["edges"], rest.json["model_calls"]) == (4, 4, 8)
    assert len(server.log) == 12, "no call was paid twice"


def test_the_cap_can_be_a_setting(lineage: Lineage, arguments: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINEAGE_MAX_COST", "0")
    stopped = lineage(*arguments)
    assert stopped.code == 4
    assert stopped.json["model_calls"] == 0
    monkeypatch.setenv("LINEAGE_MAX_COST", "much")
    assert lineage(*arguments).code == 2


def test_a_cap_needs_prices(lineage: Lineage, arguments: Any, tmp_path: Path) -> None:
    (tmp_path / "models.toml").write_text('[default]\nmodel = "openai:unheard-of"\nkeys = []\n')
    answer = lineage(*arguments, "--max-cost", "1")
    assert answer.code == 2
    assert "openai:unheard-of" in answer.json["error"]["message"]


def test_spending_is_told_by_role_model_and_dataset(lineage: Lineage, arguments: Any) -> None:
    none = lineage("status", "--cost", "--json")
    assert none.code == 0
    assert none.json["total"]["calls"] == 0
    lineage(*arguments)
    spent = lineage("status", "--cost", "--json").json
    assert spent["total"]["calls"] == 12
    assert spent["total"]["cost_usd"] == 12.0
    assert {row["name"]: row["calls"] for row in spent["by_role"]} == {"sourcing": 4, "tracing": 4, "aggregation": 4}
    assert {row["name"]: row["calls"] for row in spent["by_dataset"]} == dict.fromkeys(SOURCES, 3)
    assert [row["name"] for row in spent["by_model"]] == ["openai:x"]
    page = lineage("status", "--cost", "--format", "human").out
    assert "$12.0000: 12 calls" in page
    assert "org/left" in page
    assert lineage("status", "--cost", "--format", "csv").out.startswith("by,name,calls")


def test_a_dry_run_asks_nobody_and_estimates_what_the_documents_on_disk_need(
    lineage: Lineage, server: ModelServer, arguments: Any, home: Path
) -> None:
    unseen = lineage(*arguments, "--dry-run").json
    assert server.log == []
    assert unseen["model_calls"] == 3, "a card of typical length"
    assert unseen["cost_usd"] > 0
    lineage(
        "trace", "org/mix", "--hub", arguments[3], "--agents", "rules"
    )  # the documents are on disk, unread by models
    estimate = lineage(*arguments, "--dry-run").json
    assert server.log == []
    assert estimate["model_calls"] == 12
    assert {role["role"]: role["calls"] for role in estimate["models"]} == {
        "sourcing": 4,
        "tracing": 4,
        "aggregation": 4,
    }
    stated = sum(len(text) for text in _sent(lineage, server, arguments)) // 4
    assert abs(estimate["input_tokens"] - stated) < 0.1 * stated
    assert lineage(*arguments, "--dry-run").json["model_calls"] == 0, "all is on disk"
    assert lineage("status", "--cost", "--json").json["total"]["calls"] == 12
    assert (home / FILE_NAME).exists()


def _sent(lineage: Lineage, server: ModelServer, arguments: Any) -> list[str]:
    """What a trace sends: system and user messages."""
    lineage(*arguments)
    return [text for asked in server.log for text in (asked.system, *asked.messages)]
