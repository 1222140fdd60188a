"""The graph as GraphML, for yEd, Gephi, networkx and igraph."""

from __future__ import annotations

from collections.abc import Iterator

from lineage_platform.exports.networks import network
from lineage_platform.graph.view import GraphView


def lines(view: GraphView) -> Iterator[str]:
    """The document, line by line."""
    import networkx as nx

    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield from nx.generate_graphml(network(view), named_key_ids=True)
