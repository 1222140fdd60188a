"""Runs alone in a process with limits: files of rows in, triplets out.

No file is opened but those that the job names, and no network at all: bytes that lie elsewhere are asked for through
the pipe.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, BinaryIO

import pyarrow as pa

from lineage_platform.samples import formats
from lineage_platform.samples.formats import MAX_ROW_BYTES, Flaw
from lineage_platform.samples.pipe import END, FAILED, FIELDS, ROWS, Pipe, Remote
from lineage_platform.samples.triplets import DETECTION_ROWS, Fields, Row, Triplet, UnknownShape, detect

if TYPE_CHECKING:
    from lineage_platform.samples.parquet import Sample

BATCH_ROWS = 20_000
BATCH_CHARACTERS = 8 << 20
SCHEMA = pa.schema([("row", pa.int64()), *((name, pa.string()) for name in ("instruction", "input", "output", "rest"))])


class BadRow(ValueError):
    """A row that is none, where none may be left out."""

    def __init__(self, row: int, reason: str) -> None:
        super().__init__(reason)
        self.row = row


class Triplets:
    """Gathers the rows of a part, sees that each is one, and sends them in batches.

    Parameters
    ----------
    pipe:
        Where they go.
    skip:
        Whether rows that are none are counted and left out.
    """

    def __init__(self, pipe: Pipe, skip: bool) -> None:
        self._pipe, self._skip = pipe, skip
        self._numbers: list[int] = []
        self._triplets: list[Triplet] = []
        self._characters = 0
        self.begin = 0
        self.rows = 0
        self.skipped = 0

    def add(self, number: int, triplet: Triplet) -> None:
        """One row of the file, by its number in the file."""
        size = sum(map(len, triplet[:3]))
        if size == 0:
            self.flaw(number, "it has no text in these columns")
        elif size > MAX_ROW_BYTES:
            self.flaw(number, f"it holds more than {MAX_ROW_BYTES >> 20} Mi characters")
        else:
            self._numbers.append(number)
            self._triplets.append(triplet)
            self._characters += size
            if self._characters > BATCH_CHARACTERS or len(self._triplets) >= BATCH_ROWS:
                self.flush()

    def flaw(self, number: int, reason: str) -> None:
        """One row of the file that cannot be taken."""
        if not self._skip:
            self.flush()  # an earlier row may be bad, too, and the first is to be named
            raise BadRow(number, reason)
        self.skipped += 1

    def flush(self) -> None:
        """Send what has been gathered."""
        numbers, triplets = self._numbers, self._triplets
        self._numbers, self._triplets, self._characters = [], [], 0
        try:
            table = _table(self.begin, numbers, triplets)
        except UnicodeEncodeError:
            table = self._without_surrogates(numbers, triplets)
        self.send(table)

    def send(self, table: pa.RecordBatch) -> None:
        """Send rows that are known to be good."""
        if table.num_rows:
            self.rows += table.num_rows
            sink = pa.BufferOutputStream()
            with pa.ipc.new_stream(sink, SCHEMA) as writer:
                writer.write_batch(table)
            self._pipe.send(ROWS, sink.getvalue())

    def _without_surrogates(self, numbers: Sequence[int], triplets: Sequence[Triplet]) -> pa.RecordBatch:
        kept: list[tuple[int, Triplet]] = []
        for number, triplet in zip(numbers, triplets, strict=True):
            try:
                "".join(text for text in triplet if text).encode()
            except UnicodeEncodeError:
                self.flaw(number, "it is not UTF-8, or holds half a character (a lone surrogate)")
            else:
                kept.append((number, triplet))
        return _table(self.begin, [number for number, _ in kept], [triplet for _, triplet in kept])


def _table(begin: int, numbers: Sequence[int], triplets: Sequence[Triplet]) -> pa.RecordBatch:
    columns = list(zip(*triplets, strict=True)) or [()] * 4
    arrays = [pa.array([begin + number for number in numbers], pa.int64())]
    return pa.RecordBatch.from_arrays([*arrays, *(pa.array(column, pa.string()) for column in columns)], schema=SCHEMA)


class Reader:
    """Reads the files of a job, one after the other."""

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe
        self._job = pipe.job()
        self._fields = Fields(**self._job["fields"]) if self._job["fields"] else None
        self._told = False
        self._out = Triplets(pipe, self._job["skip"])
        self._row = 0
        self.file = ""

    def run(self) -> None:
        """Read everything."""
        files = self._job["files"]
        sample = self._sample(files) if all(file["format"] == "parquet" for file in files) else None
        for number, file in enumerate(files):
            self.file, self._row = file["name"], 0
            length = self._parquet(number, file, sample) if file["format"] == "parquet" else self._text(number, file)
            self._out.flush()
            self._out.begin += length
        share = sample.share if sample else 1.0
        self._pipe.tell(END, rows=self._out.rows, skipped=self._out.skipped, total=self._out.begin, sampled=share)

    @property
    def row(self) -> int:
        """Row of the file that is being read."""
        return self._row

    def _sample(self, files: Sequence[Mapping[str, Any]]) -> Sample:
        """Which row groups are read of a set that is Parquet throughout."""
        from lineage_platform.samples import parquet

        def footers() -> Iterator[tuple[str, Any]]:
            for number, file in enumerate(files):
                self.file = file["name"]
                yield file["name"], parquet.footer(self._open(number, file), file["size"])

        return parquet.Sample.of(footers(), self._job["most_rows"], self._job["seed"])

    def _parquet(self, number: int, file: Mapping[str, Any], sample: Sample | None) -> int:
        from lineage_platform.samples import parquet  # half of the start of this process, and not for other formats

        with parquet.opened(self._open(number, file), file["size"]) as content:
            names = parquet.column_names(content)
            fields = self._spelled(names, parquet.first_rows(content, DETECTION_ROWS))
            groups = sample.groups(file["name"]) if sample else None
            for self._row, batch in parquet.batches(content, fields.columns, groups):
                if (table := parquet.plain(batch, fields, self._out.begin + self._row, SCHEMA)) is not None:
                    self._out.send(table)
                else:
                    self._take(enumerate(parquet.rows(batch), self._row), fields)
                    self._out.flush()
            return int(content.metadata.num_rows)

    def _text(self, number: int, file: Mapping[str, Any]) -> int:
        content: BinaryIO = self._open(number, file)
        if file["zipped"]:
            content = formats.unzipped(content, file["size"])
        rows = self._counted(formats.FORMATS[file["format"]](content))
        first = list(islice(rows, DETECTION_ROWS))
        good = [row for row in first if not isinstance(row, Flaw)]
        if not first:
            return 0
        fields = self._spelled(list(dict.fromkeys(name for row in good for name in row)), good)
        return self._take(enumerate(chain(first, rows)), fields)

    def _counted(self, rows: formats.Read) -> formats.Read:
        """The same rows; where the file breaks off, we know in which."""
        for self._row, row in enumerate(rows, 1):
            yield row

    def _take(self, rows: Iterator[tuple[int, Row | Flaw]], fields: Fields) -> int:
        """Pass the rows on, and say how many they are, counted from the first of the file."""
        read, number = fields.reader(), -1
        for number, row in rows:
            if isinstance(row, Flaw):
                self._out.flaw(number, row.reason)
                continue
            try:
                triplet = read(row)
            except UnicodeDecodeError:
                self._out.flaw(number, "its bytes are not UTF-8")
            except RecursionError:
                self._out.flaw(number, "it is nested too deeply")
            else:
                self._out.add(number, triplet)
        return number + 1

    def _spelled(self, names: list[str], rows: Sequence[Row]) -> Fields:
        """The fields as this file spells them; those of the first file are told."""
        self._fields = self._fields or self._published(names) or detect(names, rows, self.file)
        spelled = self._fields.spelled(names)
        if not self._told:
            self._pipe.tell(FIELDS, **vars(spelled))
            self._told = True
        if names and not set(spelled.columns) & set(names):
            raise UnknownShape(f"{self.file}: it has none of the columns {', '.join(map(repr, spelled.columns))}")
        return spelled

    def _published(self, names: Sequence[str]) -> Fields | None:
        """The fields that the files are known to have, if they do."""
        published = Fields(**self._job["published"]).spelled(names) if self._job["published"] else None
        return published if published and set(published.columns) <= set(names) else None

    def _open(self, number: int, file: Mapping[str, Any]) -> io.BufferedReader:
        if file["path"] is not None:
            return open(file["path"], "rb")  # noqa: PTH123 - the process ends with the job
        return io.BufferedReader(Remote(self._pipe, number, file["size"]), file["buffer"])


def limit(memory: int) -> None:
    """Bound the memory of this process, where the system can."""
    try:
        import resource
    except ImportError:  # Windows: the parent's time limit remains
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def serve(pipe: Pipe) -> None:
    """Read, send; a failure is the last frame."""
    reader = Reader(pipe)
    try:
        reader.run()
    except BadRow as error:
        pipe.tell(FAILED, kind="bad_row", file=reader.file, row=error.row, reason=str(error))
    except UnknownShape as error:
        pipe.tell(FAILED, kind="unknown_shape", file=reader.file, row=None, reason=error.message)
    except MemoryError:
        pipe.tell(FAILED, kind="broken_file", file=reader.file, row=reader.row, reason="it takes too much memory")
    except Exception as error:  # noqa: BLE001 - whatever a broken file does to its parser
        reason = " ".join(f"{error}".split())[:300]
        pipe.tell(FAILED, kind="broken_file", file=reader.file, row=reader.row, reason=reason)


if __name__ == "__main__":
    limit(int(sys.argv[1]))
    serve(Pipe(sys.stdin.buffer, sys.stdout.buffer))
