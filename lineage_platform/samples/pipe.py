"""What the process that parses and the one that wants rows say to each other.

The job goes in (one line of JSON), then the answers to the byte ranges asked for; out come frames: a letter, a length,
the content. Whoever starts the child uses the frames alone, the child all of it.
"""

from __future__ import annotations

import io
import json
import struct
from typing import Any, BinaryIO

FRAME = struct.Struct("<cQ")
LENGTH = struct.Struct("<Q")
ROWS, FIELDS, RANGE, END, FAILED = b"r", b"f", b"x", b"e", b"!"


class Pipe:
    """The two streams to the parent."""

    def __init__(self, answers: BinaryIO, frames: BinaryIO) -> None:
        self._answers, self._frames = answers, frames

    def job(self) -> dict[str, Any]:
        """What to do."""
        found: dict[str, Any] = json.loads(self._answers.readline())
        return found

    def send(self, kind: bytes, content: bytes) -> None:
        """One frame."""
        self._frames.write(FRAME.pack(kind, len(content)))
        self._frames.write(content)
        self._frames.flush()

    def tell(self, kind: bytes, /, **content: Any) -> None:
        """One frame of JSON."""
        self.send(kind, json.dumps(content).encode())

    def bytes_of(self, file: int, offset: int, length: int) -> bytes:
        """A byte range of a file that only the parent can reach."""
        self.tell(RANGE, file=file, offset=offset, length=length)
        (size,) = LENGTH.unpack(self._answers.read(LENGTH.size))
        return self._answers.read(size)


class Remote(io.RawIOBase):
    """A file that the parent reads for us."""

    def __init__(self, pipe: Pipe, number: int, size: int) -> None:
        self._pipe, self._number, self._size, self._at = pipe, number, size, 0

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def tell(self) -> int:
        """Where the next byte is."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go elsewhere."""
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        return self._at

    def readinto(self, buffer: Any) -> int:
        """The next bytes."""
        data = self._pipe.bytes_of(self._number, self._at, max(0, min(len(buffer), self._size - self._at)))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)
