"""Tracing in batches: the same graph at half the price, each call sent once whatever happens to the process."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import openai
import pytest

import lineage_platform.agents.llm.batches as batches_module
from lineage_platform.agents.llm.batches import FOLDER, Batches
from lineage_platform.agents.llm.calling import Caller, Question
from lineage_platform.agents.llm.failures import ModelCallFailed
from lineage_platform.agents.llm.gathering import ahead_of
from lineage_platform.agents.llm.ledger import CallOutcome
from lineage_platform.agents.llm.models import ModelSettings, Role, Task, read_models
from lineage_platform.agents.llm.roles import ModelAgents
from lineage_platform.agents.llm.schemas import StatementItem
from lineage_platform.batch_tracing import trace_in_batches
from lineage_platform.catalog.folder import FolderHub
from lineage_platform.documents.library import Library
from lineage_platform.documents.web import open_web
from lineage_platform.errors import BrokenRecord, BudgetSpent, UsageError
from lineage_platform.files import Home
from lineage_platform.graph.reviews import Decisions
from lineage_platform.records import EdgeStatus, Resolution
from lineage_platform.settings import Limits
from lineage_platform.tracing import trace
from tests.agents_llm.worlds import CARD, LABELS, agents_for, caller_for, nothing_declared, settings_for
from tests.servers.batches import BatchServer
from tests.servers.models import Label, Oracle, say, truncated
from tests.support import HUB_URL, write_hub

SOURCES: Mapping[str, Sequence[str]] = {
    "org/seed": ["org/math", "org/code"],
    "org/other": ["org/code"],
    "org/math": ["org/root"],
    "org/code": [],
    "org/root": [],
}
EDGES = {(source, target) for target, sources in SOURCES.items() for source in sources}


def label(source: str) -> Label:
    name = source.split("/")[-1]
    return Label(name, f"It was made from [{name}]({HUB_URL}{source}).", link=f"{HUB_URL}{source}")


ORACLE = Oracle({target: tuple(map(label, sources)) for target, sources in SOURCES.items()})


def batching(server: BatchServer, home: Path, **own: Any) -> ModelAgents:
    settings = settings_for(server)
    tracing = settings.roles[Role.TRACING].model_copy(update={"batch": True})
    settings = ModelSettings(roles={**settings.roles, Role.TRACING: tracing}, providers=settings.providers)
    return ModelAgents(caller_for(server, home, settings=settings, **own), nothing_declared, "0")


def run(folder: Path, place: Path, agents: ModelAgents, limits: Limits | None = None) -> set[tuple[str, str]]:
    """Trace the seeds, in batches if the agents ask ahead; returns the accepted edges."""
    hub, home = FolderHub(folder), Home(place)
    library = Library(hub, open_web(hub), home.hub_folder(hub.name), home.content)
    records = home.records(hub.name)
    common: dict[str, Any] = {"hub": hub, "library": library, "agents": agents, "records": records}
    common["limits"] = limits or Limits(concurrency=4)
    seeds = ["org/seed", "org/other"]
    if ahead := ahead_of(agents):
        ahead = type(ahead)(ahead.agents, ahead.gatherer, Batches(agents.caller, pause=0.0))
        traced = list(trace_in_batches(seeds, ahead=ahead, decisions=Decisions(), **common))
    else:
        traced = list(trace(seeds, **common))
    assert len({each.dataset_id for each in traced}) == len(traced), "each dataset once"
    return {
        (witness.source, resolution.dataset_id)
        for resolution in records.all(Resolution)
        for witness in resolution.witnesses
        if witness.status is EdgeStatus.ACCEPTED
    }


@pytest.fixture
def hub(tmp_path: Path) -> Path:
    return write_hub(tmp_path / "hub", SOURCES)


def question(number: int = 0) -> Question:
    return Question(Task.TRACING, "org/data", {"Number": str(number)}, CARD)


def test_the_graph_is_that_of_single_calls_and_tracing_costs_half(hub: Path, tmp_path: Path) -> None:
    with BatchServer(ORACLE) as server:
        single, batched = agents_for(server, tmp_path / "a"), batching(server, tmp_path / "b")
        assert run(hub, tmp_path / "a", single) == EDGES
        asked = len(server.asked("tracing"))
        assert run(hub, tmp_path / "b", batched) == EDGES
        assert len(server.asked("tracing")) == asked, "none was asked singly"
        assert server.batched == asked == len(SOURCES)
        assert len(server.batches) == 3, "one for each hop"
        assert run(hub, tmp_path / "b", batching(server, tmp_path / "b")) == EDGES
        assert server.batched == asked
    costs = [
        {spent.name: spent for spent in agents.caller.ledger.spending("role")}["tracing"]
        for agents in (single, batched)
    ]
    assert costs[0].calls == costs[1].calls
    tokens = [spent.input_tokens + spent.output_tokens for spent in costs]
    assert costs[0].cost_usd == pytest.approx(tokens[0] / 1000)
    assert costs[1].cost_usd == pytest.approx(tokens[1] / 1000 / 2)
    assert batched.caller.budget.spent == pytest.approx(batched.caller.ledger.total().cost_usd)


@pytest.mark.parametrize("structured", ["json_schema", "json_mode", "none"])
def test_a_batched_call_is_the_single_call(structured: str, tmp_path: Path) -> None:
    with BatchServer(Oracle(LABELS)) as server:
        settings = settings_for(server, structured=structured)
        tracing = settings.roles[Role.TRACING].model_copy(update={"parameters": {"temperature": 0.5}})
        settings = ModelSettings(roles={**settings.roles, Role.TRACING: tracing}, providers=settings.providers)
        caller_for(server, tmp_path / "a", settings=settings).ask(question(), StatementItem)
        Batches(caller_for(server, tmp_path / "b", settings=settings), pause=0.0).ask([question()])
        single = json.loads(server.asked("tracing")[0].body)
        batched = json.loads(server.files["file-0"])["body"]
    for body in (single, batched):
        body["messages"][1]["content"] = re.sub(r"(?<=<<<)[0-9a-f]+", "", body["messages"][1]["content"])
        body.pop("stream", None)
    assert batched == single


def test_the_hops_are_bounded(hub: Path, tmp_path: Path) -> None:
    with BatchServer(ORACLE) as server:
        run(hub, tmp_path, batching(server, tmp_path), Limits(max_hops=1))
    assert server.batched == len(SOURCES) - 1


class Killed(BaseException):
    """The end of the process."""


def die(*_: object, **__: object) -> None:
    raise Killed


def dies_in_the_ledger(caller: Caller, ended: int) -> Callable[..., None]:
    """What ends calls on record, until so many are."""
    real, calls = caller.ledger.end, iter(range(100))

    def end(*values: Any, **named: Any) -> None:
        return real(*values, **named) if next(calls) < ended else die()

    return end


@pytest.mark.parametrize("moment", ["before_it_is_made", "before_its_id_is_kept", "while_it_is_awaited", "while_read"])
def test_no_call_is_sent_twice_when_the_process_is_killed(
    moment: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    questions = [question(number) for number in range(5)]
    with BatchServer(Oracle(LABELS), looks=2) as server:
        caller = batching(server, tmp_path).caller
        kills: dict[str, tuple[object, str, object]] = {
            "before_it_is_made": (openai.resources.Files, "create", die),
            "before_its_id_is_kept": (batches_module.Submitted, "__setattr__", die),
            "while_it_is_awaited": (batches_module.time, "sleep", die),
            "while_read": (caller.ledger, "end", dies_in_the_ledger(caller, 2)),
        }
        with monkeypatch.context() as patch:
            patch.setattr(*kills[moment])
            with pytest.raises(Killed):
                Batches(caller, pause=0.0).ask(questions)
        assert len(list((tmp_path / FOLDER).iterdir())) == 1
        again = batching(server, tmp_path).caller
        batches = Batches(again, pause=0.0)
        batches.collect()
        batches.ask(questions)
        assert all(again.kept(each, StatementItem) for each in questions)
        assert server.batched == len(questions)
        assert not list((tmp_path / FOLDER).iterdir())
    spent = again.ledger.total()
    assert spent.unfinished == 0
    assert spent.calls == len(questions) * (2 if moment == "before_it_is_made" else 1)


def test_what_a_batch_leaves_unanswered_is_asked_singly(hub: Path, tmp_path: Path) -> None:
    with BatchServer(ORACLE, status="expired", answered=1) as server:
        assert run(hub, tmp_path, batching(server, tmp_path)) == EDGES
        assert len(server.asked("tracing")) == len(SOURCES) - len(server.batches)


def test_a_broken_answer_is_paid_for_and_not_kept(tmp_path: Path) -> None:
    with BatchServer(truncated(Oracle(LABELS))) as server:
        caller = batching(server, tmp_path).caller
        Batches(caller, pause=0.0).ask([question()])
        assert caller.kept(question(), StatementItem) is None
    [spent] = caller.ledger.spending("outcome")
    assert spent.name == CallOutcome.MALFORMED
    assert spent.cost_usd > 0


def test_a_batch_that_is_refused_says_why(tmp_path: Path) -> None:
    with BatchServer(Oracle(LABELS), status="failed") as server:
        batches = Batches(batching(server, tmp_path).caller, pause=0.0)
        with pytest.raises(ModelCallFailed, match="the model is not for batches"):
            batches.ask([question()])
        batches.collect()
    assert len(server.batches) == 1


def test_a_batch_that_would_pass_the_budget_is_not_sent(tmp_path: Path) -> None:
    with BatchServer(Oracle(LABELS)) as server:
        caller = batching(server, tmp_path, max_cost=0.5).caller
        with pytest.raises(BudgetSpent, match="a batch of about"):
            Batches(caller, pause=0.0).ask([question()])
    assert not server.files
    assert caller.ledger.total().calls == 0


def test_many_calls_go_in_several_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lineage_platform.agents.llm.batches.MOST_CALLS", 2)
    with BatchServer(Oracle(LABELS)) as server:
        caller = batching(server, tmp_path).caller
        Batches(caller, pause=0.0).ask([question(number) for number in (1, 2, 3, 4, 5, 5)])
        assert all(caller.kept(question(number), StatementItem) for number in range(1, 6))
    assert (len(server.batches), server.batched) == (3, 5)


def test_what_is_on_its_way_elsewhere_is_left_alone_and_a_broken_file_is_named(tmp_path: Path) -> None:
    with BatchServer(say("{}")) as server:
        batches = Batches(batching(server, tmp_path).caller, pause=0.0)
        folder = tmp_path / FOLDER
        folder.mkdir()
        (folder / "a.json").write_text('{"token": "t", "address": "http://other/v1", "calls": {}, "purposes": {}}')
        batches.collect()
        assert (folder / "a.json").exists()
        (folder / "b.json").write_text("{")
        with pytest.raises(BrokenRecord, match=r"b\.json"):
            batches.collect()


@pytest.mark.parametrize(
    "text",
    [
        '[roles.tracing]\nmodel = "google_genai:gemini-2.5-pro"\nbatch = true\n',
        '[roles.sourcing]\nmodel = "openai:gpt-5.1"\nbatch = true\n',
        '[roles.tracing]\nmodel = "openai:gpt-5.1"\nbatch = true\nstructured = "function_calling"\n',
    ],
    ids=["provider", "role", "structured"],
)
def test_batches_that_cannot_be_are_said(text: str, tmp_path: Path) -> None:
    path = tmp_path / "models.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match="batch is for tracing on openai"):
        read_models(path)
    assert not read_models().roles[Role.TRACING].batch, "off unless asked for"
