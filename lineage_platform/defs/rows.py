"""The rows of datasets: read, digested, sketched; one partition per dataset."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import dagster as dg
from pydantic import Field

from lineage_platform.defs.metadata import Metadata, table
from lineage_platform.defs.partitions import DATASETS
from lineage_platform.defs.resources import WorkspaceResource
from lineage_platform.defs.tracing import STAGE_KEYS
from lineage_platform.samples.building import BuiltPart
from lineage_platform.samples.checking import Fault, several_schemes, wrong_counts, wrong_digests
from lineage_platform.samples.shards import ShardStore
from lineage_platform.stages import Stage

SHARDS = dg.AssetKey("dataset_shards")
MENDABLE = frozenset({"bad_row", "broken_file", "broken_record", "hub_unavailable"})
"""Outcomes that another run, or a person, may change: their partitions are red."""


@dataclass(frozen=True)
class RowCheck:
    """Something that holds of all shards: what, what to do if not, and where it does not."""

    name: str
    description: str
    remedy: str
    find: Callable[[ShardStore], Iterator[Fault]]


_AGAIN = "Delete the shards listed and materialise their partitions again."
ROW_CHECKS = (
    RowCheck("row_counts", "Every shard holds as many rows as it says.", _AGAIN, wrong_counts),
    RowCheck("digests", "Rows digested again from their texts have the digests that are kept.", _AGAIN, wrong_digests),
    RowCheck(
        "one_scheme",
        "All digests are of one scheme.",
        "Materialise the partitions listed again with one LINEAGE_DIGESTS.",
        several_schemes,
    ),
)


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
    check_specs=[
        dg.AssetCheckSpec(check.name, asset=SHARDS, description=f"{check.description} If not: {check.remedy}")
        for check in ROW_CHECKS
    ],
    name="dataset_shards",
    partitions_def=DATASETS,
    can_subset=True,  # so that a run may materialise some of its partitions
    backfill_policy=dg.BackfillPolicy.single_run(),
    pool="rows",
)
def dataset_shards(
    context: dg.AssetExecutionContext, config: RowsConfig, workspace: WorkspaceResource
) -> Iterator[dg.AssetCheckResult]:
    """Bring the shards of the selected datasets up to date; one that fails loses no other."""
    builder = workspace.open().shard_builder(skip_bad_rows=config.skip_bad_rows)
    failed: list[str] = []
    for dataset_id in context.partition_keys:
        built = list(builder.build(dataset_id))
        broken = [each.part.detail for each in built if each.part.outcome in MENDABLE]
        failed += broken
        if not broken:
            context.log_event(dg.AssetMaterialization(SHARDS, partition=dataset_id, metadata=_described(built)))
    yield from (_checked(check, builder.store) for check in ROW_CHECKS)
    if failed:
        raise dg.Failure(
            f"{len(failed)} parts could not be read, the others are done. {'; '.join(failed[:5])}", allow_retries=False
        )


def _described(built: list[BuiltPart]) -> Metadata:
    columns = ("part", "outcome", "shape", "rows", "skipped_rows", "distinct_triplets", "distinct_queries", "sampled")
    return {
        "rows": sum(each.part.rows for each in built),
        "read again": sum(each.made for each in built),
        "parts": table({name: getattr(each.part, name) for name in columns} for each in built),
    }


def _checked(check: RowCheck, store: ShardStore) -> dg.AssetCheckResult:
    found = list(check.find(store))
    return dg.AssetCheckResult(
        check_name=check.name,
        asset_key=SHARDS,
        passed=not found,
        description=f"{len(found)} found. {check.remedy}" if found else check.description,
        metadata={"found": len(found), "shards": table(vars(fault) for fault in found)},
    )
