"""`report`: a named report, its picture, or all of them as a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lineage_platform.cli.look import open_graph
from lineage_platform.cli.options import FOCUS_HELP, as_of_option, command
from lineage_platform.cli.output import Output, Table, console, indented, text
from lineage_platform.cli.text import count, folded
from lineage_platform.errors import UsageError

if TYPE_CHECKING:
    from rich.console import RenderableType

ALL, CHANGES = "all", "changes"
LISTED = "lineage report --list names them"


@command()
@click.argument("name", required=False)
@click.option("--list", "listing", is_flag=True, help="Name every report, with its question and parameters.")
@click.option("-p", "--parameter", "parameters", multiple=True, metavar="NAME=VALUE", help="Set a report's parameter.")
@click.option("--plot", type=click.Path(path_type=Path), metavar="FILE", help="Draw it too (.png, .svg or .pdf).")
@click.option(
    "--to", type=click.Path(path_type=Path), metavar="DIR", help="With the name all: where to write the page."
)
@click.option("--focus", metavar="SELECTION", help=f"{FOCUS_HELP} Figures of a dataset stay those of the whole graph.")
@as_of_option
@click.option("--since", metavar="SNAPSHOT", help="With changes: against this snapshot. [default: the one before]")
def report(
    output: Output,
    name: str | None,
    listing: bool,
    parameters: tuple[str, ...],
    plot: Path | None,
    to: Path | None,
    focus: str | None,
    as_of: str | None,
    since: str | None,
) -> None:
    """Run a named report, or draw it, or write all as a web page.

    The name "all" writes every one of them as a page with figures.

    \b
    lineage report --list
    lineage report most_reused -p top=3
    lineage report cross_domain --plot matrix.svg
    lineage report changes --since 1 --as-of 3
    lineage report all --to landscape
    """
    if listing:
        _list(output)
    elif since is not None:
        _changes(output, name, dict(_assignment(text) for text in parameters), since, as_of)
    elif name == ALL:
        _page(output, to, focus, as_of)
    elif to is not None:
        raise UsageError("--to is for all reports together", "lineage report all --to DIR")
    else:
        _one(output, _known(name), dict(_assignment(text) for text in parameters), plot, focus, as_of)


def _list(output: Output) -> None:
    from lineage_platform.graph.reports import read_reports

    rows = [(each.name, each.question, _assignments(each.parameters), each.source) for each in read_reports()]
    table = Table(("name", "question", "parameters", "source"), rows)
    if output.for_people:
        output.answer({}, table, lambda: _questions(rows))
    else:
        output.rows(table)


def _questions(rows: Sequence[tuple[str, str, str, str]]) -> Iterator[RenderableType]:
    for name, question, parameters, source in rows:
        yield text(name, "bold cyan")
        yield indented(question, 2)
        yield indented("; ".join(filter(None, (parameters, source))), 2, "dim")


def _one(
    output: Output, name: str, given: Mapping[str, str], plot: Path | None, focus: str | None, as_of: str | None
) -> None:
    from lineage_platform.graph.reports import find_report

    asked = find_report(name)
    with open_graph(as_of, focus) as graph:
        found, label = graph.report(name, **given), graph.meta.hub_label
    if plot:
        from lineage_platform.exports.plots import draw

        draw(asked, found, plot, label)
    for line in folded(f"{asked.title}: {asked.question}", console(stderr=True).width):
        output.say(line)
    output.rows(Table(found.columns, found.rows), label)
    if plot:
        output.say(f"drawn in {plot}")


def _changes(output: Output, name: str | None, given: Mapping[str, str], since: str, as_of: str | None) -> None:
    if name != CHANGES:
        raise UsageError("--since is for the report changes", f"lineage report {CHANGES} --since {since}")
    with open_graph(as_of) as graph:
        found, label, now = graph.changes_since(since, **given), graph.meta.hub_label, graph.meta.snapshot
    output.say(f"What changed: {graph.snapshots.find(since).stem} to {now}")
    output.rows(Table(found.columns, found.rows), label)


def _page(output: Output, to: Path | None, focus: str | None, as_of: str | None) -> None:
    from lineage_platform.exports.landscape import write_landscape

    if to is None:
        raise UsageError("where should the page of all reports go?", "lineage report all --to DIR")
    with open_graph(as_of, focus) as graph:
        page = write_landscape(graph, to)
        label = graph.meta.hub_label
        reports = len(graph.reports())
    table = Table(("page", "reports"), [(str(page), reports)])
    output.rows(table, label)
    output.say(f"{count(reports, 'report')} in {page}: open it in a browser")


def _known(name: str | None) -> str:
    """The name, if there is such a report.

    Raises
    ------
    UsageError
        There is none; near names are offered.
    """
    from lineage_platform.graph.reports import read_reports

    known = [each.name for each in read_reports()]
    if name is None:
        raise UsageError("which report?", f"{LISTED}; all of them as a page: lineage report all --to DIR")
    if name not in known:
        near = get_close_matches(name, known, 1)
        raise UsageError(f"there is no report {name!r}", f"did you mean {near[0]}? {LISTED}" if near else LISTED)
    return name


def _assignment(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise UsageError(f"{text!r} sets no parameter", "write NAME=VALUE; `lineage report --list` names them")
    return name, value


def _assignments(parameters: Mapping[str, int | str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in parameters.items())
