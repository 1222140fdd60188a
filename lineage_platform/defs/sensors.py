"""The graph follows every trace: also one in which datasets failed, for the others have news."""

from collections.abc import Mapping
from typing import Any

import dagster as dg

from lineage_platform.defs.graph import GRAPH
from lineage_platform.defs.jobs import build_graph_job, trace_job
from lineage_platform.defs.tracing import STAGE_KEYS

GRAPH_INCLUDED_TAG = "lineage/graph_included"
"""Tag of a trace whose caller builds the graph itself."""

AFTER_TAG = "lineage/after_trace"
"""Tag of a build: the run that it follows."""


def _needs_graph(run: dg.DagsterRun) -> bool:
    """Whether the run traced something and left the graph to us."""
    selected = run.asset_selection or frozenset()
    traced = run.job_name == trace_job.name or not selected.isdisjoint(STAGE_KEYS.values())
    return traced and GRAPH not in selected and GRAPH_INCLUDED_TAG not in run.tags


def _same_workspace(run: dg.DagsterRun) -> dict[str, Any]:
    """Config that opens the workspace which the run worked on."""
    resources = run.run_config.get("resources")
    if isinstance(resources, Mapping) and "workspace" in resources:
        return {"resources": {"workspace": resources["workspace"]}}
    return {}


def _after_trace(status: dg.DagsterRunStatus) -> dg.SensorDefinition:
    @dg.run_status_sensor(
        run_status=status,
        name=f"graph_after_trace_{status.value.lower()}",
        request_job=build_graph_job,
        default_status=dg.DefaultSensorStatus.RUNNING,
        minimum_interval_seconds=5,
        description=f"Builds the graph when a trace ended in {status.value.lower()}.",
    )
    def build(context: dg.RunStatusSensorContext) -> dg.RunRequest | dg.SkipReason:
        run = context.dagster_run
        if not _needs_graph(run):
            return dg.SkipReason(f"run {run.run_id} traced nothing, or builds the graph itself")
        return dg.RunRequest(run_key=run.run_id, run_config=_same_workspace(run), tags={AFTER_TAG: run.run_id})

    return build


after_success = _after_trace(dg.DagsterRunStatus.SUCCESS)
after_failure = _after_trace(dg.DagsterRunStatus.FAILURE)
