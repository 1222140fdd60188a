"""The real clients of OpenAI and Gemini against a loopback server: every fault a provider or a model shows."""

from __future__ import annotations

import json
import logging
import time
from pathlib import Path

import pytest

from lineage_platform.agents.llm.failures import ModelCallFailed
from lineage_platform.agents.llm.ledger import CallOutcome
from tests.agents_llm.worlds import (
    CARD,
    GSM8K,
    LABELS,
    NUMINA,
    SUBJECT,
    agents_for,
    as_labels,
    document,
    read_all,
    settings_for,
)
from tests.servers.models import (
    ModelServer,
    Oracle,
    Reply,
    altered_quotes,
    first,
    in_prose,
    say,
    truncated,
    unknown_id,
    with_statements,
    wrong_enum,
)

WIRES = ("chat", "responses", "gemini")
ORACLE = Oracle(LABELS)


def outcomes(agents: object) -> dict[str, int]:
    return {part.name: part.calls for part in agents.caller.ledger.spending("outcome")}  # type: ignore[attr-defined]


@pytest.mark.parametrize("wire", WIRES)
def test_an_oracles_labels_come_back_exactly(wire: str, tmp_path: Path) -> None:
    with ModelServer(ORACLE) as server:
        agents = agents_for(server, tmp_path, wire=wire)
        statements = read_all(agents, document(CARD))
    assert as_labels(statements) == [GSM8K, NUMINA]
    assert all(CARD[s.quote_offset :].startswith(s.quote) for s in statements if s.quote_offset is not None)
    assert [asked.wire for asked in server.log] == [wire]
    assert {s.document_id for s in statements} == {"card:org/data"}
    assert all(s.said_by.startswith("llm/") for s in statements)


@pytest.mark.parametrize("wire", WIRES)
def test_the_provider_is_told_the_schema_and_gets_no_bounds_it_may_refuse(wire: str, tmp_path: Path) -> None:
    with ModelServer(ORACLE) as server:
        read_all(agents_for(server, tmp_path, wire=wire), document(CARD))
    schema = server.log[0].schema
    assert schema is not None
    item = schema["properties"]["statements"]["items"]
    assert item["required"] == list(item["properties"])
    assert item["properties"]["relation"]["enum"][0] == "semantic_evolution"
    assert not {"minimum", "default", "$ref", "maxLength"} & set(json.dumps(schema).replace('"', " ").split())


@pytest.mark.parametrize("wire", WIRES)
def test_a_rate_limit_is_waited_out_as_long_as_the_provider_asks(wire: str, tmp_path: Path) -> None:
    busy = Reply("slow down", status=429, headers={"Retry-After": "1"})
    with ModelServer(first(1, busy, ORACLE)) as server:
        agents = agents_for(server, tmp_path, wire=wire)
        assert as_labels(read_all(agents, document(CARD))) == [GSM8K, NUMINA]
    refused, answered = server.log
    assert answered.at - refused.at >= 1.0
    assert outcomes(agents) == {"ok": 1, "rate_limited": 1}


def test_others_wait_too_while_a_provider_asks_for_a_pause(tmp_path: Path) -> None:
    busy = Reply("slow down", status=429, headers={"Retry-After": "1"})
    with ModelServer(first(1, busy, ORACLE)) as server:
        agents = agents_for(server, tmp_path)
        read_all(agents, document(CARD))
        started = time.monotonic()
        gate = agents.caller._gates.get(("openai", server.openai_url), lambda: pytest.fail("no gate"))
        gate.close_for(0.3)
        agents.aggregation(SUBJECT, document(CARD), ())
    assert server.log[-2].at - started >= 0.3


def test_a_wait_of_hours_is_not_waited_for(tmp_path: Path) -> None:
    with ModelServer(lambda asked: Reply("tomorrow", status=429, headers={"Retry-After": "86400"})) as server:
        agents = agents_for(server, tmp_path)
        with pytest.raises(ModelCallFailed, match="rate limited"):
            read_all(agents, document(CARD))
    assert len(server.log) == 1


@pytest.mark.parametrize("wire", WIRES)
def test_a_server_error_is_tried_again(wire: str, tmp_path: Path) -> None:
    with ModelServer(first(2, Reply("oops", status=500), ORACLE)) as server:
        agents = agents_for(server, tmp_path, wire=wire)
        assert as_labels(read_all(agents, document(CARD))) == [GSM8K, NUMINA]
    assert outcomes(agents) == {"ok": 1, "server_error": 2}


def test_a_server_that_stays_down_is_given_up_and_nothing_is_kept(tmp_path: Path) -> None:
    with ModelServer(lambda asked: Reply("oops", status=503)) as server:
        agents = agents_for(server, tmp_path, attempts=3)
        with pytest.raises(ModelCallFailed, match="server error") as caught:
            read_all(agents, document(CARD))
        assert "already is kept" in caught.value.hint
        assert len(server.log) == 3
        server.answer = ORACLE
        assert as_labels(read_all(agents, document(CARD))) == [GSM8K, NUMINA]


@pytest.mark.parametrize("wire", WIRES)
def test_a_hung_connection_ends_at_the_timeout_and_is_tried_again(wire: str, tmp_path: Path) -> None:
    with ModelServer(first(1, Reply(hang=True), ORACLE)) as server:
        agents = agents_for(server, tmp_path, wire=wire, timeout=1.0)
        assert as_labels(read_all(agents, document(CARD))) == [GSM8K, NUMINA]
    assert outcomes(agents) == {"ok": 1, "timeout": 1}


