"""Rows of any file as a stream of triplets; the files are parsed in a child process that can take nothing down."""

from __future__ import annotations

import io
import json
import os
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING, Any, Protocol

from lineage_platform.errors import LineageError, UsageError
from lineage_platform.measurements import WHOLE
from lineage_platform.samples.triplets import Fields, UnknownShape

if TYPE_CHECKING:
    import polars as pl

SEED = "lineage"

_KEPT_VARIABLES = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT")  # no token reaches the child
_FORMATS = {".parquet": "parquet", ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "json", ".csv": "csv"}
_FRAME = struct.Struct("<cQ")
_MOST_FRAME_BYTES = 1 << 30
_REMOTE_BUFFER = 1 << 20


class BadRow(LineageError):
    """A row that cannot be read; the message names file and row."""

    kind = "bad_row"


class BrokenFile(LineageError):
    """A file that cannot be read, or not any further; the message names it, and the row where there is one."""

    kind = "broken_file"


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
    """

    name: str
    size: int
    path: Path | None = None
    open: Callable[[], Ranges] | None = None

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


@dataclass(frozen=True)
class Bounds:
    """What reading one part may take.

    Parameters
    ----------
    memory:
        Bytes of address space of the child process.
    seconds:
        Time in which the next rows must come; waiting for the network is not counted.
    most_rows:
        Of larger Parquet sets, whole row groups are sampled until so many rows are read.
    seed:
        Says which row groups.
    """

    memory: int = 4 << 30
    seconds: float = 120.0
    most_rows: int = 20_000_000
    seed: str = SEED


@dataclass
class TripletRows:
    """A stream of frames: the columns ``row``, ``instruction``, ``input``, ``output``, ``rest``. To be read once.

    Attributes
    ----------
    fields:
        Where the triplets are, known with the first frame.
    published:
        Where they are if the files have these columns and none were given.
    skipped, sampled:
        Rows left out because they are bad, and the share of the rows that was chosen to be read; known at the end.
    """

    source: Source
    given: Fields | None = None
    skip_bad_rows: bool = False
    bounds: Bounds = field(default_factory=Bounds)
    fields: Fields | None = None
    published: Fields | None = None
    skipped: int = 0
    sampled: float = 1.0

    def __iter__(self) -> Iterator[pl.DataFrame]:
        """Read the rows.

        Raises
        ------
        BadRow
            The first bad row, unless bad rows are skipped.
        BrokenFile, UnknownShape, NoRows
            There is nothing more to read.
        """
        import polars as pl

        if not self.source.files:
            raise NoRows(f"{self.source.name} has no rows in a format that is read (Parquet, JSON Lines, JSON, CSV)")
        rows = 0
        with _Child(self.source, self._job(), self.bounds) as child:
            for kind, content in child.frames():
                if kind == b"r":
                    frame = pl.read_ipc_stream(io.BytesIO(content))
                    rows += frame.height
                    yield frame
                elif kind == b"f":
                    self.fields = Fields(**json.loads(content))
                elif kind == b"e":
                    end = json.loads(content)
                    self.skipped, self.sampled = end["skipped"], end["sampled"]
                else:
                    raise self._failure(json.loads(content))
        if not rows:
            raise NoRows(f"{self.source.name} has no rows" + (" that are good" if self.skipped else ""))

    def _job(self) -> dict[str, Any]:
        files = [
            {
                "name": file.name,
                "size": file.size,
                "path": str(file.path.absolute()) if file.path else None,
                "format": file.format,
                "zipped": file.zipped,
                "buffer": _REMOTE_BUFFER,
            }
            for file in self.source.files
        ]
        bounds = {"most_rows": self.bounds.most_rows, "seed": self.bounds.seed}
        fields = vars(self.given) if self.given else None
        published = vars(self.published) if self.published else None
        return {"files": files, "fields": fields, "published": published, "skip": self.skip_bad_rows, **bounds}

    def _failure(self, told: Mapping[str, Any]) -> LineageError:
        local = self.source.dataset_id in told["file"]  # then the file's name says it all
        where = told["file"] if local else f"{self.source.name}: {told['file']}"
        if told["kind"] == "unknown_shape":
            reason = told["reason"] if local else f"{self.source.name}: {told['reason']}"
            return UnknownShape(reason, "name them in a TSV (dataset, instruction, input, output): --fields FILE")
        if told["kind"] == "bad_row":
            reason = f"{where}, row {told['row']} (the first is 0): {told['reason']}"
            return BadRow(reason, "mend it, or count and leave out such rows with --skip-bad-rows")
        row = f", row {told['row']}" if told["row"] else ""
        return BrokenFile(f"{where}{row}: it cannot be read: {told['reason']}", "fetch or write the file again")


def read_triplets(
    source: Source | Path | str,
    fields: Fields | None = None,
    skip_bad_rows: bool = False,
    bounds: Bounds | None = None,
) -> TripletRows:
    """The rows of a part, or of a local file or folder, as a stream of frames.

    Parameters
    ----------
    fields:
        Where the triplets are; by default told from the columns and the first rows.
    skip_bad_rows:
        Count bad rows and leave them out; else the first is an error.

    Raises
    ------
    UsageError
        There is no such file, or it is of no format that is read.
    """
    opened = source if isinstance(source, Source) else local_source(Path(source))
    return TripletRows(opened, fields, skip_bad_rows, bounds or Bounds())


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
        raise UsageError(f"{path} is not in a format that is read", "Parquet, JSON Lines, JSON or CSV, also .gz")
    return Source(str(path), known)


class _Child:
    """The process that parses, and what it asks for.

    Its time is counted while it works: from the last rows to the next, but not while we fetch bytes for it.
    """

    def __init__(self, source: Source, job: Mapping[str, Any], bounds: Bounds) -> None:
        self._source, self._bounds, self._late = source, bounds, False
        self._opened: dict[int, Ranges] = {}
        self._closing = ExitStack()
        package = str(Path(__file__).parents[2])
        environment = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
        self._process = subprocess.Popen(  # noqa: S603 - our own module, run by our own interpreter
            [sys.executable, "-P", "-m", "lineage_platform.samples.rows_child", str(bounds.memory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment | {"PYTHONPATH": package, "ARROW_DEFAULT_MEMORY_POOL": "system", "OMP_NUM_THREADS": "2"},
        )
        self._write(json.dumps(job).encode() + b"\n")

    def __enter__(self) -> _Child:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                self._closing.callback(stream.close)
        self._closing.close()

    def frames(self) -> Iterator[tuple[bytes, bytes]]:
        """Everything that it sends, to the last frame.

        Raises
        ------
        BrokenFile
            It ended without one: what it read took too much memory or time.
        """
        left = self._bounds.seconds
        while True:
            started = time.monotonic()
            timer = Timer(left, self._stop)
            timer.daemon = True
            timer.start()
            try:
                kind, content = self._frame()
            finally:
                timer.cancel()
            left -= time.monotonic() - started
            if kind == b"x":
                self._answer(json.loads(content))
                continue
            yield kind, content
            if kind in {b"e", b"!"}:
                return
            left = self._bounds.seconds

    def _stop(self) -> None:
        self._late = True
        self._process.kill()

    def _frame(self) -> tuple[bytes, bytes]:
        stream = self._process.stdout
        assert stream is not None, "it was opened as a pipe"
        head = stream.read(_FRAME.size)
        if len(head) == _FRAME.size:
            kind, size = _FRAME.unpack(head)
            content = stream.read(size) if size <= _MOST_FRAME_BYTES else b""
            if len(content) == size:
                return kind, content
        memory = f"it took more than {self._bounds.memory >> 20} MiB of memory"
        reason = f"no rows came within {self._bounds.seconds:g} s" if self._late else memory
        files = ", ".join(file.name for file in self._source.files[:3])
        raise BrokenFile(f"{self._source.name} cannot be read ({files}): {reason}", "fetch or write the files again")

    def _answer(self, asked: Mapping[str, int]) -> None:
        number, offset = asked["file"], asked["offset"]
        if number not in self._opened:
            opener = self._source.files[number].open
            assert opener is not None, "only files that are not local are asked for"
            self._opened[number] = self._closing.enter_context(opener())
        file = self._opened[number]
        file.seek(offset)
        data = file.read(asked["length"])
        self._write(struct.pack("<Q", len(data)) + data)

    def _write(self, data: bytes) -> None:
        stream = self._process.stdin
        assert stream is not None, "it was opened as a pipe"
        try:
            stream.write(data)
            stream.flush()
        except BrokenPipeError:
            return  # it has ended: reading says why
