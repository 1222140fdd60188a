"""Asking a model: from the cache if it can be, within the budget, a few at a time, patiently, and on record."""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import BoundedSemaphore, Lock
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import TypeAdapter
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from lineage_platform.agents.llm.answers import Answer, read_answer
from lineage_platform.agents.llm.failures import ModelCallFailed, failure
from lineage_platform.agents.llm.ledger import CallOutcome, Cost, Ledger, Purpose, seconds_since
from lineage_platform.agents.llm.models import SEARCH_TOOLS, ModelSettings, Role, Task, open_model
from lineage_platform.agents.llm.prompts import message, prompt
from lineage_platform.agents.llm.replies import broken_off, reply_of
from lineage_platform.agents.llm.schemas import KEYS, Item, answer_schema
from lineage_platform.agents.llm.spending import FREE, Budget, Prices
from lineage_platform.concurrency import Once
from lineage_platform.files import digest

if TYPE_CHECKING:
    from langchain_core.runnables import Runnable

log = logging.getLogger(__name__)
T = TypeVar("T", bound=Item)

# A provider that asks for a longer wait than this is given up for now; the next run tries again.
LONGEST_WAIT = 120.0
COMPLAINT = "That answer does not fit the schema:"
DEMAND = "Give the whole answer again, corrected."


@dataclass(frozen=True)
class Question:
    """What a model is asked.

    Parameters
    ----------
    task:
        What is asked for, of the model that does it.
    dataset:
        The dataset that is traced.
    facts:
        What we know ourselves, by name; shown above the material.
    material:
        Text from outside; shown between markers.
    document_digest:
        Of the document the material is from; empty when it is from several.
    """

    task: Task
    dataset: str
    facts: dict[str, str]
    material: str
    document_digest: str = ""

    @property
    def role(self) -> Role:
        """Who is asked."""
        return self.task.role


class Gate:
    """How many calls may be under way at one address, and when the next may be sent.

    Parameters
    ----------
    width:
        Calls under way at the same time.
    """

    def __init__(self, width: int) -> None:
        self._places = BoundedSemaphore(width)
        self._lock = Lock()
        self._open_at = 0.0

    @contextmanager
    def place(self) -> Iterator[None]:
        """A place among the calls under way, once the address takes calls."""
        with self._places:
            while (wait := self._wait()) > 0:
                time.sleep(wait)
            yield

    def close_for(self, seconds: float) -> None:
        """Let nobody send before ``seconds`` have passed: the address has asked for it."""
        with self._lock:
            self._open_at = max(self._open_at, time.monotonic() + seconds)

    def _wait(self) -> float:
        with self._lock:
            return self._open_at - time.monotonic()


