"""Names looked up on the web: only where the setting says so, on Gemini, with a budget, paid once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lineage_platform.agents.llm.models import ModelSettings, Role, Task, read_models
from lineage_platform.agents.llm.roles import ModelAgents
from lineage_platform.catalog.folder import FolderHub
from lineage_platform.documents.library import Library
from lineage_platform.documents.web import open_web
from lineage_platform.errors import BudgetSpent, UsageError
from lineage_platform.files import Home
from lineage_platform.records import Resolution
from lineage_platform.settings import Limits
from lineage_platform.tracing import trace
from tests.agents_llm.worlds import SUBJECT, agents_for, caller_for, nothing_declared, settings_for
from tests.servers.models import Answerer, Label, ModelServer, Oracle, Reply, say
from tests.support import write_dataset

FOUND = {"datasets": [{"id": "https://huggingface.co/datasets/makers/Fog-QA"}, {"id": "copiers/Fog-QA"}]}


def searching(server: ModelServer, home: Path, **own: Any) -> ModelAgents:
    settings = settings_for(server, wire="gemini")
    aggregation = settings.roles[Role.AGGREGATION].model_copy(update={"web_search": True})
    settings = ModelSettings(roles={**settings.roles, Role.AGGREGATION: aggregation}, providers=settings.providers)
    return ModelAgents(caller_for(server, home, settings=settings, **own), nothing_declared, "0")


def searched(text: str, *queries: str) -> Answerer:
    return lambda asked: Reply(text, searches=queries, input_tokens=10, output_tokens=10)


def test_a_name_is_searched_for_once_with_the_providers_tool(tmp_path: Path) -> None:
    with ModelServer(say(FOUND)) as server:
        agents = searching(server, tmp_path)
        for _ in range(2):
            assert agents.searching(SUBJECT, "Fog-QA") == ("makers/Fog-QA", "copiers/Fog-QA")
    [asked] = server.log
    body = json.loads(asked.body)
    assert [list(tool) for tool in body["tools"]] == [["googleSearch"]]
    assert asked.schema is None, "a model that searches takes no schema"
    assert '"datasets"' in asked.system, "so it is told the schema in words"
    assert asked.material == "Name: Fog-QA", "nothing that a document says goes into a search"


def test_prose_around_the_answer_is_passed_over(tmp_path: Path) -> None:
    with ModelServer(say(f"I searched [1] and found:\n```json\n{json.dumps(FOUND)}\n```")) as server:
        assert searching(server, tmp_path).searching(SUBJECT, "Fog-QA") == ("makers/Fog-QA", "copiers/Fog-QA")


@pytest.mark.parametrize(("queries", "cost"), [((), 0.02), (("fog qa", "fog qa dataset"), 0.09)])
def test_searches_are_billed_beside_the_tokens(queries: tuple[str, ...], cost: float, tmp_path: Path) -> None:
    price = {"input": 1000.0, "output": 1000.0, "search": 35.0}
    with ModelServer(searched('{"datasets": []}', *queries)) as server:
        agents = searching(server, tmp_path, price=price)
        assert agents.searching(SUBJECT, "Fog-QA") == ()
    assert agents.caller.ledger.total().cost_usd == pytest.approx(cost)
    assert agents.caller.budget.spent == pytest.approx(cost)
    assert [spent.name for spent in agents.caller.ledger.spending("role")] == [Role.AGGREGATION]


def test_nothing_is_searched_for_once_the_budget_is_spent(tmp_path: Path) -> None:
    with ModelServer(searched(json.dumps(FOUND), "fog")) as server:
        agents = searching(server, tmp_path, price={"input": 0, "output": 0, "search": 35.0}, max_cost=0.03)
        agents.searching(SUBJECT, "Fog-QA")
        with pytest.raises(BudgetSpent):
            agents.searching(SUBJECT, "Mist-QA")
    assert len(server.log) == 1


def test_nothing_is_searched_for_unless_the_setting_says_so(tmp_path: Path) -> None:
    with ModelServer(Oracle({})) as server:
        plain = ModelAgents(caller_for(server, tmp_path, wire="gemini"), nothing_declared, "0")
        assert plain.searching(SUBJECT, "Fog-QA") == ()
        assert searching(server, tmp_path).version != plain.version
    assert not server.log
    assert Task.SEARCHING not in read_models().tasks()


@pytest.mark.parametrize(
    "text",
    [
        '[roles.aggregation]\nmodel = "openai:gpt-5.1"\nweb_search = true\n',
        '[roles.tracing]\nmodel = "google_genai:gemini-2.5-pro"\nweb_search = true\n',
    ],
    ids=["no_tool", "other_role"],
)
def test_a_search_that_cannot_be_is_said(text: str, tmp_path: Path) -> None:
    path = tmp_path / "models.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match="web_search is for the aggregation role"):
        read_models(path)


def test_the_packaged_prices_know_what_a_search_costs(tmp_path: Path) -> None:
    path = tmp_path / "models.toml"
    text = '[roles.aggregation]\nmodel = "google_genai:gemini-2.5-pro"\nweb_search = true\n'
    path.write_text(text, encoding="utf-8")
    assert Task.SEARCHING in read_models(path).tasks()


@pytest.mark.parametrize("web_search", [False, True])
def test_a_trace_reaches_a_source_that_only_the_web_finds(web_search: bool, tmp_path: Path) -> None:
    class Forgetful(FolderHub):
        def search(self, query: str, limit: int = 10) -> list[str]:
            return []

    quote = "All rows were taken from Fog-QA by Makers."
    write_dataset(tmp_path / "hub", "org/seed", f"# Seed\n\n{quote}\n")
    write_dataset(tmp_path / "hub", "makers/Fog-QA", "# Fog-QA\n")
    hub, home = Forgetful(tmp_path / "hub", name="folder"), Home(tmp_path / "home")
    library = Library(hub, open_web(hub), home.hub_folder(hub.name), home.content)
    oracle = Oracle({"org/seed": [Label("Fog-QA", quote)]}, meant={"Fog-QA": "makers/Fog-QA"})
    with ModelServer(oracle) as server:
        agents = searching(server, tmp_path) if web_search else agents_for(server, tmp_path, wire="gemini")
        records = home.records(hub.name)
        list(trace(["org/seed"], hub=hub, library=library, agents=agents, records=records, limits=Limits()))
        found = [witness.source for resolution in records.all(Resolution) for witness in resolution.witnesses]
    assert found == ["makers/Fog-QA" if web_search else "name:fog-qa"]
    assert bool(server.asked("searching")) == web_search
