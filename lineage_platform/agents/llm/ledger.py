"""What models answered, and what every call cost: one SQLite file in the data home."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Literal

from lineage_platform.agents.llm.models import Role, Task
from lineage_platform.errors import BrokenRecord, LineageError

FILE_NAME = "model_calls.sqlite"
Grouping = Literal["role", "model", "dataset", "outcome", "run"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS calls (
    call_id INTEGER PRIMARY KEY,
    run TEXT NOT NULL,
    answer_key TEXT NOT NULL,
    role TEXT NOT NULL,
    model TEXT NOT NULL,
    prompt_version TEXT NOT NULL,
    dataset TEXT NOT NULL,
    document_digest TEXT NOT NULL,
    started_at TEXT NOT NULL,
    outcome TEXT NOT NULL,
    detail TEXT NOT NULL DEFAULT '',
    cache_hit INTEGER NOT NULL DEFAULT 0,
    input_tokens INTEGER NOT NULL DEFAULT 0,
    output_tokens INTEGER NOT NULL DEFAULT 0,
    cost_usd REAL NOT NULL DEFAULT 0,
    seconds REAL NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS answers (
    answer_key TEXT PRIMARY KEY,
    call_id INTEGER NOT NULL REFERENCES calls,
    answer TEXT NOT NULL
);
"""


class LedgerFailed(LineageError):
    """The ledger cannot be read or written now: the disk is full, or does not let us."""

    kind = "ledger_failed"


class CallOutcome(StrEnum):
    """How one call ended; ``in_flight`` is one that has not, or whose process was killed."""

    IN_FLIGHT = "in_flight"
    OK = "ok"
    PARTIAL = "partial"
    MALFORMED = "malformed"
    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    CACHED = "cached"


@dataclass(frozen=True)
class Purpose:
    """What a call is for; together with what is sent, this is what its answer is kept under.

    Parameters
    ----------
    task, model, prompt_version:
        What is asked for, of whom, and how.
    dataset:
        The dataset that is traced.
    document_digest:
        Of the stored text that is read; empty when none is.
    answer_key:
        Digest over all of these and over what is shown of the document.
    """

    task: Task
    model: str
    prompt_version: str
    dataset: str
    document_digest: str
    answer_key: str

    @property
    def role(self) -> Role:
        """Who is asked."""
        return self.task.role


@dataclass(frozen=True)
class Cost:
    """What one call used."""

    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float = 0.0
    seconds: float = 0.0


@dataclass(frozen=True)
class Spending:
    """What the calls of one role, model or dataset used together.

    Parameters
    ----------
    calls:
        Requests sent, failed ones and repeats included; answers found in the cache are ``cache_hits``.
    unfinished:
        Those of them whose end is not on record: under way, or in flight when a process was killed.
    """

    name: str
    calls: int
    cache_hits: int
    unfinished: int
    input_tokens: int
    output_tokens: int
    cost_usd: float
    seconds: float


