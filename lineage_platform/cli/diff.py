"""`diff`: what changed between two snapshots."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, astuple, fields
from typing import TYPE_CHECKING, Any

import click

from lineage_platform.cli.failures import ExitCode
from lineage_platform.cli.look import open_graph
from lineage_platform.cli.options import command
from lineage_platform.cli.output import Output, Table, text
from lineage_platform.cli.text import count, plain, shortened

if TYPE_CHECKING:
    from rich.console import RenderableType

    from lineage_platform.graph.history import Change

SIGNS = {"new": ("+", "green"), "gone": ("-", "red"), "changed": ("~", "yellow")}
LONGEST_VALUE = 120


@command()
@click.argument("before", metavar="FROM")
@click.argument("after", metavar="TO")
@click.option("--exit-code", is_flag=True, help="End with 3 when anything changed, for checks that run by themselves.")
def diff(output: Output, before: str, after: str, exit_code: bool) -> ExitCode:
    """Say what changed in the graph between two snapshots.

    Datasets, edges and statements are told with old and new values. A snapshot is named by its id, its number, or the
    beginning of its digest.

    \b
    lineage report snapshots
    lineage diff 1 2
    lineage diff 0001-3f2a9c01d4 0002-91be07a2c6 --exit-code
    """
    from lineage_platform.graph.history import Change, differences

    with open_graph() as graph:
        first, second, label = graph.snapshots.find(before), graph.snapshots.find(after), graph.meta.hub_label
        found = differences(first, second)
    counts = Counter(f"{change.kind}s {change.change}" for change in found)
    data: dict[str, Any] = {
        "from": first.stem,
        "to": second.stem,
        "counts": dict(sorted(counts.items())),
        "changes": [asdict(change) for change in found],
    }
    table = Table([field.name for field in fields(Change)], [astuple(change) for change in found])
    output.answer(data, table, lambda: _lines(found), label)
    output.say(f"{first.stem} to {second.stem}: {count(len(found), 'difference')}")
    return ExitCode.GATE_TRIPPED if found and exit_code else ExitCode.DONE


def _lines(changes: Sequence[Change]) -> Iterator[RenderableType]:
    if not changes:
        yield text("nothing changed")
    for change in changes:
        sign, style = SIGNS[change.change]
        line = text(f"{sign} {change.kind}", style)
        line.append(f" {plain(change.subject)}", "cyan")
        yield line
        yield from _values(change)


def _values(change: Change) -> Iterator[RenderableType]:
    from rich.padding import Padding

    if change.change == "changed":
        told = [f"{change.field}: {_shown(change.old)} → {_shown(change.new)}"]
    else:
        fields_of: dict[str, Any] = json.loads(change.new or change.old or "{}")
        told = [f"{name}: {_shown(value)}" for name, value in fields_of.items() if value not in (None, "")]
    for line in told:
        yield Padding(text(line, "dim"), (0, 0, 0, 4))


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "nothing" if value is None else shortened(plain(value), LONGEST_VALUE)
