"""The graph as a CycloneDX 1.6 bill of materials for machine learning: datasets are components of the type data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from lineage_platform import __version__
from lineage_platform.exports.names import address
from lineage_platform.graph.answers import Node
from lineage_platform.graph.edges import Edge
from lineage_platform.graph.view import GraphView


def lines(view: GraphView) -> Iterator[str]:
    """The document, line by line; without serial number and time, so that the same graph is the same bytes."""
    tool = {"type": "application", "name": "lineage-platform", "version": __version__}
    metadata: dict[str, Any] = {"tools": {"components": [tool]}}
    if view.label:
        metadata["properties"] = [_property("label", view.label)]
    document = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": metadata,
        "components": [_component(view, node) for node in view.nodes],
        "dependencies": [_dependency(view, node) for node in view.nodes],
    }
    yield from json.dumps(document, indent=1).split("\n")


def _component(view: GraphView, node: Node) -> dict[str, Any]:
    known = {
        "version": node.revision,
        "description": node.summary,
        "licenses": [{"license": {"name": node.licence}}] if node.licence else None,
        "externalReferences": _references(node),
        "pedigree": _pedigree(view, node),
        "properties": [_property("domain", domain) for domain in node.domains],
    }
    return {
        "type": "data",
        "bom-ref": node.dataset_id,
        "name": node.dataset_id,
        **{name: value for name, value in known.items() if value},
        "data": [{"type": "dataset", "name": node.dataset_id}],
    }


def _references(node: Node) -> list[dict[str, str]]:
    place = address(node.dataset_id)
    return [{"type": "distribution", "url": place}] if place.startswith("https://") else []


def _pedigree(view: GraphView, node: Node) -> dict[str, Any] | None:
    ancestors = [_ancestor(edge) for edge in view.made_from(node.dataset_id)]
    return {"ancestors": ancestors} if ancestors else None


def _ancestor(edge: Edge) -> dict[str, Any]:
    said = [_property("relation", str(edge.relation)), _property("confidence", f"{edge.confidence:g}")]
    return {"type": "data", "name": edge.source, "properties": said}


def _dependency(view: GraphView, node: Node) -> dict[str, Any]:
    sources = [edge.source for edge in view.made_from(node.dataset_id) if edge.source in view.in_focus]
    return {"ref": node.dataset_id, **({"dependsOn": sources} if sources else {})}


def _property(name: str, value: str) -> dict[str, str]:
    return {"name": f"lineage-platform:{name}", "value": value}
