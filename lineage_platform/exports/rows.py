"""The view as three tables of plain values: what the formats made of tables are written from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from enum import StrEnum
from typing import Any

from lineage_platform.graph.answers import Node
from lineage_platform.graph.edges import Edge
from lineage_platform.graph.tables import WitnessRow
from lineage_platform.graph.view import GraphView

Row = Mapping[str, Any]

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "datasets": tuple(field.name for field in fields(Node)),
    "edges": tuple(field.name for field in fields(Edge)),
    "witnesses": tuple(field.name for field in fields(WitnessRow)),
}
"""The columns of each table; see ``sql/schema``."""


def tables(view: GraphView) -> dict[str, list[Row]]:
    """The datasets in focus, the edges between them that count, and the witnesses of those edges."""
    counted = {(edge.source, edge.target) for edge in view.edges}
    witnesses = [witness for witness in view.witnesses if (witness.source, witness.target) in counted]
    found = {"datasets": view.nodes, "edges": view.edges, "witnesses": witnesses}
    return {name: [_row(record) for record in records] for name, records in found.items()}


def _row(record: object) -> Row:
    return {name: _plain(value) for name, value in vars(record).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, StrEnum):
        return str(value)
    return list(map(str, value)) if isinstance(value, tuple) else value
