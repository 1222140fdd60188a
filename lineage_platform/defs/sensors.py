"""What starts by itself: a graph after traces, a trace of datasets new on the watch list, a notice of failed runs."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import dagster as dg

from lineage_platform.defs.audits import CONTAMINATION, REPORTS
from lineage_platform.defs.cursors import Asked
from lineage_platform.defs.graph import GRAPH
from lineage_platform.defs.jobs import build_graph_job, measure_rows_job, screen_job, trace_job
from lineage_platform.defs.partitions import DATASETS, STAGE_KEYS, partition_key
from lineage_platform.defs.resources import WorkspaceResource
from lineage_platform.defs.tracing import TraceConfig
from lineage_platform.errors import LineageError
from lineage_platform.files import digest
from lineage_platform.notices import tell
from lineage_platform.records import Validation
from lineage_platform.settings import Settings
from lineage_platform.upkeep import watch_list
from lineage_platform.workspace import Workspace

GRAPH_INCLUDED_TAG = "lineage/graph_included"
"""Tag of a trace whose caller builds the graph itself."""

AFTER_TAG = "lineage/after_trace"
"""Tag of a build: the newest run that it follows."""

AGAIN_TAG = "lineage/build_again"
"""Tag of a build that follows one which was killed or failed: if it fails, too, that is not a matter of chance."""

_JOBS_WITH_NEWS = {trace_job.name, measure_rows_job.name, screen_job.name}
_ASSETS_WITH_NEWS = {*STAGE_KEYS.values(), *REPORTS, CONTAMINATION}
_ENDED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]
_MOST_RUNS = 1000


@dg.sensor(
    job=build_graph_job,
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=5,
    description="Builds the graph when traces, measurements and screenings have ended, well or not: they may have "
    "brought news. However many have ended since it last looked, it asks for one build of each workspace; for one that "
    "was killed or failed, once more.",
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
        [dg.RunRequest(run.run_id, _same_workspace(run), tags=_tags(run)) for run in newest.values()],
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
    """One run for the watched datasets that are not known yet and were not asked for within a day."""
    opened = workspace.open()
    try:
        watched = watch_list(opened)
    except LineageError as error:
        return dg.SensorResult(skip_reason=f"{error.message}. {error.hint}", cursor=context.cursor)
    known = set(context.instance.get_dynamic_partitions(str(DATASETS.name)))
    unknown = [
        each
        for each in watched
        if partition_key(each) not in known and partition_key(_canonical(opened, each)) not in known
    ]
    asked = Asked(context.cursor)
    new = asked.take(unknown, opened.settings.upkeep.batch)
    if not new:
        waiting = (
            f"{len(unknown)} of {len(watched)} watched datasets are not known yet, and were asked for within a day"
        )
        told = waiting if unknown else f"all {len(watched)} watched datasets are known"
        return dg.SensorResult(skip_reason=told, cursor=asked.cursor)
    config = dg.RunConfig(ops={"trace_datasets": TraceConfig(seeds=new)})
    return dg.SensorResult([dg.RunRequest(asked.run_key(digest(*new)), config)], cursor=asked.cursor)


def _canonical(workspace: Workspace, dataset_id: str) -> str:
    """The id that the hub gave a dataset, which has the partition, where it was asked; else the id itself."""
    try:
        validation = workspace.records.read(dataset_id, Validation)
    except LineageError:  # the next trace writes the record anew
        return dataset_id
    return validation.dataset_id if validation else dataset_id


@dg.run_failure_sensor(
    name="failed_runs",
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Tells LINEAGE_WEBHOOK and LINEAGE_MAIL_TO of each run that failed, and why.",
)
def failed_runs(context: dg.RunFailureSensorContext) -> dg.SkipReason | None:
    """A notice for a run that failed; whether it arrives is logged, and fails nothing."""
    upkeep = Settings.from_environment().upkeep
    if not (upkeep.webhook or upkeep.mail.to):
        return dg.SkipReason("neither LINEAGE_WEBHOOK nor LINEAGE_MAIL_TO is set")
    run, reasons = context.dagster_run, [_reason(event) for event in context.get_step_failure_events()]
    why = "\n".join(reasons) or context.failure_event.message or "no reason was left"
    headline = f"run {run.run_id[:8]} of {run.job_name} failed: {why.splitlines()[0]}"
    told = tell(upkeep, headline, f"{why}\n\nRun {run.run_id}, tags {dict(run.tags)}", run=run.run_id, reasons=reasons)
    context.log.info(f"webhook: {told['webhook']}; mail: {told['mail']}")
    return None


def _reason(event: dg.DagsterEvent) -> str:
    """Why a step failed: in our own words, where it was we that let it fail, else in those of the innermost error."""
    said, error = event.step_failure_data.user_failure_data, event.step_failure_data.error
    while error is not None and error.cause is not None:
        error = error.cause
    told = (said and said.description) or (error and error.message.strip()) or event.message or ""
    return f"{event.step_key}: {told}"


def _tags(run: dg.DagsterRun) -> dict[str, str]:
    """What a build that follows a run is marked with."""
    return {AFTER_TAG: run.run_id} | ({AGAIN_TAG: "true"} if run.job_name == build_graph_job.name else {})


def _needs_graph(run: dg.DagsterRun) -> bool:
    """Whether the run traced or measured something and left the graph to us; or is a first build that ended badly."""
    if run.job_name == build_graph_job.name:
        return AFTER_TAG in run.tags and AGAIN_TAG not in run.tags and not run.is_success
    selected = run.asset_selection or frozenset()
    news = run.job_name in _JOBS_WITH_NEWS or not selected.isdisjoint(_ASSETS_WITH_NEWS)
    return news and GRAPH not in selected and GRAPH_INCLUDED_TAG not in run.tags


def _same_workspace(run: dg.DagsterRun) -> dict[str, Any]:
    """Config that opens the workspace which the run worked on."""
    resources = run.run_config.get("resources")
    if isinstance(resources, Mapping) and "workspace" in resources:
        return {"resources": {"workspace": resources["workspace"]}}
    return {}
