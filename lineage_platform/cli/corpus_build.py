"""`corpus build`: a training corpus from the roots of the graph."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lineage_platform.cli.diversity import page, record
from lineage_platform.cli.failures import ExitCode
from lineage_platform.cli.interrupting import interruptible
from lineage_platform.cli.options import chosen, command, hub_option
from lineage_platform.cli.output import Output, Table, grid, text
from lineage_platform.cli.text import count

if TYPE_CHECKING:
    from rich.console import RenderableType

    from lineage_platform.defs.run_corpus import CorpusSummary


@command()
@click.argument("recipe", type=click.Path(path_type=Path, dir_okay=False), metavar="RECIPE.yaml")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Folder of the corpus.")
@click.option(
    "--update-lock", is_flag=True, help="Build from the revisions there are now, and lock the recipe to them."
)
@click.option("--workers", type=click.IntRange(1, 256), metavar="N", help="Threads and processes. [default: the cores]")
@hub_option
def build(
    output: Output, recipe: Path, out: Path | None, update_lock: bool, workers: int | None, hub: str | None
) -> ExitCode:
    """Build the corpus that a recipe describes.

    Rows are taken from the leaves of the graph that was traced last, unified, filtered, made unique, held against
    benchmarks, and cut to quotas. What is done already is not done again. Without --out the corpus goes to
    corpora/NAME in the data home.

    \b
    lineage corpus build recipe.yaml
    lineage corpus build recipe.yaml --out corpus --update-lock
    """
    settings = chosen(hub)
    output.say(f"building the corpus of {recipe} from the hub {settings.hub!r}")
    from lineage_platform.cli.corpus_progress import CorpusProgress
    from lineage_platform.defs.run_corpus import run_corpus

    with CorpusProgress(output) as progress:
        work = partial(
            run_corpus, settings, recipe, out=out, workers=workers, update_lock=update_lock, reporter=progress
        )
        summary = interruptible(
            work,
            progress,
            output,
            stopping="at the next step",
            kept=lambda: "interrupted; the stages that were done are kept, and an earlier corpus is as it was",
        )
    output.answer(_data(summary), _stages(summary), lambda: _page(summary), summary.label)
    failed = {name: found for name, found in summary.checks.items() if found}
    for name, found in failed.items():
        output.warn(f"the check {name} found {found}: lineage ui shows them")
    output.say(f"next: lineage corpus diversity {summary.corpus.folder} ID_OR_FILE...")
    return ExitCode.GATE_TRIPPED if failed else ExitCode.DONE


def _data(summary: CorpusSummary) -> dict[str, Any]:
    corpus = summary.corpus
    return {
        "corpus": str(corpus.folder),
        "name": corpus.stages.name,
        "digest": corpus.stages.digest,
        "changed": corpus.changed,
        "rows": corpus.stages.stages[-1].kept,
        "stages": [each.model_dump(mode="json", exclude={"input_digest", "roots"}) for each in corpus.stages.stages],
        "roots": _roots(summary).records(),
        "diversity": [{**record(row), "model": row.model} for row in corpus.diversity],
        "checks": dict(summary.checks),
        "seconds": round(summary.seconds, 3),
    }


def _stages(summary: CorpusSummary) -> Table:
    rows = [(each.stage.value, each.input, each.kept, dict(each.removed)) for each in summary.corpus.stages.stages]
    return Table(("stage", "input", "kept", "removed"), rows)


def _roots(summary: CorpusSummary) -> Table:
    columns = ("dataset", "kind", "domain", "licence", "rows", "kept", "removed")
    rows = [
        (root.dataset_id, root.kind.value, root.domain.value, root.licence, of.input, of.kept, dict(of.removed))
        for root, of in summary.corpus.roots
    ]
    return Table(columns, rows)


def _page(summary: CorpusSummary) -> Iterator[RenderableType]:
    stages, roots = _stages(summary), _roots(summary)
    yield grid(Table(stages.columns, [(*row[:3], _reasons(row[3])) for row in stages.rows]))
    yield grid(Table(roots.columns[:-1], [row[:-1] for row in roots.rows]))
    rows = count(summary.corpus.stages.stages[-1].kept, "row")
    done = "written" if summary.corpus.changed else "there already"
    if summary.corpus.diversity:
        yield from page(summary.corpus.diversity)
    passed = sum(not found for found in summary.checks.values())
    yield text(f"{passed} of {count(len(summary.checks), 'check')} passed")
    yield text(f"{rows} in {summary.corpus.folder} ({done}, {summary.seconds:.1f} s)", "bold")


def _reasons(removed: dict[str, int]) -> str:
    return ", ".join(f"{number:,} {reason.replace('_', ' ')}" for reason, number in removed.items())
