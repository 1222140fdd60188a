"""What can be launched as a whole: a trace, and the build of the graph."""

from __future__ import annotations

import dagster as dg

from lineage_platform.checks import CORPUS_IS_CURRENT
from lineage_platform.corpus.accounting import Stage
from lineage_platform.defs.audits import CONTAMINATION, REPORTS
from lineage_platform.defs.changes import CHANGES
from lineage_platform.defs.corpus import KEYS
from lineage_platform.defs.graph import GRAPH
from lineage_platform.defs.partitions import STAGE_KEYS
from lineage_platform.defs.rows import SHARDS

CURRENT = dg.AssetCheckKey(KEYS[Stage.CORPUS], CORPUS_IS_CURRENT.name)

trace_job = dg.define_asset_job(
    "trace",
    # The stages judge each dataset as they go; planned for a run without partitions, their checks would never be done.
    selection=dg.AssetSelection.assets(*STAGE_KEYS.values()).without_checks(),
    executor_def=dg.in_process_executor,  # the recursion is one step, with threads of its own
    description="Trace datasets upstream: the selected partitions, or the seeds of the run's config.",
)

build_graph_job = dg.define_asset_job(
    "build_graph",
    selection=dg.AssetSelection.assets(GRAPH, CHANGES) | dg.AssetSelection.checks(CURRENT),
    executor_def=dg.in_process_executor,
    description="Build the graph from the records of all traced datasets, check it and whether corpora are still "
    "current, and tell what changed.",
)

read_rows_job = dg.define_asset_job(
    "read_rows",
    selection=dg.AssetSelection.assets(SHARDS),
    executor_def=dg.in_process_executor,
    description="Read the rows of a dataset, if they are not at hand as they are now.",
)

measure_rows_job = dg.define_asset_job(
    "measure_rows",
    selection=dg.AssetSelection.assets(*REPORTS),
    executor_def=dg.in_process_executor,
    description="Measure redundancy and overlaps of all datasets whose rows are at hand.",
)

screen_job = dg.define_asset_job(
    "screen_benchmark",
    selection=dg.AssetSelection.assets(CONTAMINATION),
    executor_def=dg.in_process_executor,
    description="Look for one benchmark in the datasets whose rows are at hand: the likely ones, some of the others.",
)

corpus_job = dg.define_asset_job(
    "build_corpus",
    selection=dg.AssetSelection.assets(*KEYS.values()),
    executor_def=dg.in_process_executor,  # each stage works on several cores by itself
    description="Build the corpus of a recipe, stage by stage, and check it; what is done already is not done again.",
)
