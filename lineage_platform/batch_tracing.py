"""A trace whose tracing model answers in batches: one hop upstream at a time, each asked about at once."""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from lineage_platform.agents.interface import Agents
from lineage_platform.agents.llm.gathering import Ahead
from lineage_platform.catalog.hub import Hub
from lineage_platform.documents.library import Library
from lineage_platform.errors import BudgetSpent, LineageError
from lineage_platform.files import RecordStore
from lineage_platform.graph.reviews import Decisions
from lineage_platform.records import Validation
from lineage_platform.settings import Limits
from lineage_platform.stages import TracedDataset, Tracer
from lineage_platform.tracing import trace

log = logging.getLogger(__name__)


def trace_in_batches(
    seeds: Iterable[str],
    *,
    ahead: Ahead,
    hub: Hub,
    library: Library,
    agents: Agents,
    records: RecordStore,
    limits: Limits,
    decisions: Decisions,
) -> Generator[TracedDataset, None, None]:
    """Trace datasets upstream until nothing new appears; parameters and results as for :func:`~.tracing.trace`.

    Parameters
    ----------
    ahead:
        Asks the tracing model in batches.

    Raises
    ------
    BudgetSpent
        As for a trace; also where a batch is likely to cost more than is left.
    ModelCallFailed
        The provider does not take batches.
    """
    level, hops = list(dict.fromkeys(seeds)), 0
    reached = set(level)
    while level and (limits.max_hops is None or hops <= limits.max_hops):
        tracer = Tracer(hub, library, agents, records, limits, decisions=decisions)
        try:
            with ThreadPoolExecutor(limits.concurrency, thread_name_prefix="gather") as pool:
                list(pool.map(lambda dataset_id, tracer=tracer: _gather(dataset_id, tracer, ahead), level))
            ahead.ask()
        except BudgetSpent:
            for dataset_id in level:
                records.doubt(dataset_id, Validation)  # the next night begins with them
            raise
        following: list[str] = []
        for traced in trace(
            level,
            hub=hub,
            library=library,
            agents=agents,
            records=records,
            limits=replace(limits, max_hops=0),
            decisions=decisions,
        ):
            reached.add(traced.dataset_id)
            following += traced.sources
            yield traced
        level, hops = [each for each in dict.fromkeys(following) if each not in reached], hops + 1
        reached.update(level)


def _gather(dataset_id: str, tracer: Tracer, ahead: Ahead) -> None:
    """Gather what would be asked about a dataset; what goes wrong here, its trace will meet again and put on record."""
    try:
        if (awaiting := tracer.awaiting(dataset_id)) is not None:
            ahead.read(*awaiting)
    except BudgetSpent:
        raise
    except LineageError as error:
        log.info("%s is not asked about ahead: %s", dataset_id, error.message)
    except Exception:
        log.exception("%s is not asked about ahead", dataset_id)
