"""The graph as sorted JSON Lines: two graphs are the same if and only if these are the same bytes."""

from __future__ import annotations

import json
from collections.abc import Iterator

from lineage_platform.graph.query import Graph

# What belongs to a run and not to the graph (times, revisions of counters) stays out.
_NODES = "SELECT * EXCLUDE (downloads, likes) FROM datasets ORDER BY dataset_id"
_EDGES = "SELECT * FROM edge_candidates ORDER BY source, target"
_WITNESSES = "SELECT * FROM witnesses ORDER BY ALL"


def export_jsonl(graph: Graph) -> Iterator[str]:
    """Nodes, edge candidates and witnesses, one JSON object a line, in one order; no times, durations or run ids.

    Yields
    ------
    str
        A line without its line break; the key ``kind`` is ``node``, ``edge`` or ``witness``.
    """
    for kind, query in (("node", _NODES), ("edge", _EDGES), ("witness", _WITNESSES)):
        for record in graph.select(query).records():
            yield json.dumps({"kind": kind, **record}, ensure_ascii=False)
