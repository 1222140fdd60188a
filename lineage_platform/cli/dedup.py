"""`dedup`: files of rows without their near-duplicates."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lineage_platform.cli.look import open_graph
from lineage_platform.cli.options import command
from lineage_platform.cli.output import Output, Table, console, text
from lineage_platform.cli.rows import fields_option, skip_option
from lineage_platform.cli.text import count
from lineage_platform.errors import UsageError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from lineage_platform.graph.query import Node

RANKS: dict[str, Callable[[Node], object]] = {
    "earliest": lambda node: node.release_date,
    "nearest-root": lambda node: node.depth,
}
POLICIES = ("first", "longest", *RANKS, "drop-all")


@dataclass(frozen=True)
class NamedFile:
    """A file of rows, and the dataset that it holds where the user named it."""

    path: Path
    dataset_id: str = ""

    @classmethod
    def of(cls, argument: str) -> NamedFile:
        """Read ``FILE`` or ``DATASET=FILE``."""
        dataset_id, equals, path = argument.partition("=")
        if not equals or Path(argument).exists():
            return cls(Path(argument))
        return cls(Path(path), dataset_id)


@command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="DIR", help="Where the two tables go.")
@click.option(
    "--against",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Also take out what is near a row of this file; can be given several times.",
)
@click.option(
    "--keep", type=click.Choice(POLICIES), default="first", show_default=True, help="Which of several near rows stays."
)
@click.option("--threshold", type=float, default=0.7, show_default=True, help="From which Jaccard similarity on.")
@click.option(
    "--engine",
    type=click.Choice(["compiled", "reference"]),
    default="compiled",
    show_default=True,
    help="reference: datasketch and plain Python, slow, to check the other.",
)
@fields_option
@skip_option
def dedup(
    output: Output,
    files: tuple[str, ...],
    out: Path,
    against: tuple[Path, ...],
    keep: str,
    threshold: float,
    engine: str,
    fields: Path | None,
    skip_bad_rows: bool,
) -> None:
    """Take out rows that say nearly what another row says.

    Two rows are near if the word 8-grams of their instruction and input overlap by a Jaccard similarity of 0.7; each
    pair is compared exactly. DIR gets kept.parquet and removed.parquet (which row was removed, for which row, and how
    similar they are). For the policies earliest and nearest-root, say which dataset a file is: the graph knows its
    release date and its depth.

    \b
    lineage dedup train.jsonl.gz more.parquet --out unique
    lineage dedup train.jsonl --against benchmark.jsonl --out clean
    lineage dedup org/a=a.jsonl org/b=b.json.gz --keep earliest --out unique
    """
    from lineage_platform.corpus.deduplication import deduplicate, read_rows, write_deduplicated
    from lineage_platform.corpus.near_duplicates import Engine, Keep
    from lineage_platform.samples.fields_file import FieldsTable

    named = [NamedFile.of(argument) for argument in files]
    ranks = _ranks(named, keep) if keep in RANKS else None
    table = FieldsTable.read(fields) if fields else FieldsTable()
    with _progress(output) as report:
        rows = read_rows([file.path for file in named], table, skip_bad_rows=skip_bad_rows, report=report("read"))
        others = read_rows(against, table, skip_bad_rows=skip_bad_rows, report=report("read, to compare with"))
        found = deduplicate(
            rows.frame,
            keep=Keep(keep),
            ranks=ranks,
            against=others.frame if against else None,
            threshold=threshold,
            engine=Engine(engine),
            report=report("compared"),
        )
    write_deduplicated(found, out)
    for name, number in {**rows.skipped, **others.skipped}.items():
        output.warn(f"{count(number, 'bad row')} of {name} left out")
    data = {"rows": found.rows, "kept": found.kept.height, "removed": found.removed.height}
    output.answer(data, Table(list(data), [list(data.values())]), lambda: _summary(data, out))
    output.say(f"which row went for which: {out / 'removed.parquet'}")


def _ranks(files: Sequence[NamedFile], keep: str) -> dict[str, object]:
    """What the graph knows of each file's dataset: low stays."""
    nameless = next((file for file in files if not file.dataset_id), None)
    if nameless:
        reason = f"--keep {keep} needs to know which dataset {nameless.path} is"
        raise UsageError(reason, f"write ORG/NAME={nameless.path}")
    with open_graph() as graph:
        return {str(file.path): RANKS[keep](graph.dataset(file.dataset_id)) for file in files}


def _summary(data: dict[str, int], out: Path) -> Iterator[RenderableType]:
    yield text(f"{count(data['kept'], 'row')} of {data['rows']:,} kept, {data['removed']:,} removed: {out}", "bold")


@contextmanager
def _progress(output: Output) -> Iterator[Callable[[str], Callable[[int], None]]]:
    """A counter of rows on a terminal, and nothing elsewhere: the work takes seconds for a million rows."""
    if output.quiet or not sys.stderr.isatty():
        yield lambda _: lambda _: None
        return
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.completed:,} rows {task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console(stderr=True), transient=True) as bar:

        def stage(doing: str) -> Callable[[int], None]:
            task = bar.add_task(doing, total=None)
            return lambda done: bar.update(task, completed=done)

        yield stage
