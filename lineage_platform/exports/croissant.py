"""Each dataset as a Croissant file that says what it was derived from (``prov:wasDerivedFrom``)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from lineage_platform.corpus.croissant import CONFORMS_TO, CONTEXT
from lineage_platform.exports.names import TERMS, address
from lineage_platform.exports.stated import stated, told
from lineage_platform.files import safe_name
from lineage_platform.graph.answers import Node
from lineage_platform.graph.view import GraphView

STATED = "lineage:stated"

_CONTEXT = dict(sorted({**CONTEXT, "lineage": TERMS, STATED: {"@id": STATED, "@type": "@json"}}.items()))


def lines(view: GraphView) -> Iterator[str]:
    """A Croissant document a line, for each dataset; one dataset alone is a document that people can read."""
    nodes = list(told(view))
    indent = 2 if len(nodes) == 1 else None
    for node in nodes:
        yield json.dumps(_document(view, node), ensure_ascii=False, indent=indent)


def files(view: GraphView) -> Iterator[tuple[str, bytes]]:
    """A Croissant file for each dataset."""
    for node in told(view):
        text = json.dumps(_document(view, node), ensure_ascii=False, indent=2) + "\n"
        yield f"{safe_name(node.dataset_id)}.json", text.encode("utf-8", "replace")


def _document(view: GraphView, node: Node) -> dict[str, Any]:
    known = {
        "description": node.summary,
        "license": node.licence,
        "datePublished": node.release_date,
        "version": node.revision,
        "keywords": [domain for domain in node.domains if domain != "unclassified"],
    }
    everything = stated(view, node)
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": CONFORMS_TO,
        "name": node.dataset_id,
        "url": address(node.dataset_id),
        **{name: value for name, value in known.items() if value},
        "prov:wasDerivedFrom": [_entity(source["dataset_id"]) for source in everything["sources"]],
        STATED: everything,
    }


def _entity(dataset_id: str) -> dict[str, Any]:
    place = address(dataset_id)
    return {"@type": "prov:Entity", "@id": place, "prov:label": dataset_id, "prov:atLocation": place}
