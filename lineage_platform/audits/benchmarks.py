"""The registry of benchmarks: which rows of which dataset are questions that nobody should have trained on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib import resources
from pathlib import Path

from lineage_platform.catalog.ids import parse_dataset_id
from lineage_platform.catalog.tables import read_rows
from lineage_platform.errors import InvalidDatasetId, UsageError
from lineage_platform.samples.triplets import PUBLISHED, Fields

COLUMNS = ["dataset_id", "part", "name", "instruction", "input", "output", "released", "note"]


@dataclass(frozen=True)
class Benchmark:
    """One benchmark.

    Parameters
    ----------
    dataset_id:
        Its Hub id.
    part:
        Which parts of the dataset it is, config and split (``*`` stands for any text); empty: all.
    name:
        What people call it.
    instruction, input, output:
        Its columns as published; empty, or in a copy that lacks them: as detected.
    released:
        When its questions became public, YYYY or YYYY-MM.
    note:
        On its version and cut-off date.
    """

    dataset_id: str
    part: str = ""
    name: str = ""
    instruction: str = ""
    input: str = ""
    output: str = ""
    released: str = ""
    note: str = ""

    @property
    def id(self) -> str:
        """``dataset`` or ``dataset#part``."""
        return f"{self.dataset_id}#{self.part}" if self.part else self.dataset_id

    def holds(self, part: str) -> bool:
        """Whether this part of the dataset belongs to the benchmark.

        A part's name leaves levels out that have one value only: of a dataset of one config, ``main/test`` is ``test``.
        """
        if not self.part or fnmatchcase(part, self.part):
            return True
        *outer, split = part.split("/")
        *patterns, last = self.part.split("/")
        left = iter(patterns)
        return fnmatchcase(split, last) and all(any(fnmatchcase(each, wanted) for wanted in left) for each in outer)

    @property
    def fields(self) -> Fields | None:
        """Its columns, where they are not left to detection."""
        return Fields(PUBLISHED, self.instruction, self.input, self.output) if self.instruction else None


@dataclass(frozen=True)
class Benchmarks:
    """The benchmarks, in the order of their files."""

    all: tuple[Benchmark, ...]

    def find(self, text: str) -> tuple[Benchmark, ...]:
        """The benchmarks that an id (with or without its part) or a name means; an id nobody listed is one itself.

        Raises
        ------
        UsageError
            Neither a name of the registry nor an id.
        """
        wanted = text.casefold()
        found = tuple(
            each
            for each in self.all
            if wanted in {each.id.casefold(), each.dataset_id.casefold(), each.name.casefold()}
        )
        if found:
            return found
        dataset_id, _, part = text.partition("#")
        try:
            return (Benchmark(parse_dataset_id(dataset_id), part, name=text),)
        except InvalidDatasetId as error:
            names = ", ".join(each.name for each in self.all)
            raise UsageError(f"there is no benchmark {text!r}", f"name a dataset id, or one of: {names}") from error

    def fields(self, dataset_id: str, part: str) -> Fields | None:
        """Columns of a part that belongs to a benchmark."""
        found = (each for each in self.all if each.dataset_id.lower() == dataset_id.lower() and each.holds(part))
        return next((each.fields for each in found), None)


def read_benchmarks(extra: Path | None = None) -> Benchmarks:
    """The packaged registry, with what a person's own file adds to it or puts in its lines' place.

    Raises
    ------
    UsageError
        The file is missing, or a line of it is no benchmark; names the line.
    BrokenRecord
        The file is not UTF-8 text.
    """
    packaged = Path(str(resources.files("lineage_platform.audits"))) / "benchmarks.tsv"
    if extra is not None and not extra.is_file():
        raise UsageError(f"there is no file of benchmarks {extra}", "correct LINEAGE_BENCHMARKS")
    paths = (packaged,) if extra is None else (packaged, extra)
    found = {(each.dataset_id.lower(), each.part): each for path in paths for each in _read(path)}
    return Benchmarks(tuple(found.values()))


def _read(path: Path) -> Iterator[Benchmark]:
    for number, cells in read_rows(path):
        if cells[0] == COLUMNS[0]:
            continue
        try:
            if len(cells) > len(COLUMNS):
                raise UsageError(f"{len(cells)} columns")
            yield Benchmark(parse_dataset_id(cells[0]), *cells[1:])
        except UsageError as error:
            hint = f"columns, tab-separated: {', '.join(COLUMNS)}"
            raise UsageError(f"{path} line {number} is no benchmark: {error.message}", hint) from error
