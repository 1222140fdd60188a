"""What the graph answers: frozen records with named fields."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Meta:
    """What a graph is: the hub it was traced from, and its size."""

    hub_name: str
    snapshot: str
    content: str
    hub_label: str
    built_at: datetime
    datasets: int
    edges: int
    review: int
    faults: int


@dataclass(frozen=True)
class Rows:
    """The answer to a query.

    Parameters
    ----------
    columns:
        Their names.
    rows:
        Values in the order of the columns.
    truncated:
        Whether there were more rows than asked for.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    truncated: bool = False

    def records(self) -> list[dict[str, Any]]:
        """Each row as a mapping from column to value."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]

    def to_polars(self) -> pl.DataFrame:
        """The rows as a polars frame; of columns with one name the later ones are numbered."""
        import polars as pl

        names: list[str] = []
        for column in self.columns:
            numbered = (f"{column}_{number}" for number in range(2, len(self.columns) + 2))
            names.append(column if column not in names else next(name for name in numbered if name not in names))
        return pl.DataFrame(self.rows, schema=names, orient="row", infer_schema_length=None)


@dataclass(frozen=True)
class Node:
    """A dataset, as in the table ``datasets``."""

    dataset_id: str
    on_hub: bool
    outcome: str | None
    detail: str
    release_date: str | None
    release_origin: str | None
    domains: tuple[str, ...]
    is_leaf: bool
    is_benchmark: bool
    depth: int
    in_degree: int
    out_degree: int
    cycle: str | None
    licence: str | None
    summary: str | None
    construction: str | None
    downloads: int | None
    likes: int | None
    revision: str | None
    first_seen: str
    last_seen: str


@dataclass(frozen=True)
class Quote:
    """Evidence of an edge: what a document says, and where."""

    quote: str
    document: str
    url: str | None
    quote_offset: int | None
    said_by: str
    relation: str
    confidence: float
    verified: bool
    status: str


@dataclass(frozen=True)
class GraphEdge:
    """An edge, as in the table ``edge_candidates``, with its evidence, best first."""

    source: str
    target: str
    relation: str
    confidence: float
    status: str
    reason: str
    witnesses: int
    disagreement: str | None
    is_benchmark: bool
    first_seen: str
    last_seen: str
    evidence: tuple[Quote, ...] = ()


@dataclass(frozen=True)
class Hop:
    """A dataset and how far it is from the one that was asked about: upstream negative, downstream positive."""

    dataset_id: str
    hops: int


@dataclass(frozen=True)
class Neighbourhood:
    """The datasets around one, nearest first, and the edges that count among them."""

    centre: str
    nodes: tuple[Hop, ...]
    edges: tuple[GraphEdge, ...]


@dataclass(frozen=True)
class LineagePath:
    """A simple path from upstream to downstream; ``relations`` has one entry a hop."""

    nodes: tuple[str, ...]
    relations: tuple[str, ...]


@dataclass(frozen=True)
class Paths:
    """Simple paths, shortest first; ``truncated`` when there are more."""

    paths: tuple[LineagePath, ...]
    truncated: bool
