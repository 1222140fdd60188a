"""What changed, as an asset that follows each build of the graph."""

import dagster as dg

from lineage_platform.changes import ChangeLog, markdown, tell_changes
from lineage_platform.defs.graph import GRAPH
from lineage_platform.defs.metadata import Metadata, table
from lineage_platform.defs.resources import WorkspaceResource
from lineage_platform.notices import tell
from lineage_platform.workspace import Workspace

CHANGES = dg.AssetKey("changes")
LONGEST_SHOWN = 20_000


@dg.asset(
    key=CHANGES,
    deps=[GRAPH],
    group_name="graph",
    kinds={"markdown"},
    pool="graph_build",
    description="What is new since the report before: edges and datasets, benchmark items in training sets, overlaps "
    "in doubt, failed datasets. A file in JSON and one in Markdown, sent to LINEAGE_WEBHOOK and LINEAGE_MAIL_TO.",
)
def changes(workspace: WorkspaceResource) -> dg.MaterializeResult[None]:
    """Tell what is new; nothing is written or sent when nothing is."""
    opened = workspace.open()
    report = tell_changes(opened)
    if report is None:
        return dg.MaterializeResult(metadata=_no_news(opened), data_version=_version(opened))
    shown = markdown(report)[:LONGEST_SHOWN]
    return dg.MaterializeResult(
        metadata={
            "news": report.headline,
            "counts": table({"what": what, "number": number} for what, number in report.counts.items()),
            "report": dg.MetadataValue.md(shown),
            "file": dg.MetadataValue.path(str(_log(opened).path(report.number))),
            **tell(opened.settings.upkeep, report.headline, shown, report=report),
        },
        data_version=_version(opened),
    )


def _no_news(workspace: Workspace) -> Metadata:
    """That nothing is new, and where the newest report lies."""
    changes = _log(workspace)
    number = changes.told.number
    last: Metadata = {"last report": dg.MetadataValue.path(str(changes.path(number)))} if number else {}
    return {"news": "nothing changed", **last}


def _version(workspace: Workspace) -> dg.DataVersion:
    """The number of the newest report."""
    return dg.DataVersion(f"report {_log(workspace).told.number}")


def _log(workspace: Workspace) -> ChangeLog:
    return ChangeLog(workspace.home.hub_folder(workspace.hub.name))
