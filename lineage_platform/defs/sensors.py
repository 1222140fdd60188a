"""What starts by itself: a graph after traces, a trace of datasets new on the watch list, a look for new benchmarks."""

import json
from collections.abc import Mapping
from datetime import datetime
from itertools import islice
from typing import Any

import dagster as dg

from lineage_platform.audits.benchmarks import read_benchmarks
from lineage_platform.defs.audits import CONTAMINATION, LEFT, ContaminationConfig
from lineage_platform.defs.graph import GRAPH
from lineage_platform.defs.jobs import build_graph_job, screen_job, trace_job
from lineage_platform.defs.partitions import BENCHMARKS, DATASETS, partition_key
from lineage_platform.defs.resources import WorkspaceResource
from lineage_platform.defs.tracing import STAGE_KEYS, TraceConfig
from lineage_platform.errors import LineageError
from lineage_platform.files import digest
from lineage_platform.upkeep import watch_list

GRAPH_INCLUDED_TAG = "lineage/graph_included"
"""Tag of a trace whose caller builds the graph itself."""

AFTER_TAG = "lineage/after_trace"
"""Tag of a build: the newest run that it follows."""

_JOBS_WITH_NEWS = {trace_job.name, screen_job.name}
_ASSETS_WITH_NEWS = {*STAGE_KEYS.values(), CONTAMINATION}
_ENDED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]
_MOST_RUNS = 1000


@dg.sensor(
    job=build_graph_job,
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=5,
    description="Builds the graph when traces and screenings have ended, well or not: they may have brought news. "
    "However many have ended since it last looked, it asks for one build of each workspace.",
)
def graph_after_traces(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    """One build for each workspace on which a trace has ended since the last look."""
    since = datetime.fromisoformat(context.cursor) if context.cursor else None
    ended = context.instance.get_run_records(
        dg.RunsFilter(statuses=_ENDED, updated_after=since), limit=_MOST_RUNS, order_by="update_timestamp"
    )
    newest: dict[str, dg.DagsterRun] = {}
    for run in (record.dagster_run for record in ended):
        if _needs_graph(run):
            newest.setdefault(json.dumps(_same_workspace(run), sort_keys=True), run)
    return dg.SensorResult(
        [dg.RunRequest(run.run_id, _same_workspace(run), tags={AFTER_TAG: run.run_id}) for run in newest.values()],
        skip_reason=None if newest else "no trace has ended that left the graph to be built",
        cursor=ended[0].update_timestamp.isoformat() if ended else context.cursor,
    )


@dg.sensor(
    job=trace_job,
    default_status=dg.DefaultSensorStatus.STOPPED,
    minimum_interval_seconds=300,
    description="Traces datasets that are new on the watch list (LINEAGE_WATCH: ids, author:NAME, tag:NAME, "
    "trending:N; without one, the hub's own seeds): one run for all that are new, as many as LINEAGE_BATCH allows.",
)
def new_datasets(context: dg.SensorEvaluationContext, workspace: WorkspaceResource) -> dg.SensorResult:
    """One run for the watched datasets that have no partition yet and were not asked for before."""
    opened = workspace.open()
    try:
        watched = watch_list(opened)
    except LineageError as error:
        return dg.SensorResult(skip_reason=f"{error.message}. {error.hint}", cursor=context.cursor)
    known = set(context.instance.get_dynamic_partitions(str(DATASETS.name)))
    unknown = [dataset_id for dataset_id in watched if partition_key(dataset_id) not in known]
    # An id without a partition of its own may have been traced: under the name that the hub gave it.
    asked = set(json.loads(context.cursor)) if context.cursor else set()
    new = [dataset_id for dataset_id in unknown if dataset_id not in asked][: opened.settings.upkeep.batch]
    cursor = json.dumps(sorted(asked.intersection(unknown).union(new)))
    if not new:
        return dg.SensorResult(skip_reason=f"all {len(watched)} watched datasets are known", cursor=cursor)
    config = dg.RunConfig(ops={"trace_datasets": TraceConfig(seeds=new)})
    return dg.SensorResult([dg.RunRequest(digest(*new), config)], cursor=cursor)


@dg.sensor(
    job=screen_job,
    default_status=dg.DefaultSensorStatus.STOPPED,
    minimum_interval_seconds=300,
    description="Screens for benchmarks that are new in the registry (with LINEAGE_BENCHMARKS): first the datasets "
    "into which lineage says that they can have leaked, then the others, as many at a time as LINEAGE_BATCH allows.",
)
def new_benchmarks(context: dg.SensorEvaluationContext, workspace: WorkspaceResource) -> dg.SensorResult:
    """A run for each benchmark never screened for; when there is none, one for what is left of another."""
    opened = workspace.open()
    try:
        keys = [partition_key(each.id) for each in read_benchmarks(opened.settings.rows.benchmarks).all]
        opened.open_graph().close()
    except LineageError as error:
        return dg.SensorResult(skip_reason=f"{error.message}. {error.hint}")
    screened = context.instance.get_materialized_partitions(CONTAMINATION)
    requests = [_screen(key, "first") for key in keys if key not in screened]
    if not requests:
        left = ((key, _left(context.instance, key)) for key in keys)
        more = ((key, run_id) for key, (number, run_id) in left if number)
        requests = [_screen(key, run_id, opened.settings.upkeep.batch) for key, run_id in islice(more, 1)]
    return dg.SensorResult(
        requests,
        skip_reason=None if requests else f"all {len(keys)} benchmarks were compared with all rows at hand",
        dynamic_partitions_requests=[BENCHMARKS.build_add_request(keys)],
    )


def _screen(key: str, after: str, others: int = 0) -> dg.RunRequest:
    """One run for a benchmark, asked for once after each run before it."""
    config = dg.RunConfig(ops={CONTAMINATION.to_user_string(): ContaminationConfig(others=others, read_rows=True)})
    return dg.RunRequest(f"{key} {after}", config, partition_key=key)


def _left(instance: dg.DagsterInstance, key: str) -> tuple[int, str]:
    """How many training sets the last run left to be compared with a benchmark, and its id."""
    wanted = dg.AssetRecordsFilter(CONTAMINATION, asset_partitions=[key])
    last = instance.fetch_materializations(wanted, limit=1).records[0]
    assert last.asset_materialization is not None, "only materialisations were asked for"
    value = last.asset_materialization.metadata.get(LEFT)
    return (int(str(value.value)) if value else 0), last.run_id


def _needs_graph(run: dg.DagsterRun) -> bool:
    """Whether the run traced or measured something and left the graph to us."""
    selected = run.asset_selection or frozenset()
    news = run.job_name in _JOBS_WITH_NEWS or not selected.isdisjoint(_ASSETS_WITH_NEWS)
    return news and GRAPH not in selected and GRAPH_INCLUDED_TAG not in run.tags


def _same_workspace(run: dg.DagsterRun) -> dict[str, Any]:
    """Config that opens the workspace which the run worked on."""
    resources = run.run_config.get("resources")
    if isinstance(resources, Mapping) and "workspace" in resources:
        return {"resources": {"workspace": resources["workspace"]}}
    return {}
