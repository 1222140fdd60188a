"""From a dataset of a hub to its shards, and to the record of how that went."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

from lineage_platform.catalog.hub import Hub
from lineage_platform.errors import HubUnavailable, LineageError
from lineage_platform.measurements import WHOLE, MeasurementStore, Part
from lineage_platform.samples.engines import EngineFailed
from lineage_platform.samples.fields_file import FieldsTable
from lineage_platform.samples.parsing import Bounds
from lineage_platform.samples.reading import TripletRows
from lineage_platform.samples.row_files import Source
from lineage_platform.samples.shards import Shard, ShardStore, key
from lineage_platform.samples.sources import row_sources
from lineage_platform.samples.triplets import Fields

READ = "read"

log = logging.getLogger(__name__)


def _nothing_published(_dataset_id: str, _part: str) -> Fields | None:
    return None


@dataclass(frozen=True)
class BuiltPart:
    """One part: how it ended, its shard if it has one, whether that was made now, or why it could not be made anew."""

    part: Part
    shard: Shard | None = None
    made: bool = False
    outdated: str = ""


@dataclass(frozen=True)
class ShardBuilder:
    """Makes the shards of datasets, where their rows or the way of reading them have changed.

    Parameters
    ----------
    hub, store, measurements:
        Where rows come from, where shards and records go.
    scheme:
        Of the digests.
    fields:
        Fields given by a person.
    published:
        Fields that a part, by dataset and name, is known to have; they hold if its files have these columns.
    skip_bad_rows:
        Count bad rows and leave them out.
    bounds:
        What reading one part may take.
    told:
        Called with the name of a part and its rows so far, while it is read.
    """

    hub: Hub
    store: ShardStore
    measurements: MeasurementStore
    scheme: str
    fields: FieldsTable = field(default_factory=FieldsTable)
    published: Callable[[str, str], Fields | None] = _nothing_published
    skip_bad_rows: bool = False
    bounds: Bounds = field(default_factory=Bounds)
    told: Callable[[str, int], None] = lambda _name, _rows: None

    def build(self, dataset_id: str) -> Iterator[BuiltPart]:
        """Bring the shards of a dataset up to date; what goes wrong is the outcome of a part, never an exception."""
        try:
            sources = row_sources(self.hub, dataset_id)
        except LineageError as error:
            yield self._failed(dataset_id, WHOLE, error)
            if not isinstance(error, HubUnavailable):
                self._forget_others(dataset_id, {WHOLE})
            return
        for source in sources:
            yield self._build(source)
        self._forget_others(sources[0].dataset_id, {source.part for source in sources})
        if sources[0].dataset_id != dataset_id:
            self._forget_others(dataset_id, set())  # the hub calls it by another name now

    def _build(self, source: Source) -> BuiltPart:
        rows = TripletRows(source, None, self.skip_bad_rows, self.bounds, told=partial(self.told, source.name))
        try:
            shard = self.store.read(source.dataset_id, source.part)
            rows.given = self.fields.of_part(source.dataset_id, source.part) or (shard.given if shard else None)
            rows.published = self.published(source.dataset_id, source.part)
            made = shard is None or not self._is_current(shard, rows)
            if shard is None or made:
                shard = self.store.write(rows, self.scheme)
            elif (shard.revision, shard.content) != (source.revision, source.content):
                shard = self.store.carry_over(shard, rows, self.scheme)
        except LineageError as error:
            return self._failed(source.dataset_id, source.part, error, source.revision)
        self.measurements.write(shard.measured())
        return BuiltPart(shard.measured(), shard, made)

    def _is_current(self, shard: Shard, rows: TripletRows) -> bool:
        """Whether a shard was made as it would be now, of this revision or of equal files at another."""
        equal = bool(shard.content) and shard.content == rows.source.content
        return shard.key == key(rows, self.scheme, shard.revision if equal else rows.source.revision)

    def _failed(self, dataset_id: str, part: str, error: LineageError, revision: str = "") -> BuiltPart:
        """Record why there are no rows; while the hub is away, or the engine fails, what was read before stays."""
        if isinstance(error, HubUnavailable) and (before := self.store.read(dataset_id, part)):
            told = f"{error.message}; the rows of {before.name} are those read before"
            log.warning("%s", told)
            return BuiltPart(before.measured(), before, outdated=told)
        detail = " ".join("; ".join(filter(None, (error.message, error.hint))).split())
        record = Part(dataset_id=dataset_id, part=part, outcome=error.kind, detail=detail, revision=revision)
        if not isinstance(error, EngineFailed):
            self.store.delete(dataset_id, part)
        self.measurements.write(record)
        return BuiltPart(record)

    def _forget_others(self, dataset_id: str, parts: set[str]) -> None:
        """Parts that the dataset no longer has."""
        for record in list(self.measurements.of(Part, dataset_id)):
            if record.part not in parts:
                self.store.delete(dataset_id, record.part)
                self.measurements.delete(Part, dataset_id, record.part)
