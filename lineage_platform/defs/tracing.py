"""The four stages of a trace, as assets with one partition per dataset."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace

import dagster as dg
from pydantic import Field

from lineage_platform.catalog.seeds import default_seeds
from lineage_platform.catalog.validation import VERSION as VALIDATION_VERSION
from lineage_platform.defs.checks import check_spec, checks_of
from lineage_platform.defs.partition_log import PartitionLog
from lineage_platform.defs.partitions import DATASETS, STAGE_KEYS
from lineage_platform.defs.resources import Reporter, WorkspaceResource
from lineage_platform.defs.stopping import stopped_in_time
from lineage_platform.errors import BudgetSpent
from lineage_platform.graph import RULES_VERSION
from lineage_platform.logs import about, log_as_wanted
from lineage_platform.stages import Stage
from lineage_platform.workspace import Workspace

GROUP = "tracing"
TRACE_POOL = "trace"

_SPECS = [
    dg.AssetSpec(
        STAGE_KEYS[Stage.VALIDATION],
        code_version=VALIDATION_VERSION,
        group_name=GROUP,
        kinds={"huggingface"},
        description="Does the dataset exist on the hub, under which id, since when, and is it to be expanded? "
        "Its outcome says so. Materialise it to ask the hub again.",
    ),
    dg.AssetSpec(
        STAGE_KEYS[Stage.DOCUMENTS],
        deps=[STAGE_KEYS[Stage.VALIDATION]],
        group_name=GROUP,
        kinds={"huggingface", "markdown"},
        description="The dataset's card and its own repository, paper and blog, stored as fetched. "
        "Materialise it to look for documents again.",
    ),
    dg.AssetSpec(
        STAGE_KEYS[Stage.EXTRACTION],
        deps=[STAGE_KEYS[Stage.DOCUMENTS]],
        group_name=GROUP,
        kinds={"python"},
        description="What the agents read in the stored documents: each source with its relation and a verbatim quote. "
        "Selected alone, it reads the stored documents again and fetches nothing.",
    ),
    dg.AssetSpec(
        STAGE_KEYS[Stage.RESOLUTION],
        deps=[STAGE_KEYS[Stage.EXTRACTION]],
        code_version=RULES_VERSION,
        group_name=GROUP,
        kinds={"python"},
        description="Names turned into ids, evidence checked against the documents, one witness per statement. "
        "Selected alone, it resolves what was extracted again and calls no agent.",
    ),
]


class TraceConfig(dg.Config):
    """What to trace when no partitions are selected, and how."""

    seeds: list[str] = Field(
        default=[],
        description="Datasets to start from, when no partitions are selected. Empty: every dataset traced so far; "
        "the hub's default seeds if there is none.",
    )
    max_hops: int | None = Field(
        default=None, ge=0, description="Edges to follow upstream; empty: until nothing is new."
    )
    refresh: bool = Field(default=False, description="Ask again for documents that are already stored.")
    changed_only: bool = Field(default=False, description="Follow the sources of changed datasets alone.")


@dg.multi_asset(
    specs=_SPECS,
    check_specs=[check_spec(check) for key in STAGE_KEYS.values() for check in checks_of(key)],
    name="trace_datasets",
    partitions_def=DATASETS,
    can_subset=True,
    backfill_policy=dg.BackfillPolicy.single_run(),
    pool=TRACE_POOL,
)
def trace_datasets(
    context: dg.AssetExecutionContext,
    config: TraceConfig,
    workspace: WorkspaceResource,
    reporter: dg.ResourceParam[Reporter],
) -> Iterator[dg.Output[None]]:
    """Trace datasets upstream until nothing new appears; of a part of the stages, do exactly those again."""
    log_as_wanted()
    opened = workspace.open()
    selected = {stage: key for stage, key in STAGE_KEYS.items() if key in context.selected_asset_keys}
    library = opened.library(refresh=config.refresh)
    limits = replace(opened.settings.limits, max_hops=config.max_hops, changed_only=config.changed_only)
    log = PartitionLog(context, opened, selected, config.seeds)
    tracing = opened.trace(_seeds(log, config, opened), library=library, limits=limits, stages=frozenset(selected))
    stopped = ""
    with (
        about(run=context.run.run_id),
        stopped_in_time(context),
        log,
        closing(tracing),
    ):  # closed: a trace that is stopped does not go on behind our back
        try:
            for traced in tracing:
                log.add(traced)
                reporter.dataset(traced)
        except BudgetSpent as spent:
            stopped = f"{spent.message}; the next run goes on where this one stopped"
            reporter.stopped(stopped)
    reporter.finished(library.fetched)
    if log.failed or stopped:
        raise _failure(log, stopped)
    yield from ()  # a generator: a returned value would go to the I/O manager, which has no such partitions


def _seeds(log: PartitionLog, config: TraceConfig, workspace: Workspace) -> Sequence[str]:
    """The selected partitions, else the configured seeds, else all that is known, else the hub's own seeds."""
    known = log.selected or config.seeds or log.registered
    return known or [seed.dataset_id for seed in default_seeds(workspace.hub)]


def _failure(log: PartitionLog, stopped: str) -> dg.Failure:
    failed = "; ".join(f"{dataset_id}: {detail}" for dataset_id, detail in log.failed[:5])
    more = f"; and {len(log.failed) - 5} more" if len(log.failed) > 5 else ""
    retry = "Materialise the failed partitions again to retry them and to go on into their sources."
    told = f"{len(log.failed)} of {log.traced} datasets failed, the others are done. {failed}{more}. {retry}"
    return dg.Failure(
        " ".join(filter(None, [f"Stopped: {stopped}." if stopped else "", told if log.failed else ""])),
        metadata={"failed": [dataset_id for dataset_id, _ in log.failed], "traced": log.traced},
        allow_retries=False,
    )
