"""A run that is told to stop ends within seconds, whatever it waits for: process managers kill after ten."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import dagster as dg

from lineage_platform.settings import GRACE_SECONDS

IN_PROCESS_TAG = "lineage/in_process"
"""Tag of runs that live and die with the process that asked for them."""


@contextmanager
def stopped_in_time(context: dg.AssetExecutionContext) -> Iterator[None]:
    """Bound how long this block may take to end after SIGTERM or SIGINT, of a run in a process of its own.

    Dagster interrupts the block, which lets the datasets in work end. One that waits for a silent hub would take
    minutes: then the run is reported as canceled, what it held is freed, and the process ends. All that is on disk is
    whole at any moment. A command that runs the block itself sees to its own end.
    """
    if IN_PROCESS_TAG in context.run.tags or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def stop(number: int, frame: FrameType | None) -> None:
        patience = threading.Timer(GRACE_SECONDS, _end, [context])
        patience.daemon = True
        patience.start()
        interrupt = before[signal.Signals(number)]
        if callable(interrupt):
            interrupt(number, frame)

    for number in before:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(context: dg.AssetExecutionContext) -> None:
    """Leave a clear state, and go."""
    try:
        context.instance.report_run_canceled(context.run, "It was told to stop, and what it waited for did not answer.")
        context.instance.event_log_storage.free_concurrency_slots_for_run(context.run.run_id)
    finally:
        os._exit(1)
