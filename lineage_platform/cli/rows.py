"""`rows` and `overlap`: the rows of datasets and files, read as triplets and compared."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lineage_platform.cli.failures import ExitCode
from lineage_platform.cli.interrupting import interruptible
from lineage_platform.cli.options import chosen, command, hub_option
from lineage_platform.cli.output import Output, Table, grid, text
from lineage_platform.cli.text import count, shortened
from lineage_platform.errors import DatasetGated, LineageError, UsageError
from lineage_platform.settings import Settings

if TYPE_CHECKING:
    from rich.console import RenderableType

    from lineage_platform.cli.rows_progress import ReadingProgress
    from lineage_platform.measurements import Part
    from lineage_platform.samples.building import BuiltPart, ShardBuilder
    from lineage_platform.samples.fields_file import FieldsTable
    from lineage_platform.samples.overlap import Digested, Overlap
    from lineage_platform.workspace import Workspace

SHOWN = ("part", "outcome", "shape", "rows", "skipped", "triplets", "queries")
LONGEST_NAME = 40
UNREMARKABLE = frozenset({"read", "no_rows"})

fields_option = click.option(
    "--fields", type=click.Path(path_type=Path), metavar="FILE", help="Which columns hold what: a TSV (docs/rows.md)."
)
skip_option = click.option(
    "--skip-bad-rows", is_flag=True, help="Count rows that cannot be read and leave them out. [default: an error]"
)


@command()
@click.argument("dataset_ids", metavar="[ID]...", nargs=-1)
@hub_option
@fields_option
@skip_option
def rows(
    output: Output, dataset_ids: tuple[str, ...], hub: str | None, fields: Path | None, skip_bad_rows: bool
) -> ExitCode:
    """Read the rows of datasets, digest them, and keep them for comparisons.

    Without an id it reads every dataset that was traced. What has not changed since is not read again.

    \b
    lineage rows openai/gsm8k
    lineage rows --hub sample
    """
    from lineage_platform.cli.rows_progress import ReadingProgress
    from lineage_platform.workspace import Workspace

    workspace = Workspace.open(chosen(hub))
    ids = dataset_ids or _traced(workspace)
    builder = workspace.shard_builder(_fields(fields), skip_bad_rows=skip_bad_rows)
    with ReadingProgress(output, len(ids)) as progress:
        built = interruptible(
            partial(_read, replace(builder, told=progress.rows), ids, progress),
            progress,
            output,
            stopping="when more rows of this part have come",
            kept=lambda: f"interrupted with {count(progress.done, 'part')} done; all that is on disk is kept",
        )
    _print_parts(output, built, workspace.hub.label)
    unread = [each for each in built if each.part.outcome not in UNREMARKABLE]
    for each in unread:
        output.warn(f"{each.part.outcome}: {each.part.detail}")
    failed = [each for each in unread if dataset_ids or each.part.outcome != DatasetGated.kind]
    if not failed:
        return ExitCode.DONE
    return ExitCode.FAILED if len(failed) == len(built) else ExitCode.SOME_FAILED


def _read(builder: ShardBuilder, ids: Sequence[str], progress: ReadingProgress) -> list[BuiltPart]:
    """Bring the shards of all datasets up to date."""
    built: list[BuiltPart] = []
    for number, dataset_id in enumerate(ids, start=1):
        for each in builder.build(dataset_id):
            built.append(each)
            progress.part(number, _name(each.part), each)
    return built


@command()
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@hub_option
@fields_option
@skip_option
def overlap(output: Output, a: str, b: str, hub: str | None, fields: Path | None, skip_bad_rows: bool) -> None:
    """Count what two datasets or local files have in common.

    A and B are Hub ids (one part of a dataset: ID#PART) or paths of files and folders. Texts are compared to the
    letter, and again without regard to case, white space and variants of characters (normalised).

    \b
    lineage overlap openai/gsm8k tatsu-lab/alpaca
    lineage overlap train.jsonl.gz benchmark.parquet --fields fields.tsv
    """
    from lineage_platform.samples.overlap import overlap as compare

    table = _fields(fields)
    with ExitStack() as stack:
        sides = _Sides(chosen(hub), table, skip_bad_rows, stack)
        first, second = sides.open(a), sides.open(b)
        remote = next((side.store for side in (first, second) if not side.store.local), first.store)
        found = compare(first, second, remote.engine)
        data = {**asdict(found), "skipped_rows": _skipped(first, second)}
        output.answer(data, _overlap_table(a, b, found), lambda: _overlap_page(a, b, found), sides.label)
    sampled = [shard.name for side in (first, second) for shard in side.shards if shard.sampled < 1]
    if sampled:
        output.warn(f"of {', '.join(sampled)} only a sample of the rows was read")


class _Sides:
    """Opens what the user names, a Hub id or a path, as shards."""

    def __init__(self, settings: Settings, fields: FieldsTable, skip_bad_rows: bool, stack: ExitStack) -> None:
        self._settings, self._fields, self._skip, self._stack = settings, fields, skip_bad_rows, stack
        self.label = ""

    def open(self, name: str) -> Digested:
        """One side.

        Raises
        ------
        LineageError
            It cannot be read.
        """
        path = Path(name).expanduser()
        return self._local(path) if path.exists() else self._of_hub(name)

    def _local(self, path: Path) -> Digested:
        from lineage_platform.samples.overlap import Digested
        from lineage_platform.samples.reading import read_triplets
        from lineage_platform.samples.shards import ShardStore

        store = ShardStore(Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="lineage-overlap-"))))
        found = read_triplets(path, self._fields.of_file(path), self._skip)
        return Digested(store, [store.write(found, self._settings.rows.scheme)])

    def _of_hub(self, name: str) -> Digested:
        from lineage_platform.samples.overlap import Digested
        from lineage_platform.workspace import Workspace

        dataset_id, _, part = name.partition("#")
        if dataset_id.count("/") != 1 or Path(dataset_id).suffix in {".json", ".jsonl", ".csv", ".parquet", ".gz"}:
            raise UsageError(f"{name} is neither a file nor a Hub id", "a Hub id is written ORG/NAME or ORG/NAME#PART")
        workspace = Workspace.open(self._settings)
        self.label = workspace.hub.label
        built = list(workspace.shard_builder(self._fields, skip_bad_rows=self._skip).build(dataset_id))
        taken = [each for each in built if not part or each.part.part == part]
        if not taken:
            known = ", ".join(each.part.part for each in built if each.part.part) or "none"
            raise UsageError(f"{dataset_id} has no part {part!r}", f"parts: {known}")
        unread = next((each.part for each in taken if each.shard is None), None)
        if unread is not None:
            error = LineageError(unread.detail)
            error.kind = unread.outcome
            raise error
        return Digested(workspace.shards, [each.shard for each in taken if each.shard])


def _fields(path: Path | None) -> FieldsTable:
    from lineage_platform.samples.fields_file import FieldsTable

    return FieldsTable.read(path) if path else FieldsTable()


def _traced(workspace: Workspace) -> Sequence[str]:
    from lineage_platform.records import Validation

    found = [each.dataset_id for each in workspace.records.all(Validation) if each.info is not None]
    if not found:
        raise UsageError(f"nothing was traced in {workspace.settings.home} yet", "name datasets: lineage rows ID...")
    return found


def _print_parts(output: Output, built: Sequence[BuiltPart], label: str) -> None:
    from lineage_platform.measurements import Part

    parts = [each.part for each in built]
    if output.for_people:
        shown = [
            (_name(p), p.outcome, p.shape, p.rows, p.skipped_rows, p.distinct_triplets, p.distinct_queries)
            for p in parts
        ]
        output.rows(Table(SHOWN, shown), label)
    else:
        output.rows(Table(tuple(Part.model_fields), [tuple(part.model_dump().values()) for part in parts]), label)


def _name(part: Part) -> str:
    return f"{part.dataset_id}#{part.part}" if part.part else part.dataset_id


def _skipped(*sides: Digested) -> dict[str, int]:
    """Bad rows left out, of the sides that had any."""
    return {shard.name: shard.skipped_rows for side in sides for shard in side.shards if shard.skipped_rows}


def _overlap_table(a: str, b: str, found: Overlap) -> Table:
    sides = ((name, getattr(found.a, name), getattr(found.b, name)) for name in vars(found.a))
    shares = [
        ("share_in_the_other", found.a_in_b, found.b_in_a),
        ("share_in_the_other_normalised", found.a_in_b_normalised, found.b_in_a_normalised),
    ]
    return Table(("figure", a, b), [*sides, *shares])


def _overlap_page(a: str, b: str, found: Overlap) -> Iterator[RenderableType]:
    rows = [(name.replace("_", " "), *map(_figure, values)) for name, *values in _overlap_table(a, b, found).rows]
    yield grid(Table(("", shortened(a, LONGEST_NAME), shortened(b, LONGEST_NAME)), rows))
    shared = f"{count(found.shared_queries, 'query', 'queries')} and {count(found.shared_triplets, 'triplet')} shared"
    yield text(f"{shared}; {count(found.shared_queries_normalised, 'query', 'queries')} once normalised", "bold")


def _figure(value: float) -> str:
    return f"{value:.2%}" if isinstance(value, float) else f"{value:,}"
