"""Long work that can be stopped: how far it is, as a bar, and what Ctrl-C and SIGTERM do to it."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

from lineage_platform.cli.failures import Interrupted, stop_at_once
from lineage_platform.cli.output import Output, console
from lineage_platform.settings import GRACE_SECONDS

if TYPE_CHECKING:
    from rich.progress import Progress

TICK_SECONDS = 0.2  # so often the main thread wakes: a signal that another thread took is only acted on by this one
Result = TypeVar("Result")


class Terminated(KeyboardInterrupt):
    """Whoever manages the process asked it to end (SIGTERM)."""


class Stoppable:
    """Follows work that can be stopped: a bar on a terminal, nothing when quiet.

    Parameters
    ----------
    output:
        Says whether to print at all.
    first:
        What the bar says before anything is known.
    """

    def __init__(self, output: Output, first: str) -> None:
        self._output = output
        self._first = first
        self._bar: Progress | None = None
        self._stopped = False
        self._said = time.monotonic()

    def __enter__(self) -> Self:
        if sys.stderr.isatty() and not self._output.quiet:
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

            columns = (BarColumn(24), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
            self._bar = Progress(*columns, console=console(stderr=True), transient=True)
            self._bar.add_task(self._first, total=None)
            self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Take the bar away and give the cursor back."""
        if self._bar:
            self._bar.stop()

    def stop(self) -> None:
        """Have the work stop at its next step, where nothing is half-written."""
        self._stopped = True

    def go_on(self) -> None:
        """A step is done.

        Raises
        ------
        KeyboardInterrupt
            The work is to stop.
        """
        if self._stopped:
            raise KeyboardInterrupt


def interruptible(
    work: Callable[[], Result], progress: Stoppable, output: Output, *, stopping: str, kept: Callable[[], str]
) -> Result:
    """Do the work in another thread: signals reach this one alone, and never Dagster in the middle of a write.

    Parameters
    ----------
    stopping:
        When the work stops that was asked to.
    kept:
        Says what is kept of work that was stopped.

    Raises
    ------
    Interrupted
        The work was stopped.
    """
    with ThreadPoolExecutor(1) as pool, _terminable():
        running = pool.submit(work)
        try:
            _ended(running)
            return running.result()
        except KeyboardInterrupt as asked:
            progress.stop()
            patience = GRACE_SECONDS if isinstance(asked, Terminated) else None
            output.say(f"stopping {stopping}; Ctrl-C again stops at once")
        try:
            if _ended(running, patience):
                return running.result()
            raise KeyboardInterrupt
        except KeyboardInterrupt:
            interrupted = Interrupted(kept(), "the same command carries on from there")
            if not running.done():
                progress.close()
                stop_at_once(interrupted)
            raise interrupted from None


def _ended(running: Future[Result], seconds: float | None = None) -> bool:
    """Wait for the end of work, at most for so many seconds; whether it came."""
    until = None if seconds is None else time.monotonic() + seconds
    while not wait([running], TICK_SECONDS).done:
        if until is not None and time.monotonic() >= until:
            return False
    return True


@contextmanager
def _terminable() -> Iterator[None]:
    """SIGTERM interrupts, too: whoever manages the process kills it when that takes long."""

    def interrupt(*_: object) -> None:
        raise Terminated

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
