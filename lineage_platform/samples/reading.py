"""Rows of any file as a stream of triplets."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lineage_platform.errors import LineageError
from lineage_platform.samples.parsing import Bounds, BrokenFile, Parser
from lineage_platform.samples.pipe import END, FIELDS, ROWS
from lineage_platform.samples.row_files import NoRows, Source, local_source
from lineage_platform.samples.triplets import Fields, UnknownShape

if TYPE_CHECKING:
    import polars as pl

_REMOTE_BUFFER = 1 << 20


class BadRow(LineageError):
    """A row that cannot be read; the message names file and row."""

    kind = "bad_row"


@dataclass
class TripletRows:
    """A stream of frames: the columns ``row``, ``instruction``, ``input``, ``output``, ``rest``. To be read once.

    Attributes
    ----------
    fields:
        Where the triplets are, known with the first frame.
    published:
        Where they are if the files have these columns and none were given.
    told:
        Called with the number of rows so far, whenever more have come.
    skipped, sampled:
        Rows left out because they are bad, and the share of the rows that was chosen to be read; known at the end.
    """

    source: Source
    given: Fields | None = None
    skip_bad_rows: bool = False
    bounds: Bounds = field(default_factory=Bounds)
    fields: Fields | None = None
    published: Fields | None = None
    told: Callable[[int], None] = lambda _: None
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
        with Parser(self.source, self._job(), self.bounds) as parser:
            for kind, content in parser.frames():
                if kind == ROWS:
                    frame = pl.read_ipc_stream(io.BytesIO(content))
                    rows += frame.height
                    self.told(rows)
                    yield frame
                elif kind == FIELDS:
                    self.fields = Fields(**json.loads(content))
                elif kind == END:
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
