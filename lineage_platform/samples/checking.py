"""Whether shards hold what they say: found by counting, and by digesting some rows again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lineage_platform.samples.shards import Shard, ShardStore

if TYPE_CHECKING:
    import polars as pl

ROWS_AGAIN = 1000
MOST_SHARDS = 50


@dataclass(frozen=True)
class Fault:
    """Something a shard says that is not so."""

    shard: str
    detail: str


def wrong_counts(store: ShardStore, shards: Sequence[Shard]) -> Iterator[Fault]:
    """Shards whose files cannot be read, or do not have as many rows as the record says."""
    import polars as pl

    for shard in shards:
        for path in (store.digests_path(shard), store.texts_path(shard)):
            try:
                with store.open(path) as file:
                    held = pl.scan_parquet(file).select(pl.len()).collect().item()
            except (pl.exceptions.PolarsError, OSError) as error:
                yield _unreadable(shard, path, error)
                continue
            if held != shard.rows:
                yield Fault(shard.name, f"{path} holds {held:,} rows, not {shard.rows:,}")


def wrong_digests(store: ShardStore, shards: Sequence[Shard]) -> Iterator[Fault]:
    """Shards of which some rows, digested again from their texts, have other digests; the smallest shards are taken."""
    import polars as pl

    for shard in sorted(shards, key=lambda shard: shard.rows)[:MOST_SHARDS]:
        try:
            again = _digested_again(store, shard)
            kept = _digests(store, shard, again["row"].max())
        except (pl.exceptions.PolarsError, OSError) as error:
            yield _unreadable(shard, store.digests_path(shard), error)
            continue
        if not again.equals(kept):
            yield Fault(shard.name, f"the digests of its first {again.height:,} rows are not those of its texts")


def _digested_again(store: ShardStore, shard: Shard) -> pl.DataFrame:
    """The first rows' digests, made from their texts."""
    import polars as pl

    from lineage_platform.samples.digests import COLUMNS, with_digests

    with store.open(store.texts_path(shard)) as file:
        texts = pl.scan_parquet(file).head(ROWS_AGAIN).collect()
    return with_digests(texts, shard.scheme).select("row", *COLUMNS)


def _digests(store: ShardStore, shard: Shard, last: object) -> pl.DataFrame:
    """The digests that are kept, up to a row."""
    import polars as pl

    from lineage_platform.samples.digests import COLUMNS

    with store.open(store.digests_path(shard)) as file:
        return pl.scan_parquet(file).filter(pl.col("row") <= pl.lit(last)).select("row", *COLUMNS).collect().sort("row")


def _unreadable(shard: Shard, path: str, error: Exception) -> Fault:
    return Fault(shard.name, f"{path} or its texts cannot be read: {str(error).splitlines()[0]}")


def several_schemes(_store: ShardStore, shards: Sequence[Shard]) -> Iterator[Fault]:
    """Shards of another scheme than most: nothing can be compared with them."""
    schemes = [shard.scheme for shard in shards]
    usual = max(schemes, key=schemes.count, default="")
    yield from (Fault(shard.name, f"{shard.scheme}, not {usual}") for shard in shards if shard.scheme != usual)
