"""A build of the graph is followed by what changed, told to the operator's address, which can break nothing."""

from __future__ import annotations

import json

import dagster as dg
import pytest

from lineage_platform.defs.changes import CHANGES
from lineage_platform.defs.run import run_trace
from lineage_platform.defs.sensors import failed_runs
from lineage_platform.settings import Settings
from tests.defs.conftest import HubFolder
from tests.servers.listener import listening
from tests.servers.mail import mail_server


def metadata(instance: dg.DagsterInstance) -> dict[str, object]:
    event = instance.get_latest_materialization_event(CHANGES)
    assert event is not None
    assert event.asset_materialization is not None
    return {name: value.value for name, value in event.asset_materialization.metadata.items()}


def test_a_trace_tells_the_operator_what_it_changed(
    instance: dg.DagsterInstance, settings: Settings, hub: HubFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    with listening() as listener, mail_server() as mailbox:
        monkeypatch.setenv("LINEAGE_WEBHOOK", listener.url)
        monkeypatch.setenv("LINEAGE_MAIL_SERVER", f"smtp://127.0.0.1:{mailbox.port}")
        monkeypatch.setenv("LINEAGE_MAIL_TO", "ops@lab.example")
        monkeypatch.setenv("OPENAI_API_KEY", "sk-something")
        run_trace(settings, ["org/root"])
        assert metadata(instance)["news"] == "nothing changed"
        hub.add("org/root", ["org/deep"], revision="2" * 40)
        run_trace(settings, ["org/root"])
    [body] = listener.bodies
    message = json.loads(body)
    assert message["report"]["counts"]["edges new"] == 1
    assert "1 edges new" in message["text"]
    [mail] = mailbox.messages
    assert "1 edges new" in mail["Subject"]
    assert mail.get_content().replace("\r\n", "\n") == str(metadata(instance)["report"])
    assert (metadata(instance)["webhook"], metadata(instance)["mail"]) == ("delivered", "delivered")
    assert b"secret" not in body
    assert b"sk-something" not in body


def test_a_failed_run_is_told_with_its_reason(
    instance: dg.DagsterInstance, settings: Settings, hub: HubFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    with listening() as listener, mail_server() as mailbox:
        assert run_trace(settings, ["org/broken"]).failed
        [run] = instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE]))
        [record] = instance.get_records_for_run(run.run_id, of_type=dg.DagsterEventType.RUN_FAILURE).records
        event = record.event_log_entry.dagster_event
        assert event
        context = dg.build_run_status_sensor_context("failed_runs", event, instance, run).for_run_failure()
        assert failed_runs(context).skip_message == "neither LINEAGE_WEBHOOK nor LINEAGE_MAIL_TO is set"
        monkeypatch.setenv("LINEAGE_WEBHOOK", listener.url)
        monkeypatch.setenv("LINEAGE_MAIL_SERVER", f"smtp://127.0.0.1:{mailbox.port}")
        monkeypatch.setenv("LINEAGE_MAIL_TO", "ops@lab.example")
        assert failed_runs(context) is None
    [message], [body] = mailbox.messages, listener.bodies
    posted = json.loads(body)
    assert posted["text"].startswith(f"run {run.run_id[:8]} of {run.job_name} failed: trace_datasets: 1 of 1 datasets ")
    assert posted["reasons"][0] in message.get_content().replace("\r\n", "\n")
    assert posted["run"] == run.run_id


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
