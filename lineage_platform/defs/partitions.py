"""One partition per dataset, for each stage of a trace, and one per benchmark, under its id."""

from __future__ import annotations

import dagster as dg

from lineage_platform.files import safe_name
from lineage_platform.stages import Stage

STAGE_KEYS = {stage: dg.AssetKey(stage.value) for stage in Stage}
DATASETS = dg.DynamicPartitionsDefinition(name="datasets")
BENCHMARKS = dg.DynamicPartitionsDefinition(name="benchmarks")
LONGEST_KEY = 200
_FORBIDDEN = ("...", *map(chr, range(32)), "\x7f")


def partition_key(dataset_id: str) -> str:
    """The dataset's partition: its id, or a safe form of it where Dagster takes no such key."""
    if len(dataset_id) <= LONGEST_KEY and not any(text in dataset_id for text in _FORBIDDEN):
        return dataset_id
    return safe_name(dataset_id)
