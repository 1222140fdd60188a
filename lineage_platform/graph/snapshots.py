"""Snapshots: every build that changed the graph of a hub, kept as a file that any reading command can open."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from lineage_platform.errors import UsageError
from lineage_platform.files import DISK_REFUSES

_NAME = re.compile(r"(\d{4,})-[0-9a-f]{10}")


class SnapshotMissing(UsageError):
    """No snapshot answers to the name given."""

    kind = "snapshot_missing"


def snapshot_id(number: int, content: str) -> str:
    """The id of a snapshot: its number in the order of building, and the beginning of its content's digest."""
    return f"{number:04d}-{content[:10]}"


class Snapshots:
    """The snapshots of one hub.

    Parameters
    ----------
    root:
        The hub's folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root / "snapshots"

    def all(self) -> tuple[Path, ...]:
        """The files, oldest first."""
        found = (path for path in self.root.glob("*.duckdb") if _NAME.fullmatch(path.stem))
        return tuple(sorted(found, key=lambda path: (self.number(path.stem), path.stem)))

    @staticmethod
    def number(snapshot: str) -> int:
        """The number of a snapshot in the order of building."""
        return int(snapshot.split("-")[0])

    def find(self, wanted: str) -> Path:
        """The file of a snapshot.

        Parameters
        ----------
        wanted:
            Its id, its number, or the beginning of its digest.

        Raises
        ------
        SnapshotMissing
            None is called so, or several are; the hint lists those that are kept.
        """
        known = self.all()
        found = [path for path in known if path.stem == wanted]
        if not found and wanted.isdecimal():
            found = [path for path in known if self.number(path.stem) == int(wanted)]
        if not found and wanted:
            found = [path for path in known if path.stem.split("-")[1].startswith(wanted)]
        if len(found) != 1:
            said = "several snapshots answer to" if found else "there is no snapshot"
            kept = ", ".join(path.stem for path in known[-10:])
            raise SnapshotMissing(f"{said} {wanted!r}", f"kept are: {kept}" if kept else "build one: lineage trace ID")
        return found[0]

    def keep(self, graph: Path, snapshot: str) -> None:
        """Keep a built graph under its id, in place of an earlier build of the same content; it shares the file."""
        self.root.mkdir(parents=True, exist_ok=True)
        fresh = self.root / f".{snapshot}.{os.getpid()}.part"
        fresh.unlink(missing_ok=True)
        try:
            try:
                os.link(graph, fresh)
            except OSError as error:
                if error.errno in DISK_REFUSES:
                    raise
                # else: a file system without hard links
                shutil.copyfile(graph, fresh)
            fresh.replace(self.root / f"{snapshot}.duckdb")
        finally:
            fresh.unlink(missing_ok=True)

    def forget(self, kept: int) -> None:
        """Delete the oldest until so many are left."""
        for path in self.all()[:-kept]:
            path.unlink(missing_ok=True)
