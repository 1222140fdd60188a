"""Tracing again by night; stopped until somebody starts it."""

from __future__ import annotations

import dagster as dg

from lineage_platform.defs.jobs import trace_job
from lineage_platform.defs.resources import WorkspaceResource
from lineage_platform.defs.tracing import TraceConfig
from lineage_platform.settings import Settings
from lineage_platform.upkeep import due


@dg.schedule(
    job=trace_job,
    cron_schedule=Settings.from_environment().upkeep.night,
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="Asks the hub about the datasets traced so far, at most LINEAGE_BATCH a night: those that failed "
    "first, then those asked about longest ago. Only what has changed is read again, at most for LINEAGE_MAX_COST.",
)
def nightly_trace(context: dg.ScheduleEvaluationContext, workspace: WorkspaceResource) -> dg.RunRequest | dg.SkipReason:
    """One run for the datasets that are due."""
    seeds = due(workspace.open())
    if not seeds:
        return dg.SkipReason("nothing has been traced yet: lineage trace ID")
    config = dg.RunConfig(ops={"trace_datasets": TraceConfig(seeds=seeds, changed_only=True)})
    return dg.RunRequest(run_key=context.scheduled_execution_time.isoformat(), run_config=config)