class Ledger:
    """Answers and calls, for many threads and processes, and whole after a kill.

    A call is on record from before it is sent; its end and its answer are written in one transaction, before the answer
    is used. Only sound answers are kept.

    Parameters
    ----------
    path:
        The file; made when missing.

    Raises
    ------
    BrokenRecord
        There is a file, but it is no ledger.
    LedgerFailed
        It cannot be opened now; every method raises this, too, when the file cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.run = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}-{os.getpid()}"
        self._lock = threading.Lock()
        with self._named():
            self._connection = self._opened()

    def _opened(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self.path, timeout=60, check_same_thread=False, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.executescript(_SCHEMA)
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Say what SQLite refuses as an error that names the file, and what to do."""
        try:
            yield
        except sqlite3.OperationalError as error:
            raise LedgerFailed(
                f"the ledger of model calls {self.path} cannot be used: {error}",
                "make room on its disk, or make it writable, then run the same command: no answer in it is paid again",
            ) from error
        except sqlite3.DatabaseError as error:
            if type(error) is not sqlite3.DatabaseError:
                raise  # the caller's own mistake
            raise BrokenRecord(
                f"{self.path} is not a ledger of model calls: {error}", "move it away; answers in it are lost"
            ) from error

    def close(self) -> None:
        """Give the file back."""
        with self._lock:
            self._connection.close()

    def answer(self, purpose: Purpose) -> str | None:
        """The answer kept for this purpose, or None."""
        with self._lock, self._named():
            row = self._connection.execute(
                "SELECT answer FROM answers WHERE answer_key = ?", (purpose.answer_key,)
            ).fetchone()
        return None if row is None else str(row[0])

    def hit(self, purpose: Purpose) -> None:
        """Put on record that a kept answer was used."""
        self._begin(purpose, CallOutcome.CACHED)

    def begin(self, purpose: Purpose) -> int:
        """Put on record that a call is about to be sent; returns its number."""
        return self._begin(purpose, CallOutcome.IN_FLIGHT)

    def end(
        self,
        call: int,
        outcome: CallOutcome,
        cost: Cost,
        *,
        detail: str = "",
        purpose: Purpose | None = None,
        answer: str | None = None,
    ) -> None:
        """Put on record how a call ended, and its answer with it.

        Parameters
        ----------
        call:
            From :meth:`begin`.
        outcome, cost, detail:
            How it ended, what it used, why it failed.
        purpose, answer:
            What the answer is kept under, and the answer; None keeps nothing.
        """
        with self._lock, self._named(), self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.execute(
                "UPDATE calls SET outcome = ?, detail = ?, input_tokens = ?, output_tokens = ?, cost_usd = ?,"
                " seconds = ? WHERE call_id = ?",
                (outcome, detail, cost.input_tokens, cost.output_tokens, cost.cost_usd, cost.seconds, call),
            )
            if purpose is not None and answer is not None:
                self._connection.execute(
                    "INSERT OR REPLACE INTO answers VALUES (?, ?, ?)", (purpose.answer_key, call, answer)
                )

    def _begin(self, purpose: Purpose, outcome: CallOutcome) -> int:
        with self._lock, self._named():
            cursor = self._connection.execute(
                "INSERT INTO calls (run, answer_key, role, model, prompt_version, dataset, document_digest, started_at,"
                " outcome, cache_hit) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    self.run,
                    purpose.answer_key,
                    purpose.role,
                    purpose.model,
                    purpose.prompt_version,
                    purpose.dataset,
                    purpose.document_digest,
                    datetime.now(UTC).isoformat(timespec="milliseconds"),
                    outcome,
                    outcome is CallOutcome.CACHED,
                ),
            )
            return int(cursor.lastrowid or 0)

    def spending(self, by: Grouping = "role", *, this_run: bool = False) -> tuple[Spending, ...]:
        """Calls and cost, summed by role, model, dataset, outcome or run; the dearest first.

        Parameters
        ----------
        by:
            What to sum by.
        this_run:
            Only what this process did.
        """
        if by not in ("role", "model", "dataset", "outcome", "run"):
            raise ValueError(f"spending is summed by role, model, dataset, outcome or run, not by {by!r}")
        with self._lock, self._named():
            rows = self._connection.execute(
                f"SELECT {by}, sum(1 - cache_hit), sum(cache_hit), sum(outcome = 'in_flight'), sum(input_tokens),"  # noqa: S608 - one of five words
                " sum(output_tokens), sum(cost_usd), sum(seconds) FROM calls WHERE ? IN ('', run)"
                f" GROUP BY {by} ORDER BY sum(cost_usd) DESC, {by}",
                (self.run if this_run else "",),
            ).fetchall()
        return tuple(Spending(*row) for row in rows)

    def total(self, *, this_run: bool = False) -> Spending:
        """All calls together."""
        parts = self.spending("role", this_run=this_run)
        return Spending(
            "total",
            sum(part.calls for part in parts),
            sum(part.cache_hits for part in parts),
            sum(part.unfinished for part in parts),
            sum(part.input_tokens for part in parts),
            sum(part.output_tokens for part in parts),
            sum(part.cost_usd for part in parts),
            sum(part.seconds for part in parts),
        )


def seconds_since(started: float) -> float:
    """Seconds since a reading of the monotonic clock, to the millisecond."""
    return round(time.monotonic() - started, 3)
