"""`compare`: two datasets by what they descend from; a set of them sorted into families."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from lineage_platform.cli.look import open_graph
from lineage_platform.cli.options import as_of_option, command
from lineage_platform.cli.output import Output, Table, facts, text
from lineage_platform.cli.text import count
from lineage_platform.errors import UsageError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from lineage_platform.graph.comparing import Comparison, Family

MOST_LISTED = 12


@command()
@click.argument("ids", metavar="A B", nargs=-1, required=True)
@click.option("--family", is_flag=True, help="Sort any number of datasets into families.")
@as_of_option
def compare(output: Output, ids: tuple[str, ...], family: bool, as_of: str | None) -> None:
    """Compare two datasets: common ancestors, overlap expected and measured.

    \b
    lineage compare teknium/OpenHermes-2.5 openai/gsm8k
    lineage compare --family ID ID ID...
    """
    from lineage_platform.graph import comparing

    if not family and len(ids) != 2:
        raise UsageError(
            f"two datasets are compared, not {len(ids)}", "lineage compare A B; or lineage compare --family ID..."
        )
    with open_graph(as_of) as graph:
        label = graph.meta.hub_label
        if family:
            _tell_families(output, comparing.families(graph, ids), label)
        else:
            _tell(output, comparing.compare(graph, *ids), label)


def _tell(output: Output, found: Comparison, label: str) -> None:
    data = asdict(found)
    columns = [name for name in data if name not in ("nearest_common_ancestors", "measured")]
    output.answer(data, Table(columns, [[data[name] for name in columns]]), lambda: _page(found), label)
    if found.kinship in ("ancestor", "descendant"):
        source, target = (found.a, found.b) if found.kinship == "ancestor" else (found.b, found.a)
        output.say(f"next: lineage paths {source} {target}")
    elif found.measured is None:
        output.say(f"next, on their rows: lineage overlap {found.a} {found.b}")


def _page(found: Comparison) -> Iterator[RenderableType]:
    yield text(found.verdict, "bold")
    yield text("")
    nearest = "; ".join(
        f"{each.dataset_id} ({count(each.hops_a, 'edge')} and {each.hops_b})"
        for each in found.nearest_common_ancestors[:MOST_LISTED]
    )
    measured = found.measured
    yield facts(
        (
            ("nearest common", nearest),
            ("edges apart", found.distance),
            ("shared ancestors", _listed(found.shared_ancestors)),
            ("shared roots", _listed(found.shared_roots)),
            ("ancestry overlap", f"{found.weighted_overlap:.1%}"),
            ("expected", f"{found.expected_a_in_b:.1%} of {found.a}, {found.expected_b_in_a:.1%} of {found.b}"),
            ("measured", f"{measured.a_in_b:.1%} of {found.a}, {measured.b_in_a:.1%} of {found.b}" if measured else ""),
        )
    )


def _tell_families(output: Output, found: tuple[Family, ...], label: str) -> None:
    rows = [
        (number, member, len(family.members), len(family.shared_ancestors))
        for number, family in enumerate(found, start=1)
        for member in family.members
    ]
    table = Table(("family", "dataset_id", "members", "shared_ancestors"), rows)
    output.answer({"families": [asdict(family) for family in found]}, table, lambda: _family_lines(found), label)


def _family_lines(found: tuple[Family, ...]) -> Iterator[RenderableType]:
    for number, family in enumerate(found, start=1):
        yield text(f"Family {number}: {count(len(family.members), 'dataset')}", "bold")
        yield facts((("members", ", ".join(family.members)), ("descend from", _listed(family.shared_ancestors))))
        yield text("")


def _listed(dataset_ids: tuple[str, ...]) -> str:
    more = len(dataset_ids) - MOST_LISTED
    return ", ".join(dataset_ids[:MOST_LISTED]) + (f" and {more} more" if more > 0 else "")
