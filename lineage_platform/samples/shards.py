"""Shards: the digests, texts and sketch of a part, kept as Parquet, whole or not at all.

``<root>/<dataset>/<part>/`` holds ``digests.parquet`` (sorted by query digest), ``texts.parquet`` (by row),
``sketch.parquet``, and ``shard.json``, which is written last and removed first: a shard is there when it is.
"""

from __future__ import annotations

import io
import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, nullcontext
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from filelock import FileLock
from pydantic import ValidationError

from lineage_platform.errors import BrokenRecord
from lineage_platform.files import digest, safe_name, write_whole
from lineage_platform.measurements import WHOLE, Part
from lineage_platform.records import Record
from lineage_platform.samples.engines import DEFAULT_MEMORY, DuckDBEngine, counts, sources
from lineage_platform.samples.reading import TripletRows
from lineage_platform.samples.triplets import GIVEN, Fields

if TYPE_CHECKING:
    import polars as pl

    from lineage_platform.samples.sketches import Sketch

DIGESTS, TEXTS, SKETCH, RECORD = "digests.parquet", "texts.parquet", "sketch.parquet", "shard.json"
COUNTS = (
    *("rows", "distinct_triplets", "distinct_queries"),
    *("distinct_triplets_normalised", "distinct_queries_normalised"),
)
TEXT_COLUMNS = ("row", "instruction", "input", "output", "rest")


class Shard(Record):
    """What a shard says of itself.

    ``key`` is the digest of what it was made from: revision, scheme, fields given, sample. ``content`` names what the
    files held, if the hub told (see :class:`~lineage_platform.samples.row_files.Source`). The counts are those of
    :class:`lineage_platform.measurements.Part`.
    """

    dataset_id: str
    part: str = WHOLE
    revision: str
    scheme: str
    key: str
    shape: str
    instruction: str
    input: str
    output: str
    rows: int
    skipped_rows: int
    sampled: float
    files: tuple[str, ...]
    content: str = ""
    distinct_triplets: int
    distinct_queries: int
    distinct_triplets_normalised: int
    distinct_queries_normalised: int

    @property
    def name(self) -> str:
        """``dataset#part``, or the dataset alone."""
        return f"{self.dataset_id}#{self.part}" if self.part else self.dataset_id

    @property
    def given(self) -> Fields | None:
        """The fields that a person gave; they hold until others are given."""
        return Fields(self.shape, self.instruction, self.input, self.output) if self.shape == GIVEN else None

    def measured(self) -> Part:
        """The record for the graph's tables."""
        return Part(outcome="read", **self.model_dump(exclude={"key", "files", "content"}))


