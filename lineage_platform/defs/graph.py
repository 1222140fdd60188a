"""The lineage graph, as one asset: tables in DuckDB, built from the records of every dataset traced."""

from datetime import timedelta

import dagster as dg
from duckdb import DuckDBPyConnection

from lineage_platform.defs.drawing import neighbourhood
from lineage_platform.defs.metadata import MOST_ROWS, Metadata, table
from lineage_platform.defs.partitions import STAGE_KEYS
from lineage_platform.defs.resources import WorkspaceResource
from lineage_platform.stages import Stage

GRAPH = dg.AssetKey("graph")
KEPT_FRESH = dg.FreshnessPolicy.time_window(warn_window=timedelta(days=2), fail_window=timedelta(days=8))
"""Warns when a night was missed, fails when a week was: the graph follows every trace, whatever that found. The stages
have no such policy, for of them only what changed is reported, and on a quiet hub that is nothing for weeks."""

_COUNTED = ("datasets", "edges", "edge_candidates", "witnesses", "mentions", "documents", "faults")


@dg.asset(
    key=GRAPH,
    deps=[STAGE_KEYS[Stage.RESOLUTION]],
    group_name="graph",
    kinds={"duckdb"},
    pool="graph_build",
    freshness_policy=KEPT_FRESH,
    description="Every dataset, edge, quote and fault of this data home as tables, built from the records and swapped "
    "in whole. It follows each trace by itself, whether the trace succeeded or not.",
)
def graph(workspace: WorkspaceResource) -> dg.MaterializeResult[None]:
    """Build the graph and say what is in it."""
    opened = workspace.open()
    built = opened.build_graph()
    with workspace.database().get_connection() as connection:
        metadata = _figures(connection) | _most_used(connection) | _changes(connection)
    metadata |= {"snapshot": built.snapshot, "changes": built.changes}
    metadata["file"] = dg.MetadataValue.path(str(opened.home.graph))
    metadata |= {"note": opened.hub.label} if opened.hub.label else {}
    return dg.MaterializeResult(metadata=metadata, data_version=dg.DataVersion(built.snapshot))


def _changes(connection: DuckDBPyConnection) -> Metadata:
    """What this snapshot changed against the one before."""
    found = connection.execute("SELECT kind, change, subject, field, old, new FROM changes ORDER BY ALL").fetchall()
    columns = ("kind", "change", "subject", "field", "old", "new")
    return {"changed": table(dict(zip(columns, row, strict=True)) for row in found)} if found else {}


def _figures(connection: DuckDBPyConnection) -> Metadata:
    counts: Metadata = {}
    for name in _COUNTED:
        counts[name] = len(connection.table(name))
    outcomes = connection.sql(
        "SELECT coalesce(outcome, 'not traced'), count(*) FROM datasets GROUP BY ALL ORDER BY ALL"
    )
    return counts | {"outcomes": table({"outcome": outcome, "datasets": n} for outcome, n in outcomes.fetchall())}


def _most_used(connection: DuckDBPyConnection) -> Metadata:
    """The datasets that most others are built on, and the neighbourhood of the first."""
    rows = connection.execute(
        "SELECT dataset_id, out_degree, in_degree, depth, outcome FROM datasets "
        "WHERE out_degree > 0 ORDER BY out_degree DESC, dataset_id LIMIT ?",
        [MOST_ROWS],
    ).fetchall()
    if not rows:
        return {}
    columns = ("dataset", "used by", "sources", "depth", "outcome")
    first = rows[0][0]
    sources = connection.execute("SELECT source FROM edges WHERE target = ? ORDER BY ALL", [first]).fetchall()
    used_by = connection.execute("SELECT target FROM edges WHERE source = ? ORDER BY ALL", [first]).fetchall()
    return {
        "most used": table(dict(zip(columns, row, strict=True)) for row in rows),
        "around the most used": neighbourhood(first, [name for (name,) in sources], [name for (name,) in used_by]),
    }
