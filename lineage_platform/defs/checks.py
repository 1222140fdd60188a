"""The checks on the graph, as Dagster runs them."""

import dagster as dg

from lineage_platform.defs.graph import GRAPH
from lineage_platform.defs.metadata import table
from lineage_platform.defs.resources import WorkspaceResource
from lineage_platform.graph.checks import GraphCheck


def graph_check(check: GraphCheck) -> dg.AssetChecksDefinition:
    """The check as Dagster knows it: it runs whenever the graph is built."""

    @dg.asset_check(asset=GRAPH, name=check.name, description=f"{check.description} If not: {check.remedy}")
    def run(workspace: WorkspaceResource) -> dg.AssetCheckResult:
        with workspace.database().get_connection() as connection:
            found = connection.sql(check.query)
            rows = [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]
            datasets = len(connection.table("datasets"))
        return dg.AssetCheckResult(
            passed=not rows,
            severity=dg.AssetCheckSeverity.ERROR if check.is_error(len(rows), datasets) else dg.AssetCheckSeverity.WARN,
            description=f"{len(rows)} found. {check.remedy}" if rows else check.description,
            metadata={"found": len(rows), "datasets": datasets, "rows": table(rows)},
        )

    return run
