"""The rows of a hub's datasets for a corpus: read into shards where they are not, or are not what the hub has now."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from lineage_platform.catalog.hub import Hub
from lineage_platform.corpus.selection import RootRows, RowsMissing, Source
from lineage_platform.errors import HubUnavailable, UsageError
from lineage_platform.files import digest
from lineage_platform.measurements import Part
from lineage_platform.samples.building import READ, ShardBuilder
from lineage_platform.samples.shards import Shard, ShardStore


class RowReader:
    """Reads datasets of one hub into its shards.

    Parameters
    ----------
    hub:
        The hub.
    builder:
        Brings shards up to date.
    told:
        Told of each dataset that is looked at.

    Raises
    ------
    UsageError
        The shards are kept elsewhere than on this machine.
    """

    def __init__(self, hub: Hub, builder: ShardBuilder, told: Callable[[str], None] = lambda _: None) -> None:
        if not builder.store.local:
            raise UsageError(
                f"a corpus is built from rows on this machine, not from {builder.store.root}", "unset LINEAGE_SHARDS"
            )
        self._hub = hub
        self._builder = builder
        self._told = told
        self._read: dict[str, tuple[Part, ...]] = {}

    @property
    def hub_name(self) -> str:
        """The hub's short name."""
        return self._hub.name

    @property
    def shards(self) -> ShardStore:
        """Where the rows are kept."""
        return self._builder.store

    @property
    def scheme(self) -> str:
        """Of the digests."""
        return self._builder.scheme

    def read(self, name: str) -> RootRows:
        """The rows of ``dataset`` or ``dataset#part``, as they are on the hub now.

        Parts that cannot be read are left out; their records in the data home say why.

        Raises
        ------
        RowsMissing
            It has no rows of questions with answers.
        DatasetNotFound, DatasetGated, HubUnavailable
            The hub's answer.
        """
        dataset_id, _, part = name.partition("#")
        info = self._hub.info(dataset_id)
        self._told(name)
        if dataset_id not in self._read:
            self._read[dataset_id] = tuple(each.part for each in self._builder.build(dataset_id))
        wanted = [each for each in self._read[dataset_id] if not part or each.part == part]
        away = next((each for each in wanted if each.outcome == HubUnavailable.kind), None)
        if away:
            raise HubUnavailable(f"the rows of {name} cannot be read now: {away.detail}", "build again later")
        names = {each.part for each in wanted if each.outcome == READ}
        shards = [shard for shard in self.shards.parts(info.id) if shard.part in names]
        if not shards:
            raise _missing(name, wanted)
        return rows_of(shards, info.sha, next(iter(info.tagged("license")), ""))


def rows_of(shards: Iterable[Shard], revision: str, licence: str) -> RootRows:
    """What the shards of a dataset hold."""
    return RootRows(revision=revision, licence=licence, sources=tuple(_source(shard) for shard in shards))


def _source(shard: Shard) -> Source:
    content = digest(shard.key, str(shard.rows), str(shard.distinct_triplets), str(shard.distinct_queries))
    return Source(part=shard.part, rows=shard.rows, skipped_rows=shard.skipped_rows, shape=shard.shape, content=content)


def _missing(name: str, parts: Iterable[Part]) -> RowsMissing:
    """Why there are no rows: what the first part that was tried says."""
    first = next(iter(parts), None)
    error = RowsMissing(f"{name}: {first.detail}" if first else f"{name} has no such part", f"lineage rows {name}")
    error.kind = first.outcome if first else RowsMissing.kind
    return error
