"""SQL of users: asked in a process of its own, whose limits hold even where DuckDB's do not.

One huge value escapes DuckDB's memory limit and its interrupt, and a broken parser would take the whole process along.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import BinaryIO

from lineage_platform.graph.guard import SECONDS_LIMIT, Answer, QueryFailed, too_slow
from lineage_platform.graph.values import from_line

MAX_ROWS = 1_000_000
SECONDS_TO_START = 5.0

_KEPT_VARIABLES = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT")  # no token reaches the child


def held(database: BinaryIO) -> Path:
    """A path to an open file that leads to it even after another was swapped in under its name."""
    by_number = Path("/dev/fd", str(database.fileno()))
    return by_number if by_number.exists() else Path(database.name)


def ask(database: BinaryIO, query: str, *, max_rows: int | None = None, seconds: float = SECONDS_LIMIT) -> Answer:
    """Run one reading statement in a child process.

    Parameters
    ----------
    database:
        The DuckDB file, open.
    query:
        One statement.
    max_rows:
        Rows to return at most; never more than ``MAX_ROWS``.
    seconds:
        Time the query may take.

    Raises
    ------
    QueryFailed
        The query is wrong, does something else than read, or passes a bound.
    """
    try:
        asked = json.dumps(query.encode().decode()).encode()
    except UnicodeError as error:
        raise QueryFailed("the query is not text: it holds half a character") from error
    with tempfile.TemporaryFile() as answer:
        try:
            done = subprocess.run(  # noqa: S603 - our own module, run by our own interpreter
                _command(held(database), MAX_ROWS if max_rows is None else min(max_rows, MAX_ROWS), seconds),
                input=asked,
                stdout=answer,
                stderr=subprocess.PIPE,
                timeout=seconds + SECONDS_TO_START,
                pass_fds=() if os.name == "nt" else (database.fileno(),),
                env=_environment(),
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise too_slow(seconds) from error
        if done.returncode:
            raise QueryFailed(*_failure(done.stderr))
        answer.seek(0)
        columns, truncated = json.loads(answer.readline())
        return Answer(tuple(columns), tuple(map(from_line, answer)), truncated)


def _command(database: Path, max_rows: int, seconds: float) -> list[str]:
    return [sys.executable, "-P", "-m", "lineage_platform.graph.sql_child", str(database), str(max_rows), str(seconds)]


def _environment() -> dict[str, str]:
    """What the child needs: the way to this package, and to no secret."""
    here = str(Path(__file__).parents[2])
    paths = os.pathsep.join(dict.fromkeys([here, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]))
    return {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ} | {"PYTHONPATH": paths}


def _failure(told: bytes) -> tuple[str, str]:
    """What the child said of its end; a process that was ended says nothing of use."""
    try:
        message, hint = json.loads(told)
    except ValueError:
        return "the query takes too much memory or processor time, or is nested too deeply", "make it smaller"
    return str(message), str(hint)
