"""Whether a corpus is still what its recipe would give: told from what is on disk, without asking the hub."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from lineage_platform.corpus.building import Build, Selected
from lineage_platform.corpus.lock import differences
from lineage_platform.corpus.reading import rows_of
from lineage_platform.corpus.recipe import Recipe
from lineage_platform.corpus.selection import RootRows, RowsMissing, Source
from lineage_platform.errors import DatasetGated, DatasetNotFound, LineageError
from lineage_platform.files import RecordStore, read_record, write_record
from lineage_platform.records import Outcome, Record, Validation
from lineage_platform.samples.shards import ShardStore

BUILT_FILE = "built.json"
_UNREAD = Source(part="", rows=0, skipped_rows=0, shape="", content="never read")


class Built(Record):
    """A corpus that was put in its place: where, by which recipe, from which datasets at which revisions."""

    folder: str
    recipe: Recipe
    selected: Selected


@dataclass(frozen=True)
class KnownRows:
    """Datasets as traces and readers left them: stands for the reader of a hub where the hub is not to be asked.

    Parameters
    ----------
    hub_name, shards, records:
        The hub, what was read of its rows, and what it said last.
    before:
        An earlier selection, which holds wherever nothing newer is known.
    """

    hub_name: str
    shards: ShardStore
    records: RecordStore
    before: Selected

    @property
    def scheme(self) -> str:
        """Of the digests: a corpus does not age because the setting is another."""
        return self.before.found.scheme

    def read(self, name: str) -> RootRows:
        """The rows of ``dataset`` or ``dataset#part``; of one that was never read, rows unlike any others.

        Raises
        ------
        RowsMissing, DatasetNotFound, DatasetGated
            It has none, as the earlier selection or the hub said.
        """
        dataset_id, _, part = name.partition("#")
        known = self._known(dataset_id)
        if known and known.outcome is Outcome.NOT_FOUND:
            raise DatasetNotFound(known.detail)
        if known and known.outcome is Outcome.GATED:
            raise DatasetGated(known.detail)
        found = self.shards.parts(known.dataset_id if known else dataset_id)
        shards = [shard for shard in found if not part or shard.part == part]
        if not shards and dataset_id in self._without_rows:
            raise RowsMissing(f"{name} had no rows")
        revision = known.info.sha if known and known.info else self._revisions.get(name, "")
        licence = next(iter(known.info.tagged("license")), "") if known and known.info else ""
        return rows_of(shards, revision, licence) if shards else _unread(revision, licence)

    def _known(self, dataset_id: str) -> Validation | None:
        """What the hub said last of a dataset, under the name that it has now."""
        known = self.records.read(dataset_id, Validation)
        if known is None or known.dataset_id == dataset_id:
            return known
        return self.records.read(known.dataset_id, Validation) or known

    @cached_property
    def _revisions(self) -> dict[str, str]:
        found = self.before.found
        return {name: each.revision for name, each in (*found.roots.items(), *found.benchmarks.items())}

    @cached_property
    def _without_rows(self) -> frozenset[str]:
        return frozenset(each.dataset_id for each in self.before.rejected)


def remember(build: Build, folder: Path) -> None:
    """Note that the corpus of a finished build stands in a folder."""
    write_record(build.folder / BUILT_FILE, Built(folder=str(folder), recipe=build.recipe, selected=build.selected))


def built_corpora(folder: Path) -> Iterator[Built]:
    """Every corpus of a hub that was put in its place, by name.

    Parameters
    ----------
    folder:
        Holds a folder of stages for each.
    """
    for path in sorted(folder.glob(f"*/{BUILT_FILE}")):
        built = read_record(path, Built)
        if built is not None:
            yield built


def changed_since(
    built: Built, hub_name: str, shards: ShardStore, records: RecordStore, graph: Path
) -> tuple[str, ...]:
    """What a build of a corpus would find changed: roots at other revisions or with other rows, new ones, gone ones.

    Parameters
    ----------
    built:
        The corpus.
    hub_name, shards, records, graph:
        What is known of the hub now.
    """
    reader = KnownRows(hub_name, shards, records, built.selected)
    nowhere = Path(built.folder)  # a choice writes nothing
    try:
        now = Build(built.recipe, nowhere, nowhere, reader, graph, workers=1).choose()
    except LineageError as error:
        return (error.message,)
    return differences(built.selected.found, now.found)


def _unread(revision: str, licence: str) -> RootRows:
    return RootRows(revision=revision, licence=licence, sources=(_UNREAD,))
