"""Where Dagster keeps its history, and the right to trace in it: one trace at a time, none waiting for the dead."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
from filelock import FileLock, Timeout

from lineage_platform.defs.stopping import IN_PROCESS_TAG
from lineage_platform.defs.tracing import TRACE_POOL
from lineage_platform.errors import UsageError
from lineage_platform.files import write_whole

log = logging.getLogger(__name__)


def dagster_home(home: Path) -> Path:
    """``DAGSTER_HOME``, or the data home's own with the platform's settings; what it sets holds for this process.

    Raises
    ------
    UsageError
        ``DAGSTER_HOME`` is set to something that cannot be one.
    """
    if not os.environ.get("DAGSTER_HOME"):
        folder = home.absolute() / "dagster"
        settings = folder / "dagster.yaml"
        if not settings.exists():
            write_whole(settings, _packaged_settings().read_bytes())
        os.environ["DAGSTER_HOME"] = str(folder)
        _make_tables(folder)
    chosen = Path(os.environ["DAGSTER_HOME"])
    if not (chosen.is_absolute() and chosen.is_dir()):
        raise UsageError(f"DAGSTER_HOME={chosen} is not the absolute path of a folder", "unset it, or make the folder")
    return chosen


def _make_tables(folder: Path) -> None:
    """Dagster's tables, made by one process alone: two that make them at once leave some that neither can use."""
    made = folder / "tables.made"
    if made.exists():
        return
    with FileLock(folder / "tables.lock"):
        if not made.exists():
            dg.DagsterInstance.get().dispose()
            made.touch()


def _packaged_settings() -> Path:
    """``dagster.yaml``: inside the package when installed, else the repository's."""
    packaged = Path(__file__).with_name("dagster.yaml")
    return packaged if packaged.is_file() else Path(__file__).parents[2] / "dagster_home" / "dagster.yaml"


@contextmanager
def open_instance(home: Path) -> Iterator[dg.DagsterInstance]:
    """The Dagster instance, ours alone for as long as it is open: traces of one home follow one another."""
    lock = FileLock(dagster_home(home) / "trace.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        log.warning("another trace is running in %s; this one begins when it has ended", home)
        lock.acquire()
    try:
        with dg.DagsterInstance.get() as instance:
            _end_dead_runs(instance)
            _tell_who_is_tracing(instance)
            yield instance
    finally:
        lock.release()


def _end_dead_runs(instance: dg.DagsterInstance) -> None:
    """End the runs of processes that were killed, and free what they held: the lock says that none is alive."""
    unfinished = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]
    for run in instance.get_runs(dg.RunsFilter(statuses=unfinished, tags={IN_PROCESS_TAG: "true"})):
        instance.report_run_failed(run, "The process of this run was killed.")
        instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)


def _tell_who_is_tracing(instance: dg.DagsterInstance) -> None:
    """A run that the UI started holds the pool: ours will wait for it, and a person should know why."""
    for run_id in sorted(instance.event_log_storage.get_concurrency_info(TRACE_POOL).active_run_ids):
        log.warning(
            "run %s, started in the UI, is tracing; this trace begins when it has ended (lineage ui: stop it there)",
            run_id,
        )