def test_an_address_where_nobody_listens_is_unreachable(tmp_path: Path) -> None:
    with ModelServer(ORACLE) as server:
        settings = settings_for(server, attempts=2)
    agents = agents_for(server, tmp_path, settings=settings)
    with pytest.raises(ModelCallFailed, match="unreachable") as caught:
        read_all(agents, document(CARD))
    assert caught.value.outcome is CallOutcome.UNREACHABLE
    assert outcomes(agents) == {"unreachable": 2}


@pytest.mark.parametrize("wire", WIRES)
def test_a_refused_key_is_not_tried_again_and_not_shown(
    wire: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="lineage_platform")
    secret = "sk-canary-5f1d0c"
    refuse = Reply(f"Incorrect API key provided: {secret}", status=401)
    with ModelServer(lambda asked: refuse) as server:
        agents = agents_for(server, tmp_path, wire=wire, environment={"MY_KEY": secret}, keys=("MY_KEY",))
        with pytest.raises(ModelCallFailed) as caught:
            read_all(agents, document(CARD))
    assert len(server.log) == 1
    assert secret in json.dumps(dict(server.log[0].headers))
    assert secret not in caught.value.message
    assert secret not in caplog.text
    assert secret.encode() not in b"".join(path.read_bytes() for path in tmp_path.iterdir())


@pytest.mark.parametrize("wire", WIRES)
def test_truncated_json_is_repaired_in_one_round(wire: str, tmp_path: Path) -> None:
    with ModelServer(truncated(ORACLE)) as server:
        agents = agents_for(server, tmp_path, wire=wire)
        assert as_labels(read_all(agents, document(CARD))) == [GSM8K, NUMINA]
    assert [asked.round for asked in server.log] == [1, 2]
    assert outcomes(agents) == {"malformed": 1, "ok": 1}


@pytest.mark.parametrize("wire", WIRES)
def test_an_answer_cut_at_the_length_limit_keeps_its_whole_items(wire: str, tmp_path: Path) -> None:
    with ModelServer(truncated(ORACLE, share=0.8, finish="length", rounds=9)) as server:
        agents = agents_for(server, tmp_path, wire=wire)
        assert as_labels(read_all(agents, document(CARD))) == [GSM8K]
    assert [asked.round for asked in server.log] == [1, 2]
    assert outcomes(agents) == {"malformed": 1, "partial": 1}
    assert all(part.output_tokens > 0 for part in agents.caller.ledger.spending("outcome"))


@pytest.mark.parametrize("wire", WIRES)
def test_prose_around_the_json_is_passed_over(wire: str, tmp_path: Path) -> None:
    with ModelServer(in_prose(ORACLE)) as server:
        agents = agents_for(server, tmp_path, wire=wire)
        assert as_labels(read_all(agents, document(CARD))) == [GSM8K, NUMINA]
    assert len(server.log) == 1


def test_an_unknown_relation_costs_one_repair_and_no_statement(tmp_path: Path) -> None:
    with ModelServer(wrong_enum(ORACLE)) as server:
        statements = read_all(agents_for(server, tmp_path), document(CARD))
    assert set(as_labels(statements)) == {GSM8K, NUMINA}
    assert len(server.log) == 2


def test_an_item_that_stays_malformed_costs_only_itself(tmp_path: Path) -> None:
    broken = {"source": "", "relation": "osmosis", "confidence": "very"}
    with ModelServer(with_statements(ORACLE, lambda asked, given: [broken, *given])) as server:
        agents = agents_for(server, tmp_path)
        assert as_labels(read_all(agents, document(CARD))) == [GSM8K, NUMINA]
        assert len(server.log) == 2
        assert as_labels(read_all(agents, document(CARD))) == [GSM8K, NUMINA]
        assert len(server.log) == 2, "the best that two rounds gave is kept"


def test_talk_instead_of_an_answer_fails_after_one_repair_and_is_not_kept(tmp_path: Path) -> None:
    with ModelServer(say("I would rather not.")) as server:
        agents = agents_for(server, tmp_path)
        for rounds in (2, 4):
            with pytest.raises(ModelCallFailed, match="no readable answer"):
                read_all(agents, document(CARD))
            assert len(server.log) == rounds


def test_an_altered_quote_is_kept_as_said_and_has_no_place(tmp_path: Path) -> None:
    with ModelServer(altered_quotes(ORACLE)) as server:
        statements = read_all(agents_for(server, tmp_path), document(CARD))
    assert as_labels(statements)[:2] == [GSM8K, NUMINA]
    assert [s.quote_offset for s in statements[2:]] == [None, None]
    assert all("allegedly" in s.quote for s in statements[2:])


def test_a_name_is_never_made_into_an_id_here(tmp_path: Path) -> None:
    with ModelServer(unknown_id(ORACLE)) as server:
        statements = read_all(agents_for(server, tmp_path), document(CARD))
    invented = statements[-1]
    assert (invented.mention, invented.link, invented.quote) == ("nobody/no-such-dataset", None, GSM8K.quote)


@pytest.mark.parametrize("structured", ["function_calling", "json_mode", "none"])
def test_models_without_json_schema_are_asked_in_words(structured: str, tmp_path: Path) -> None:
    with ModelServer(ORACLE) as server:
        agents = agents_for(server, tmp_path, structured=structured)
        assert as_labels(read_all(agents, document(CARD))) == [GSM8K, NUMINA]
    assert ('"additionalProperties"' in server.log[0].system) == (structured != "function_calling")
