"""JSON Lines, JSON arrays and CSV as streams of rows; what is no row is said in its place.

It runs in the child process that :mod:`lineage_platform.samples.rows_child` is, on files that may be hostile.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

MAX_ROW_BYTES = 32 << 20
MAX_INFLATED = 1 << 30  # what a compressed file may always hold; beyond it, at most so many times its size:
MAX_INFLATION = 500
CHUNK = 1 << 20

_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_SPACE = " \t\r\n"


class BrokenFile(ValueError):
    """Nothing more can be read of a file."""


@dataclass(frozen=True)
class Flaw:
    """Stands where a row cannot be read."""

    reason: str


Read = Iterator[Mapping[str, Any] | Flaw]


def json_lines(file: BinaryIO) -> Read:
    """One object a line; empty lines are no rows."""
    for line in _text_lines(file) if _is_utf16(file) else _lines(file):
        if line is None:
            yield _too_large()
        elif line.strip():
            yield _parsed(line)


def json_array(file: BinaryIO) -> Read:
    """The objects of one array, wherever its lines break; a file that holds no array is read as JSON Lines.

    Raises
    ------
    BrokenFile
        It is no JSON from some row on.
    """
    head = _peek(file).lstrip(b"\xef\xbb\xbf \t\r\n")
    if head[:1] not in {b"[", b""} and not _is_utf16(file):
        yield from json_lines(file)
        return
    decoder, text = json.JSONDecoder(), _Window(_decoded(file))
    if not text.skip("["):
        if text.ended:
            return
        raise BrokenFile("it does not begin with [, as a JSON array does")
    if text.skip("]"):
        return
    while True:
        value = text.value(decoder)
        yield value if isinstance(value, Mapping | Flaw) else _no_object(value)
        if text.skip("]"):
            return
        if not text.skip(","):
            raise BrokenFile("it breaks off there" if text.ended else "a comma or ] is missing there")


def csv_rows(file: BinaryIO) -> Read:
    """Rows under the names of the first line.

    Raises
    ------
    BrokenFile
        Two columns have one name, or quotes are never closed.
    """
    csv.field_size_limit(MAX_ROW_BYTES)
    reader = csv.reader(_decoded(file), strict=True)
    try:
        names = next(reader, [])
    except csv.Error as error:
        raise BrokenFile(f"its first line is no CSV: {error}") from error
    refuse_duplicates(names)
    while True:
        try:
            values = next(reader, None)
        except csv.Error as error:
            yield Flaw(f"it is no CSV: {error}")
            continue
        if values is None:
            return
        if len(values) == len(names):
            yield dict(zip(names, values, strict=True))
        elif values:
            yield Flaw(f"it has {len(values)} values under {len(names)} columns")


FORMATS: Mapping[str, Callable[[BinaryIO], Read]] = {"jsonl": json_lines, "json": json_array, "csv": csv_rows}


def refuse_duplicates(names: list[str]) -> None:
    """Raise :class:`BrokenFile` if two columns have one name."""
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BrokenFile(f"two of its columns are called {twice[0]!r}")


def unzipped(file: BinaryIO, size: int) -> BinaryIO:
    """The content of a gzip file of ``size`` bytes; reading it raises :class:`BrokenFile` where it is damaged."""
    return io.BufferedReader(_Inflated(file, size), CHUNK)


class _Inflated(io.RawIOBase):
    """A gzip file that may not grow without end."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = gzip.GzipFile(fileobj=file)
        self._left = max(MAX_INFLATED, MAX_INFLATION * size)

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: Any) -> int:
        """The next bytes."""
        try:
            data = self._file.read(len(buffer))
        except (OSError, EOFError) as error:
            raise BrokenFile(f"its gzip stream is damaged: {error}") from error
        self._left -= len(data)
        if self._left < 0:
            raise BrokenFile(f"it unpacks to more than {MAX_INFLATION} times its size")
        buffer[: len(data)] = data
        return len(data)


class _Window:
    """The part of a text in which the next value is looked for."""

    def __init__(self, file: io.TextIOBase) -> None:
        self._file, self._text, self._at = file, "", 0
        self.ended = False

    def skip(self, mark: str) -> bool:
        """Whether the next character beyond white space is ``mark``; if so, step over it."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in _SPACE:
                self._at += 1
            if self._at < len(self._text) or not self._more():
                break
        found = self._text[self._at : self._at + 1] == mark
        self._at += found
        return found

    def value(self, decoder: json.JSONDecoder) -> Any:
        """The next value."""
        self.skip("")
        while True:
            try:
                value, end = decoder.raw_decode(self._text, self._at)
            except RecursionError:
                raise BrokenFile("it is nested too deeply there") from None
            except ValueError as error:  # broken, or not all of it is here yet
                if len(self._text) - self._at > 4 * MAX_ROW_BYTES:  # what is merely large is said as such
                    raise BrokenFile(f"nothing ends within {4 * MAX_ROW_BYTES >> 20} MiB") from error
                if not self._more():
                    raise BrokenFile("it breaks off there, or is no JSON") from error
                continue
            if end < len(self._text) or not self._more():
                self._at = end
                return value

    def _more(self) -> bool:
        """Read on, at least as much again as is waiting, so that long values are not parsed too often."""
        data = self._file.read(max(CHUNK, len(self._text) - self._at))
        self._text, self._at = self._text[self._at :] + data, 0
        self.ended = not data
        return bool(data)


def _parsed(line: bytes | str) -> Mapping[str, Any] | Flaw:
    try:
        value = json.loads(line)
    except RecursionError:
        return Flaw("it is nested too deeply")
    except UnicodeDecodeError as error:
        return Flaw(f"it is not UTF-8 at byte {error.start}")
    except ValueError as error:
        return Flaw(f"it is no JSON: {error}")
    return value if isinstance(value, dict) else _no_object(value)


def _no_object(value: object) -> Flaw:
    return Flaw(f"it is no object but {'null' if value is None else f'a {type(value).__name__}'}")


def _too_large() -> Flaw:
    return Flaw(f"it is larger than {MAX_ROW_BYTES >> 20} MiB")


def _lines(file: BinaryIO) -> Iterator[bytes | None]:
    """Lines without a mark of byte order; None for one that is too long."""
    line = file.readline(MAX_ROW_BYTES).removeprefix(b"\xef\xbb\xbf")
    while line:
        if len(line) >= MAX_ROW_BYTES and not line.endswith(b"\n"):
            while line and not line.endswith(b"\n"):
                line = file.readline(CHUNK)
            yield None
        else:
            yield line
        line = file.readline(MAX_ROW_BYTES)


def _text_lines(file: BinaryIO) -> Iterator[str | None]:
    text = _decoded(file)
    line = text.readline(MAX_ROW_BYTES)
    while line:
        too_long = len(line) >= MAX_ROW_BYTES
        while too_long and line and not line.endswith("\n"):
            line = text.readline(CHUNK)
        yield None if too_long else line
        line = text.readline(MAX_ROW_BYTES)


def _decoded(file: BinaryIO) -> io.TextIOWrapper:
    """The file as text; bytes that are none become lone surrogates, which no row may hold."""
    encoding = "utf-16" if _is_utf16(file) else "utf-8-sig"
    return io.TextIOWrapper(file, encoding, errors="surrogateescape", newline="")


def _is_utf16(file: BinaryIO) -> bool:
    return _peek(file)[:2] in _UTF16


def _peek(file: BinaryIO) -> bytes:
    assert isinstance(file, io.BufferedReader), "files are opened buffered"
    return file.peek(64)
