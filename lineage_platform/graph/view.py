"""A frozen view of a graph, or of a selection of it: what every export is written from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from lineage_platform.graph.answers import Node
from lineage_platform.graph.edges import Edge
from lineage_platform.graph.selecting import Lineage, select
from lineage_platform.graph.tables import COUNTED, WitnessRow
from lineage_platform.records import EdgeStatus

if TYPE_CHECKING:
    from lineage_platform.graph.query import Graph

R = TypeVar("R")
Pair = tuple[str, str]


@dataclass(frozen=True)
class GraphView:
    """Datasets, what was stated about the edges into them, and what became of it.

    Parameters
    ----------
    label:
        What every output over this graph must say; empty for real data.
    nodes:
        The datasets in focus, by id.
    into:
        Edges into them, whatever became of them, by source and target; a source may lie outside the focus.
    statements:
        Every witness of those edges, in one order.
    outside:
        The sources that lie outside the focus, by id.
    """

    label: str
    nodes: tuple[Node, ...]
    into: tuple[Edge, ...]
    statements: tuple[WitnessRow, ...]
    outside: Mapping[str, Node]

    @cached_property
    def in_focus(self) -> frozenset[str]:
        """The ids of the datasets in focus."""
        return frozenset(node.dataset_id for node in self.nodes)

    @property
    def candidates(self) -> tuple[Edge, ...]:
        """The edges between datasets in focus, and from names that are no datasets, whatever became of them."""
        return tuple(edge for edge in self.into if edge.source not in self.outside)

    @property
    def edges(self) -> tuple[Edge, ...]:
        """The edges between two datasets in focus that count."""
        return tuple(edge for edge in self.candidates if edge.status in COUNTED)

    @property
    def witnesses(self) -> tuple[WitnessRow, ...]:
        """The witnesses of :attr:`candidates`."""
        return tuple(witness for witness in self.statements if witness.source not in self.outside)

    def made_from(self, dataset_id: str) -> tuple[Edge, ...]:
        """The edges that count into a dataset in focus."""
        return self._made_from.get(dataset_id, ())

    def evidence(self, edge: Edge) -> tuple[WitnessRow, ...]:
        """The witnesses that stand behind an edge that counts."""
        return self._evidence.get((edge.source, edge.target), ())

    def node(self, dataset_id: str) -> Node | None:
        """A dataset in focus, or a source of one."""
        return self._by_id.get(dataset_id) or self.outside.get(dataset_id)

    @cached_property
    def _by_id(self) -> Mapping[str, Node]:
        return {node.dataset_id: node for node in self.nodes}

    @cached_property
    def _made_from(self) -> Mapping[str, tuple[Edge, ...]]:
        found: defaultdict[str, tuple[Edge, ...]] = defaultdict(tuple)
        for edge in self.into:
            if edge.status in COUNTED:
                found[edge.target] += (edge,)
        return found

    @cached_property
    def _evidence(self) -> Mapping[Pair, tuple[WitnessRow, ...]]:
        found: defaultdict[Pair, tuple[WitnessRow, ...]] = defaultdict(tuple)
        for witness in self.statements:
            if witness.status in COUNTED:
                found[witness.source, witness.target] += (witness,)
        return found


def read_view(graph: Graph, focus: str = "*") -> GraphView:
    """The view of a selection of a graph.

    Parameters
    ----------
    graph:
        Open for reading.
    focus:
        A selection; see :mod:`lineage_platform.graph.selection`.

    Raises
    ------
    SelectionError
        The selection does not follow the grammar, or names a dataset that the graph does not have.
    """
    nodes = {node.dataset_id: node for node in _records(graph, Node, "SELECT * FROM datasets ORDER BY dataset_id")}
    into = tuple(_records(graph, Edge, "SELECT * FROM edge_candidates ORDER BY source, target"))
    statements = tuple(_records(graph, WitnessRow, "SELECT * FROM witnesses ORDER BY ALL"))
    chosen = select(focus, _lineage(graph, nodes, into))
    inside = tuple(edge for edge in into if edge.target in chosen)
    return GraphView(
        label=graph.meta.hub_label,
        nodes=tuple(node for node in nodes.values() if node.dataset_id in chosen),
        into=inside,
        statements=tuple(witness for witness in statements if witness.target in chosen),
        outside={e.source: nodes[e.source] for e in inside if e.source in nodes and e.source not in chosen},
    )


def selected(graph: Graph, focus: str) -> frozenset[str]:
    """The ids of the datasets that a selection means.

    Raises
    ------
    SelectionError
        The selection does not follow the grammar, or names a dataset that the graph does not have.
    """
    nodes = {node.dataset_id: node for node in _records(graph, Node, "SELECT * FROM datasets")}
    return select(focus, _lineage(graph, nodes, tuple(_records(graph, Edge, "SELECT * FROM edge_candidates"))))


def _lineage(graph: Graph, nodes: Mapping[str, Node], candidates: tuple[Edge, ...]) -> Lineage:
    edges = [(edge.source, edge.target, str(edge.relation)) for edge in candidates if edge.status in COUNTED]
    return Lineage({dataset_id: _attributes(node) for dataset_id, node in nodes.items()}, edges, graph.canonical)


def _attributes(node: Node) -> dict[str, tuple[str, ...]]:
    known = {
        "year": node.release_date[:4] if node.release_date else None,
        "licence": node.licence,
        "outcome": node.outcome,
    }
    return {"domain": node.domains, **{name: (value,) for name, value in known.items() if value}}


def _records(graph: Graph, kind: type[R], query: str) -> Iterator[R]:
    """Rows as records of a kind; columns that it lacks belong to a build, not to the graph."""
    names = {field.name for field in fields(kind)}  # type: ignore[arg-type]
    for row in graph.select(query).records():
        values: dict[str, Any] = {name: value for name, value in row.items() if name in names}
        if "status" in values:
            values["status"] = EdgeStatus(values["status"])
        if "domains" in values:
            values["domains"] = tuple(values["domains"])
        yield kind(**values)
