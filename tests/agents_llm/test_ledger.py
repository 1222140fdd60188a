"""Answers paid for once, every call on record, spending bounded: through threads, kills and second runs."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from lineage_platform.agents.interface import Subject
from lineage_platform.agents.llm.ledger import FILE_NAME, CallOutcome, Cost, Ledger, LedgerFailed, Purpose
from lineage_platform.agents.llm.models import Price, Role, RoleSettings, Task, read_models
from lineage_platform.agents.llm.spending import Budget, Prices, require_prices
from lineage_platform.agents.llm.spent import spent_in
from lineage_platform.errors import BrokenRecord, BudgetSpent, UsageError
from tests.agents_llm.worlds import CARD, GSM8K, LABELS, NUMINA, SUBJECT, agents_for, as_labels, document, read_all
from tests.conftest import REPOSITORY
from tests.servers.models import Asked, Label, ModelServer, Oracle, Reply, truncated

ORACLE = Oracle(LABELS)


def purpose(dataset: str = "org/data", key: str = "k") -> Purpose:
    return Purpose(Task.TRACING, "openai:x", "tracing-1", dataset, "d", key)


def fixed(asked: Asked) -> Reply:
    """The oracle's answer at a known price: 1,000 tokens read, 500 written."""
    reply = ORACLE(asked)
    return Reply(reply.text, input_tokens=1000, output_tokens=500)


def test_a_second_run_asks_nothing(tmp_path: Path) -> None:
    with ModelServer(ORACLE) as server:
        first = agents_for(server, tmp_path)
        statements = read_all(first, document(CARD))
        profile = first.aggregation(SUBJECT, document(CARD), statements)
        links = first.sourcing(SUBJECT, document(CARD))
        first.caller.ledger.close()
        calls = len(server.log)
        again = agents_for(server, tmp_path)
        assert read_all(again, document(CARD)) == statements
        assert again.aggregation(SUBJECT, document(CARD), statements) == profile
        assert again.sourcing(SUBJECT, document(CARD)) == links
        assert len(server.log) == calls == 3
    total = again.caller.ledger.total(this_run=True)
    assert (total.calls, total.cache_hits, total.cost_usd) == (0, 3, 0.0)


@pytest.mark.parametrize(
    "change", ["document", "subject", "model", "parameters", "facts"], ids=lambda change: f"another_{change}"
)
def test_what_would_be_read_otherwise_is_asked_anew(change: str, tmp_path: Path) -> None:
    with ModelServer(ORACLE) as server:
        read_all(agents_for(server, tmp_path), document(CARD))
        agents, reading, subject = agents_for(server, tmp_path), document(CARD), SUBJECT
        if change == "document":
            reading = document(CARD + "More.\n")
        elif change == "subject":
            subject = Subject("org/other")
        elif change == "facts":
            subject = Subject("org/data", also_known_as=("old/name",))
        elif change == "model":
            agents = agents_for(server, tmp_path, wire="gemini")
        else:
            agents = agents_for(server, tmp_path, wire="responses")
        read_all(agents, reading, subject)
        assert len(server.log) == 2


def test_the_ledger_adds_up(tmp_path: Path) -> None:
    with ModelServer(fixed) as server:
        agents = agents_for(server, tmp_path, price={"input": 2.0, "output": 10.0})
        for name in ("org/data", "org/more"):
            subject = Subject(name)
            statements = read_all(agents, document(CARD), subject)
            agents.aggregation(subject, document(CARD), statements)
        read_all(agents, document(CARD))
    ledger = agents.caller.ledger
    each = (1000 * 2.0 + 500 * 10.0) / 1e6
    total = ledger.total()
    assert (total.calls, total.cache_hits, total.input_tokens, total.output_tokens) == (4, 1, 4000, 2000)
    assert total.cost_usd == pytest.approx(4 * each)
    assert agents.caller.budget.spent == pytest.approx(total.cost_usd)
    for by, names in (
        ("role", {"tracing", "aggregation"}),
        ("dataset", {"org/data", "org/more"}),
        ("model", {"openai:x"}),
    ):
        parts = ledger.spending(by)  # type: ignore[arg-type]
        assert {part.name for part in parts} == names
        assert sum(part.cost_usd for part in parts) == pytest.approx(total.cost_usd)
        assert sum(part.calls for part in parts) == total.calls
    assert total.seconds > 0


def test_a_malformed_answer_is_paid_and_on_record(tmp_path: Path) -> None:
    with ModelServer(truncated(fixed)) as server:
        agents = agents_for(server, tmp_path)
        read_all(agents, document(CARD))
    assert {part.name: part.cost_usd for part in agents.caller.ledger.spending("outcome")} == {
        "malformed": pytest.approx(1.5),
        "ok": pytest.approx(1.5),
    }


