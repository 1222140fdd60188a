"""`report`: a named report."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

import click

from lineage_platform.cli.look import open_graph
from lineage_platform.cli.options import as_of_option, command
from lineage_platform.cli.output import Output, Table
from lineage_platform.errors import UsageError


@command()
@click.argument("name", required=False)
@click.option("--list", "listing", is_flag=True, help="Name every report, with its question and parameters.")
@click.option("-p", "--parameter", "parameters", multiple=True, metavar="NAME=VALUE", help="Set a report's parameter.")
@as_of_option
def report(
    output: Output,
    name: str | None,
    listing: bool,
    parameters: tuple[str, ...],
    as_of: str | None,
) -> None:
    """Run a named report (--list names them).

    \b
    lineage report --list
    lineage report most_reused -p top=3
    """
    if listing:
        _list(output)
    else:
        _one(output, _known(name), dict(_assignment(text) for text in parameters), as_of)


def _list(output: Output) -> None:
    from lineage_platform.graph.reports import read_reports

    rows = [(each.name, each.question, _assignments(each.parameters), each.source) for each in read_reports()]
    output.rows(Table(("name", "question", "parameters", "source"), rows))


def _one(output: Output, name: str, given: Mapping[str, str], as_of: str | None) -> None:
    from lineage_platform.graph.reports import find_report

    asked = find_report(name)
    with open_graph(as_of) as graph:
        found, label = graph.report(name, **given), graph.meta.hub_label
    output.say(f"{asked.title}: {asked.question}")
    output.rows(Table(found.columns, found.rows), label)


def _known(name: str | None) -> str:
    """The name, if there is such a report.

    Raises
    ------
    UsageError
        There is none; near names are offered.
    """
    from lineage_platform.graph.reports import read_reports

    known = [each.name for each in read_reports()]
    names = f"reports: {', '.join(known)}"
    if name is None:
        raise UsageError("which report?", names)
    if name not in known:
        near = get_close_matches(name, known, 1)
        raise UsageError(f"there is no report {name!r}", f"did you mean {near[0]}? {names}" if near else names)
    return name


def _assignment(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise UsageError(f"{text!r} sets no parameter", "write NAME=VALUE; `lineage report --list` names them")
    return name, value


def _assignments(parameters: Mapping[str, int | str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in parameters.items())
