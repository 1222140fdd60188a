"""Rows parsed by a thread of the tests: that a process of its own does it is what the tests of samples are about."""

from __future__ import annotations

import os
from contextlib import suppress
from threading import Thread
from typing import Any

from lineage_platform.samples.pipe import Pipe
from lineage_platform.samples.rows_child import serve


class ThreadThatParses:
    """Stands for the process that parses: the same pipes, the same program, no limits."""

    def __init__(self, command: Any, **_: Any) -> None:
        (jobs, job), (rows, frames) = os.pipe(), os.pipe()
        self.stdin, self.stdout = os.fdopen(job, "wb"), os.fdopen(rows, "rb")
        Thread(target=self._run, args=(jobs, frames), daemon=True).start()

    def _run(self, jobs: int, frames: int) -> None:
        with suppress(BrokenPipeError), os.fdopen(jobs, "rb") as answers, os.fdopen(frames, "wb") as out:
            serve(Pipe(answers, out))

    def kill(self) -> None:
        """End it: it finds its pipes closed."""
        self.stdin.close()
        self.stdout.close()

    def wait(self) -> None:
        """It has nothing that outlives it."""
