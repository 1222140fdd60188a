"""The graph as sorted JSON Lines: two graphs are the same if and only if these are the same bytes."""

from __future__ import annotations

import json
from collections.abc import Iterator

from lineage_platform.graph.view import GraphView

# What belongs to the moment of a run and not to the graph: counters of the Hub, and which snapshots came before.
_OF_A_RUN = ("downloads", "likes", "first_seen", "last_seen")


def lines(view: GraphView) -> Iterator[str]:
    """Nodes, edge candidates and witnesses, one JSON object a line, in one order; no times, durations or run ids.

    Yields
    ------
    str
        A line without its line break; the key ``kind`` is ``node``, ``edge`` or ``witness``.
    """
    for kind, records in (("node", view.nodes), ("edge", view.candidates), ("witness", view.witnesses)):
        for record in records:
            said = {name: value for name, value in vars(record).items() if name not in _OF_A_RUN}
            yield json.dumps({"kind": kind, **said}, ensure_ascii=False)
