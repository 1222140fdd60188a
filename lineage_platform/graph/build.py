"""Building ``graph.duckdb`` aside and swapping it in: old readers keep the old graph, new ones see the new."""

from __future__ import annotations

import gc
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
from filelock import FileLock
from pydantic_core import to_json

from lineage_platform.errors import LineageError
from lineage_platform.files import Home, RecordStore
from lineage_platform.graph.collecting import collect
from lineage_platform.graph.history import create_tables, record_history
from lineage_platform.graph.measured import add_ledger, add_measurements
from lineage_platform.graph.reviews import Decisions
from lineage_platform.graph.snapshots import Snapshots
from lineage_platform.graph.tables import COUNTED, Tables
from lineage_platform.measurements import MeasurementStore
from lineage_platform.records import EdgeStatus
from lineage_platform.settings import SNAPSHOTS_KEPT


class GraphNotBuilt(LineageError):
    """The graph could not be written; the one before is as it was."""

    kind = "graph_not_built"


@dataclass(frozen=True)
class GraphSummary:
    """What a graph that was just built holds.

    Parameters
    ----------
    datasets, edges:
        Nodes, and edges that count.
    review:
        Edges that wait for a decision.
    faults:
        What is wrong with the graph or its records.
    snapshot, changes:
        Its id, and the number of differences from the snapshot before it.
    """

    datasets: int
    edges: int
    review: int
    faults: int
    snapshot: str
    changes: int


def build_graph(
    records: RecordStore,
    path: Path,
    *,
    hub_name: str,
    hub_label: str,
    ledger: Path | None = None,
    decisions: Decisions | None = None,
    snapshots_kept: int = SNAPSHOTS_KEPT,
) -> GraphSummary:
    """Build the graph from every record of one hub.

    Parameters
    ----------
    records:
        Where the trace left its records; a broken one is listed in ``faults`` and costs its dataset alone.
    path:
        The DuckDB file, replaced whole.
    hub_name, hub_label:
        Of the hub the records come from.
    ledger:
        The file in which the agents keep their calls to models, if there is one.
    decisions:
        What people decided about its edges; nothing when None.
    snapshots_kept:
        Snapshots of the hub to keep, this one included; the oldest go.
    """
    with _no_garbage_collection():
        tables = collect(records, decisions)
        add_measurements(tables, MeasurementStore(records.root))
        add_ledger(tables, ledger)
        return write_graph(tables, path, hub_name=hub_name, hub_label=hub_label, snapshots_kept=snapshots_kept)


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Records hold no cycles; looking for some among a hundred thousand of them takes half the time of a build."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def write_graph(
    tables: Tables, path: Path, *, hub_name: str, hub_label: str, snapshots_kept: int = SNAPSHOTS_KEPT
) -> GraphSummary:
    """Write completed tables to a new DuckDB file, keep it as a snapshot of its hub, and swap it in.

    A build that changes nothing takes its snapshot's place. Killed at any point it leaves the old graph or the new one.

    Raises
    ------
    GraphNotBuilt
        DuckDB could not write it: the disk is full, or refuses.
    """
    counts = {
        "datasets": len(tables.datasets),
        "edges": sum(edge.status in COUNTED for edge in tables.edge_candidates),
        "review": sum(edge.status is EdgeStatus.REVIEW for edge in tables.edge_candidates),
        "faults": len(tables.faults),
    }
    snapshots = Snapshots(Home(path.parent).hub_folder(hub_name))
    snapshots.root.mkdir(parents=True, exist_ok=True)
    with (
        FileLock(snapshots.root / ".lock"),
        tempfile.TemporaryDirectory(dir=path.parent, prefix=".graph-") as folder,
    ):
        fresh = Path(folder) / path.name
        with _written(path), duckdb.connect(fresh) as connection:
            create_tables(connection)
            for table, rows in tables.items():
                _load(connection, table, map(vars, rows), Path(folder))
            standing = record_history(connection, snapshots)
            changes = len(connection.table("changes"))
            built = {"snapshot": standing.snapshot, "built_at": datetime.now(UTC), **counts}
            listed = built | {"number": snapshots.number(standing.snapshot), "changes": changes}
            _load(connection, "snapshots", [listed] if standing.is_new else [], Path(folder))
            meta = built | {"content": standing.content, "hub_name": hub_name, "hub_label": hub_label}
            _load(connection, "meta", [meta], Path(folder))
            connection.execute("PRAGMA disable_checkpoint_on_shutdown")  # closing says nothing of what it cannot write
            connection.execute("CHECKPOINT")
        snapshots.keep(fresh, standing.snapshot)
        fresh.replace(path)
        snapshots.forget(snapshots_kept)
    return GraphSummary(snapshot=standing.snapshot, changes=changes, **counts)


@contextmanager
def _written(path: Path) -> Iterator[None]:
    """Name what DuckDB refuses."""
    try:
        yield
    except (duckdb.OperationalError, duckdb.FatalException) as error:
        reason = str(error).splitlines()[0]
        raise GraphNotBuilt(
            f"the graph could not be written in {path.parent}: {reason}; the one before is as it was",
            "make room, or mend that, then run the same command again: the records are kept",
        ) from error


def _load(connection: duckdb.DuckDBPyConnection, table: str, rows: Iterable[dict[str, Any]], folder: Path) -> None:
    """Load rows through JSON Lines: ten times faster than inserting them one by one, and without another library."""
    lines = folder / f"{table}.jsonl"
    with lines.open("wb") as file:
        file.writelines(to_json(row) + b"\n" for row in rows)
    if lines.stat().st_size:
        connection.execute(f"COPY {table} FROM $path (FORMAT json)", {"path": str(lines)})