@dataclass
class Caller:
    """Asks the models of all roles, from any number of threads.

    Parameters
    ----------
    settings, prices, ledger:
        Which models, what they cost, where answers and calls go.
    budget:
        Bound on the cost; none by default.
    environment:
        Where the keys are looked up.
    backoff:
        Seconds that the random wait before the second attempt takes at most; doubled at each further one.
    """

    settings: ModelSettings
    prices: Prices
    ledger: Ledger
    budget: Budget = field(default_factory=Budget)
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    backoff: float = 2.0

    def __post_init__(self) -> None:
        self._models: Once[Task, Runnable[Any, Any]] = Once()
        self._gates: Once[tuple[str, str | None], Gate] = Once()

    def ask(self, question: Question, kind: type[T]) -> tuple[T, ...]:
        """The items of the role's answer that have the right shape; asked for once more if any has not.

        Raises
        ------
        ModelCallFailed
            The model could not be reached, or gave no readable answer twice.
        BudgetSpent
            The answer is not in the cache and there is no money left.
        ModelsUnavailable
            A package or a key is missing.
        """
        purpose = self.purpose(question)
        if (kept := self.kept(question, kind)) is not None:
            self.ledger.hit(purpose)
            return kept
        messages = self.messages(question)
        text, answer = self._exchange(purpose, messages, kind)
        if answer.problems:
            complaint = "\n".join([COMPLAINT, *answer.problems[:20], DEMAND])
            again = [*messages, ("ai", text or "(nothing)"), ("human", complaint)]
            _, answer = self._exchange(purpose, again, kind, answer)
            for problem in answer.problems:
                log.warning("%s of %s: an item was dropped: %s", question.role, question.dataset, problem)
        return answer.items

    def kept(self, question: Question, kind: type[T]) -> tuple[T, ...] | None:
        """The answer that is kept of an earlier call; None if there is none."""
        answer = self.ledger.answer(self.purpose(question))
        return None if answer is None else _adapter(kind).validate_json(answer)

    def messages(self, question: Question) -> list[tuple[str, str]]:
        """What a first call sends."""
        facts = {"Dataset": question.dataset, **question.facts}
        return [
            ("system", prompt(question.task).text + self._schema_text(question.task)),
            ("human", message(question.task, facts, question.material)),
        ]

    def purpose(self, question: Question) -> Purpose:
        """What a question is for: what its answer is kept under."""
        own = self.settings.roles[question.role]
        version = prompt(question.task).version
        key = digest(
            question.task,
            version,
            own.model,
            json.dumps(own.parameters, sort_keys=True),
            json.dumps(answer_schema(question.task)),
            question.dataset,
            question.document_digest,
            json.dumps(question.facts, sort_keys=True),
            question.material,
        )
        return Purpose(question.task, own.model, version, question.dataset, question.document_digest, key)

    def _schema_text(self, task: Task) -> str:
        """The schema in words, for models that are not bound to it by the provider."""
        if self.settings.structured(task) in ("json_schema", "function_calling"):
            return ""
        return f"\nThe schema of the answer, as JSON Schema:\n{json.dumps(answer_schema(task))}\n"

    def _exchange(
        self, purpose: Purpose, messages: Sequence[tuple[str, str]], kind: type[T], before: Answer[T] | None = None
    ) -> tuple[str, Answer[T]]:
        """One answered call: its text, and what it says together with the answer that it repairs.

        The answer is kept if it is the last word: sound, or the best that the repair gave.
        """
        call, cost, text = self._send(purpose, messages)
        answer = read_answer(text, KEYS[purpose.task], kind)
        answer = before.joined(answer) if before else answer
        outcome = CallOutcome.OK if not answer.problems else CallOutcome.MALFORMED
        if before and answer.problems and answer.readable:
            outcome = CallOutcome.PARTIAL
        sound = outcome is not CallOutcome.MALFORMED
        kept = _adapter(kind).dump_json(answer.items).decode("utf-8") if sound else None
        self.ledger.end(call, outcome, cost, detail="; ".join(answer.problems)[:500], purpose=purpose, answer=kept)
        if before and not sound:
            raise ModelCallFailed(
                f"{purpose.model}, the {purpose.role} model, gave no readable answer about {purpose.dataset}, twice:"
                f" {'; '.join(answer.problems)}",
                "trace it again, or choose another model in the file that LINEAGE_MODELS names",
            )
        return text, answer

    def _send(self, purpose: Purpose, messages: Sequence[tuple[str, str]]) -> tuple[int, Cost, str]:
        """Send until there is an answer; returns the call's number in the ledger, what it used, and the text."""
        own = self.settings.roles[purpose.role]
        model = self._models.get(purpose.task, lambda: self._open(purpose.task))
        width = self.settings.provider(purpose.role).max_concurrency
        gate = self._gates.get((own.provider, own.base_url), lambda: Gate(width))
        retrying = Retrying(
            stop=stop_after_attempt(own.attempts),
            wait=self._wait,
            retry=retry_if_exception(lambda error: isinstance(error, ModelCallFailed) and error.transient),
            reraise=True,
        )
        return retrying(self._attempt, purpose, messages, model, gate)

    def _wait(self, state: RetryCallState) -> float:
        """Jitter after the wait that the provider asked for, or growing jitter where it asked for none."""
        return float(wait_random_exponential(multiplier=self.backoff, max=60)(state))

    def _attempt(
        self, purpose: Purpose, messages: Sequence[tuple[str, str]], model: Runnable[Any, Any], gate: Gate
    ) -> tuple[int, Cost, str]:
        with gate.place():
            self.budget.check()
            call, started = self.ledger.begin(purpose), time.monotonic()
            try:
                answer = model.invoke(list(messages))
                reply = reply_of(answer["raw"] if isinstance(answer, dict) else answer)
            except Exception as error:  # every client raises errors of its own kind
                if (cut := broken_off(error)) is None:
                    raise self._failed(call, purpose, error, started, gate) from error
                reply = cut
        price = self.prices.of(self.settings.roles[purpose.role]) or FREE
        cost = Cost(*reply.tokens, price.cost(*reply.tokens, reply.searches), seconds_since(started))
        self.budget.add(cost.cost_usd)
        return call, cost, reply.text

    def _failed(self, call: int, purpose: Purpose, error: Exception, started: float, gate: Gate) -> ModelCallFailed:
        failed = failure(error, purpose.role, purpose.model, self.environment)
        if failed.retry_after is not None and failed.retry_after <= LONGEST_WAIT:
            gate.close_for(failed.retry_after)
        elif failed.retry_after is not None:
            failed.transient = False
        self.ledger.end(call, failed.outcome, Cost(seconds=seconds_since(started)), detail=failed.detail)
        return failed

    def _open(self, task: Task) -> Runnable[Any, Any]:
        role = task.role
        model, method = open_model(self.settings, role, self.environment), self.settings.structured(task)
        if task is Task.SEARCHING:
            return model.bind_tools([SEARCH_TOOLS[self.settings.roles[role].provider]])
        if method == "none":
            return model
        extra = self.settings.provider(role).structured if method == "json_schema" else {}
        bound: Runnable[Any, Any] = model.with_structured_output(
            answer_schema(task), method=method, include_raw=True, **extra
        )
        return bound


def _adapter(kind: type[T]) -> TypeAdapter[tuple[T, ...]]:
    return TypeAdapter(tuple[kind, ...])  # type: ignore[valid-type]