def test_a_file_that_is_no_ledger_is_named(tmp_path: Path) -> None:
    path = tmp_path / "calls.sqlite"
    path.write_text("not a database " * 100)
    with pytest.raises(BrokenRecord, match=r"calls\.sqlite"):
        Ledger(path)


def test_a_ledger_without_room_is_named_whatever_is_asked_of_it(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "calls.sqlite")
    purpose = Purpose(Task.TRACING, "m", "1", "o/a", "d", "k")
    call = ledger.begin(purpose)
    pages = ledger._connection.execute("PRAGMA page_count").fetchone()[0]
    ledger._connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(LedgerFailed, match=r"calls\.sqlite cannot be used: database or disk is full") as failure:
        ledger.end(call, CallOutcome.OK, Cost(), purpose=purpose, answer="a" * 100_000)
    assert "no answer in it is paid again" in failure.value.hint
    assert ledger.answer(purpose) is None
    assert ledger.total().unfinished == 1
    ledger._connection.execute("PRAGMA max_page_count = 100000")
    ledger.end(call, CallOutcome.OK, Cost(), purpose=purpose, answer="a")
    assert ledger.answer(purpose) == "a"


def test_a_ledger_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "calls.sqlite").mkdir()
    with pytest.raises(LedgerFailed, match=r"calls\.sqlite"):
        Ledger(tmp_path / "calls.sqlite")


def test_what_was_spent_is_told_while_calls_go_on_and_changes_nothing(tmp_path: Path) -> None:
    assert spent_in(tmp_path)[0].calls == 0
    ledger = Ledger(tmp_path / FILE_NAME)
    ledger.end(ledger.begin(purpose()), CallOutcome.OK, Cost(cost_usd=1.5))
    ledger.begin(purpose("org/other"))
    written = (tmp_path / FILE_NAME).read_bytes()
    total, by = spent_in(tmp_path, ("dataset",))
    assert (total.calls, total.unfinished, total.cost_usd) == (2, 1, 1.5)
    assert [each.name for each in by["dataset"]] == ["org/data", "org/other"]
    assert (tmp_path / FILE_NAME).read_bytes() == written


@pytest.mark.parametrize("done", ["SELECT 1", "PRAGMA journal_mode = WAL"], ids=["empty", "without_tables"])
def test_of_a_ledger_that_is_only_being_made_nothing_was_spent(tmp_path: Path, done: str) -> None:
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        connection.execute(done)
    total, by = spent_in(tmp_path, ("role",))
    assert (total.calls, by) == (0, {"role": ()})


def test_what_is_no_ledger_is_named_by_who_asks_what_was_spent(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("not a database " * 100)
    with pytest.raises(BrokenRecord, match=FILE_NAME):
        spent_in(tmp_path)
    (tmp_path / FILE_NAME).unlink()
    (tmp_path / FILE_NAME).mkdir()
    with pytest.raises(LedgerFailed, match=FILE_NAME):
        spent_in(tmp_path)


def test_spending_is_summed_by_nothing_else(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="detail"):
        Ledger(tmp_path / "calls.sqlite").spending("detail")  # type: ignore[arg-type]


def test_many_threads_and_processes_write_one_ledger(tmp_path: Path) -> None:
    ledgers = [Ledger(tmp_path / "calls.sqlite") for _ in range(2)]

    def work(number: int) -> None:
        ledger, mine = ledgers[number % 2], purpose(key=str(number))
        call = ledger.begin(mine)
        ledger.end(call, CallOutcome.OK, Cost(1, 1, 0.5, 0.1), purpose=mine, answer="[]")
        assert ledger.answer(mine) == "[]"
        ledger.hit(mine)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(work, range(200)))
    total = ledgers[0].total()
    assert (total.calls, total.cache_hits, total.unfinished, total.cost_usd) == (200, 200, 0, 100.0)


def test_an_answer_and_its_price_go_on_record_together_or_not_at_all(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "calls.sqlite")
    call = ledger.begin(purpose())
    with pytest.raises(sqlite3.Error):
        ledger.end(call, CallOutcome.OK, Cost(1, 1, 0.5, 0.1), purpose=purpose(), answer=object())  # type: ignore[arg-type]
    assert ledger.answer(purpose()) is None
    assert (ledger.total().unfinished, ledger.total().cost_usd) == (1, 0.0)
    ledger.end(call, CallOutcome.OK, Cost(1, 1, 0.5, 0.1), purpose=purpose(), answer="[]")
    assert ledger.total().unfinished == 0


def many(count: int) -> list[Subject]:
    return [Subject(f"org/data-{number}") for number in range(count)]


