"""The rows of a hub's datasets for a corpus: read into shards where they are not yet."""

from __future__ import annotations

from collections.abc import Iterable

from lineage_platform.catalog.hub import Hub
from lineage_platform.corpus.selection import RootRows, RowsMissing, Source
from lineage_platform.files import Home, digest
from lineage_platform.samples.digests import DEFAULT_SCHEME
from lineage_platform.samples.shards import Shard, ShardStore


class RowReader:
    """Reads datasets of one hub into its shards.

    Parameters
    ----------
    hub:
        The hub.
    home:
        The data home.
    """

    def __init__(self, hub: Hub, home: Home) -> None:
        self._hub = hub
        self.hub_name = hub.name
        self.scheme = DEFAULT_SCHEME
        self.shards = ShardStore(home.shards(hub.name))

    def read(self, name: str) -> RootRows:
        """The rows of ``dataset`` or ``dataset#part``, as they are on the hub now.

        Raises
        ------
        RowsMissing
            It has no rows of questions with answers.
        DatasetNotFound, DatasetGated, HubUnavailable
            The hub's answer.
        """
        dataset_id, _, part = name.partition("#")
        info = self._hub.info(dataset_id)
        shards = [shard for shard in self.shards.parts(dataset_id) if not part or shard.part == part]
        if not shards:
            raise RowsMissing(f"{name} has no rows of questions with answers")
        return rows_of(shards, info.sha, next(iter(info.tagged("license")), ""))


def rows_of(shards: Iterable[Shard], revision: str, licence: str) -> RootRows:
    """What the shards of a dataset hold."""
    return RootRows(revision=revision, licence=licence, sources=tuple(_source(shard) for shard in shards))


def _source(shard: Shard) -> Source:
    content = digest(shard.key, str(shard.rows), str(shard.distinct_triplets), str(shard.distinct_queries))
    return Source(part=shard.part, rows=shard.rows, skipped_rows=shard.skipped_rows, shape=shard.shape, content=content)
