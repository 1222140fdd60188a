"""`sql`: whatever one asks of the graph, as rows."""

from __future__ import annotations

import click

from lineage_platform.cli.look import open_graph
from lineage_platform.cli.options import command
from lineage_platform.cli.output import Output, Table

ROWS_FOR_PEOPLE = 200


@command()
@click.argument("query")
@click.option("--max-rows", type=click.IntRange(1), metavar="N", help="Rows to print at most.")
def sql(output: Output, query: str, max_rows: int | None) -> None:
    """Ask the graph in SQL; it can only be read.

    Tables: datasets, edges, edge_candidates, witnesses, mentions, documents, aliases, faults, crossings, parts,
    redundancy, intersections, contamination, containments, corpus, ledger, runs, snapshots, changes, tombstones, meta;
    hub_edges, roots, overlaps_in_doubt; upstream('ID') and downstream('ID') end on cycles. docs/tables.md explains all.

    \b
    lineage sql "select * from edges limit 5"
    lineage sql "describe witnesses"
    """
    limit = max_rows or (ROWS_FOR_PEOPLE if output.for_people else None)
    with open_graph() as graph:
        found = graph.sql(query, limit)
        output.rows(Table(found.columns, found.rows), graph.meta.hub_label)
    if found.truncated:
        output.warn(f"only the first {len(found.rows)} rows are shown: --max-rows N, or --format csv for all")
