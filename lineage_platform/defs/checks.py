"""Checks on the graph: each is a query for what should not be there (``sql/checks``), and says what to do about it."""

from dataclasses import dataclass

import dagster as dg

from lineage_platform.defs.graph import GRAPH
from lineage_platform.defs.metadata import table
from lineage_platform.defs.resources import WorkspaceResource
from lineage_platform.sql import sql_folder

LOUD_SHARE = 0.1


@dataclass(frozen=True)
class GraphCheck:
    """One query that must find nothing.

    Parameters
    ----------
    name:
        Of the check, and of its file in ``sql/checks``.
    description:
        What holds when it passes.
    remedy:
        What to do when it does not.
    warns_up_to:
        Share of the graph's datasets (0 to 1) up to which what it finds is a warning; above it, an error.
    """

    name: str
    description: str
    remedy: str
    warns_up_to: float = 0.0


GRAPH_CHECKS = (
    GraphCheck(
        "verified_evidence",
        "Every accepted edge has a quote that was found in a stored document.",
        "Materialise resolved_edges for the targets listed, then graph; if it stays, report a fault of the platform.",
    ),
    GraphCheck(
        "no_self_edges",
        "No dataset is its own source.",
        "Materialise resolved_edges for the datasets listed, then graph; if it stays, report a fault of the platform.",
    ),
    GraphCheck(
        "no_duplicate_edges",
        "A source and a target share at most one edge.",
        "Materialise graph again; if it stays, report a fault of the platform.",
    ),
    GraphCheck(
        "endpoints_exist",
        "Both ends of every edge are datasets of the graph.",
        "Materialise graph again; if it stays, report a fault of the platform.",
    ),
    GraphCheck(
        "acyclic",
        "No dataset is, by whatever path, its own source.",
        "Read the quotes of the edges between the datasets listed: one of them is a misreading, or two versions of a "
        "dataset share an id.",
        warns_up_to=1.0,
    ),
    GraphCheck(
        "no_anachronisms",
        "No edge was ruled out because its source came after the dataset made from it.",
        "Such edges do not count. Compare the two release dates with their documents: a date or a name was misread.",
        warns_up_to=1.0,
    ),
    GraphCheck(
        "no_failed_datasets",
        f"Every dataset was traced to an outcome. More than {LOUD_SHARE:.0%} failed is an error, fewer a warning.",
        "Materialise the failed partitions of all four stages again: they go on into their sources.",
        warns_up_to=LOUD_SHARE,
    ),
)


def graph_check(check: GraphCheck) -> dg.AssetChecksDefinition:
    """The check as Dagster knows it: it runs whenever the graph is built."""

    @dg.asset_check(asset=GRAPH, name=check.name, description=f"{check.description} If not: {check.remedy}")
    def run(workspace: WorkspaceResource) -> dg.AssetCheckResult:
        query = (sql_folder() / "checks" / f"{check.name}.sql").read_text(encoding="utf-8")
        with workspace.database().get_connection() as connection:
            found = connection.sql(query)
            rows = [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]
            datasets = len(connection.table("datasets"))
        warns = len(rows) <= check.warns_up_to * datasets
        return dg.AssetCheckResult(
            passed=not rows,
            severity=dg.AssetCheckSeverity.WARN if warns else dg.AssetCheckSeverity.ERROR,
            description=f"{len(rows)} found. {check.remedy}" if rows else check.description,
            metadata={"found": len(rows), "datasets": datasets, "rows": table(rows)},
        )

    return run
