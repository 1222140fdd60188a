"""The graph as PROV-JSON: datasets are entities, edges that count are derivations."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from lineage_platform.exports.names import TERMS, address
from lineage_platform.graph.answers import Node
from lineage_platform.graph.edges import Edge
from lineage_platform.graph.view import GraphView

_PREFIXES = {"dataset": "urn:dataset:", "lineage": TERMS}


def lines(view: GraphView) -> Iterator[str]:
    """The document, line by line."""
    document = {
        "prefix": _PREFIXES,
        "entity": {_name(node.dataset_id): _entity(node) for node in view.nodes},
        "wasDerivedFrom": {f"_:d{number}": _derivation(edge) for number, edge in enumerate(view.edges, start=1)},
    }
    yield from json.dumps({part: value for part, value in document.items() if value}, indent=1).split("\n")


def _name(dataset_id: str) -> str:
    """A qualified name, in which only letters, digits and the mildest signs stand for themselves."""
    return f"dataset:{quote(dataset_id, safe='')}"


def _entity(node: Node) -> dict[str, Any]:
    known = {
        "lineage:release_date": node.release_date,
        "lineage:licence": node.licence,
        "lineage:summary": node.summary,
        "lineage:outcome": node.outcome,
        "lineage:revision": node.revision,
        "lineage:domain": list(node.domains),
    }
    return {
        "prov:label": node.dataset_id,
        "prov:location": address(node.dataset_id),
        "prov:type": {"$": "lineage:Dataset", "type": "prov:QUALIFIED_NAME"},
        **{name: value for name, value in known.items() if value},
    }


def _derivation(edge: Edge) -> dict[str, Any]:
    return {
        "prov:generatedEntity": _name(edge.target),
        "prov:usedEntity": _name(edge.source),
        "lineage:relation": str(edge.relation),
        "lineage:confidence": {"$": repr(float(edge.confidence)), "type": "xsd:double"},
        "lineage:witnesses": edge.witnesses,
    }
