"""Everything that Dagster shows and runs."""

from __future__ import annotations

import dagster as dg

from lineage_platform.defs import (
    audits,
    changes,
    checks,
    corpus,
    graph,
    jobs,
    resources,
    row_sensors,
    rows,
    schedules,
    sensors,
    tracing,
)

defs = dg.Definitions(
    assets=[tracing.trace_datasets, graph.graph, changes.changes, rows.dataset_shards, *audits.ASSETS, *corpus.ASSETS],
    asset_checks=[
        *(checks.asset_check(check) for check in checks.checks_of(graph.GRAPH)),
        *audits.CHECKS,
        *corpus.ASSET_CHECKS,
    ],
    jobs=[
        jobs.trace_job,
        jobs.build_graph_job,
        jobs.corpus_job,
        jobs.read_rows_job,
        jobs.measure_rows_job,
        jobs.screen_job,
    ],
    sensors=[
        sensors.graph_after_traces,
        sensors.new_datasets,
        sensors.failed_runs,
        row_sensors.changed_rows,
        row_sensors.new_benchmarks,
    ],
    schedules=[schedules.nightly_trace],
    resources={
        "workspace": resources.WorkspaceResource(),
        "reporter": resources.Reporter(),
        "recipe": resources.RecipeResource(),
        "corpus_reporter": resources.CorpusReporter(),
    },
)
