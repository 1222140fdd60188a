"""`import`: what others state, in: published graphs, OpenLineage events, Croissant files, dataset cards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lineage_platform.cli.failures import ExitCode
from lineage_platform.cli.options import chosen, command
from lineage_platform.cli.output import Output, Table, facts, grid, text
from lineage_platform.cli.text import count
from lineage_platform.errors import BrokenRecord, GraphMissing, UsageError

if TYPE_CHECKING:
    from lineage_platform.files import Home
    from lineage_platform.graph.imports import Import

IMPORTED_HUB = "imported"
MOST_NAMED = 5
TABLES = ".tsv"


@command("import")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--target", metavar="ID", help="The dataset that a card, or a facet alone, is about.")
@click.option("--apply-rules", is_flag=True, help="Let the rules on time, names, parts and quotes change the graph.")
def import_(output: Output, files: tuple[Path, ...], target: str | None, apply_rules: bool) -> ExitCode | None:
    """Import what others state of datasets.

    A published graph (NODES.tsv EDGES.tsv) or an exported one (jsonl) becomes the graph of the data home. OpenLineage
    events, Croissant files and dataset cards add to the graph that is there. All is kept as it is stated; what the
    platform's rules would find fault with is listed in the table faults.

    \b
    lineage import nodes.tsv edges.tsv
    lineage import events.jsonl squad_v2.json
    lineage import README.md --target ORG/NAME
    """
    from lineage_platform import migrations
    from lineage_platform.files import Home

    home = Home(chosen().home)
    migrations.bring_up_to_date(home.root)
    tables = any(file.suffix.lower() == TABLES for file in files)
    records, failures = _tables(files) if tables else _stated(files, target)
    records = [record.model_copy(update={"apply_rules": apply_rules}) for record in records]
    whole = any(record.name == IMPORTED_HUB for record in records)
    changed = _keep(home, records, whole=whole)
    _tell(output, home, records, changed, apply_rules=apply_rules)
    for failure in failures:
        output.warn(f"left out: {failure.message}")
    return ExitCode.SOME_FAILED if failures else None


def _tables(files: Sequence[Path]) -> tuple[list[Import], list[BrokenRecord]]:
    """A published graph, from its table of datasets and the one of edges."""
    from lineage_platform.graph.importing import read_published_graph

    if len(files) != 2:
        raise UsageError(f"a published graph is two tables, not {len(files)}", "lineage import NODES.tsv EDGES.tsv")
    missing = [file for file in files if not file.is_file()]
    if missing:
        raise UsageError(f"there is no file {missing[0]}", "lineage import NODES.tsv EDGES.tsv")
    return [read_published_graph(*files, name=IMPORTED_HUB)], []


def _stated(files: Sequence[Path], target: str | None) -> tuple[list[Import], list[BrokenRecord]]:
    """What the files state; a broken one costs no other."""
    from lineage_platform.imports import read_file

    records: list[Import] = []
    failures: list[BrokenRecord] = []
    for file in files:
        try:
            records += read_file(file, target=target, graph_name=IMPORTED_HUB)
        except BrokenRecord as failure:
            failures.append(failure)
    if failures and not records:
        raise failures[0]
    return records, failures


def _keep(home: Home, records: Sequence[Import], *, whole: bool) -> int:
    """Keep what is new, build the graph with it, and say how many records changed."""
    from lineage_platform import graph
    from lineage_platform.graph.imports import ImportStore
    from lineage_platform.workspace import rebuild_graph

    hub, label, is_there = IMPORTED_HUB, "", True
    try:
        with graph.open_graph(home.graph) as opened:
            if not whole or opened.meta.hub_name == IMPORTED_HUB:
                hub, label = opened.meta.hub_name, opened.meta.hub_label
    except GraphMissing:
        is_there = False
    store = ImportStore(home.hub_folder(hub))
    new = [record for record in records if not store.holds(record)]
    for record in new:
        store.write(record)
    if new or whole or not is_there:
        rebuild_graph(chosen(), hub, label)
    return len(new)


def _tell(output: Output, home: Home, records: Sequence[Import], changed: int, *, apply_rules: bool) -> None:
    from lineage_platform import graph

    with graph.open_graph(home.graph) as opened:
        meta = opened.meta
        faults = Counter(row["kind"] for row in opened.select("SELECT kind FROM faults").records())
    statements = sum(len(record.statements) + len(record.witnesses) for record in records)
    data: dict[str, Any] = {
        "datasets": meta.datasets,
        "edges": meta.edges,
        "statements": statements,
        "changed": changed,
        "unchanged": len(records) - changed,
        "review": meta.review,
        "rules_applied": apply_rules,
        "faults": dict(sorted(faults.items())),
    }
    table = Table(("fault", "number"), sorted(faults.items()))
    told = (
        ("read", f"{count(statements, 'statement')}, {count(changed, 'record')} of {len(records)} new or changed"),
        ("the graph now", f"{count(meta.datasets, 'dataset')}, {count(meta.edges, 'edge')}"),
    )
    output.answer(data, table, lambda: (facts(told), text(""), grid(table)), meta.hub_label)
    silent = [record.name for record in records if not record.statements and not record.witnesses]
    if silent:
        more = f" and {len(silent) - MOST_NAMED:,} more" if len(silent) > MOST_NAMED else ""
        output.say(f"no source is stated by: {', '.join(silent[:MOST_NAMED])}{more}")
    if faults and not apply_rules:
        output.say("all is kept as it is stated; --apply-rules has these faults mended or judged")
    output.say("next: lineage report topology_by_domain")
