"""A trace and its graph, run by Dagster inside the calling process: what the command line calls."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import dagster as dg
from dagster_shared.error import SerializableErrorInfo

from lineage_platform.agents.llm.spent import spent_in
from lineage_platform.defs.definitions import defs
from lineage_platform.defs.instance import open_instance
from lineage_platform.defs.jobs import build_graph_job, trace_job
from lineage_platform.defs.resources import Reporter, WorkspaceResource
from lineage_platform.defs.sensors import GRAPH_INCLUDED_TAG
from lineage_platform.defs.stopping import IN_PROCESS_TAG
from lineage_platform.defs.tracing import TraceConfig
from lineage_platform.errors import LineageError
from lineage_platform.records import Outcome
from lineage_platform.settings import Settings
from lineage_platform.stages import TracedDataset
from lineage_platform.workspace import Workspace

_QUIET = {"console": {"config": {"log_level": "CRITICAL"}}}


class RunFailed(LineageError):
    """A run ended for a reason other than the failure of single datasets."""

    kind = "run_failed"


@dataclass(frozen=True)
class TraceSummary:
    """What a trace did.

    Parameters
    ----------
    datasets:
        Datasets traced, those found done included.
    edges:
        Edges that count and lead into them.
    outcomes:
        How many ended in which outcome.
    documents_fetched:
        Documents that came from outside in this run.
    model_calls, cost_usd:
        What the agents asked of models.
    seconds:
        Wall time, the graph's build included.
    worked:
        Datasets for which anything was done anew.
    failed:
        Those that failed, each with the reason.
    stopped:
        Why it ended before all was done; empty when it came to its end.
    """

    datasets: int
    edges: int
    outcomes: Mapping[str, int]
    documents_fetched: int
    model_calls: int
    cost_usd: float
    seconds: float
    worked: int
    failed: tuple[tuple[str, str], ...]
    stopped: str = ""


@dataclass
class _Collector(Reporter):
    """Keeps what is reported, and passes it on."""

    reporter: Reporter
    datasets: list[TracedDataset] = field(default_factory=list)
    documents_fetched: int | None = None
    reason: str = ""

    def dataset(self, traced: TracedDataset) -> None:
        self.datasets.append(traced)
        try:
            self.reporter.dataset(traced)
        except KeyboardInterrupt as interrupt:
            raise dg.DagsterExecutionInterruptedError from interrupt

    def stopped(self, reason: str) -> None:
        self.reason = reason
        self.reporter.stopped(reason)

    def finished(self, documents_fetched: int) -> None:
        self.documents_fetched = documents_fetched
        self.reporter.finished(documents_fetched)


def run_trace(
    settings: Settings,
    seeds: Sequence[str],
    *,
    reporter: Reporter | None = None,
    refresh: bool = False,
    max_hops: int | None = None,
) -> TraceSummary:
    """Trace ``seeds`` as a Dagster run, then build the graph; both are in the UI's history.

    Parameters
    ----------
    settings:
        The data home, the hub, the agents, the limits.
    seeds:
        Hub ids to start from; none means all that was traced before, and at first the hub's own seeds.
    reporter:
        Told of each dataset as it is done.
    refresh:
        Ask again for documents that are stored.
    max_hops:
        Edges to follow; the limit of the settings when None.

    Raises
    ------
    UsageError
        A hub, agents or a ``DAGSTER_HOME`` that do not exist.
    RunFailed
        Dagster could not run the trace or the build at all.
    """
    started = time.monotonic()
    Workspace.open(settings)  # a wrong hub or wrong agents are said before a run begins
    collector = _Collector(reporter or Reporter())
    hops = settings.limits.max_hops if max_hops is None else max_hops
    config = TraceConfig(seeds=list(seeds), refresh=refresh, max_hops=hops)
    with open_instance(settings.home) as instance:
        before, _ = spent_in(settings.home)
        trace = execute(trace_job.name, instance, settings, {"trace_datasets": config}, reporter=collector)
        failed = tuple((each.dataset_id, each.detail) for each in collector.datasets if each.outcome is Outcome.FAILED)
        if collector.documents_fetched is None:  # it did not come to its end: more is wrong than single datasets
            raise run_failed(trace)
        build = execute(build_graph_job.name, instance, settings, {})
        if not build.success:
            raise run_failed(build)
        after, _ = spent_in(settings.home)  # before the next trace of this home may begin
    return TraceSummary(
        datasets=len(collector.datasets),
        edges=_edges_into(settings, [each.dataset_id for each in collector.datasets]),
        outcomes=dict(sorted(Counter(each.ended for each in collector.datasets).items())),
        documents_fetched=collector.documents_fetched,
        model_calls=after.calls - before.calls,
        cost_usd=round(after.cost_usd - before.cost_usd, 6),
        seconds=time.monotonic() - started,
        worked=sum(bool(each.worked) for each in collector.datasets),
        failed=failed,
        stopped=collector.reason,
    )


def execute(
    job: str, instance: dg.DagsterInstance, settings: Settings, ops: Mapping[str, dg.Config], **resources: object
) -> dg.ExecuteInProcessResult:
    """One run, here and now, without a word on the terminal: what it logs is in the UI.

    Raises
    ------
    KeyboardInterrupt
        The run was interrupted.
    """
    result = defs.resolve_job_def(job).execute_in_process(
        run_config=dg.RunConfig(ops=dict(ops), resources={"workspace": WorkspaceResource.of(settings)}, loggers=_QUIET),
        instance=instance,
        raise_on_error=False,
        tags={GRAPH_INCLUDED_TAG: "true", IN_PROCESS_TAG: "true"},
        resources=resources,
    )
    if any(error.cls_name == dg.DagsterExecutionInterruptedError.__name__ for error in _errors(result)):
        raise KeyboardInterrupt
    return result


def run_failed(result: dg.ExecuteInProcessResult) -> RunFailed:
    """Why a run failed: the checks that stopped it, else its first error, by its innermost cause."""
    blocked = [
        check.check_name for check in result.get_asset_check_evaluations() if check.blocking and not check.passed
    ]
    if blocked:
        told = f"the run of {result.dagster_run.job_name} was stopped by its checks: {', '.join(blocked)}"
        return RunFailed(told, "lineage doctor")
    error = next(_errors(result), None)
    while error is not None and error.cause is not None:
        error = error.cause
    reason = " ".join(error.message.split()) if error else "no reason was recorded"
    return RunFailed(f"the run of {result.dagster_run.job_name} failed: {reason}", "lineage ui")


def _errors(result: dg.ExecuteInProcessResult) -> Iterator[SerializableErrorInfo]:
    for event in result.all_events:
        error = getattr(event.event_specific_data, "error", None)
        if error is not None:
            yield error


def _edges_into(settings: Settings, dataset_ids: Sequence[str]) -> int:
    with WorkspaceResource.of(settings).database().get_connection() as connection:
        row = connection.execute("SELECT count(*) FROM edges WHERE list_contains(?, target)", [dataset_ids]).fetchone()
    return int(row[0])
