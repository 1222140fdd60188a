"""The rows of all roots as one table of triplets with their digests, from the shards that hold them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from lineage_platform.corpus.engine import query
from lineage_platform.corpus.selection import Root, Source
from lineage_platform.corpus.tables import DIGESTS, ROW_GROUP, TEXTS
from lineage_platform.errors import BrokenRecord
from lineage_platform.samples.shards import Shard, ShardStore


def unified(roots: Sequence[Root], shards: ShardStore, scratch: Path, threads: int) -> Iterator[pa.Table]:
    """All rows in the order of the roots, their parts, and the rows in them; their number is their position.

    Raises
    ------
    BrokenRecord
        A shard is gone, or does not hold the rows that it had when the roots were selected.
    """
    position = 0
    for root in roots:
        found = {shard.part: shard for shard in shards.parts(root.dataset_id)}
        for source in root.sources:
            if source.part not in found:
                raise _changed(root, source)
            rows = 0
            for table in _rows(found[source.part], shards, scratch, threads):
                rows += table.num_rows
                if rows <= source.rows:
                    yield _placed(table, root, source, position)
                position += table.num_rows
            if rows != source.rows:
                raise _changed(root, source)


def _rows(shard: Shard, shards: ShardStore, scratch: Path, threads: int) -> Iterator[pa.Table]:
    """Texts and digests of one shard, both in the order of their rows, beside each other."""
    ordered = query("shard_digests", {"digests": shards.digests_path(shard)}, scratch, threads)
    digests = _Pieces(frame.to_arrow() for frame in ordered)
    with shards.open(shards.texts_path(shard)) as file, pq.ParquetFile(file) as held:
        for batch in held.iter_batches(ROW_GROUP, columns=["row", *TEXTS]):
            texts = pa.Table.from_batches([batch])
            beside = digests.take(texts.num_rows)
            if beside.column("row").combine_chunks() != texts.column("row").combine_chunks():
                raise BrokenRecord(
                    f"texts and digests of {shard.dataset_id}#{shard.part} are of different rows",
                    f"lineage rows {shard.dataset_id} --rebuild",
                )
            for name in DIGESTS:
                texts = texts.append_column(name, beside.column(name))
            yield texts


class _Pieces:
    """A stream of tables, taken in pieces of any size."""

    def __init__(self, tables: Iterable[pa.Table]) -> None:
        self._tables = iter(tables)
        self._waiting: pa.Table | None = None

    def take(self, rows: int) -> pa.Table:
        """The next rows; fewer at the end."""
        while self._waiting is None or self._waiting.num_rows < rows:
            following = next(self._tables, None)
            if following is None:
                break
            self._waiting = following if self._waiting is None else pa.concat_tables([self._waiting, following])
        if self._waiting is None:
            return pa.table({name: pa.array([], pa.int64()) for name in ("row", *DIGESTS)})
        taken, self._waiting = self._waiting.slice(0, rows), self._waiting.slice(rows)
        return taken


def _placed(table: pa.Table, root: Root, source: Source, position: int) -> pa.Table:
    positions = pa.array(range(position, position + table.num_rows), pa.int64())
    columns = {
        "position": positions,
        "dataset": pa.repeat(root.dataset_id, table.num_rows),
        "part": pa.repeat(source.part, table.num_rows),
    }
    return pa.table(columns | {name: table.column(name) for name in table.column_names})


def _changed(root: Root, source: Source) -> BrokenRecord:
    name = f"{root.dataset_id}#{source.part}" if source.part else root.dataset_id
    return BrokenRecord(f"the rows of {name} are no longer those that were selected", "build the corpus again")
