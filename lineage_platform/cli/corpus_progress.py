"""How far the build of a corpus is, on stderr: a bar on a terminal, a line a stage elsewhere, nothing when quiet."""

from __future__ import annotations

import time

from lineage_platform.cli.interrupting import Stoppable
from lineage_platform.cli.output import EVERY_SECONDS, Output
from lineage_platform.cli.text import plain, shortened
from lineage_platform.corpus.accounting import Stage, StageCount
from lineage_platform.defs.resources import CorpusReporter


class CorpusProgress(Stoppable, CorpusReporter):
    """Follows a build.

    Parameters
    ----------
    output:
        Says whether to print at all.
    """

    def __init__(self, output: Output) -> None:
        super().__init__(output, _name(Stage.SELECTED_ROOTS))

    def reading(self, dataset: str) -> None:
        """The rows of a dataset are read.

        Raises
        ------
        KeyboardInterrupt
            The build is to stop.
        """
        self.go_on()
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
        self.go_on()
        if self._bar:
            self._bar.update(self._bar.task_ids[0], completed=done, total=total, description=_name(stage))

    def counted(self, count: StageCount) -> None:
        """A stage is done."""
        self.go_on()
        what = "datasets" if count.stage is Stage.SELECTED_ROOTS else "rows"
        line = f"{_name(count.stage)}: {count.kept:,} of {count.input:,} {what} kept"
        if self._bar:
            self._bar.console.print(line)
        else:
            self._output.say(line)


def _name(stage: Stage) -> str:
    return stage.value.replace("_", " ")
