"""Models play where there is a key, rules elsewhere, and it is said who does."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from lineage_platform.agents import open_agents
from lineage_platform.agents.interface import Subject
from lineage_platform.agents.llm import Declared, MixedAgents, ModelAgents, open_auto, open_models
from lineage_platform.agents.llm.ledger import FILE_NAME
from lineage_platform.agents.llm.models import ModelsUnavailable, Role
from lineage_platform.documents.cleaning import reading as clean
from lineage_platform.documents.reading import Reading, Span
from lineage_platform.errors import UsageError
from lineage_platform.records import Domain, Link, Profile, Statement
from tests.agents_llm.worlds import CARD, GSM8K, LABELS, NUMINA, SUBJECT, as_labels, document, nothing_declared
from tests.servers.models import ModelServer, Oracle

DECLARED = Declared(nothing_declared, "1")


class Rules:
    """Rules that can be told from models by what they answer."""

    name = "rules"
    version = "1"

    def sourcing(self, subject: Subject, card: Reading) -> Sequence[Link]:
        return ()

    def extracting(self, subject: Subject, document: Reading) -> Sequence[Span]:
        return (Span(0, len(document.clean.text)),)

    def tracing(self, subject: Subject, document: Reading, passages: Sequence[Span]) -> Sequence[Statement]:
        return ()

    def aggregation(self, subject: Subject, card: Reading | None, statements: Sequence[Statement]) -> Profile:
        return Profile(domains=(Domain.SCIENCE,))


def models_file(home: Path, server: ModelServer) -> Path:
    """Gemini's roles at the server, OpenAI's too; both with a key of their own."""
    path = home / "models.toml"
    path.write_text(
        f'[default]\nmodel = "openai:x"\nbase_url = "{server.openai_url}"\nkeys = ["OPENAI_API_KEY"]\n'
        f'[roles.aggregation]\nmodel = "google_genai:g"\nbase_url = "{server.url}"\nkeys = ["GOOGLE_API_KEY"]\n'
    )
    return path


def test_models_play_where_there_is_a_key_and_rules_elsewhere(tmp_path: Path) -> None:
    with ModelServer(Oracle(LABELS)) as server:
        path = models_file(tmp_path, server)
        agents = open_auto(tmp_path, DECLARED, Rules(), models=path, environment={"OPENAI_API_KEY": "k"})
        reading = document(CARD)
        assert as_labels(agents.tracing(SUBJECT, reading, agents.extracting(SUBJECT, reading))) == [GSM8K, NUMINA]
        assert agents.sourcing(SUBJECT, reading) == ()
        assert agents.aggregation(SUBJECT, reading, ()).domains == (Domain.SCIENCE,)
    assert {asked.role for asked in server.log} == {"sourcing", "tracing"}
    assert isinstance(agents, MixedAgents)
    said = agents.describe()
    assert "tracing by openai:x" in said
    assert "aggregation by rules (a model with GOOGLE_API_KEY)" in said


def test_who_plays_what_is_part_of_the_version(tmp_path: Path) -> None:
    environments = [{"OPENAI_API_KEY": "k"}, {"GOOGLE_API_KEY": "k"}, {"OPENAI_API_KEY": "k", "GOOGLE_API_KEY": "k"}]
    versions = {open_auto(tmp_path, DECLARED, Rules(), environment=keys).version for keys in environments}
    assert len(versions) == 3


def test_without_any_key_auto_is_the_rules(tmp_path: Path) -> None:
    rules = Rules()
    assert open_auto(tmp_path, DECLARED, rules, environment={}) is rules
    assert not list(tmp_path.iterdir()), "and no ledger is begun"


def test_models_for_every_role_need_every_key(tmp_path: Path) -> None:
    with pytest.raises(ModelsUnavailable, match="extracting") as caught:
        open_models(tmp_path, DECLARED, environment={"OPENAI_API_KEY": "k"})
    assert "GOOGLE_API_KEY or GEMINI_API_KEY" in caught.value.hint
    agents = open_models(tmp_path, DECLARED, environment={"OPENAI_API_KEY": "k", "GOOGLE_API_KEY": "k"})
    assert isinstance(agents, ModelAgents)
    assert set(agents.caller.settings.roles) == set(Role)


def test_a_budget_needs_prices_only_of_the_models_that_play(tmp_path: Path) -> None:
    path = tmp_path / "models.toml"
    path.write_text('[roles.tracing]\nmodel = "openai:gpt-99"\n')
    google = {"GOOGLE_API_KEY": "k"}
    assert isinstance(
        open_auto(tmp_path, DECLARED, Rules(), models=path, max_cost=1.0, environment=google), MixedAgents
    )
    with pytest.raises(UsageError, match="gpt-99"):
        open_models(tmp_path, DECLARED, models=path, max_cost=1.0, environment={"OPENAI_API_KEY": "k", **google})


def test_the_agents_of_a_name_are_opened_over_the_home_that_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_API_KEY", "GOOGLE_API_KEY", "GEMINI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    assert open_agents("rules").name == open_agents("auto", home=tmp_path).name == "rules"
    with pytest.raises(ModelsUnavailable):
        open_agents("llm", home=tmp_path)
    with pytest.raises(UsageError, match="oracle"):
        open_agents("oracle")
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    assert open_agents("auto", home=tmp_path).name == "auto"
    monkeypatch.setenv("GEMINI_API_KEY", "k")
    assert open_agents("llm", home=tmp_path).name == "llm"
    assert (tmp_path / FILE_NAME).is_file()


def test_what_a_card_declares_is_stated_by_the_rules_beside_the_models(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = f"---\nsource_datasets:\n- openai/gsm8k\n---\n{CARD}"
    card = clean(document(text).document, text)
    with ModelServer(Oracle(LABELS)) as server:
        path = models_file(tmp_path, server)
        for name in ("OPENAI_API_KEY", "GOOGLE_API_KEY"):
            monkeypatch.setenv(name, "k")
        agents = open_agents("llm", home=tmp_path, models=path)
        statements = agents.tracing(SUBJECT, card, agents.extracting(SUBJECT, card))
    assert [statement.said_by.split("/")[0] for statement in statements] == ["rules", "llm", "llm"]
    assert statements[0].mention == "openai/gsm8k"


def test_without_langchain_auto_is_the_rules_and_models_say_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lineage_platform.agents.llm.opening.find_spec", lambda name: None)
    keys = {"OPENAI_API_KEY": "k", "GOOGLE_API_KEY": "k"}
    rules = Rules()
    assert open_auto(tmp_path, DECLARED, rules, environment=keys) is rules
    with pytest.raises(ModelsUnavailable) as caught:
        open_models(tmp_path, DECLARED, environment=keys)
    assert "pip install" in caught.value.hint
