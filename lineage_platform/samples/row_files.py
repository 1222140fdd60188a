"""What rows are read from: files, here or elsewhere, that are a part of a dataset or stand for themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from lineage_platform.errors import LineageError, UsageError
from lineage_platform.files import digest
from lineage_platform.measurements import WHOLE

_FORMATS = {".parquet": "parquet", ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "json", ".csv": "csv"}


class NoRows(LineageError):
    """A dataset or file without rows in a format that is read."""

    kind = "no_rows"


class Ranges(Protocol):
    """A file elsewhere, of which ranges of bytes can be had."""

    def __enter__(self) -> Ranges: ...

    def __exit__(self, *_: object) -> None: ...

    def seek(self, offset: int) -> object:
        """Go to this byte."""
        ...

    def read(self, length: int) -> bytes:
        """So many bytes from there."""
        ...


@dataclass(frozen=True)
class RowFile:
    """One file of rows.

    Parameters
    ----------
    name:
        As messages name it.
    size:
        Bytes.
    path:
        Where it lies; None for a file that ``open`` reads from elsewhere.
    open:
        Opens it elsewhere.
    oid:
        Names what it holds, where that is told without reading it: another content has another.
    """

    name: str
    size: int
    path: Path | None = None
    open: Callable[[], Ranges] | None = None
    oid: str = ""

    @property
    def format(self) -> str | None:
        """``parquet``, ``jsonl``, ``json`` or ``csv`` by the ending of the name; None for a format that is not read."""
        return _FORMATS.get(Path(self.name.lower().removesuffix(".gz")).suffix)

    @property
    def zipped(self) -> bool:
        """Whether it is compressed as a whole."""
        return self.name.lower().endswith(".gz")


@dataclass(frozen=True)
class Source:
    """The rows of one part of a dataset, or of local files.

    Parameters
    ----------
    dataset_id, part:
        Which dataset (for local files: the path), which part of it.
    files:
        In the order in which their rows are numbered.
    revision:
        Changes when the rows do.
    """

    dataset_id: str
    files: tuple[RowFile, ...]
    part: str = WHOLE
    revision: str = ""

    @property
    def name(self) -> str:
        """``dataset#part``, or the dataset alone."""
        return f"{self.dataset_id}#{self.part}" if self.part else self.dataset_id

    @property
    def content(self) -> str:
        """Names what its files hold, whatever the revision; empty where one would have to read them to tell."""
        told = all(file.oid for file in self.files)
        return digest(*(part for file in self.files for part in (file.name, file.oid))) if told else ""


def local_source(path: Path) -> Source:
    """A file, or a folder with all files below it that are of a known format, as one part.

    Raises
    ------
    UsageError
        There is no such file, or it is of no format that is read.
    """
    if not path.exists():
        raise UsageError(f"there is no file {path}")
    paths = sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]
    files = [RowFile(str(each), each.stat().st_size, each) for each in paths]
    known = tuple(file for file in files if file.format)
    if not known:
        what = "holds no file" if path.is_dir() else "is not"
        raise UsageError(f"{path} {what} in a format that is read", "Parquet, JSON Lines, JSON or CSV, also .gz")
    return Source(str(path), known)
