"""The rows of the graph's tables, column for column as in ``sql/schema``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from lineage_platform.graph.closure import Crossing
from lineage_platform.graph.edges import Edge
from lineage_platform.graph.topology import topology
from lineage_platform.measurements import Containment, Contamination, CorpusSource, Part
from lineage_platform.records import Candidate, EdgeStatus, Outcome

COUNTED = (EdgeStatus.ACCEPTED, EdgeStatus.IMPORTED)


@dataclass(frozen=True)
class DatasetRow:
    """A node; the last figures are filled in by :meth:`Tables.completed`."""

    dataset_id: str
    on_hub: bool
    outcome: Outcome | None = None
    detail: str = ""
    release_date: str | None = None
    release_origin: str | None = None
    domains: Sequence[str] = ()
    is_leaf: bool = False
    is_benchmark: bool = False
    depth: int = 0
    in_degree: int = 0
    out_degree: int = 0
    cycle: str | None = None
    licence: str | None = None
    summary: str | None = None
    construction: str | None = None
    downloads: int | None = None
    likes: int | None = None
    revision: str | None = None


@dataclass(frozen=True)
class WitnessRow:
    """One statement."""

    source: str
    target: str
    mention: str
    document_id: str
    document_kind: str
    quote: str
    quote_offset: int | None
    relation: str
    confidence: float
    said_by: str
    verified: bool
    status: EdgeStatus
    reason: str
    about: str | None
    is_benchmark: bool


@dataclass(frozen=True)
class MentionRow:
    """One name found."""

    target: str
    mention: str
    link: str | None
    chosen_id: str | None
    part: str | None
    method: str
    score: float
    candidates: Sequence[Candidate]


@dataclass(frozen=True)
class DocumentRow:
    """One document asked for."""

    document_id: str
    dataset_id: str
    kind: str
    url: str
    revision: str | None
    outcome: str
    detail: str
    text_digest: str | None
    fetched_at: datetime | None


@dataclass(frozen=True)
class AliasRow:
    """Another name of a dataset."""

    alias: str
    dataset_id: str
    origin: str


@dataclass(frozen=True)
class FaultRow:
    """Something wrong, by name."""

    kind: str
    subject: str
    detail: str


@dataclass(frozen=True)
class IntersectionRow:
    """One intersection of a dataset, measured on its rows."""

    dataset_id: str
    intersection: str
    rows: int
    duplicated_rows: int
    paths: Sequence[Sequence[str]]
    truncated: bool


@dataclass(frozen=True)
class RedundancyRow:
    """How much of a dataset repeats itself."""

    dataset_id: str
    scheme: str
    rows: int
    distinct_triplets: int
    rate: float
    sampled: float
    inputs: str


@dataclass(frozen=True)
class CallRow:
    """One call to a model."""

    call_id: int
    run: str
    role: str
    model: str
    prompt_version: str
    dataset_id: str
    started_at: datetime
    outcome: str
    cache_hit: bool
    input_tokens: int
    output_tokens: int
    cost_usd: float
    seconds: float


@dataclass(frozen=True)
class ReviewRow:
    """What a person decided about an edge."""

    source: str
    target: str
    action: str
    rebound_to: str | None
    author: str
    reason: str
    decided_at: datetime
    applied: bool


@dataclass
class Tables:
    """Everything a graph holds, before it is written."""

    datasets: list[DatasetRow] = field(default_factory=list)
    edge_candidates: list[Edge] = field(default_factory=list)
    witnesses: list[WitnessRow] = field(default_factory=list)
    mentions: list[MentionRow] = field(default_factory=list)
    documents: list[DocumentRow] = field(default_factory=list)
    aliases: list[AliasRow] = field(default_factory=list)
    faults: list[FaultRow] = field(default_factory=list)
    crossings: list[Crossing] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    redundancy: list[RedundancyRow] = field(default_factory=list)
    intersections: list[IntersectionRow] = field(default_factory=list)
    contamination: list[Contamination] = field(default_factory=list)
    containments: list[Containment] = field(default_factory=list)
    corpus: list[CorpusSource] = field(default_factory=list)
    ledger: list[CallRow] = field(default_factory=list)
    reviews: list[ReviewRow] = field(default_factory=list)

    def items(self) -> Iterator[tuple[str, list[Any]]]:
        """Table names with their rows, in the order in which they were collected."""
        yield from vars(self).items()

    def completed(self) -> Tables:
        """With a node for every endpoint, depth and degrees, and the faults that only the whole graph shows."""
        counted = [edge for edge in self.edge_candidates if edge.status in COUNTED]
        known = {dataset.dataset_id for dataset in self.datasets}
        ends = {end for edge in counted for end in (edge.source, edge.target)}
        datasets = [*self.datasets, *(DatasetRow(end, on_hub=False) for end in sorted(ends - known))]
        on_hub = {dataset.dataset_id for dataset in datasets if dataset.on_hub}
        figures = topology(((edge.source, edge.target) for edge in counted), on_hub)
        cycles = {member: members[0] for members in figures.cycles for member in members}
        benchmarks = {edge.source for edge in counted if edge.is_benchmark}
        return replace(
            self,
            datasets=[
                replace(
                    dataset,
                    is_benchmark=dataset.dataset_id in benchmarks,
                    depth=figures.depth.get(dataset.dataset_id, 0),
                    in_degree=figures.in_degree.get(dataset.dataset_id, 0),
                    out_degree=figures.out_degree.get(dataset.dataset_id, 0),
                    cycle=cycles.get(dataset.dataset_id),
                )
                for dataset in datasets
            ],
            crossings=list(figures.crossings),
            faults=list(dict.fromkeys([*self.faults, *_cycles(figures.cycles), *_anachronisms(self.edge_candidates)])),
        )


def _cycles(cycles: Iterable[Sequence[str]]) -> Iterator[FaultRow]:
    for members in cycles:
        yield FaultRow("cycle", members[0], f"{len(members)} datasets are each other's sources: {', '.join(members)}")


def _anachronisms(edges: Iterable[Edge]) -> Iterator[FaultRow]:
    for edge in edges:
        if edge.status is EdgeStatus.ANACHRONISTIC:
            yield FaultRow("anachronism", f"{edge.source} -> {edge.target}", edge.reason)
