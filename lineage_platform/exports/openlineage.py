"""The graph as OpenLineage events, one a line: a DatasetEvent for each dataset, with the lineage facet 1-0-0.

Readers older than that facet take run events: one finished run for each dataset, with its sources as inputs.
The time of an event is the dataset's release, the one time that belongs to the graph and not to the moment of writing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from lineage_platform.exports.names import PRODUCER, address, namespace_and_name
from lineage_platform.exports.stated import stated, told
from lineage_platform.graph.answers import Node
from lineage_platform.graph.edges import Edge
from lineage_platform.graph.view import GraphView

FACET = "lineage_platform"
JOBS = "lineage-platform"

_SPEC = "https://openlineage.io/spec"
_EVENTS = f"{_SPEC}/2-0-2/OpenLineage.json#/$defs"
_OUR_FACET = "urn:lineage-platform:facets:1-0-0#StatedDatasetFacet"
_UNKNOWN_TIME = "1970-01-01T00:00:00Z"

Json = dict[str, Any]


def lines(view: GraphView) -> Iterator[str]:
    """A DatasetEvent a line."""
    for node in told(view):
        dataset = {**_dataset(node.dataset_id), "facets": {**_lineage(view, node), **_facets(view, node)}}
        yield json.dumps({**_event(node, "DatasetEvent"), "dataset": dataset}, ensure_ascii=False)


def run_event_lines(view: GraphView) -> Iterator[str]:
    """A RunEvent a line, for each dataset that was made from something."""
    for node in told(view):
        sources = [_dataset(edge.source) for edge in view.made_from(node.dataset_id)]
        if sources:
            run = {
                "eventType": "COMPLETE",
                "run": {"runId": str(uuid5(NAMESPACE_URL, address(node.dataset_id)))},
                "job": {"namespace": JOBS, "name": f"making of {node.dataset_id}"},
                "inputs": sources,
                "outputs": [{**_dataset(node.dataset_id), "facets": _facets(view, node)}],
            }
            yield json.dumps({**_event(node, "RunEvent"), **run}, ensure_ascii=False)


def _event(node: Node, kind: str) -> Json:
    return {"eventTime": _time(node), "producer": PRODUCER, "schemaURL": f"{_EVENTS}/{kind}"}


def _time(node: Node) -> str:
    """The first instant of the release, as far as it is known."""
    if not node.release_date:
        return _UNKNOWN_TIME
    year, month, day = (*node.release_date.split("-"), "01", "01")[:3]
    return f"{year}-{month}-{day}T00:00:00Z"


def _dataset(dataset_id: str) -> Json:
    namespace, name = namespace_and_name(dataset_id)
    return {"namespace": namespace, "name": name}


def _facet(schema: str, **values: Any) -> Json:
    return {"_producer": PRODUCER, "_schemaURL": schema, **values}


def _lineage(view: GraphView, node: Node) -> Json:
    """The lineage facet. No inputs says that there are none, so a dataset that was not traced has no such facet."""
    edges = view.made_from(node.dataset_id)
    if not edges and not node.is_leaf:
        return {}
    schema = f"{_SPEC}/facets/1-0-0/LineageFacet.json#/$defs/LineageDatasetFacet"
    return {"lineage": _facet(schema, inputs=[_input(edge) for edge in edges])}


def _input(edge: Edge) -> Json:
    how = {"type": "DIRECT", "subtype": str(edge.relation).upper(), "description": f"confidence {edge.confidence:g}"}
    return {**_dataset(edge.source), "type": "DATASET", "transformations": [how]}


def _facets(view: GraphView, node: Node) -> Json:
    facets = {FACET: _facet(_OUR_FACET, **stated(view, node))}
    if node.summary:
        schema = f"{_SPEC}/facets/1-1-0/DocumentationDatasetFacet.json#/$defs/DocumentationDatasetFacet"
        facets["documentation"] = _facet(schema, description=node.summary)
    if node.revision:
        schema = f"{_SPEC}/facets/1-0-1/DatasetVersionDatasetFacet.json#/$defs/DatasetVersionDatasetFacet"
        facets["version"] = _facet(schema, datasetVersion=node.revision)
    return facets
