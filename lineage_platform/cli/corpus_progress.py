"""How far the build of a corpus is, on stderr: a bar on a terminal, a line a stage elsewhere, nothing when quiet."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING

from lineage_platform.cli.output import EVERY_SECONDS, Output, console
from lineage_platform.cli.text import plain, shortened
from lineage_platform.corpus.accounting import Stage, StageCount
from lineage_platform.defs.resources import CorpusReporter

if TYPE_CHECKING:
    from rich.progress import Progress


class CorpusProgress(CorpusReporter):
    """Follows a build.

    Parameters
    ----------
    output:
        Says whether to print at all.
    """

    def __init__(self, output: Output) -> None:
        self._output = output
        self._bar: Progress | None = None
        self._stopped = False
        self._said = time.monotonic()

    def __enter__(self) -> CorpusProgress:
        if sys.stderr.isatty() and not self._output.quiet:
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

            columns = (BarColumn(24), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
            self._bar = Progress(*columns, console=console(stderr=True), transient=True)
            self._bar.add_task(_name(Stage.SELECTED_ROOTS), total=None)
            self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Take the bar away and give the cursor back."""
        if self._bar:
            self._bar.stop()

    def stop(self) -> None:
        """Have the build stop at its next step."""
        self._stopped = True

    def reading(self, dataset: str) -> None:
        """The rows of a dataset are read.

        Raises
        ------
        KeyboardInterrupt
            The build is to stop.
        """
        if self._stopped:
            raise KeyboardInterrupt
        doing = f"reading {shortened(plain(dataset), 40)}"
        if self._bar:
            self._bar.update(self._bar.task_ids[0], description=doing)
        elif time.monotonic() - self._said >= EVERY_SECONDS:
            self._said = time.monotonic()
            self._output.say(doing)

    def progress(self, stage: Stage, done: int, total: int) -> None:
        """So many rows of a stage are done.

        Raises
        ------
        KeyboardInterrupt
            The build is to stop.
        """
        if self._stopped:
            raise KeyboardInterrupt
        if self._bar:
            self._bar.update(self._bar.task_ids[0], completed=done, total=total, description=_name(stage))

    def counted(self, count: StageCount) -> None:
        """A stage is done."""
        if self._stopped:
            raise KeyboardInterrupt
        what = "datasets" if count.stage is Stage.SELECTED_ROOTS else "rows"
        line = f"{_name(count.stage)}: {count.kept:,} of {count.input:,} {what} kept"
        if self._bar:
            self._bar.console.print(line)
        else:
            self._output.say(line)


def _name(stage: Stage) -> str:
    return stage.value.replace("_", " ")
