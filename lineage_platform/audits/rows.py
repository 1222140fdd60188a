"""The rows that audits compare: shards under one name, each shard under a number, each row at a place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from lineage_platform.audits.benchmarks import Benchmark
from lineage_platform.files import digest
from lineage_platform.samples.digests import one_scheme
from lineage_platform.samples.engines import PLACES_PER_SHARD, Source, place_of
from lineage_platform.samples.shards import Shard, ShardStore

if TYPE_CHECKING:
    from lineage_platform.audits.near import Batch
    from lineage_platform.samples.sketches import Sketch

BATCH_ROWS = 8_192


class Text(NamedTuple):
    """The three fields of a row."""

    instruction: str
    input: str
    output: str

    @property
    def query(self) -> str:
        """What is asked."""
        return f"{self.instruction} {self.input}".strip()

    @property
    def whole(self) -> str:
        """All that a model sees of it."""
        return f"{self.query} {self.output}".strip()


class Origin(NamedTuple):
    """Where a row is."""

    dataset_id: str
    part: str
    row: int


@dataclass(frozen=True)
class RowSet:
    """The rows of a dataset, of one of its parts, or of a benchmark.

    Parameters
    ----------
    name:
        What its rows are counted under: ``dataset``, ``dataset#part``, or the id of a benchmark.
    shards:
        Those that hold them.
    """

    name: str
    shards: tuple[Shard, ...]

    @property
    def dataset_id(self) -> str:
        """The dataset alone."""
        return self.shards[0].dataset_id

    @property
    def rows(self) -> int:
        """How many there are at hand."""
        return sum(shard.rows for shard in self.shards)

    @property
    def sampled(self) -> float:
        """Share of the rows that was read, of the part of which least was."""
        return min(shard.sampled for shard in self.shards)

    @property
    def version(self) -> str:
        """Changes when the rows do."""
        return digest(self.name, *sorted(f"{shard.name} {shard.key}" for shard in self.shards))


class Shelf:
    """The shards of one hub, found by name, and their rows by place.

    Parameters
    ----------
    store:
        Holds them.
    """

    def __init__(self, store: ShardStore) -> None:
        self.store = store
        self._shards: list[Shard] = []
        self._elsewhere: dict[str, ShardStore] = {}

    def add(self, store: ShardStore, shard: Shard, name: str) -> RowSet:
        """Take in a shard that another store holds (a local file's), under a name of its own."""
        self._elsewhere[shard.name] = store
        return RowSet(name, (shard,))

    def find(self, name: str) -> RowSet | None:
        """The rows of ``dataset`` or ``dataset#part``; None when they are not at hand."""
        dataset_id, _, part = name.partition("#")
        shards = tuple(shard for shard in self.store.parts(dataset_id) if not part or shard.part == part)
        return RowSet(name, shards) if shards else None

    def benchmark(self, benchmark: Benchmark) -> RowSet | None:
        """The rows of a benchmark; None when they are not at hand."""
        shards = tuple(shard for shard in self.store.parts(benchmark.dataset_id) if benchmark.holds(shard.part))
        return RowSet(benchmark.id, shards) if shards else None

    def all(self) -> tuple[RowSet, ...]:
        """Every dataset at hand, its parts together, by name."""
        found: dict[str, list[Shard]] = {}
        for shard in self.store.all():
            found.setdefault(shard.dataset_id, []).append(shard)
        return tuple(RowSet(name, tuple(shards)) for name, shards in sorted(found.items()))

    def table(self, sets: Iterable[RowSet], name: str = "") -> list[Source]:
        """The digests of row sets as a table for an engine, each under its own name, or all under one."""
        return [
            Source(name or each.name, self._number(shard), self._holder(shard).digests_path(shard))
            for each in sets
            for shard in each.shards
        ]

    def sketch(self, rows: RowSet) -> Sketch:
        """The sketch of a set's queries."""
        from lineage_platform.audits.estimates import merged

        return merged([self._holder(shard).sketch(shard) for shard in rows.shards])

    def origin(self, place: int) -> Origin:
        """Where the row at a place is."""
        number, row = place_of(place)
        shard = self._shards[number]
        return Origin(shard.dataset_id, shard.part, row)

    def texts(self, places: Iterable[int]) -> dict[int, Text]:
        """The texts of the rows at these places."""
        import pyarrow.compute as pc
        import pyarrow.parquet as pq

        wanted: dict[int, list[int]] = {}
        for place in set(places):
            number, row = place_of(place)
            wanted.setdefault(number, []).append(row)
        found: dict[int, Text] = {}
        for number, rows in wanted.items():
            shard = self._shards[number]
            with self._opened(shard) as file:
                chosen = pq.read_table(file, columns=["row", *Text._fields], filters=pc.field("row").isin(rows))
            columns = (column.to_pylist() for column in chosen.columns)
            found |= {number * PLACES_PER_SHARD + row: Text(*fields) for row, *fields in zip(*columns, strict=True)}
        return found

    def batches(self, rows: RowSet) -> Iterator[Batch]:
        """The rows of a set as a stream, each with all its text."""
        import polars as pl
        import pyarrow.parquet as pq

        from lineage_platform.audits.near import Batch

        for shard in rows.shards:
            base = self._number(shard) * PLACES_PER_SHARD
            with self._opened(shard) as file:
                for arrow in pq.ParquetFile(file).iter_batches(BATCH_ROWS, columns=["row", *Text._fields]):
                    frame = pl.DataFrame(pl.from_arrow(arrow))
                    whole = frame.select(pl.concat_str(Text._fields, separator=" ")).to_series()
                    yield Batch(frame["row"].to_numpy() + base, whole)

    def _opened(self, shard: Shard) -> BinaryIO:
        """Its texts."""
        store = self._holder(shard)
        return store.open(store.texts_path(shard))

    def _holder(self, shard: Shard) -> ShardStore:
        return self._elsewhere.get(shard.name, self.store)

    def _number(self, shard: Shard) -> int:
        if shard not in self._shards:
            self._shards.append(shard)
        return self._shards.index(shard)


def scheme_of(sets: Sequence[RowSet]) -> str:
    """The digest scheme that all have in common.

    Raises
    ------
    SchemeMismatch
        They have more than one.
    """
    return one_scheme({f"{each.dataset_id}#{each.part}": each.scheme for rows in sets for each in rows.shards})
