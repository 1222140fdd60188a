"""`status`: what is where."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lineage_platform.cli.options import chosen, command
from lineage_platform.cli.output import Output, Table, facts, grid, text
from lineage_platform.cli.spending import spending
from lineage_platform.cli.text import count
from lineage_platform.errors import GraphMissing

if TYPE_CHECKING:
    from rich.console import RenderableType

    from lineage_platform.graph.query import Meta


@dataclass(frozen=True)
class RecordedHub:
    """What was read from one hub.

    Parameters
    ----------
    hub:
        Its name.
    datasets, documents:
        Datasets with records, and documents asked for.
    last_traced:
        When the newest record was written.
    """

    hub: str
    datasets: int
    documents: int
    last_traced: datetime | None


@command()
@click.option("--cost", is_flag=True, help="Say instead what models were asked and what it cost.")
def status(output: Output, cost: bool) -> None:
    """Say what is where: the data home, what was traced, the graph.

    \b
    lineage status
    lineage status --cost
    """
    from lineage_platform.files import Home

    if cost:
        spending(output, chosen().home)
        return
    home = Home(chosen().home)
    hubs = [_recorded(folder) for folder in sorted((home.root / "hubs").glob("*/"))]
    meta, trouble = _meta(home.graph)
    size = _bytes(home.root)
    data: dict[str, Any] = {
        "home": str(home.root.absolute()),
        "exists": home.root.is_dir(),
        "bytes": size,
        "hubs": [asdict(hub) for hub in hubs],
        "graph": asdict(meta) if meta else None,
        "trouble": trouble,
    }
    columns = ("hub", "datasets", "documents", "last_traced")
    table = Table(columns, [(hub.hub, hub.datasets, hub.documents, _when(hub.last_traced)) for hub in hubs])
    output.answer(data, table, lambda: _page(data, table, meta), meta.hub_label if meta else "")
    if not meta:
        output.say("next: lineage trace --hub sample   or: lineage trace ID")


def _recorded(folder: Path) -> RecordedHub:
    # Each record is renamed into its dataset's folder, which tells when: a fourth of the files to ask.
    datasets = [entry for entry in _entries(folder / "datasets") if entry.is_dir()]
    times = [entry.stat().st_mtime for entry in datasets]
    return RecordedHub(
        hub=folder.name,
        datasets=len(datasets),
        documents=sum(entry.name.endswith(".json") for entry in _entries(folder / "documents")),
        last_traced=datetime.fromtimestamp(max(times), UTC) if times else None,
    )


def _bytes(folder: Path) -> int:
    """What all files below a folder hold; of a hundred thousand, a walk by paths would take seconds."""
    size, folders = 0, [str(folder)]
    while folders:
        for entry in _entries(folders.pop()):
            with suppress(FileNotFoundError):  # a trace goes on meanwhile
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                else:
                    size += entry.stat(follow_symlinks=False).st_size
    return size


def _entries(folder: Path | str) -> Iterator[os.DirEntry[str]]:
    """What lies in a folder; nothing if it is not there."""
    with suppress(FileNotFoundError, NotADirectoryError), os.scandir(folder) as entries:
        yield from entries


def _meta(path: Path) -> tuple[Meta | None, str]:
    """What the graph is, or why there is none to tell of."""
    from lineage_platform import graph

    try:
        with graph.open_graph(path) as opened:
            return opened.meta, ""
    except GraphMissing as error:
        return None, error.message


def _page(data: dict[str, Any], table: Table, meta: Meta | None) -> Iterator[RenderableType]:
    size = f"{data['bytes'] / 1e6:,.1f} MB" if data["exists"] else "not there yet"
    yield facts([("data home", f"{data['home']} ({size})")])
    if not meta:
        yield facts([("graph", f"none: {data['trouble']}")])
    else:
        content = f"{count(meta.datasets, 'dataset')}, {count(meta.edges, 'edge')}, {meta.review:,} in review"
        yield facts(
            [
                ("graph", f"{content}, {count(meta.faults, 'fault')}"),
                ("built", f"{_when(meta.built_at)} from the hub {meta.hub_name}, snapshot {meta.snapshot}"),
            ]
        )
    if table.rows:
        yield text("")
        yield grid(table)


def _when(moment: datetime | None) -> str:
    """Local time, to the minute."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M") if moment else ""
