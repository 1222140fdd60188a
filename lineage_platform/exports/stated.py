"""What a graph states of a dataset and of its sources, in the words of :mod:`lineage_platform.graph.imports`.

Formats that have no field for relation, confidence and quote carry this beside their own, and an import reads it back.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lineage_platform.graph.answers import Node
from lineage_platform.graph.tables import WitnessRow
from lineage_platform.graph.view import GraphView

_PROFILE = ("licence", "summary", "construction", "outcome", "detail", "revision")


def told(view: GraphView) -> Iterator[Node]:
    """The datasets in focus of which there is something to tell: those on the Hub, and those made from something."""
    return (node for node in view.nodes if node.on_hub or view.made_from(node.dataset_id))


def stated(view: GraphView, node: Node) -> dict[str, Any]:
    """Everything that is stated of a dataset in focus: its profile, and its sources with their evidence."""
    sources = [_source(view, edge.source, view.evidence(edge)) for edge in view.made_from(node.dataset_id)]
    return {**_identity(node.dataset_id, node), **_profile(node), "sources": sources}


def _source(view: GraphView, source: str, witnesses: tuple[WitnessRow, ...]) -> dict[str, Any]:
    return {**_identity(source, view.node(source)), "statements": [_statement(witness) for witness in witnesses]}


def _identity(dataset_id: str, node: Node | None) -> dict[str, Any]:
    return {"dataset_id": dataset_id, "on_hub": node is not None and node.on_hub}


def _profile(node: Node) -> dict[str, Any]:
    if not node.on_hub:
        return {}
    release = {"value": node.release_date, "origin": node.release_origin or ""} if node.release_date else None
    known = {name: getattr(node, name) for name in _PROFILE} | {"release": release, "domains": list(node.domains)}
    return {name: value for name, value in known.items() if value} | {"is_leaf": node.is_leaf}


def _statement(witness: WitnessRow) -> dict[str, Any]:
    said = {
        "relation": str(witness.relation),
        "confidence": witness.confidence,
        "document_kind": str(witness.document_kind),
        "document_id": witness.document_id,
        "quote": witness.quote,
        "quote_offset": witness.quote_offset,
        "is_benchmark": witness.is_benchmark,
    }
    return {name: value for name, value in said.items() if value is not None and value is not False}
