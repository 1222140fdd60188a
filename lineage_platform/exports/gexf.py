"""The graph as GEXF, for Gephi."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lineage_platform.exports.networks import network
from lineage_platform.graph.view import GraphView

_DAY_OF_WRITING = re.compile(r' lastmodifieddate="[^"]*"')


def lines(view: GraphView) -> Iterator[str]:
    """The document, line by line, without the day on which it was written: the same graph is the same bytes."""
    import networkx as nx

    document = "\n".join(nx.generate_gexf(network(view)))
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield from _DAY_OF_WRITING.sub("", document, count=1).split("\n")
