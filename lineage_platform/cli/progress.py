"""How far a trace is, on stderr: a bar on a terminal, a line every few seconds elsewhere, nothing when quiet."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING

from lineage_platform.cli.output import EVERY_SECONDS, Output, console
from lineage_platform.cli.text import count, plain, shortened
from lineage_platform.defs.resources import Reporter
from lineage_platform.records import Outcome
from lineage_platform.stages import TracedDataset

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.progress import Progress


class TraceProgress(Reporter):
    """Follows a trace. How many datasets there are is only known at its end; known is what was named so far.

    Parameters
    ----------
    seeds:
        Where the trace starts.
    max_hops:
        How far it goes.
    output:
        Says whether to print at all.
    """

    def __init__(self, seeds: Iterable[str], max_hops: int | None, output: Output) -> None:
        self.traced: set[str] = set()
        self.not_found: list[str] = []
        self._seeds = set(seeds)
        self._known = set(self._seeds)
        self._max_hops = max_hops
        self._output = output
        self._failed = 0
        self._said = time.monotonic()
        self._bar: Progress | None = None
        self._stopped = False

    @property
    def done(self) -> int:
        """Datasets that are done."""
        return len(self.traced)

    def __enter__(self) -> TraceProgress:
        if sys.stderr.isatty() and not self._output.quiet:
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

            columns = (BarColumn(24), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
            self._bar = Progress(*columns, console=console(stderr=True), transient=True)
            self._bar.add_task("starting", total=None)
            self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Take the bar away and give the cursor back."""
        if self._bar:
            self._bar.stop()

    def stop(self) -> None:
        """Have the trace stop when the next dataset is done, where nothing is half-written."""
        self._stopped = True

    def dataset(self, traced: TracedDataset) -> None:
        """One more is done.

        Raises
        ------
        KeyboardInterrupt
            The trace is to stop.
        """
        self.traced.add(traced.dataset_id)
        self._failed += traced.outcome is Outcome.FAILED
        if traced.outcome is Outcome.NOT_FOUND and traced.dataset_id in self._seeds:
            self.not_found.append(traced.dataset_id)
        if self._max_hops is None:
            self._known.update(traced.sources)
        if self._stopped:
            raise KeyboardInterrupt
        self._show(shortened(plain(traced.dataset_id), 40))

    def finished(self, documents_fetched: int) -> None:
        """The trace is over; the graph comes next."""
        self._known = set(self.traced)
        self._show(f"{count(documents_fetched, 'document')} fetched; building the graph", now=True)

    def _show(self, doing: str, *, now: bool = False) -> None:
        failed = f", {self._failed} failed" if self._failed else ""
        known = len(self._known | self.traced)
        if self._bar:
            self._bar.update(self._bar.task_ids[0], completed=self.done, total=known, description=doing + failed)
        elif now or time.monotonic() - self._said >= EVERY_SECONDS:
            self._said = time.monotonic()
            self._output.say(f"{self.done} of {count(known, 'known dataset')} traced{failed}: {doing}")
