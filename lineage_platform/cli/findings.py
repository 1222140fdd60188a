"""`findings` and `matrix`: what rows say of the edges, and how much of each dataset is already in the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from lineage_platform.cli.failures import ExitCode
from lineage_platform.cli.options import chosen, command, hub_option
from lineage_platform.cli.output import Output, Table, grid, indented, text
from lineage_platform.cli.text import count, plain, shortened

if TYPE_CHECKING:
    from rich.console import RenderableType

    from lineage_platform.measurements import Containment

KINDS = ("undocumented", "doubted", "measured", "explained")
COLUMNS = (
    *("finding", "source", "target", "shared_queries", "shared_queries_normalised", "source_in_target"),
    *("target_in_source", "unexplained_queries", "source_queries", "target_queries", "sampled", "examples"),
)
SHOWN = ("finding", "source", "target", "shared", "of source", "of target")
LONGEST_QUERY = 200
MOST_DATASETS = 200
MOST_TOLD = 3  # pairs whose rows are shown below the table


@command()
@click.argument("dataset_ids", metavar="[ID]...", nargs=-1)
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice(KINDS),
    help="What to list.  [default: undocumented and doubted]",
)
@click.option(
    "--min-share",
    type=click.FloatRange(0, 1),
    default=0.01,
    show_default=True,
    metavar="SHARE",
    help="Leave out pairs without an edge that share less, of either.",
)
@hub_option
def findings(
    output: Output, dataset_ids: tuple[str, ...], kinds: tuple[str, ...], min_share: float, hub: str | None
) -> ExitCode:
    """Say where rows and documents disagree.

    That is: overlaps that nobody documents, inclusions that did not happen. Without an id it compares all datasets
    whose rows are at hand (lineage rows reads them); with ids, these with all. Undocumented overlaps also wait in the
    review queue. The others: measured (an edge, and shared rows), explained (shared rows, and a common ancestor or
    path).

    \b
    lineage findings
    lineage findings sample-org/geometry-drills --kind undocumented
    """
    from lineage_platform.audits.overlaps import keep_overlaps
    from lineage_platform.cli.gathering import Gatherer, engine_of, lineage_of, required, say_untraced
    from lineage_platform.workspace import Workspace

    workspace = Workspace.open(chosen(hub))
    gatherer = Gatherer(workspace, output)
    for name in dataset_ids:
        required(gatherer, name)
    lineage = lineage_of(workspace, output)
    sets = gatherer.shelf.all()
    output.say(f"comparing {count(len(sets), 'dataset')} with each other")
    if len(sets) < 2:
        output.say("there is nothing to compare yet: lineage rows ID... reads the rows of datasets")
    records = keep_overlaps(sets, gatherer.shelf, lineage, engine_of(workspace), workspace.measurements, min_share)
    wanted = kinds or ("undocumented", "doubted")
    listed = [
        each
        for each in records
        if each.finding in wanted and (not dataset_ids or {each.source, each.target} & set(dataset_ids))
    ]
    _print(output, listed, workspace.hub.label)
    say_untraced(output, lineage, sets)
    waiting = sum(each.finding == "undocumented" for each in listed)
    if waiting:
        output.say(f"{count(waiting, 'overlap')} for review once the graph is built again: lineage review list")
    return ExitCode.DONE


@command()
@click.argument("dataset_ids", metavar="ID ID...", nargs=-1, required=True)
@hub_option
def matrix(output: Output, dataset_ids: tuple[str, ...], hub: str | None) -> ExitCode:
    """Show how much of each dataset is in each other, and what each would bring.

    Shares are of distinct normalised queries; a row's dataset is the one whose queries are looked for. The column new
    counts queries (to the letter) that are in none of the others: what adding that dataset brings.

    \b
    lineage matrix openai/gsm8k AI-MO/NuminaMath-CoT TIGER-Lab/MathInstruct
    """
    from lineage_platform.audits.overlaps import Shared, new_queries
    from lineage_platform.audits.rows import scheme_of
    from lineage_platform.cli.gathering import Gatherer, engine_of, required
    from lineage_platform.errors import UsageError
    from lineage_platform.workspace import Workspace

    names = list(dict.fromkeys(dataset_ids))
    if not 2 <= len(names) <= MOST_DATASETS:
        raise UsageError(f"a matrix needs 2 to {MOST_DATASETS} datasets, not {len(names)}", "lineage matrix ID ID...")
    workspace = Workspace.open(chosen(hub))
    gatherer = Gatherer(workspace, output)
    sets = [required(gatherer, name) for name in names]
    scheme_of(sets)
    engine = engine_of(workspace)
    shared = Shared.count(sets, gatherer.shelf, engine)
    new = new_queries(sets, gatherer.shelf, engine)
    rows = [
        (name, shared.queries(name), new[name], *(round(shared.share_normalised(name, other), 6) for other in names))
        for name in names
    ]
    table = Table(("dataset", "queries", "new", *names), rows)
    if output.for_people:
        output.answer({}, table, lambda: [grid(_numbered(table))], workspace.hub.label)
    else:
        output.rows(table, workspace.hub.label)
    return ExitCode.DONE


def _numbered(table: Table) -> Table:
    """The matrix with numbered datasets, and their numbers above the columns of shares."""
    columns = ("dataset", *map(str, range(1, len(table.rows) + 1)), "queries", "new")
    rows = [
        (f"{number} {name}", *(f"{share:.1%}" for share in shares), queries, new)
        for number, (name, queries, new, *shares) in enumerate(table.rows, start=1)
    ]
    return Table(columns, rows)


def _print(output: Output, records: Sequence[Containment], label: str) -> None:
    if output.for_people:
        output.answer({}, Table((), ()), lambda: _page(records), label)
        return
    found = [each.model_dump() for each in records]
    output.rows(Table(COLUMNS, [[each[name] for name in COLUMNS] for each in found]), label)


def _page(records: Sequence[Containment]) -> Iterator[RenderableType]:
    yield grid(Table(SHOWN, [_row(each) for each in records]))
    told = [each for each in records if each.examples]
    for each in told[:MOST_TOLD]:
        yield text("")
        yield text(f"{each.source} and {each.target}", "bold")
        for example in each.examples:
            places = f"row {example.source_row} and row {example.target_row}"
            yield indented(f"{places}: {shortened(plain(example.query), LONGEST_QUERY)}", 2, "dim")
    if len(told) > MOST_TOLD:
        yield text("")
        yield text(f"rows of the other {count(len(told) - MOST_TOLD, 'pair')}: lineage findings ID, or --json", "dim")


def _row(each: Containment) -> tuple[Any, ...]:
    shares = (f"{each.source_in_target:.1%}", f"{each.target_in_source:.1%}")
    return (each.finding.value, each.source, each.target, int(each.shared_queries_normalised), *shares)
