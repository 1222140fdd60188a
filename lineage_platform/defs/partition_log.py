"""What a trace tells Dagster: partitions found, materialised, failed."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from types import TracebackType

import dagster as dg
from dagster import AssetPartitionStatus
from dagster._core.events import AssetMaterializationPlannedData, DagsterEvent

from lineage_platform.checks import Subject
from lineage_platform.defs.checks import checks_of, evaluation
from lineage_platform.defs.data_versions import current_version, latest, version_tags
from lineage_platform.defs.metadata import describe, made_version
from lineage_platform.defs.partitions import DATASETS, STAGE_KEYS, partition_key
from lineage_platform.records import Outcome, Validation
from lineage_platform.stages import Stage, TracedDataset
from lineage_platform.workspace import Workspace

BATCH_SIZE = 10
BATCH_SECONDS = 2.0


def plan_materialization(context: dg.AssetExecutionContext, asset: dg.AssetKey, partition: str) -> None:
    """Say that this run means to materialise the partition: red if the run fails before it does.

    Dagster itself says so only for partitions that were selected when the run began; those that a trace finds on its
    way need the same event, which has no public interface.
    """
    step = str(context.op_execution_context.op_handle)
    planned = AssetMaterializationPlannedData(asset, partition=partition)
    event = DagsterEvent.build_asset_materialization_planned_event(context.job_name, step, planned)
    context.instance.report_dagster_event(event, context.run.run_id)


class PartitionLog:
    """Reports traced datasets to Dagster, in batches; only what changed, for each event is a write to its database.

    Parameters
    ----------
    context:
        The running step.
    workspace:
        Where the records are that the metadata is read from.
    assets:
        The selected stages, with the assets they are.
    seeds:
        Datasets that the run was asked for without naming partitions.

    Attributes
    ----------
    registered, selected:
        Partitions known when the run began, and those that it was started for.
    traced, failed:
        Datasets so far, and those that failed with the reason.
    """

    def __init__(
        self,
        context: dg.AssetExecutionContext,
        workspace: Workspace,
        assets: Mapping[Stage, dg.AssetKey],
        seeds: Sequence[str] = (),
    ) -> None:
        self._context, self._workspace, self._assets = context, workspace, assets
        self.registered: Sequence[str] = context.instance.get_dynamic_partitions(str(DATASETS.name))
        ranged = context.has_partition_key or context.has_partition_key_range
        self.selected: Sequence[str] = list(context.partition_keys) if ranged else []
        self.traced = 0
        self.failed: list[tuple[str, str]] = []
        self._known = set(self.registered)
        self._unreported = set(self.selected) | (set(seeds) & self._known)
        self._status = {
            stage: context.instance.get_status_by_partition(asset, self.registered, DATASETS) or {}
            for stage, asset in assets.items()
        }
        self._code_versions = {spec.key: spec.code_version or "" for spec in context.assets_def.specs}
        self._batch: list[TracedDataset] = []
        self._flushed = time.monotonic()

    def __enter__(self) -> PartitionLog:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._flush()
        if error is None:
            self._report_renamed()

    def add(self, traced: TracedDataset) -> None:
        """Report one dataset, now or with the next ones."""
        self.traced += 1
        if traced.outcome is Outcome.FAILED:
            self.failed.append((traced.dataset_id, traced.detail))
        self._batch.append(traced)
        if len(self._batch) >= BATCH_SIZE or time.monotonic() - self._flushed > BATCH_SECONDS:
            self._flush()

    def _flush(self) -> None:
        batch, self._batch = self._batch, []
        keys = [partition_key(traced.dataset_id) for traced in batch]
        new = [key for key in keys if key not in self._known]
        if new:
            self._context.instance.add_dynamic_partitions(str(DATASETS.name), new)
            self._known.update(new)
        reported: set[str] = set()
        for stage in self._assets:
            self._report(stage, dict(zip(keys, batch, strict=True)), reported)
        self._unreported.difference_update(keys)
        self._flushed = time.monotonic()

    def _report(self, stage: Stage, batch: Mapping[str, TracedDataset], reported: set[str]) -> None:
        """Report one stage of some datasets; where an earlier stage was reported, the later ones are new, too."""
        asset = self._assets[stage]
        numbers = self._numbers_before(stage, batch)
        for key, traced in batch.items():
            if traced.outcome is Outcome.FAILED:
                plan_materialization(self._context, asset, key)
            elif (
                stage in traced.worked or key in self.selected or key in reported or not self._materialized(stage, key)
            ):
                reported.add(key)
                tags = self._tags(stage, traced, numbers.get(key))
                metadata = describe(stage, traced, self._workspace)
                self._context.log_event(dg.AssetMaterialization(asset, partition=key, metadata=metadata, tags=tags))
                for check in checks_of(asset):
                    verdict = check.judge(Subject(self._workspace, traced.dataset_id))
                    self._context.log_event(evaluation(check, verdict, key))

    def _numbers_before(self, stage: Stage, batch: Mapping[str, TracedDataset]) -> Mapping[str, int]:
        """What each of these datasets' stage before this one was last materialised under."""
        before = stage.before
        return latest(self._context.instance, STAGE_KEYS[before], batch) if before else {}

    def _tags(self, stage: Stage, traced: TracedDataset, number: int | None) -> dict[str, str]:
        asset = self._assets[stage]
        code_version = self._code_versions[asset]
        version = made_version(stage, traced, self._workspace)
        if stage.before is None:
            return version_tags(version, code_version=code_version)
        made_from = (STAGE_KEYS[stage.before], made_version(stage.before, traced, self._workspace), number)
        return version_tags(version, code_version=code_version, made_from=made_from)

    def _materialized(self, stage: Stage, key: str) -> bool:
        return self._status[stage].get(key) is AssetPartitionStatus.MATERIALIZED

    def _report_renamed(self) -> None:
        """A partition whose dataset the hub knows under another id is done: that one was traced."""
        for key in sorted(self._unreported):
            validation = self._workspace.records.read(key, Validation)
            if validation is None or partition_key(validation.dataset_id) == key:
                continue
            version = f"renamed to {validation.dataset_id}"
            for asset in self._assets.values():
                if key in self.selected or current_version(self._context.instance, asset, key) != version:
                    metadata = {"renamed to": validation.dataset_id}
                    tags = version_tags(version)
                    self._context.log_event(dg.AssetMaterialization(asset, partition=key, metadata=metadata, tags=tags))
