"""The rows of a hub's datasets, part by part: nothing but files of known formats, never a script, never pickle."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from lineage_platform.catalog.hub import Hub
from lineage_platform.errors import BrokenRecord, DatasetGated
from lineage_platform.files import digest
from lineage_platform.measurements import WHOLE
from lineage_platform.records import DatasetInfo
from lineage_platform.samples.row_files import NoRows, RowFile, Source


def row_sources(hub: Hub, dataset_id: str) -> list[Source]:
    """The parts of a dataset, in the order of their names.

    Raises
    ------
    NoRows
        It has no file in a format that is read.
    InvalidDatasetId, DatasetNotFound, DatasetGated, HubUnavailable, BrokenRecord
        See :meth:`lineage_platform.catalog.hub.Hub.info`.
    """
    info = hub.info(dataset_id)
    if hub.folder is not None:
        sources = _in_folder(hub.folder, info)
    else:
        from lineage_platform.catalog.live import LiveHub
        from lineage_platform.samples.live import live_sources

        assert isinstance(hub, LiveHub), "a hub that is no folder is the live one"
        sources = live_sources(hub, info)
    if not sources:
        raise NoRows(f"{info.id} has no rows in a format that is read (Parquet, JSON Lines, JSON, CSV)")
    return sources


def _in_folder(folder: Path, info: DatasetInfo) -> list[Source]:
    """``datasets/ORG/NAME/data``: the files in it are one part, each sub-folder is another."""
    if info.gated:
        raise DatasetGated(f"{info.id} is gated", "record it anew with a token that has been granted access")
    root = folder / "datasets" / info.id / "data"
    parts: dict[str, list[RowFile]] = defaultdict(list)
    for path in sorted(root.rglob("*")):
        inside = path.relative_to(root)
        file = RowFile(f"data/{inside.as_posix()}", path.stat().st_size if path.is_file() else 0, path)
        if path.is_file() and file.format:
            if not path.resolve().is_relative_to(folder.resolve()):
                raise BrokenRecord(f"{path} leads out of the hub folder", f"delete {path}")
            parts[inside.parts[0] if len(inside.parts) > 1 else WHOLE].append(file)
    return [Source(info.id, tuple(files), part, revision(info.sha, files)) for part, files in sorted(parts.items())]


def revision(sha: str, files: Sequence[RowFile]) -> str:
    """A name for what the files hold: the commit, or the files' names and sizes where a folder tells no other."""
    listed = digest(*(f"{file.name} {file.size}" for file in files))[:16]
    return f"{sha}/{listed}" if sha else listed
