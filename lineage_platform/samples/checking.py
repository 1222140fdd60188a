"""Whether shards hold what they say: found by counting, and by digesting some rows again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lineage_platform.samples.shards import Shard, ShardStore

ROWS_AGAIN = 1000
MOST_SHARDS = 50


@dataclass(frozen=True)
class Fault:
    """Something a shard says that is not so."""

    shard: str
    detail: str


def wrong_counts(store: ShardStore) -> Iterator[Fault]:
    """Shards whose files do not have as many rows as the record says."""
    import polars as pl

    for shard in store.all():
        for path in (store.digests_path(shard), store.texts_path(shard)):
            with store.open(path) as file:
                held = pl.scan_parquet(file).select(pl.len()).collect().item()
            if held != shard.rows:
                yield Fault(shard.name, f"{path} holds {held:,} rows, not {shard.rows:,}")


def wrong_digests(store: ShardStore) -> Iterator[Fault]:
    """Shards of which some rows, digested again from their texts, have other digests; the smallest shards are taken."""
    import polars as pl

    from lineage_platform.samples.digests import COLUMNS, with_digests

    for shard in sorted(store.all(), key=lambda shard: shard.rows)[:MOST_SHARDS]:
        with store.open(store.texts_path(shard)) as file:
            texts = pl.scan_parquet(file).head(ROWS_AGAIN).collect()
        again = with_digests(texts, shard.scheme).select("row", *COLUMNS)
        with store.open(store.digests_path(shard)) as file:
            kept = pl.scan_parquet(file).filter(pl.col("row") <= texts["row"].max()).collect()
        if not again.equals(kept.sort("row")):
            yield Fault(shard.name, f"the digests of its first {again.height:,} rows are not those of its texts")


def several_schemes(store: ShardStore) -> Iterator[Fault]:
    """Shards of another scheme than most: nothing can be compared with them."""
    shards: list[Shard] = store.all()
    schemes = [shard.scheme for shard in shards]
    usual = max(schemes, key=schemes.count, default="")
    yield from (Fault(shard.name, f"{shard.scheme}, not {usual}") for shard in shards if shard.scheme != usual)
