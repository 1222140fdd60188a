"""What two sets of rows have in common, counted on their digests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lineage_platform.samples.digests import one_scheme
from lineage_platform.samples.engines import Engine, Table, counts, sources
from lineage_platform.samples.shards import COUNTS, Shard, ShardStore


@dataclass(frozen=True)
class Side:
    """One of the two: its rows, and how many different ones."""

    rows: int
    distinct_triplets: int
    distinct_queries: int
    distinct_triplets_normalised: int
    distinct_queries_normalised: int


@dataclass(frozen=True)
class Overlap:
    """Two sides and what they share; ``a_in_b`` is the share of the queries of a that b has, 0 to 1.

    The counts of different rows, shared ones included, are of exact texts unless they say ``normalised``.
    """

    a: Side
    b: Side
    shared_triplets: int
    shared_queries: int
    shared_queries_normalised: int
    a_in_b: float
    b_in_a: float
    a_in_b_normalised: float
    b_in_a_normalised: float


@dataclass(frozen=True)
class Digested:
    """Shards that are one side of a comparison, and the store that has them."""

    store: ShardStore
    shards: Sequence[Shard]

    @property
    def table(self) -> Table:
        """Their digests."""
        return sources("", [self.store.digests_path(shard) for shard in self.shards])


def overlap(a: Digested, b: Digested, engine: Engine) -> Overlap:
    """Count what two sides share.

    Raises
    ------
    EngineFailed
        The count failed.
    SchemeMismatch
        Their digests are of different schemes.
    """
    one_scheme({shard.name: shard.scheme for side in (a, b) for shard in side.shards})
    first, second = _side(a, engine), _side(b, engine)
    shared = counts(engine, "shared", _SHARED, a=a.table, b=b.table)
    exact, loose = shared["shared_queries"], shared["shared_queries_normalised"]
    return Overlap(
        a=first,
        b=second,
        **shared,
        a_in_b=exact / first.distinct_queries,
        b_in_a=exact / second.distinct_queries,
        a_in_b_normalised=loose / first.distinct_queries_normalised,
        b_in_a_normalised=loose / second.distinct_queries_normalised,
    )


def _side(side: Digested, engine: Engine) -> Side:
    return Side(**counts(engine, "counts", COUNTS, digests=side.table))


_SHARED = ("shared_triplets", "shared_queries", "shared_queries_normalised")
