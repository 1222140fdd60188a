"""What holds: names resolved, evidence checked, and the graph built and read.

The heavy libraries (duckdb, networkx, rapidfuzz) load when a name that needs them is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lineage_platform.graph.build import build_graph
    from lineage_platform.graph.query import open_graph
    from lineage_platform.graph.resolution import Resolver
    from lineage_platform.graph.reviews import Decisions, ReviewFile
    from lineage_platform.graph.witnesses import RULES_VERSION, hub_sources, resolve, sources_to_follow

__all__ = [
    "RULES_VERSION",
    "Decisions",
    "Resolver",
    "ReviewFile",
    "build_graph",
    "hub_sources",
    "open_graph",
    "resolve",
    "sources_to_follow",
]

_HOMES = {
    "RULES_VERSION": "witnesses",
    "Decisions": "reviews",
    "Resolver": "resolution",
    "ReviewFile": "reviews",
    "build_graph": "build",
    "hub_sources": "witnesses",
    "open_graph": "query",
    "resolve": "witnesses",
    "sources_to_follow": "witnesses",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
