"""What the models of a data home have cost: its ledger, read and never written."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from lineage_platform.agents.llm.ledger import FILE_NAME, Grouping, Ledger, Spending


def spent_in(home: Path, by: Sequence[Grouping] = ()) -> tuple[Spending, dict[str, tuple[Spending, ...]]]:
    """What the models of a data home have cost: in all, and summed by each of the words; nothing where none was asked.

    Raises
    ------
    BrokenRecord
        There is a file, but it is no ledger.
    LedgerFailed
        It cannot be read now.
    """
    if (home / FILE_NAME).exists():
        with closing(_ReadOnly(home / FILE_NAME)) as ledger:
            if ledger.has_calls:
                return ledger.total(), {word: ledger.spending(word) for word in by}
    return Spending("total", 0, 0, 0, 0, 0, 0.0, 0.0), dict.fromkeys(by, ())


class _ReadOnly(Ledger):
    """A ledger that is there, as it is; its disk need not be writable."""

    @property
    def has_calls(self) -> bool:
        """Whether its tables were made: another process may be about to, or was killed before."""
        with self._lock, self._named():
            found = self._connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'calls'").fetchone()
        return bool(found[0])

    def _opened(self) -> sqlite3.Connection:
        try:
            return self._connected("mode=ro")
        except sqlite3.OperationalError:
            # SQLite makes a log beside the file even to read it. Where none can be made, and none waits to be read,
            # nobody writes, and all is in the file.
            log = self.path.with_name(f"{self.path.name}-wal")
            if log.exists() and log.stat().st_size:
                raise
            return self._connected("immutable=1")

    def _connected(self, how: str) -> sqlite3.Connection:
        connection = sqlite3.connect(f"{self.path.absolute().as_uri()}?{how}", uri=True, timeout=60)
        try:
            connection.execute("SELECT count(*) FROM sqlite_master")  # it is opened no earlier than it is asked
        except sqlite3.Error:
            connection.close()
            raise
        return connection
