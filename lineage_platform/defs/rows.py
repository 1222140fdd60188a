"""The rows of datasets: read, digested, sketched; one partition per dataset."""

import logging
from collections.abc import Iterator, Sequence

import dagster as dg
from pydantic import Field

from lineage_platform.checks import Severity, Subject
from lineage_platform.defs.checks import check_spec, checks_of, evaluation, result
from lineage_platform.defs.data_versions import current_version, latest, version_tags
from lineage_platform.defs.metadata import Metadata, table
from lineage_platform.defs.partitions import DATASETS, STAGE_KEYS
from lineage_platform.defs.resources import WorkspaceResource
from lineage_platform.files import digest
from lineage_platform.logs import about, log_as_wanted
from lineage_platform.samples.building import BuiltPart
from lineage_platform.stages import Stage

log = logging.getLogger(__name__)

SHARDS = dg.AssetKey("dataset_shards")
MENDABLE = frozenset({"bad_row", "broken_file", "broken_record", "engine_failed", "hub_unavailable"})
"""Outcomes that another run, or a person, may change: their partitions are red."""

PARTITIONS_A_RUN = 50
"""Datasets that a run of a backfill reads: few enough that many machines share the work and that one which dies costs
little, enough that starting a process for them does not count."""


class RowsConfig(dg.Config):
    """How rows are read."""

    skip_bad_rows: bool = Field(default=False, description="Count rows that cannot be read, and leave them out.")


_SPEC = dg.AssetSpec(
    SHARDS,
    deps=[STAGE_KEYS[Stage.VALIDATION]],
    group_name="rows",
    kinds={"parquet", "polars"},
    description="The rows of the dataset as triplets with their digests, and a sketch of them, part by part. A part is "
    "read again only if its revision or the digests' scheme has changed.",
)


@dg.multi_asset(
    specs=[_SPEC],
    check_specs=[check_spec(check) for check in checks_of(SHARDS)],
    name="dataset_shards",
    partitions_def=DATASETS,
    can_subset=True,  # so that a run may materialise some of its partitions
    backfill_policy=dg.BackfillPolicy.multi_run(PARTITIONS_A_RUN),
    pool="rows",
)
def dataset_shards(
    context: dg.AssetExecutionContext, config: RowsConfig, workspace: WorkspaceResource
) -> Iterator[dg.AssetCheckResult]:
    """Bring the shards of the selected datasets up to date; one that fails loses no other."""
    log_as_wanted()
    opened = workspace.open()
    builder = opened.shard_builder(skip_bad_rows=config.skip_bad_rows)
    failed: list[str] = []
    for dataset_id in context.partition_keys:
        with about(run=context.run.run_id, dataset=dataset_id):
            number = latest(context.instance, STAGE_KEYS[Stage.VALIDATION], [dataset_id]).get(dataset_id)
            built = list(builder.build(dataset_id))
            broken = [
                each.outdated or each.part.detail for each in built if each.outdated or each.part.outcome in MENDABLE
            ]
            if not broken:
                tags = _tags(context.instance, dataset_id, number, built)
                context.log_event(
                    dg.AssetMaterialization(SHARDS, partition=dataset_id, metadata=_described(built), tags=tags)
                )
                broken = list(_checked(context, Subject(opened, dataset_id)))
            log.info("%s: %s", dataset_id, "; ".join(broken) or f"{sum(each.part.rows for each in built)} rows")
        failed += broken
    for check in checks_of(SHARDS):
        if not check.of_each:
            yield result(check, check.judge(Subject(opened)))
    if failed:
        told = f"{len(failed)} parts could not be read or fail their checks, the others are done."
        raise dg.Failure(f"{told} {'; '.join(failed[:5])}", allow_retries=False)


def _checked(context: dg.AssetExecutionContext, subject: Subject) -> Iterator[str]:
    """Check a dataset's shards; what nothing may be made from comes back."""
    for check in checks_of(SHARDS):
        if check.of_each:
            verdict = check.judge(subject)
            context.log_event(evaluation(check, verdict, subject.one))
            if check.blocking and verdict.severity is Severity.ERROR:
                yield f"{subject.one}: {check.name}: {check.told(verdict)}"


def _tags(instance: dg.DagsterInstance, key: str, number: int | None, built: Sequence[BuiltPart]) -> dict[str, str]:
    """What the rows were made from: the dataset as the hub described it when they were asked for."""
    version = digest(*(f"{each.part.part} {each.shard.key if each.shard else each.part.outcome}" for each in built))
    validation = STAGE_KEYS[Stage.VALIDATION]
    described = current_version(instance, validation, key) if number is not None else None
    return version_tags(version, made_from=(validation, described or "", number))


def _described(built: list[BuiltPart]) -> Metadata:
    columns = ("part", "outcome", "shape", "rows", "skipped_rows", "distinct_triplets", "distinct_queries", "sampled")
    return {
        "rows": sum(each.part.rows for each in built),
        "read again": sum(each.made for each in built),
        "parts": table({name: getattr(each.part, name) for name in columns} for each in built),
    }
