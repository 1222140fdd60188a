"""Files of rows are parsed in a child process that can take nothing down; this is how it is started and listened to."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import Any

from lineage_platform.errors import LineageError
from lineage_platform.samples.pipe import END, FAILED, FRAME, LENGTH, RANGE
from lineage_platform.samples.row_files import Ranges, Source

SEED = "lineage"

_KEPT_VARIABLES = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT")  # no token reaches the child
_MOST_FRAME_BYTES = 1 << 30


class BrokenFile(LineageError):
    """A file that cannot be read, or not any further; the message names it, and the row where there is one."""

    kind = "broken_file"


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


class Parser:
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
            start_new_session=True,  # Ctrl-C is ours: if it ended the child, its part would be recorded as broken
            env=environment | {"PYTHONPATH": package, "ARROW_DEFAULT_MEMORY_POOL": "system", "OMP_NUM_THREADS": "2"},
        )
        self._write(json.dumps(job).encode() + b"\n")

    def __enter__(self) -> Parser:
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
            if kind == RANGE:
                self._answer(json.loads(content))
                continue
            yield kind, content
            if kind in {END, FAILED}:
                return
            left = self._bounds.seconds

    def _stop(self) -> None:
        self._late = True
        self._process.kill()

    def _frame(self) -> tuple[bytes, bytes]:
        stream = self._process.stdout
        assert stream is not None, "it was opened as a pipe"
        head = stream.read(FRAME.size)
        if len(head) == FRAME.size:
            kind, size = FRAME.unpack(head)
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
        self._write(LENGTH.pack(len(data)) + data)

    def _write(self, data: bytes) -> None:
        stream = self._process.stdin
        assert stream is not None, "it was opened as a pipe"
        try:
            stream.write(data)
            stream.flush()
        except BrokenPipeError:
            return  # it has ended: reading says why
