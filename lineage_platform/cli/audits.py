"""`redundancy` and `contamination`: what repeats in a dataset, and which benchmark items stand in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from typing import TYPE_CHECKING, Any

import click

from lineage_platform.cli.failures import ExitCode
from lineage_platform.cli.options import chosen, command, hub_option
from lineage_platform.cli.output import Output, Table, facts, grid, indented, text
from lineage_platform.cli.text import count, plain, shortened

if TYPE_CHECKING:
    from rich.console import RenderableType

    from lineage_platform.audits.lineage import Lineage
    from lineage_platform.audits.rows import RowSet
    from lineage_platform.audits.screening import Coverage, Screening
    from lineage_platform.cli.gathering import Gatherer
    from lineage_platform.measurements import Contamination, Redundancy

MOST_PATHS = 3
MOST_TOLD = 3  # pairs whose rows are shown below the table
LONGEST_TEXT = 300
REDUNDANCY_COLUMNS = ("dataset", "rows", "distinct_triplets", "rate", "at", "rows_of_it", "duplicated_rows", "paths")
CONTAMINATION_COLUMNS = (
    *("train", "benchmark", "matched", "benchmark_queries", "rate", "matched_normalised", "matched_near"),
    *("found_by", "sampled", "paths"),
)


@command()
@click.argument("dataset_id", metavar="ID")
@hub_option
def redundancy(output: Output, dataset_id: str, hub: str | None) -> None:
    """Measure how much of a dataset repeats, and which sources came in twice.

    ID is a dataset, or one part of it as ID#PART. Rows are repeated when instruction, input and output are the same to
    the letter.

    \b
    lineage redundancy hakurei/open-instruct-v1
    """
    from lineage_platform.audits.redundancy import measure_redundancy
    from lineage_platform.cli.gathering import Gatherer, engine_of, lineage_of, required, say_untraced
    from lineage_platform.workspace import Workspace

    workspace = Workspace.open(chosen(hub))
    lineage = lineage_of(workspace, output)
    gatherer = Gatherer(workspace, output)
    rows = required(gatherer, dataset_id)
    gatherer.datasets(lineage.crossings(rows.dataset_id))
    found = measure_redundancy(rows, gatherer.shelf, lineage, engine_of(workspace))
    workspace.measurements.write(found)
    data = {
        "dataset": found.dataset_id,
        "rows": found.rows,
        "distinct_triplets": found.distinct_triplets,
        "rate": found.rate,
        "intersections": [each.model_dump() for each in found.intersections],
        "sampled": found.sampled,
    }
    output.answer(data, _redundancy_table(found), lambda: _redundancy_page(found), workspace.hub.label)
    unread = [name for name in lineage.crossings(rows.dataset_id) if name in gatherer.unread]
    say_untraced(output, lineage, [rows])
    if unread:
        output.say(f"crossings whose rows are not at hand: {', '.join(unread)}")


@command()
@click.option("--train", "trains", multiple=True, metavar="ID", help="A training set. [default: all that were traced]")
@click.option(
    "--benchmark", "names", multiple=True, metavar="ID", help="A benchmark, by id or name. [default: the registry]"
)
@click.option("--full", is_flag=True, help="Compare every pair, not only those that lineage makes likely.")
@click.option(
    "--rows", "shown", type=click.IntRange(0), default=3, show_default=True, metavar="N", help="Leaked rows to show."
)
@hub_option
def contamination(
    output: Output, trains: tuple[str, ...], names: tuple[str, ...], full: bool, shown: int, hub: str | None
) -> ExitCode:
    """Find benchmark items in training sets.

    They are sought to the letter, normalised, and as a part of a row. Pairs that lineage makes likely are read first,
    and alone unless --full is given or both sides are named. Leaked rows are kept beside the figures, each item next
    to the row that holds it.

    \b
    lineage contamination --train LHL3341/Caco-1.3M --benchmark Omni-MATH
    lineage contamination --full
    """
    from lineage_platform.audits.benchmarks import read_benchmarks
    from lineage_platform.cli.gathering import Gatherer, lineage_of, say_untraced, screening_of
    from lineage_platform.workspace import Workspace

    workspace = Workspace.open(chosen(hub))
    lineage = lineage_of(workspace, output)
    gatherer = Gatherer(workspace, output)
    registry = read_benchmarks(workspace.settings.rows.benchmarks)
    wanted = [each for name in names for each in registry.find(name)] if names else list(registry.all)
    named = bool(trains and names)
    benchmarks = _benchmark_rows(gatherer, wanted, asked_for=bool(names))
    chosen_trains = _training_sets(gatherer, lineage, trains, benchmarks, full=full)
    screening = screening_of(workspace, gatherer, lineage, output)
    records = [
        record
        for record in screening.run(chosen_trains, benchmarks, full=full or named)
        if record.matched_near or named
    ]
    records.sort(key=lambda each: (each.benchmark, -each.rate, -each.matched_near, each.train))
    _print_contamination(output, records, screening, shown, workspace.hub.label)
    _say_coverage(output, screening.coverage, full=full)
    say_untraced(output, lineage, chosen_trains)
    asked_for = {each.dataset_id for each in wanted} if names else set()
    return _say_unread(output, gatherer, asked_for)


def _benchmark_rows(gatherer: Gatherer, wanted: Sequence[Any], *, asked_for: bool) -> list[RowSet]:
    from lineage_platform.errors import LineageError

    found = gatherer.benchmarks(wanted)
    if asked_for and not found:
        reasons = "; ".join(
            f"{each.id}: {gatherer.unread.get(each.dataset_id, 'it has no such part')}" for each in wanted
        )
        raise LineageError(
            f"no rows of the benchmark are at hand ({reasons})", "name a part of it: --benchmark ID#PART"
        )
    return found


def _training_sets(
    gatherer: Gatherer, lineage: Lineage, named: Sequence[str], benchmarks: Sequence[RowSet], *, full: bool
) -> list[RowSet]:
    """The training sets to read: those named, else those that lineage makes likely, or all that were traced."""
    from lineage_platform.audits.ranking import rank
    from lineage_platform.cli.gathering import required

    if named:
        return [required(gatherer, name) for name in named]
    ids = sorted(name for name, on_hub in lineage.on_hub.items() if on_hub)
    if not ids:
        return list(gatherer.shelf.all())
    if not full:
        ranked = rank(lineage, ids, sorted({each.dataset_id for each in benchmarks}))
        likely = {pair.train for pair in ranked}
        at_hand = {each.dataset_id for each in gatherer.shelf.all()}
        ids = [name for name in ids if name in likely | at_hand]
    return gatherer.datasets(ids)


def _say_unread(output: Output, gatherer: Gatherer, asked_for: Set[str]) -> ExitCode:
    """What was not compared, and why; a gated dataset is a failure where it was asked for by name."""
    for name in sorted(gatherer.gated):
        output.say(f"not at hand: {gatherer.unread[name]}")
    for name in sorted(gatherer.failed):
        output.warn(f"{name} could not be read: {gatherer.unread[name]}")
    return ExitCode.SOME_FAILED if gatherer.failed or gatherer.gated & asked_for else ExitCode.DONE


def _print_contamination(
    output: Output, records: Sequence[Contamination], screening: Screening, shown: int, label: str
) -> None:
    leaks = {(each.train, each.benchmark): screening.leaks.read(each.train, each.benchmark, shown) for each in records}
    rows = []
    for each in records:
        found = each.model_dump()
        rows.append([found[name] for name in CONTAMINATION_COLUMNS] + [leaks[each.train, each.benchmark]])
    table = Table((*CONTAMINATION_COLUMNS, "leaks"), rows)
    if output.for_people:
        output.answer({}, table, lambda: _contamination_page(records, leaks), label)
    else:
        output.rows(table, label)


def _say_coverage(output: Output, coverage: Coverage, *, full: bool) -> None:
    if not coverage.all_pairs:
        output.say("no pair of training set and benchmark has rows at hand; read some: lineage rows ID...")
        return
    compared = f"{count(coverage.pairs, 'pair')} of {coverage.all_pairs:,}"
    output.say(f"{compared} compared, {coverage.rows:,} of {coverage.all_rows:,} row comparisons")
    if full:
        output.say(
            f"lineage alone would have read {coverage.share_of_rows:.1%} of that and found"
            f" {coverage.likely_findings:,} of {count(coverage.findings, 'finding')}"
        )
    else:
        output.say("datasets that no lineage ties to a benchmark are not read; to read all: --full")


def _redundancy_table(found: Redundancy) -> Table:
    head = (found.dataset_id, found.rows, found.distinct_triplets, found.rate)
    rows = [(*head, each.at, each.rows, each.duplicated_rows, each.paths) for each in found.intersections]
    return Table(REDUNDANCY_COLUMNS, rows or [(*head, None, None, None, None)])


def _redundancy_page(found: Redundancy) -> Iterator[RenderableType]:
    repeated = found.rows - found.distinct_triplets
    yield facts(
        [
            ("rows", f"{found.rows:,}"),
            ("distinct", f"{found.distinct_triplets:,}"),
            ("redundancy", f"{found.rate:.2%} ({repeated:,} rows repeat others)"),
            ("sampled", f"{found.sampled:.1%} of the rows were read" if found.sampled < 1 else ""),
        ]
    )
    if found.intersections:
        yield text("")
        yield text("Sources that came in on two ways or more", "bold")
        for each in found.intersections:
            yield indented(f"{each.at}: {each.rows:,} rows, {each.duplicated_rows:,} of them repeated", 2, "cyan")
            yield from _paths(each.paths)


def _contamination_page(
    records: Sequence[Contamination], leaks: dict[tuple[str, str], list[dict[str, Any]]]
) -> Iterator[RenderableType]:
    columns = ("benchmark", "train", "exact", "normalised", "near", "of", "rate")
    yield grid(
        Table(
            columns,
            [
                (
                    *(each.benchmark, each.train, each.matched, each.matched_normalised, each.matched_near),
                    *(each.benchmark_queries, f"{each.rate:.2%}"),
                )
                for each in records
            ],
        )
    )
    found = [each for each in records if each.matched_near]
    for each in found[:MOST_TOLD]:
        yield text("")
        yield text(f"{each.benchmark} in {each.train}", "bold")
        yield from _paths(each.paths)
        yield from _leaks(leaks[each.train, each.benchmark])
    if len(found) > MOST_TOLD:
        yield text("")
        others = count(len(found) - MOST_TOLD, "pair")
        yield text(f"rows and paths of the other {others}: --train ID --benchmark ID, or --json", "dim")


def _leaks(rows: Sequence[dict[str, Any]]) -> Iterator[RenderableType]:
    for leak in rows:
        yield indented(f"{leak['match']}: item {leak['benchmark_row']} in row {leak['train_row']}", 2, "yellow")
        yield indented(f"item: {shortened(plain(leak['benchmark_text']), LONGEST_TEXT)}", 4, "dim")
        yield indented(f"row: {shortened(plain(leak['train_text']), LONGEST_TEXT)}", 4, "dim")


def _paths(paths: Sequence[Sequence[str]]) -> Iterator[RenderableType]:
    for path in paths[:MOST_PATHS]:
        yield indented(" → ".join(path), 4, "dim")
    if len(paths) > MOST_PATHS:
        yield indented(f"and {count(len(paths) - MOST_PATHS, 'more path')} (--json)", 4, "dim")
