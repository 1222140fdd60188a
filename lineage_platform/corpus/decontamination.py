"""Rows that hold a benchmark's item: to the letter, in normalised text, or most of it in another wording around it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from lineage_platform.audits.near import Batch, NearIndex, compared_part, confirmed
from lineage_platform.corpus.engine import query
from lineage_platform.corpus.recipe import Benchmarks, Match
from lineage_platform.corpus.rows import Integers, RowTable
from lineage_platform.samples.digests import normalised
from lineage_platform.samples.shards import Shard, ShardStore

_WHOLE = pl.concat_str("instruction", "input", "output", separator=" ").str.strip_chars()
_ITEM = pl.concat_str("instruction", "input", separator=" ").str.strip_chars()
_FOUND = pl.Schema(
    {"position": pl.Int64(), "reason": pl.String(), "similarity": pl.Float64(), "shard": pl.Int64(), "item": pl.Int64()}
)


@dataclass(frozen=True)
class Items:
    """The rows of the benchmarks, shard by shard, each under the id by which the recipe names its benchmark."""

    shards: Sequence[Shard]
    names: Sequence[str]
    store: ShardStore

    @classmethod
    def of(cls, ids: Sequence[str], store: ShardStore) -> Items:
        """The shards of the benchmarks with these ids (``dataset`` or ``dataset#part``)."""
        named = [
            (name, shard)
            for name in ids
            for shard in store.parts(name.partition("#")[0])
            if "#" not in name or shard.part == name.partition("#")[2]
        ]
        return cls([shard for _, shard in named], [name for name, _ in named], store)

    @property
    def digests(self) -> list[str]:
        """Paths or URLs of the digests."""
        return [self.store.digests_path(shard) for shard in self.shards]

    @property
    def texts(self) -> list[str]:
        """Paths or URLs of the texts."""
        return [self.store.texts_path(shard) for shard in self.shards]

    def read(self, path: str, *columns: str) -> pl.DataFrame:
        """Columns of one of these."""
        with self.store.open(path) as file:
            return pl.read_parquet(file, columns=list(columns))


def benchmark_items(
    rows: RowTable, positions: Integers, kept: Path, rule: Benchmarks, store: ShardStore, scratch: Path, workers: int
) -> Iterator[pl.DataFrame]:
    """The rows that hold an item of a benchmark, each with the closest match and that item.

    Parameters
    ----------
    rows, positions, kept:
        All rows, those to look at, and the file that names these.
    rule:
        The benchmarks, and how close a match must be.
    store:
        Where their rows are.
    scratch, workers:
        Folder for what does not fit into memory, and threads.
    """
    items = Items.of(rule.ids, store)
    if not items.shards or not len(positions):
        return
    same = _same_questions(rows, kept, items, rule.match, scratch, workers)
    found = [same]
    if rule.match is Match.NEAR:
        others = np.setdiff1d(positions, same["position"].to_numpy(), assume_unique=True)
        found.append(_near_items(rows, others, items, rule.near_containment, workers))
    names = pl.DataFrame(
        {
            "shard": range(len(items.shards)),
            "benchmark": items.names,
            "benchmark_part": [shard.part for shard in items.shards],
        },
        schema_overrides={"shard": pl.Int64},
    )
    together = pl.concat(found).join(names, on="shard", how="left").rename({"item": "benchmark_row"})
    yield together.drop("shard").sort("position")


def _same_questions(
    rows: RowTable, kept: Path, items: Items, match: Match, scratch: Path, workers: int
) -> pl.DataFrame:
    """Matches of the whole question, confirmed on the texts: of several the exact one, else the first."""
    tables = {"rows": str(rows.path), "kept": str(kept), "digests": items.digests, "texts": items.texts}
    fields = ("instruction", "input")
    exact = pl.all_horizontal(pl.col(field) == pl.col(f"item_{field}") for field in fields)
    loose = pl.all_horizontal(normalised(pl.col(field)) == normalised(pl.col(f"item_{field}")) for field in fields)
    loosely = pl.lit(None) if match is Match.EXACT else pl.when(loose).then(pl.lit("benchmark_normalised"))
    reason = pl.when(exact).then(pl.lit("benchmark_exact")).otherwise(loosely)
    frames = [
        frame.with_columns(reason=reason, similarity=pl.lit(1.0))
        .filter(pl.col("reason").is_not_null())
        .select(_FOUND.names())
        for frame in query("benchmark_queries", tables, scratch, workers)
    ]
    found = pl.concat(frames) if frames else pl.DataFrame(schema=_FOUND)
    return found.cast(_FOUND).sort("position", "reason", "shard", "item").unique("position", keep="first")


def _near_items(rows: RowTable, positions: Integers, items: Items, threshold: float, workers: int) -> pl.DataFrame:
    """Rows that hold enough of an item's word 5-grams, counted anew on the words."""
    asked = [
        (shard, row, text)
        for shard, path in enumerate(items.texts)
        for row, text in items.read(path, "row", "instruction", "input").select("row", _ITEM).iter_rows()
    ]
    compared = [
        text
        for shard in range(len(items.shards))
        for text in compared_part([text for number, _, text in asked if number == shard])
    ]
    index = NearIndex(compared, threshold)
    found: list[tuple[int, str, float, int, int]] = []
    for batch, matches in index.holders(_batches(rows, positions), workers):
        for at, item in matches:
            share = confirmed(compared[item], batch.texts[at], threshold)
            if share is not None:
                found.append((int(batch.places[at]), "benchmark_near", share, *asked[item][:2]))
    return pl.DataFrame(found, schema=_FOUND, orient="row")


def _batches(rows: RowTable, positions: Integers) -> Iterator[Batch]:
    for at, table in rows.read(positions, ("instruction", "input", "output")):
        yield Batch(at, pl.DataFrame(pl.from_arrow(table)).select(_WHOLE).to_series())
