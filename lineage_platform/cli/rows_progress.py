"""How many rows of a dataset are done, on stderr: a bar on a terminal, a line every few seconds elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING

from lineage_platform.cli.output import EVERY_SECONDS, Output, console
from lineage_platform.cli.text import plain, shortened

if TYPE_CHECKING:
    from rich.progress import Progress


class RowsProgress:
    """Follows work over the rows of one dataset.

    Parameters
    ----------
    output:
        Says whether to print at all.
    name:
        Of the dataset.
    total:
        Its rows, if that is known.
    """

    def __init__(self, output: Output, name: str, total: int | None) -> None:
        self._output = output
        self._name = shortened(plain(name), 40)
        self._total = total
        self._done = 0
        self._said = time.monotonic()
        self._bar: Progress | None = None

    def __enter__(self) -> RowsProgress:
        if sys.stderr.isatty() and not self._output.quiet:
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

            columns = (TextColumn("{task.description}"), BarColumn(24), MofNCompleteColumn(), TimeRemainingColumn())
            self._bar = Progress(*columns, console=console(stderr=True), transient=True)
            self._bar.add_task(self._name, total=self._total)
            self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        if self._bar:
            self._bar.stop()

    def advance(self, rows: int) -> None:
        """So many rows more are done."""
        self._done += rows
        if self._bar:
            self._bar.advance(self._bar.task_ids[0], rows)
        elif time.monotonic() - self._said >= EVERY_SECONDS:
            self._said = time.monotonic()
            total = f" of {self._total:,}" if self._total else ""
            self._output.say(f"{self._name}: {self._done:,}{total} rows")
