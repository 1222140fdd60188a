"""`corpus diversity`: Vendi score and centroid distance of corpora, datasets and files, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lineage_platform.cli.failures import ExitCode
from lineage_platform.cli.options import chosen, command, hub_option
from lineage_platform.cli.output import Output, Table, grid, text
from lineage_platform.cli.rows_progress import RowsProgress
from lineage_platform.errors import LineageError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from lineage_platform.corpus.bootstrap import Interval
    from lineage_platform.corpus.comparing import Comparison, Instructions
    from lineage_platform.corpus.diversity import DiversityRow

COLUMNS = (
    *("dataset", "rows", "vendi", "vendi_low", "vendi_high", "centroid_distance", "centroid_low", "centroid_high"),
    *("model", "sampled"),
)
ENGINES = ("streamed", "reference")
LONGEST_NAME = 44


@command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@hub_option
@click.option(
    "--model", metavar="NAME", help="Embedding model: static, a Hub id, a folder, or auto. [LINEAGE_EMBEDDING]"
)
@click.option(
    "--device", metavar="NAME", help="Where a trained model runs: cpu, cuda:0, mps. [default: the best there is]"
)
@click.option(
    "--batch", type=click.IntRange(1), metavar="N", help="Texts a trained model reads at once. [default: by the device]"
)
@click.option("--max-rows", type=click.IntRange(2), metavar="N", help="Embed N rows, chosen at random. [default: all]")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of the choice and the intervals.")
@click.option("--engine", type=click.Choice(ENGINES), default="streamed", show_default=True, help="Who computes.")
@click.option("--plot", type=click.Path(path_type=Path), metavar="FILE", help="Draw it too (.png, .svg or .pdf).")
@click.option("--skip-bad-rows", is_flag=True, help="Leave out rows that cannot be read. [default: an error]")
def diversity(
    output: Output,
    paths: tuple[str, ...],
    hub: str | None,
    model: str | None,
    device: str | None,
    batch: int | None,
    max_rows: int | None,
    seed: int,
    engine: str,
    plot: Path | None,
    skip_bad_rows: bool,
) -> ExitCode:
    """Compare how diverse instructions are: Vendi score and centroid distance.

    PATH is the folder of a built corpus, a file or folder of rows, or a dataset whose rows were read (ID or ID#PART).
    Higher is more diverse; figures of different models are not comparable. The engine `reference` is vendi-score, all
    in memory.

    \b
    lineage corpus diversity corpora/mine openai/gsm8k --plot diversity.svg
    lineage corpus diversity train.jsonl.gz --model static --max-rows 10000
    """
    from lineage_platform import catalog
    from lineage_platform.corpus.comparing import Comparison
    from lineage_platform.corpus.embedding import open_embedder
    from lineage_platform.exports.plots import draw_diversity, picture_format
    from lineage_platform.files import Home

    if plot:
        picture_format(plot)
    settings = chosen(hub)
    home, opened = Home(settings.home), catalog.open_hub(settings.hub)
    sets = _found(paths, home, opened.name, skip_bad_rows)
    embedder = open_embedder(model or settings.embedding, cache=home.vectors, device=device, batch=batch)
    output.say(f"embedding with {embedder.name}")
    rows, failed = _measured(output, Comparison(embedder, engine, seed, max_rows), sets)
    label = opened.label if any(not _is_file(each) for each in sets) else ""
    if plot:
        draw_diversity(rows, plot, label)
    data = {"model": embedder.name, "revision": embedder.revision, "engine": engine, "seed": seed}
    data |= {"datasets": [record(row) for row in rows]}
    data |= {"failed": [{"dataset": name, "reason": failure.message} for name, failure in failed]}
    output.answer(data, Table(COLUMNS, [_flat(row) for row in rows]), lambda: page(rows), label)
    if plot:
        output.say(f"drawn in {plot}")
    return ExitCode.SOME_FAILED if failed else ExitCode.DONE


def _found(paths: Sequence[str], home: Any, hub_name: str, skip_bad_rows: bool) -> list[Instructions]:
    from lineage_platform.corpus.comparing import find_instructions
    from lineage_platform.samples.shards import ShardStore

    store = ShardStore(home.shards(hub_name))
    return [find_instructions(path, store, skip_bad_rows=skip_bad_rows) for path in dict.fromkeys(paths)]


def _is_file(instructions: Instructions) -> bool:
    from lineage_platform.corpus.comparing import FileInstructions

    return isinstance(instructions, FileInstructions)


def _measured(
    output: Output, comparison: Comparison, sets: Sequence[Instructions]
) -> tuple[list[DiversityRow], list[tuple[str, LineageError]]]:
    """The figures of each, and what went wrong with others; if nothing went well, the first failure is raised."""
    rows: list[DiversityRow] = []
    failed: list[tuple[str, LineageError]] = []
    for instructions in sets:
        with RowsProgress(output, instructions.name, instructions.rows) as progress:
            try:
                rows.append(comparison.row(instructions, progress.advance))
            except LineageError as error:
                failed.append((instructions.name, error))
    if not rows:
        raise failed[0][1]
    for name, failure in failed:
        output.warn(f"{name}: {failure.message}")
    return rows, failed


def record(row: DiversityRow) -> dict[str, Any]:
    """The figures of one dataset, as scripts get them."""
    found = row.diversity
    return {
        "dataset": row.dataset,
        "rows": found.rows,
        "vendi": found.vendi,
        "vendi_interval": found.vendi_interval,
        "centroid_distance": found.centroid_distance,
        "centroid_interval": found.centroid_interval,
        "dimensions": found.dimensions,
        "sampled": row.sampled,
    }


def _flat(row: DiversityRow) -> tuple[Any, ...]:
    found = row.diversity
    vendi, centroid = found.vendi_interval or (None, None), found.centroid_interval or (None, None)
    return row.dataset, found.rows, found.vendi, *vendi, found.centroid_distance, *centroid, row.model, row.sampled


def page(rows: Sequence[DiversityRow]) -> Iterator[RenderableType]:
    """The figures side by side."""
    columns = ("dataset", "rows", "Vendi score", "centroid distance")
    yield grid(Table(columns, [_cells(row) for row in rows]))
    yield text(f"model: {rows[0].model}", "dim")
    yield text("higher is more diverse; ±: half the width of the 95 % bootstrap interval", "dim")


def _cells(row: DiversityRow) -> tuple[str, ...]:
    found = row.diversity
    sampled = f" ({row.sampled:.1%} of all)" if row.sampled < 1 else ""
    vendi = f"{found.vendi:.2f}{_width(found.vendi_interval, 2)}"
    distance = f"{found.centroid_distance:.4f}{_width(found.centroid_interval, 4)}"
    return _ending(row.dataset), f"{found.rows:,}{sampled}", vendi, distance


def _width(interval: Interval | None, digits: int) -> str:
    return f" ± {(interval.high - interval.low) / 2:.{digits}f}" if interval else ""


def _ending(name: str) -> str:
    """A name or path, of which the end says most."""
    return name if len(name) <= LONGEST_NAME else f"…{name[1 - LONGEST_NAME :]}"
