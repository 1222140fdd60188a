"""How far a trace is, on stderr: a bar on a terminal, a line every few seconds elsewhere, nothing when quiet."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from lineage_platform.cli.interrupting import Stoppable
from lineage_platform.cli.output import EVERY_SECONDS, Output
from lineage_platform.cli.text import count, plain, shortened
from lineage_platform.defs.resources import Reporter
from lineage_platform.records import Outcome
from lineage_platform.stages import TracedDataset

if TYPE_CHECKING:
    from collections.abc import Iterable


class TraceProgress(Stoppable, Reporter):
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
        super().__init__(output, "starting")
        self.traced: set[str] = set()
        self.not_found: list[str] = []
        self._seeds = set(seeds)
        self._known = set(self._seeds)
        self._max_hops = max_hops
        self._failed = 0

    @property
    def done(self) -> int:
        """Datasets that are done."""
        return len(self.traced)

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
        self.go_on()
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