class ShardStore:
    """The shards of one hub.

    Parameters
    ----------
    root:
        A folder, or any URL that fsspec opens (``s3://bucket/shards``).
    """

    def __init__(self, root: Path | str) -> None:
        import fsspec

        self.root = str(root)
        self._files, self._path = fsspec.core.url_to_fs(self.root)
        self.local = "file" in self._files.protocol

    @cached_property
    def engine(self) -> DuckDBEngine:
        """Sorts and counts."""
        return DuckDBEngine(DEFAULT_MEMORY)

    def parts(self, dataset_id: str) -> list[Shard]:
        """The shards of a dataset, by part."""
        return sorted(self._in(f"{self._path}/{safe_name(dataset_id)}"), key=lambda shard: shard.part)

    def all(self) -> list[Shard]:
        """Every shard, by dataset and part.

        Raises
        ------
        BrokenRecord
            One of them cannot be read.
        """
        folders = self._files.ls(self._path, detail=False) if self._files.isdir(self._path) else []
        found = (shard for folder in folders for shard in self._in(folder))
        return sorted(found, key=lambda shard: (shard.dataset_id, shard.part))

    def read(self, dataset_id: str, part: str = WHOLE) -> Shard | None:
        """The shard of a part, or None."""
        return self._record(f"{self._folder(dataset_id, part)}/{RECORD}")

    def digests_path(self, shard: Shard) -> str:
        """Path or URL of its digests, for the engine."""
        return self._url(shard, DIGESTS)

    def texts_path(self, shard: Shard) -> str:
        """Path or URL of its texts."""
        return self._url(shard, TEXTS)

    def sketch_path(self, shard: Shard) -> str:
        """Path or URL of its sketch."""
        return self._url(shard, SKETCH)

    def open(self, path: str) -> BinaryIO:
        """One of its files, for reading."""
        found: BinaryIO = self._files.open(path, "rb")
        return found

    def sketch(self, shard: Shard) -> Sketch:
        """Its sketch."""
        import polars as pl

        from lineage_platform.samples.sketches import sketch

        with self.open(self.sketch_path(shard)) as file:
            return sketch(pl.read_parquet(file), shard.distinct_queries)

    def write(self, rows: TripletRows, scheme: str) -> Shard:
        """Read a part to its end and keep it, in place of an earlier shard of it.

        Raises
        ------
        LineageError
            Whatever reading raises; an earlier shard stays.
        """
        with ExitStack() as stack:
            near = self._path if self.local else None  # beside the shards, so that renaming moves no bytes
            if near:
                Path(near).mkdir(parents=True, exist_ok=True)
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=".part-", dir=near)))
            self._write_rows(rows, scheme, folder)
            shard = self._described(rows, scheme, folder)
            (folder / RECORD).write_bytes(_as_json(shard))
            self._place(folder, self._folder(shard.dataset_id, shard.part))
        return shard

    def carry_over(self, shard: Shard, rows: TripletRows, scheme: str) -> Shard:
        """Note that a shard is what another revision gives, too, since the files of both are the same."""
        source = rows.source
        now = {"revision": source.revision, "content": source.content, "key": key(rows, scheme)}
        carried = shard.model_copy(update=now)
        path = f"{self._folder(shard.dataset_id, shard.part)}/{RECORD}"
        with self._lock():
            there = self._record(path)
            if there != shard:  # another process has just made it anew
                return there or shard
            if self.local:
                write_whole(Path(path), _as_json(carried))
            else:
                self._files.pipe_file(path, _as_json(carried))
        return carried

    def delete(self, dataset_id: str, part: str) -> None:
        """Forget a shard."""
        folder = self._folder(dataset_id, part)
        if self._files.exists(f"{folder}/{RECORD}"):
            self._files.rm(f"{folder}/{RECORD}")
        if self._files.isdir(folder):
            self._files.rm(folder, recursive=True)

    def _write_rows(self, rows: TripletRows, scheme: str, folder: Path) -> None:
        """Stream the rows into the folder, then sort their digests."""
        import polars as pl

        from lineage_platform.samples.digests import COLUMNS, with_digests
        from lineage_platform.samples.sketches import sketch_of

        unsorted = folder / "unsorted.parquet"
        with _Writer(folder / TEXTS) as texts, _Writer(unsorted) as digests:
            for frame in rows:
                texts.add(frame.select(TEXT_COLUMNS))
                digests.add(with_digests(frame, scheme).select("row", *COLUMNS))
        self.engine.write("sorted", str(folder / DIGESTS), digests=str(unsorted))
        unsorted.unlink()
        sketch = io.BytesIO()
        sketch_of(pl.scan_parquet(folder / DIGESTS)).write_parquet(sketch)
        (folder / SKETCH).write_bytes(sketch.getvalue())

    def _described(self, rows: TripletRows, scheme: str, folder: Path) -> Shard:
        counted = counts(self.engine, "counts", COUNTS, digests=sources("", [str(folder / DIGESTS)]))
        fields, source = rows.fields, rows.source
        assert fields is not None, "rows came, so their fields are known"
        return Shard(
            dataset_id=source.dataset_id,
            part=source.part,
            revision=source.revision,
            scheme=scheme,
            key=key(rows, scheme),
            shape=fields.shape,
            instruction=fields.instruction,
            input=fields.input,
            output=fields.output,
            skipped_rows=rows.skipped,
            sampled=rows.sampled,
            files=tuple(file.name for file in source.files),
            content=source.content,
            **counted,
        )

    def _place(self, made: Path, folder: str) -> None:
        """Put what was made where it belongs."""
        if self.local:
            target = Path(folder)
            old = made.with_name(f"{made.name}.old")
            target.parent.mkdir(parents=True, exist_ok=True)
            with self._lock():
                if target.exists():
                    target.rename(old)
                made.rename(target)
            shutil.rmtree(old, ignore_errors=True)
            made.mkdir()  # what cleans up after us expects a folder
            return
        if self._files.exists(f"{folder}/{RECORD}"):
            self._files.rm(f"{folder}/{RECORD}")
        for name in (DIGESTS, TEXTS, SKETCH, RECORD):
            self._files.put_file(str(made / name), f"{folder}/{name}")

    def _lock(self) -> AbstractContextManager[object]:
        """Held while a shard is put in place: others may make the same at the same time."""
        return FileLock(f"{self._path}/.lock") if self.local else nullcontext()

    def _in(self, folder: str) -> Iterator[Shard]:
        try:
            parts = self._files.ls(folder, detail=False)
        except (FileNotFoundError, NotADirectoryError):  # never there, or another process has just removed it
            return
        for path in parts:
            shard = self._record(f"{path}/{RECORD}")
            if shard is not None:
                yield shard

    def _record(self, path: str) -> Shard | None:
        try:
            return Shard.model_validate(json.loads(self._files.cat_file(path)))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (ValidationError, ValueError) as error:
            reason = str(error).splitlines()[0]
            raise BrokenRecord(f"{path} does not describe a shard: {reason}", f"delete {path}") from error

    def _folder(self, dataset_id: str, part: str) -> str:
        return f"{self._path}/{safe_name(dataset_id)}/{safe_name(part) if part else 'whole'}"

    def _url(self, shard: Shard, name: str) -> str:
        path = f"{self._folder(shard.dataset_id, shard.part)}/{name}"
        return path if self.local else str(self._files.unstrip_protocol(path))


def key(rows: TripletRows, scheme: str, revision: str | None = None) -> str:
    """Digest of all that a shard is made from; of another revision than the present one, if one is given."""
    given = repr(rows.given or rows.published)
    bounds = f"{rows.bounds.most_rows} {rows.bounds.seed}"
    return digest(rows.source.revision if revision is None else revision, scheme, given, bounds)


def _as_json(shard: Shard) -> bytes:
    return (shard.model_dump_json(indent=1) + "\n").encode()


class _Writer:
    """Frames into one Parquet file, in a stream."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer: Any = None

    def __enter__(self) -> _Writer:
        return self

    def __exit__(self, *_: object) -> None:
        if self._writer is not None:
            self._writer.close()

    def add(self, frame: pl.DataFrame) -> None:
        """The next rows."""
        import pyarrow.parquet as pq

        table = frame.to_arrow()
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._path, table.schema, compression="zstd")
        self._writer.write_table(table)
