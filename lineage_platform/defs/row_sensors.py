"""What follows by itself where rows are at hand: they are read anew, measured again, and screened for benchmarks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import dagster as dg

from lineage_platform.audits.benchmarks import Benchmark, read_benchmarks
from lineage_platform.audits.lineage import Lineage
from lineage_platform.audits.rows import Shelf
from lineage_platform.defs.audits import (
    CONTAMINATION,
    LEFT,
    NO_ROWS,
    REGISTRY,
    REPORTS,
    ContaminationConfig,
    benchmark_of,
    described,
    rows_version,
    screened_version,
)
from lineage_platform.defs.cursors import Asked
from lineage_platform.defs.data_versions import current_version, latest, version_tags
from lineage_platform.defs.jobs import measure_rows_job, read_rows_job, screen_job
from lineage_platform.defs.partitions import BENCHMARKS, STAGE_KEYS, partition_key
from lineage_platform.defs.resources import WorkspaceResource
from lineage_platform.defs.rows import SHARDS
from lineage_platform.errors import LineageError
from lineage_platform.stages import Stage
from lineage_platform.workspace import Workspace

_UNFINISHED = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
]


@dg.sensor(
    jobs=[read_rows_job, measure_rows_job],
    default_status=dg.DefaultSensorStatus.STOPPED,
    minimum_interval_seconds=60,
    description="Looks after the datasets whose rows are at hand (lineage rows). Where a trace found one changed, its "
    "rows are read anew: one run a dataset, at most LINEAGE_BATCH at a time. Then, where rows or the lineage above "
    "them have changed, redundancy and overlaps are measured again.",
)
def changed_rows(context: dg.SensorEvaluationContext, workspace: WorkspaceResource) -> dg.SensorResult:
    """A run for each dataset whose rows may have changed; else one for reports that are of other rows."""
    opened = workspace.open()
    try:
        shelf = Shelf(opened.shards)
        sets = shelf.all()
        version = _rows_version(opened, shelf) if sets else ""
    except LineageError as error:
        return dg.SensorResult(skip_reason=f"{error.message}. {error.hint}", cursor=context.cursor)
    asked = Asked(context.cursor)
    due = _due(context.instance, [each.dataset_id for each in sets])
    if new := asked.take(due, opened.settings.upkeep.batch):
        read = read_rows_job.name
        requests = [dg.RunRequest(asked.run_key(each), partition_key=due[each], job_name=read) for each in new]
        return dg.SensorResult(requests, cursor=asked.cursor)
    if context.instance.get_runs(dg.RunsFilter(job_name=read_rows_job.name, statuses=_UNFINISHED), limit=1):
        return dg.SensorResult(skip_reason="rows are being read", cursor=asked.cursor)
    outdated = sets and any(current_version(context.instance, report) != version for report in REPORTS)
    if asked.take([version] if outdated else [], 1):
        return dg.SensorResult(
            [dg.RunRequest(asked.run_key(version), job_name=measure_rows_job.name)], cursor=asked.cursor
        )
    told = f"the rows of {len(sets)} datasets are as they were, or were asked for within a day"
    return dg.SensorResult(skip_reason=told, cursor=asked.cursor)


@dg.sensor(
    job=screen_job,
    default_status=dg.DefaultSensorStatus.STOPPED,
    minimum_interval_seconds=300,
    description="Screens for benchmarks that are new in the registry (with LINEAGE_BENCHMARKS): first the datasets "
    "into which lineage says that they can have leaked, then the others, as many at a time as LINEAGE_BATCH allows; "
    "and again where rows have changed since.",
)
def new_benchmarks(context: dg.SensorEvaluationContext, workspace: WorkspaceResource) -> dg.SensorResult:
    """A run for each benchmark never screened for; when there is none, one for what another has to be compared with.

    One that fails is asked for again a day later, and is in nobody's way meanwhile.
    """
    opened = workspace.open()
    try:
        registry = read_benchmarks(opened.settings.rows.benchmarks).all
        opened.open_graph().close()
    except LineageError as error:
        return dg.SensorResult(skip_reason=f"{error.message}. {error.hint}", cursor=context.cursor)
    asked = Asked(context.cursor)
    keys = [partition_key(each.id) for each in registry]
    screened = context.instance.get_materialized_partitions(CONTAMINATION)
    due = asked.take((_Screening(key, "first") for key in keys if key not in screened), len(keys))
    if not due:
        due = asked.take(_again(context.instance, opened, [key for key in keys if key in screened]), 1)
    told = f"all {len(keys)} benchmarks were compared with all rows at hand, or were asked for within a day"
    return dg.SensorResult(
        [each.request(asked) for each in due],
        skip_reason=None if due else told,
        cursor=asked.cursor,
        dynamic_partitions_requests=[BENCHMARKS.build_add_request(keys)],
        asset_events=list(_registered(context.instance, registry)),
    )


def _registered(instance: dg.DagsterInstance, registry: Sequence[Benchmark]) -> Iterator[dg.AssetMaterialization]:
    """The registry as it is now, where that is another than the asset shows."""
    metadata, version = described(registry)
    if current_version(instance, REGISTRY) != version:
        yield dg.AssetMaterialization(REGISTRY, metadata=metadata, tags=version_tags(version))


def _rows_version(workspace: Workspace, shelf: Shelf) -> str:
    with workspace.open_graph() as graph:
        return rows_version(shelf, Lineage.of(graph))


def _due(instance: dg.DagsterInstance, dataset_ids: Sequence[str]) -> dict[str, str]:
    """Partitions that a trace found changed since their rows were read, by a key that names that finding."""
    keys = [partition_key(dataset_id) for dataset_id in dataset_ids]
    changed = latest(instance, STAGE_KEYS[Stage.VALIDATION], keys)
    read = latest(instance, SHARDS, keys)
    return {f"{key} {number}": key for key, number in changed.items() if number > read.get(key, 0)}


@dataclass(frozen=True)
class _Screening:
    """One run for a benchmark, asked for once after each run before it."""

    key: str
    after: str
    others: int = 0

    def __str__(self) -> str:
        return f"{self.key} {self.after}"

    def request(self, asked: Asked) -> dg.RunRequest:
        config = ContaminationConfig(others=self.others, read_rows=True)
        ops = dg.RunConfig(ops={CONTAMINATION.to_user_string(): config})
        return dg.RunRequest(asked.run_key(str(self)), ops, partition_key=self.key)


def _again(instance: dg.DagsterInstance, workspace: Workspace, keys: Sequence[str]) -> Iterator[_Screening]:
    """Screenings that a run left unfinished, or whose rows have changed."""
    shelf = Shelf(workspace.shards)
    for key in keys:
        rows = shelf.benchmark(benchmark_of(workspace, key))
        left, run_id = _left(instance, key)
        version = screened_version(shelf, rows) if rows else NO_ROWS
        if left:
            yield _Screening(key, run_id, workspace.settings.upkeep.batch)
        elif current_version(instance, CONTAMINATION, key) != version:
            yield _Screening(key, version, workspace.settings.upkeep.batch)


def _left(instance: dg.DagsterInstance, key: str) -> tuple[int, str]:
    """How many training sets the last run left to be compared with a benchmark, and its id."""
    wanted = dg.AssetRecordsFilter(CONTAMINATION, asset_partitions=[key])
    last = instance.fetch_materializations(wanted, limit=1).records[0]
    assert last.asset_materialization is not None, "only materialisations were asked for"
    value = last.asset_materialization.metadata.get(LEFT)
    return (int(str(value.value)) if value else 0), last.run_id
