"""What a partition's materialisation was made from: Dagster compares it with what is there now, and says what is stale.

Dagster keeps this itself for what an asset returns. Partitions that a run finds on its way are logged one by one, and
need the same tags, whose names have no public interface.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import dagster as dg
from dagster._core.definitions.data_version import (
    CODE_VERSION_TAG,
    DATA_VERSION_IS_USER_PROVIDED_TAG,
    DATA_VERSION_TAG,
    extract_data_version_from_entry,
    get_input_data_version_tag,
    get_input_event_pointer_tag,
)


def latest(instance: dg.DagsterInstance, asset: dg.AssetKey, partitions: Iterable[str]) -> Mapping[str, int]:
    """The number of the newest materialisation of each of these partitions that has one."""
    wanted = set(partitions)
    kind = dg.DagsterEventType.ASSET_MATERIALIZATION
    return instance.event_log_storage.get_latest_storage_id_by_partition(asset, kind, wanted) if wanted else {}


def current_version(instance: dg.DagsterInstance, asset: dg.AssetKey, partition: str | None = None) -> str | None:
    """The version of what was materialised last; None where nothing was, or without one."""
    record = instance.get_latest_data_version_record(asset, partition_key=partition)
    version = extract_data_version_from_entry(record.event_log_entry) if record else None
    return version.value if version else None


def version_tags(
    version: str, *, code_version: str = "", made_from: tuple[dg.AssetKey, str, int | None] | None = None
) -> dict[str, str]:
    """Tags of a materialisation.

    Parameters
    ----------
    version:
        Of the data: the same while it is made from the same.
    code_version:
        Of the code that made it, as the asset's spec has it.
    made_from:
        The asset before it, the version of its partition of the same name, and the number of the materialisation.
    """
    tags = {DATA_VERSION_TAG: version, DATA_VERSION_IS_USER_PROVIDED_TAG: "true", CODE_VERSION_TAG: code_version}
    if made_from is not None:
        asset, input_version, number = made_from
        tags[get_input_data_version_tag(asset)] = input_version
        tags[get_input_event_pointer_tag(asset)] = "NULL" if number is None else str(number)
    return tags
