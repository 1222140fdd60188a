"""`import`: graphs that others published, in."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import click

from lineage_platform.cli.options import chosen, command
from lineage_platform.cli.output import Output, Table, facts, grid, text
from lineage_platform.cli.text import count
from lineage_platform.errors import UsageError

IMPORTED_HUB = "imported"


@command("import")
@click.argument("files", metavar="NODES.tsv EDGES.tsv", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--apply-rules", is_flag=True, help="Let the rules on time, names, parts and quotes change the graph.")
def import_(output: Output, files: tuple[Path, ...], apply_rules: bool) -> None:
    """Import a published graph, and make it the graph of the data home.

    It is kept as it is stated; what the platform's rules would find fault with is listed in the table faults.

    \b
    lineage import nodes.tsv edges.tsv
    lineage import nodes.tsv edges.tsv --apply-rules
    """
    from lineage_platform import graph
    from lineage_platform.files import Home
    from lineage_platform.graph.importing import read_published_graph
    from lineage_platform.graph.imports import ImportStore

    nodes, edges = _tables(files)
    settings = chosen()
    home = Home(settings.home)
    record = read_published_graph(nodes, edges, name=IMPORTED_HUB, apply_rules=apply_rules)
    ImportStore(home.hub_folder(IMPORTED_HUB)).write(record)
    graph.build_graph(
        home.records(IMPORTED_HUB),
        home.graph,
        hub_name=IMPORTED_HUB,
        hub_label="",
        snapshots_kept=settings.snapshots_kept,
    )
    with graph.open_graph(home.graph) as opened:
        meta = opened.meta
        faults = Counter(row["kind"] for row in opened.select("SELECT kind FROM faults").records())
    data: dict[str, Any] = {
        "datasets": meta.datasets,
        "edges": meta.edges,
        "statements": len(record.statements),
        "review": meta.review,
        "rules_applied": apply_rules,
        "faults": dict(sorted(faults.items())),
    }
    table = Table(("fault", "number"), sorted(faults.items()))
    told = (
        f"{count(meta.datasets, 'dataset')}, {count(meta.edges, 'edge')}, {count(len(record.statements), 'statement')}"
    )
    output.answer(data, table, lambda: (facts([("imported", told)]), text(""), grid(table, 80)))
    if faults and not apply_rules:
        output.say("the graph is kept as it is stated; --apply-rules has these faults mended or judged")
    output.say("next: lineage report topology_by_domain")


def _tables(files: tuple[Path, ...]) -> tuple[Path, Path]:
    """The table of datasets and the one of edges."""
    if len(files) != 2:
        raise UsageError(f"a published graph is two tables, not {len(files)}", "lineage import NODES.tsv EDGES.tsv")
    missing = [file for file in files if not file.is_file()]
    if missing:
        raise UsageError(f"there is no file {missing[0]}", "lineage import NODES.tsv EDGES.tsv")
    return files[0], files[1]