def test_a_budget_stops_cleanly_and_is_passed_by_no_more_than_the_calls_in_flight(tmp_path: Path) -> None:
    width, each, cap = 8, 1.5, 10.0
    oracle = Oracle({subject.name: LABELS["org/data"] for subject in many(40)})

    def answer(asked: Asked) -> Reply:
        return Reply(oracle(asked).text, input_tokens=1000, output_tokens=500, delay=0.02)

    def attempt(subject: Subject) -> bool:
        try:
            return as_labels(read_all(agents, document(CARD), subject)) == [GSM8K, NUMINA]
        except BudgetSpent:
            return False

    with ModelServer(answer) as server, ThreadPoolExecutor(width) as pool:
        agents = agents_for(server, tmp_path, max_cost=cap)
        done = list(pool.map(attempt, many(40)))
        spent, calls = agents.caller.budget.spent, len(server.log)
        assert cap <= spent <= cap + width * each
        assert calls == sum(done) == round(spent / each)
        agents = agents_for(server, tmp_path)
        assert all(pool.map(attempt, many(40))), "the next run goes on"
        assert len(server.log) == 40, "and pays for nothing twice"


def test_no_budget_is_no_bound() -> None:
    budget = Budget()
    budget.add(1e9)
    budget.check()


def test_prices_are_found_by_name_or_family(tmp_path: Path) -> None:
    own = tmp_path / "models.toml"
    own.write_text(
        '[prices.openai]\n"gpt-5.1" = { input = 9, output = 9 }\n[prices.mine]\nm = { input = 1, output = 2 }\n'
    )
    prices = Prices.read(read_models(own))
    assert prices.of(RoleSettings(model="openai:gpt-5.1-2025-11-13")) == Price(input=9, output=9)
    assert prices.of(RoleSettings(model="google_genai:gemini-2.5-flash-lite")) == Price(
        input=0.10, output=0.40, search=35
    )
    assert prices.of(RoleSettings(model="google_genai:gemini-2.5-flash")) == Price(input=0.30, output=2.50, search=35)
    assert prices.of(RoleSettings(model="mine:m")) == Price(input=1, output=2)
    assert prices.of(RoleSettings(model="openai:gpt-5.12")) is None
    local = RoleSettings(model="openai:gpt-5.1-local", base_url="http://localhost:8000/v1")
    assert prices.of(local) == Price(input=0, output=0)


def test_every_default_model_has_a_price() -> None:
    require_prices(Prices.read(), read_models(), frozenset(Role))


def test_a_budget_over_a_model_without_a_price_is_refused() -> None:
    settings = read_models()
    settings.roles[Role.TRACING] = RoleSettings(model="openai:gpt-99")
    with pytest.raises(UsageError, match="openai:gpt-99"):
        require_prices(Prices.read(), settings, frozenset(Role))
    require_prices(Prices.read(), settings, frozenset({Role.SOURCING}))


KILLED = """
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from lineage_platform.agents.interface import Subject
from tests.agents_llm.worlds import CARD, agents_for, document, read_all

server = SimpleNamespace(url=sys.argv[1], openai_url=sys.argv[1] + "/v1")
agents = agents_for(server, Path(sys.argv[2]))
with ThreadPoolExecutor(4) as pool:
    list(pool.map(lambda n: read_all(agents, document(CARD), Subject(f"org/data-{n}")), range(int(sys.argv[3]))))
"""


def start(server: ModelServer, home: Path, count: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", KILLED, server.url, str(home), str(count)]
    return subprocess.Popen(command, cwd=REPOSITORY, env={**os.environ, "PYTHONPATH": str(REPOSITORY)})


def test_after_a_kill_no_answer_on_disk_is_paid_again_and_the_calls_in_flight_show(tmp_path: Path) -> None:
    count = 24
    oracle = Oracle({f"org/data-{n}": (Label("GSM8K", GSM8K.quote),) for n in range(count)})
    with ModelServer(oracle, latency=0.1) as server:
        for after in (2, 7, 13):
            asked_before = len(server.log)
            process = start(server, tmp_path, count)
            while len(server.log) < asked_before + after and process.poll() is None:
                time.sleep(0.005)
            process.send_signal(signal.SIGKILL)
            process.wait()
            ledger = Ledger(tmp_path / "calls.sqlite")
            kept = kept_answers(ledger)
            calls = ledger.total()
            assert calls.calls == len(kept) + calls.unfinished
            assert len(server.log) - len(kept) <= calls.unfinished, "whatever was sent and not kept shows as in flight"
            ledger.close()
        at_kills = len(server.log)
        assert start(server, tmp_path, count).wait() == 0
        assert len(server.log) - at_kills == count - len(kept)
        assert not {asked.dataset for asked in server.log[at_kills:]} & kept


def kept_answers(ledger: Ledger) -> set[str]:
    with sqlite3.connect(ledger.path) as connection:
        return {row[0] for row in connection.execute("SELECT dataset FROM answers JOIN calls USING (call_id)")}
