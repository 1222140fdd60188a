"""`report` and `sql`: the whole graph, as rows."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING

import click

from lineage_platform.cli.look import open_graph
from lineage_platform.cli.options import command
from lineage_platform.cli.output import Output, Table
from lineage_platform.errors import UsageError

if TYPE_CHECKING:
    from lineage_platform.graph.query import Rows

ROWS_FOR_PEOPLE = 200


@command()
@click.argument("name", required=False)
@click.option("--list", "listing", is_flag=True, help="Name every report, with its question and parameters.")
@click.option("-p", "--parameter", "parameters", multiple=True, metavar="NAME=VALUE", help="Set a report's parameter.")
def report(output: Output, name: str | None, listing: bool, parameters: tuple[str, ...]) -> None:
    """Run a named report (--list names them).

    \b
    lineage report --list
    lineage report most_reused -p top=3
    """
    from lineage_platform.graph.reports import read_reports

    known = {each.name: each for each in read_reports()}
    if listing:
        rows = [(each.name, each.question, _assignments(each.parameters)) for each in known.values()]
        output.rows(Table(("name", "question", "parameters"), rows))
        return
    if name not in known:
        raise _no_report(name, list(known))
    given = dict(_assignment(text) for text in parameters)
    with open_graph() as graph:
        found = graph.report(name, **given)
        output.say(f"{known[name].title}: {known[name].question}")
        _print(output, found, graph.meta.hub_label)


@command()
@click.argument("query")
@click.option("--max-rows", type=click.IntRange(1), metavar="N", help="Rows to print at most.")
def sql(output: Output, query: str, max_rows: int | None) -> None:
    """Ask the graph in SQL; it can only be read.

    Tables: datasets, edges, edge_candidates, witnesses, mentions, documents, aliases, faults, meta.

    \b
    lineage sql "select * from edges limit 5"
    lineage sql "describe witnesses"
    """
    limit = max_rows or (ROWS_FOR_PEOPLE if output.for_people else None)
    with open_graph() as graph:
        found = graph.sql(query, limit)
        _print(output, found, graph.meta.hub_label)
    if found.truncated:
        output.warn(f"only the first {len(found.rows)} rows are shown: --max-rows N, or --format csv for all")


def _print(output: Output, found: Rows, label: str) -> None:
    output.rows(Table(found.columns, found.rows), label)


def _no_report(name: str | None, known: list[str]) -> UsageError:
    names = f"reports: {', '.join(known)}"
    if name is None:
        return UsageError("which report?", names)
    near = get_close_matches(name, known, 1)
    return UsageError(f"there is no report {name!r}", f"did you mean {near[0]}? {names}" if near else names)


def _assignment(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise UsageError(f"{text!r} sets no parameter", "write NAME=VALUE; `lineage report --list` names them")
    return name, value


def _assignments(parameters: Mapping[str, int | str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in parameters.items())
