"""The recursion: datasets in, their lineage out, upstream until nothing new appears (paper, section 3.2)."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextvars import copy_context

from lineage_platform.agents.interface import Agents
from lineage_platform.catalog.hub import Hub
from lineage_platform.documents.library import Library
from lineage_platform.errors import BudgetSpent
from lineage_platform.files import RecordStore
from lineage_platform.graph.reviews import Decisions
from lineage_platform.logs import about
from lineage_platform.settings import Limits
from lineage_platform.stages import ALL_STAGES, Redirected, Stage, TracedDataset, Tracer

log = logging.getLogger(__name__)


class _Frontier:
    """Which datasets were reached, in how few hops, and which are to be traced next.

    A dataset may be reached first on a long way and later on a shorter one; its sources are then reached sooner, too.
    """

    def __init__(self, max_hops: int | None) -> None:
        self._max_hops = max_hops
        self.hops: dict[str, int] = {}
        self._sources: dict[str, tuple[str, ...]] = {}

    def reach(self, dataset_ids: Iterable[str], hops: int) -> list[str]:
        """Note that the datasets are ``hops`` away; returns those that have to be traced now, in order."""
        fresh: list[str] = []
        waiting = deque((dataset_id, hops) for dataset_id in dataset_ids)
        while waiting:
            dataset_id, distance = waiting.popleft()
            known = self.hops.get(dataset_id)
            beyond = self._max_hops is not None and distance > self._max_hops
            if beyond or (known is not None and known <= distance):
                continue
            self.hops[dataset_id] = distance
            if known is None:
                fresh.append(dataset_id)
            waiting.extend((source, distance + 1) for source in self._sources.get(dataset_id, ()))
        return fresh

    def traced(self, dataset_id: str, sources: tuple[str, ...]) -> list[str]:
        """Note a dataset's sources; returns those that have to be traced now."""
        self._sources[dataset_id] = sources
        return self.reach(sources, self.hops[dataset_id] + 1)


def trace(
    seeds: Iterable[str],
    *,
    hub: Hub,
    library: Library,
    agents: Agents,
    records: RecordStore,
    limits: Limits | None = None,
    stages: frozenset[Stage] = ALL_STAGES,
    decisions: Decisions | None = None,
) -> Generator[TracedDataset, None, None]:
    """Trace datasets upstream until nothing new appears.

    Parameters
    ----------
    seeds:
        Hub ids to start from.
    hub, library, agents, records:
        As for :class:`~lineage_platform.stages.Tracer`.
    limits:
        Bounds of the trace; the defaults when None.
    stages:
        All of them: sources are followed. A part of them: exactly those are done again for the seeds.
    decisions:
        What people decided about edges of this hub; nothing when None.

    Yields
    ------
    TracedDataset
        Each dataset once, as soon as its records are on disk; in no particular order. Closed before its end, it
        finishes the datasets in work and begins no others.

    Raises
    ------
    BudgetSpent
        The bound on what the agents may spend is reached: no other dataset was begun, and those that needed no more
        money were yielded before. The same call goes on from there.
    """
    limits = limits or Limits()
    tracer = Tracer(hub, library, agents, records, limits, stages, decisions or Decisions())
    frontier = _Frontier(limits.max_hops)
    pool = ThreadPoolExecutor(limits.concurrency, thread_name_prefix="trace")
    running: dict[Future[TracedDataset | Redirected], str] = {}
    ready = frontier.reach(seeds, 0)
    spent: BudgetSpent | None = None
    try:
        while running or (ready and not spent):
            if not spent:
                running.update((_submit(pool, tracer, dataset_id), dataset_id) for dataset_id in ready)
            ready = []
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                requested = running.pop(future)
                try:
                    result = future.result()
                except BudgetSpent as error:
                    spent = error
                    running = {waiting: name for waiting, name in running.items() if not waiting.cancel()}
                    continue
                if isinstance(result, Redirected):
                    ready += frontier.reach([result.dataset_id], frontier.hops[requested])
                    continue
                ready += frontier.traced(result.dataset_id, result.sources)
                yield result
        if spent:
            raise spent
    finally:
        pool.shutdown(cancel_futures=True)


def _submit(pool: ThreadPoolExecutor, tracer: Tracer, dataset_id: str) -> Future[TracedDataset | Redirected]:
    """Trace one dataset in the pool; what is logged there says which, and what else the caller's log is about."""

    def traced() -> TracedDataset | Redirected:
        with about(dataset=dataset_id):
            result = tracer.trace(dataset_id)
            ended = result.outcome if isinstance(result, TracedDataset) else f"is now {result.dataset_id}"
            log.info("%s: %s", dataset_id, ended)
            return result

    return pool.submit(copy_context().run, traced)
