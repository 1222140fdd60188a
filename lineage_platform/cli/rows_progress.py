"""How far reading and working on rows is, on stderr: a bar on a terminal, lines elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING

from lineage_platform.cli.interrupting import Stoppable
from lineage_platform.cli.output import EVERY_SECONDS, Output, console
from lineage_platform.cli.text import count, plain, shortened

if TYPE_CHECKING:
    from rich.progress import Progress

    from lineage_platform.samples.building import BuiltPart


class ReadingProgress(Stoppable):
    """Follows the reading of datasets, part by part.

    Parameters
    ----------
    output:
        Says whether to print at all.
    total:
        Datasets to read.
    """

    def __init__(self, output: Output, total: int) -> None:
        super().__init__(output, "reading")
        self.done = 0
        self._total = total

    def rows(self, name: str, rows: int) -> None:
        """So many rows of a part have been read.

        Raises
        ------
        KeyboardInterrupt
            Reading is to stop.
        """
        from rich.markup import escape

        doing = f"{shortened(plain(name), 60)}: {count(rows, 'row')}"
        if self._bar:
            self._bar.update(self._bar.task_ids[0], total=self._total, description=escape(doing))
        elif time.monotonic() - self._said >= EVERY_SECONDS:
            self._said = time.monotonic()
            self._output.say(f"reading {doing} so far")
        self.go_on()

    def part(self, number: int, name: str, built: BuiltPart) -> None:
        """One more part is done, of the dataset of this number.

        Raises
        ------
        KeyboardInterrupt
            Reading is to stop.
        """
        self.done += 1
        state = count(built.part.rows, "row") if built.shard else built.part.outcome
        line = f"[{number}/{self._total}] {name}: {state}{'' if built.made or not built.shard else ', as before'}"
        if self._bar:
            self._bar.console.print(plain(line), markup=False, highlight=False)
            self._bar.update(self._bar.task_ids[0], completed=number, total=self._total)
        else:
            self._output.say(line)
        self.go_on()


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
