"""Runs alone in a process with limits: a query on standard input, its answer on standard output.

Arguments: the database, rows to return at most, seconds the query may take. The first line of the answer holds the
columns and whether rows were left out; each further line is a row.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from lineage_platform.graph.guard import Answer, QueryFailed, connect_for_reading, run
from lineage_platform.graph.values import to_line

# DuckDB's own limit knows nothing of one huge value, the system's does; it leaves room for the interpreter beside it.
MEMORY_LIMIT = "1GB"
MAX_DATA = 1536 << 20
MAX_ANSWER = 256 << 20
MAX_THREADS = min(4, os.cpu_count() or 1)


def limit(seconds: float) -> None:
    """Bound this process, where the system can: memory, processor time, and what it may write."""
    try:
        import resource
    except ImportError:  # Windows: the parent's time limit and DuckDB's memory limit remain
        return
    processor = int(seconds * MAX_THREADS) + 10
    resource.setrlimit(resource.RLIMIT_DATA, (MAX_DATA, MAX_DATA))
    resource.setrlimit(resource.RLIMIT_CPU, (processor, processor))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_ANSWER, MAX_ANSWER))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def write(answer: Answer) -> None:
    """Write the answer; what was written is whole only if the process ends well."""
    sys.stdout.write(json.dumps([list(answer.columns), answer.truncated]) + "\n")
    for row in answer.rows:
        sys.stdout.write(to_line(row) + "\n")
    sys.stdout.flush()


def main() -> int:
    """Read, ask, write; on any failure one line of JSON with what and what to do, and 1."""
    database, max_rows, seconds = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    limit(seconds)
    try:
        with connect_for_reading(database, memory_limit=MEMORY_LIMIT, threads=MAX_THREADS) as connection:
            write(run(connection, json.load(sys.stdin), max_rows=max_rows, seconds=seconds))
    except QueryFailed as error:
        failure = [error.message, error.hint]
    except MemoryError:
        failure = ["the answer takes too much memory", "select fewer rows or shorter values"]
    except (OSError, ValueError, RecursionError) as error:
        failure = [f"the answer cannot be handed over: {error}", f"an answer holds at most {MAX_ANSWER >> 20} MiB"]
    else:
        return 0
    sys.stderr.write(json.dumps(failure))
    return 1


if __name__ == "__main__":
    sys.exit(main())
