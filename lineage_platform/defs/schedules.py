"""Tracing again by night; stopped until somebody starts it."""

from __future__ import annotations

import dagster as dg

from lineage_platform.defs.jobs import trace_job

nightly_trace = dg.ScheduleDefinition(
    name="nightly_trace",
    job=trace_job,
    cron_schedule="0 3 * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="Ask the hub about every dataset traced so far, and read again what has changed.",
)
