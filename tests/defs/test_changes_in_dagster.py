"""A build of the graph is followed by what changed, told to the operator's address, which can break nothing."""

from __future__ import annotations

import json

import dagster as dg
import pytest

from lineage_platform.defs.changes import CHANGES
from lineage_platform.defs.run import run_trace
from lineage_platform.settings import Settings
from tests.defs.conftest import HubFolder
from tests.servers.listener import listening


def metadata(instance: dg.DagsterInstance) -> dict[str, object]:
    event = instance.get_latest_materialization_event(CHANGES)
    assert event is not None
    assert event.asset_materialization is not None
    return {name: value.value for name, value in event.asset_materialization.metadata.items()}


def test_a_trace_tells_the_operator_what_it_changed(
    instance: dg.DagsterInstance, settings: Settings, hub: HubFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    with listening() as listener:
        monkeypatch.setenv("LINEAGE_WEBHOOK", listener.url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-something")
        run_trace(settings, ["org/root"])
        assert metadata(instance)["news"] == "nothing changed"
        hub.add("org/root", ["org/deep"], revision="2" * 40)
        run_trace(settings, ["org/root"])
    [body] = listener.bodies
    message = json.loads(body)
    assert message["report"]["counts"]["edges new"] == 1
    assert "1 edges new" in message["text"]
    assert metadata(instance)["webhook"] == "delivered"
    assert b"secret" not in body
    assert b"sk-something" not in body


def test_an_operator_who_does_not_listen_costs_the_graph_nothing(
    instance: dg.DagsterInstance, settings: Settings, hub: HubFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINEAGE_WEBHOOK", "http://127.0.0.1:9/hook-secret")
    assert run_trace(settings, ["org/broken"]).failed
    shown = metadata(instance)
    assert "not reached" in str(shown["webhook"])
    assert "hook-secret" not in str(shown)
    assert "Failed" in str(shown["report"])


def test_the_address_of_the_operator_is_not_shown_with_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINEAGE_WEBHOOK", "http://127.0.0.1:9/hook-secret")
    settings = Settings.from_environment()
    assert settings.upkeep.webhook.endswith("hook-secret")
    assert "hook-secret" not in repr(settings)
