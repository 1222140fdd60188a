"""The graph as a networkx graph with plain, printable attributes: what the XML formats are written from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from lineage_platform.exports.rows import Row, tables
from lineage_platform.graph.view import GraphView

if TYPE_CHECKING:
    import networkx as nx

# What XML 1.0 cannot hold at all, not even as an entity.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LEFT_OUT = ("dataset_id", "source", "target")


def network(view: GraphView) -> nx.DiGraph[str]:
    """The datasets in focus and the edges between them that count; what is not known has no attribute."""
    import networkx as nx

    found = tables(view)
    graph: nx.DiGraph[str] = nx.DiGraph(name=printable(view.label or "lineage"))
    for row in found["datasets"]:
        graph.add_node(printable(row["dataset_id"]), label=printable(row["dataset_id"]), **_attributes(row))
    for row in found["edges"]:
        graph.add_edge(printable(row["source"]), printable(row["target"]), **_attributes(row))
    return graph


def printable(text: str) -> str:
    """``text`` with what XML cannot hold replaced."""
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def _attributes(row: Row) -> dict[str, Any]:
    return {name: _attribute(value) for name, value in row.items() if value is not None and name not in _LEFT_OUT}


def _attribute(value: Any) -> Any:
    if isinstance(value, list):
        return printable("|".join(value))
    return printable(value) if isinstance(value, str) else value
