"""Calls of the tracing model sent ahead as batches, which OpenAI answers within a day at half the price."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from pydantic import BaseModel, TypeAdapter, ValidationError

from lineage_platform.agents.llm.answers import read_answer
from lineage_platform.agents.llm.calling import Caller, Question
from lineage_platform.agents.llm.failures import ModelCallFailed, failure
from lineage_platform.agents.llm.forecast import CHARACTERS_A_TOKEN, TYPICAL_ANSWER
from lineage_platform.agents.llm.ledger import CallOutcome, Cost, Purpose
from lineage_platform.agents.llm.models import INSTALL, ModelsUnavailable, Role, Task, key_of
from lineage_platform.agents.llm.schemas import KEYS, StatementItem, answer_schema
from lineage_platform.agents.llm.spending import FREE
from lineage_platform.errors import BrokenRecord
from lineage_platform.files import write_record

if TYPE_CHECKING:
    from openai import OpenAI
    from openai.types import Batch

log = logging.getLogger(__name__)

PRICE = 0.5
# Bounds of one batch: the provider's are 50,000 requests and 200 MB.
MOST_CALLS = 20_000
MOST_CHARACTERS = 40_000_000
FOLDER = "model_batches"
TOKEN = "lineage_batch"  # noqa: S105 - the name of a mark, not a secret
_ENDED = frozenset({"completed", "failed", "expired", "cancelled"})
_ROLES = {"system": "system", "human": "user"}
_STATEMENTS = TypeAdapter(tuple[StatementItem, ...])


class Submitted(BaseModel):
    """A batch on its way, as the file beside the ledger has it: written before it is sent, gone once it is read.

    Parameters
    ----------
    token:
        Our mark on it, by which it is found again if we were killed before its id was on disk.
    address:
        Where it was sent; None is the provider's own.
    batch_id:
        The provider's id; None until it is known.
    calls, purposes:
        Number in the ledger, and what the answer is kept under, of each call by its id in the batch.
    """

    token: str
    address: str | None
    batch_id: str | None = None
    calls: dict[str, int]
    purposes: dict[str, Purpose]


@dataclass
class Batches:
    """Asks the tracing model in batches; answers go where :class:`~.calling.Caller` looks for them first.

    Parameters
    ----------
    caller:
        Who would ask one by one: its settings, prices, ledger, budget and keys are used.
    pause:
        Seconds between two looks at a batch that is not done.
    """

    caller: Caller
    pause: float = 30.0

    def __post_init__(self) -> None:
        self._folder = self.caller.ledger.path.parent / FOLDER
        self._own = self.caller.settings.roles[Role.TRACING]

    def collect(self) -> None:
        """Wait for the batches that an earlier run left on their way, and keep what they answer.

        Raises
        ------
        ModelCallFailed
            The provider cannot be reached, or does not take the batch.
        BrokenRecord
            A file that says what is on its way cannot be read.
        """
        mine = [(path, each) for path, each in self._on_their_way() if each.address == self._own.base_url]
        if not mine:
            return
        client = self._client()
        for path, submitted in mine:
            self._read(client, path, submitted)

    def ask(self, questions: Iterable[Question]) -> None:
        """Have every question answered that no kept answer is known for; those that get none stay to be asked singly.

        Raises
        ------
        BudgetSpent
            What they are likely to cost is more than is left.
        ModelCallFailed
            As for :meth:`collect`.
        """
        every = {self.caller.purpose(question).answer_key: question for question in questions}
        asked = {key: each for key, each in every.items() if self.caller.kept(each, StatementItem) is None}
        if not asked:
            return
        self.caller.budget.check(ahead=sum(map(self._likely_cost, asked.values())))
        client = self._client()
        parts = list(_parts({key: json.dumps(self._request(key, each)) for key, each in asked.items()}))
        sent = [self._send(client, part, asked) for part in parts]
        for path, submitted in sent:
            self._read(client, path, submitted)

    def _send(
        self, client: OpenAI, lines: Mapping[str, str], questions: Mapping[str, Question]
    ) -> tuple[Path, Submitted]:
        purposes = {key: self.caller.purpose(questions[key]) for key in lines}
        calls = {key: self.caller.ledger.begin(purpose) for key, purpose in purposes.items()}
        submitted = Submitted(token=uuid4().hex, address=self._own.base_url, calls=calls, purposes=purposes)
        path = self._folder / f"{submitted.token}.json"
        write_record(path, submitted)
        try:
            content = "\n".join(lines.values()).encode("utf-8")
            file = client.files.create(file=("calls.jsonl", content), purpose="batch")
            batch = client.batches.create(
                completion_window="24h",
                endpoint="/v1/chat/completions",
                input_file_id=file.id,
                metadata={TOKEN: submitted.token},
            )
        except Exception as error:
            raise self._failed(error) from error
        submitted.batch_id = batch.id
        write_record(path, submitted)
        log.info("%d calls of the tracing model were sent as batch %s; it takes up to a day", len(calls), batch.id)
        return path, submitted

    def _read(self, client: OpenAI, path: Path, submitted: Submitted) -> None:
        """Wait for a batch, then put on record how each of its calls ended."""
        try:
            batch = self._ended(client, submitted)
            answers = dict(_answers(client, batch)) if batch else {}
        except Exception as error:
            raise self._failed(error) from error
        why = f"batch {batch.id} is {batch.status}" if batch else "the batch never reached the provider"
        for key, call in submitted.calls.items():
            self._end(call, submitted.purposes[key], answers.get(key), why)
        path.unlink(missing_ok=True)
        if batch and batch.status == "failed":
            reasons = "; ".join(str(each.message) for each in (batch.errors and batch.errors.data) or ())
            raise ModelCallFailed(
                f"{self._own.model}: the provider did not take batch {batch.id}: {reasons}",
                "set batch = false for the tracing role in the models file, or correct what it names",
                outcome=CallOutcome.REFUSED,
            )

    def _ended(self, client: OpenAI, submitted: Submitted) -> Batch | None:
        """The batch once it has ended; None if it was never made."""
        batch_id = submitted.batch_id
        if batch_id is None:
            made = (each for each in client.batches.list() if (each.metadata or {}).get(TOKEN) == submitted.token)
            found = next(made, None)
            if found is None:
                return None
            batch_id = found.id
        while (batch := client.batches.retrieve(batch_id)).status not in _ENDED:
            done = batch.request_counts.completed if batch.request_counts else 0
            log.info("batch %s is %s: %d of %d calls are answered", batch_id, batch.status, done, len(submitted.calls))
            time.sleep(self.pause)
        return batch

    def _end(self, call: int, purpose: Purpose, body: Mapping[str, Any] | None, why: str) -> None:
        """Put on record how one call ended; what a repair would have to mend is not kept, and asked singly."""
        if body is None:
            self.caller.ledger.end(call, CallOutcome.SERVER_ERROR, Cost(), detail=why)
            return
        usage = body.get("usage") or {}
        tokens = (int(usage.get("prompt_tokens", 0)), int(usage.get("completion_tokens", 0)))
        price = self.caller.prices.of(self._own) or FREE
        cost = Cost(*tokens, price.cost(*tokens) * PRICE)
        answer = read_answer(_text(body), KEYS[purpose.task], StatementItem)
        outcome = CallOutcome.MALFORMED if answer.problems else CallOutcome.OK
        kept = None if answer.problems else _STATEMENTS.dump_json(answer.items).decode("utf-8")
        detail = "; ".join(answer.problems)[:500]
        self.caller.ledger.end(call, outcome, cost, detail=detail, purpose=purpose, answer=kept)
        self.caller.budget.add(cost.cost_usd)

    def _request(self, key: str, question: Question) -> dict[str, Any]:
        """One line of the file that makes a batch."""
        messages = [{"role": _ROLES[role], "content": text} for role, text in self.caller.messages(question)]
        body = {"model": self._own.model_name, "messages": messages, **self._own.parameters}
        body |= self._bound(question.task)
        return {"custom_id": key, "method": "POST", "url": "/v1/chat/completions", "body": body}

    def _bound(self, task: Task) -> dict[str, Any]:
        """What binds an answer to the schema, as a single call has it."""
        if self._own.structured == "json_mode":
            return {"response_format": {"type": "json_object"}}
        if self._own.structured == "none":
            return {}
        schema = answer_schema(task)
        named = {"name": schema.pop("title"), "description": schema.pop("description"), "schema": schema}
        bound = {**named, **self.caller.settings.provider(Role.TRACING).structured}
        return {"response_format": {"type": "json_schema", "json_schema": bound}}

    def _likely_cost(self, question: Question) -> float:
        read = sum(len(text) for _, text in self.caller.messages(question)) // CHARACTERS_A_TOKEN
        price = self.caller.prices.of(self._own) or FREE
        return price.cost(read, TYPICAL_ANSWER[Role.TRACING]) * PRICE

    def _client(self) -> OpenAI:
        try:
            from openai import OpenAI
        except ImportError as error:
            raise ModelsUnavailable(f"batches need a package that is missing: {error}", INSTALL) from error
        key = key_of(self.caller.settings, Role.TRACING, self.caller.environment)
        return OpenAI(api_key=key, base_url=self._own.base_url, timeout=self._own.timeout, max_retries=4)

    def _failed(self, error: Exception) -> ModelCallFailed:
        return failure(error, Role.TRACING, self._own.model, self.caller.environment)

    def _on_their_way(self) -> Iterator[tuple[Path, Submitted]]:
        for path in sorted(self._folder.glob("*.json")):
            try:
                yield path, Submitted.model_validate_json(path.read_bytes())
            except (OSError, ValidationError) as error:
                raise BrokenRecord(f"{path} is no record of a batch", "move it away; its answers are lost") from error


def _parts(lines: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """The lines in as few batches as the bounds allow."""
    part: dict[str, str] = {}
    characters = 0
    for key, line in lines.items():
        if part and (len(part) >= MOST_CALLS or characters + len(line) > MOST_CHARACTERS):
            yield part
            part, characters = {}, 0
        part[key] = line
        characters += len(line)
    yield part


def _answers(client: OpenAI, batch: Batch) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The bodies of the responses that came, by the id of the call."""
    if batch.output_file_id is None:
        return
    for line in client.files.content(batch.output_file_id).text.splitlines():
        answered = json.loads(line)
        response = answered.get("response") or {}
        if response.get("status_code") == 200:
            yield answered["custom_id"], response["body"]


def _text(body: Mapping[str, Any]) -> str:
    choices: Sequence[Mapping[str, Any]] = body.get("choices") or ()
    return str((choices[0].get("message") or {}).get("content") or "") if choices else ""
