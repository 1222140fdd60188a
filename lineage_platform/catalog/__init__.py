"""The catalog: does it exist, since when, under which id?"""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from lineage_platform.catalog.folder import FolderHub
from lineage_platform.catalog.hub import Hub

SAMPLE_LABEL = "sample data: real names, invented rows"


def open_hub(spec: str) -> Hub:
    """The hub that ``live``, ``sample`` or a hub folder's path names; nothing is asked of it yet.

    Raises
    ------
    UsageError
        The folder is not a hub folder.
    """
    if spec == "live":
        from lineage_platform.catalog.live import LiveHub

        return LiveHub()
    if spec == "sample":
        return FolderHub(Path(str(resources.files("lineage_platform"))) / "sample_hub", "sample", SAMPLE_LABEL)
    return FolderHub(Path(spec).expanduser())
