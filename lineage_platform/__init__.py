"""Where LLM post-training datasets come from: lineage traced, measured, and put to use.

>>> from lineage_platform import Settings, Workspace
>>> workspace = Workspace.open(Settings(hub="sample", agents="rules"))
>>> for dataset in workspace.trace(["teknium/OpenHermes-2.5"]):
...     print(dataset.dataset_id, dataset.outcome)
>>> workspace.build_graph()
>>> workspace.open_graph().report("most_reused").to_polars()

A graph that is there already is opened with :func:`open_graph`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lineage_platform.graph.query import open_graph
    from lineage_platform.settings import Limits, Settings
    from lineage_platform.workspace import Workspace

__version__ = "0.1.0"
__all__ = ["Limits", "Settings", "Workspace", "__version__", "open_graph"]

_HOMES = {"Limits": "settings", "Settings": "settings", "Workspace": "workspace", "open_graph": "graph.query"}


def __getattr__(name: str) -> Any:
    """Import the public names when they are first used, so that the command line starts at once."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
