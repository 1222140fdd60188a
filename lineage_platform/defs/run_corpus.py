"""A corpus, built by Dagster inside the calling process: what the command line calls."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lineage_platform.corpus.accounting import Stage, StageCount
from lineage_platform.corpus.assembly import Corpus
from lineage_platform.defs.instance import open_instance
from lineage_platform.defs.jobs import corpus_job
from lineage_platform.defs.resources import CorpusReporter, RecipeResource
from lineage_platform.defs.run import execute, run_failed
from lineage_platform.settings import Settings
from lineage_platform.workspace import Workspace


@dataclass(frozen=True)
class CorpusSummary:
    """What a build did.

    Parameters
    ----------
    corpus:
        The corpus.
    label:
        What every output over its data must say.
    checks:
        How many things that should not be each check found.
    seconds:
        Wall time.
    """

    corpus: Corpus
    label: str
    checks: Mapping[str, int]
    seconds: float


@dataclass
class _Collector(CorpusReporter):
    """Keeps what is reported, and passes it on."""

    reporter: CorpusReporter
    corpus: Corpus | None = None
    checks: dict[str, int] = field(default_factory=dict)
    errors: list[BaseException] = field(default_factory=list)

    def reading(self, dataset: str) -> None:
        self.reporter.reading(dataset)

    def progress(self, stage: Stage, done: int, total: int) -> None:
        self.reporter.progress(stage, done, total)

    def counted(self, count: StageCount) -> None:
        self.reporter.counted(count)

    def finished(self, corpus: Corpus) -> None:
        self.corpus = corpus
        self.reporter.finished(corpus)

    def checked(self, name: str, found: int) -> None:
        self.checks[name] = found
        self.reporter.checked(name, found)

    def failed(self, error: BaseException) -> None:
        self.errors.append(error)


def run_corpus(
    settings: Settings,
    recipe: Path,
    *,
    out: Path | None = None,
    workers: int | None = None,
    update_lock: bool = False,
    reporter: CorpusReporter | None = None,
) -> CorpusSummary:
    """Build a corpus as a Dagster run, with its checks; it is in the UI's history.

    Parameters
    ----------
    settings:
        The data home and the hub.
    recipe, out, workers, update_lock:
        As :meth:`lineage_platform.workspace.Workspace.corpus_build` takes them.
    reporter:
        Told of each stage as it goes on.

    Raises
    ------
    LineageError
        Whatever stopped a stage; RunFailed when that was something else.
    """
    started = time.monotonic()
    label = Workspace.open(settings).hub.label  # a wrong hub is said before a run begins
    collector = _Collector(reporter or CorpusReporter())
    followed = RecipeResource(
        path=str(recipe.absolute()),
        out=str(out.absolute()) if out else None,
        workers=workers,
        update_lock=update_lock,
    )
    with open_instance(settings.home) as instance:
        result = execute(corpus_job.name, instance, settings, {}, recipe=followed, corpus_reporter=collector)
    if collector.errors:
        raise collector.errors[0]
    if collector.corpus is None or not result.success:
        raise run_failed(result)
    return CorpusSummary(collector.corpus, label, collector.checks, time.monotonic() - started)
