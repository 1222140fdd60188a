"""What must hold of a graph: each check is a query for what should not be there, and says what to do about it."""

from __future__ import annotations

import math
from dataclasses import dataclass

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

    @property
    def query(self) -> str:
        """What should find nothing."""
        return (sql_folder() / "checks" / f"{self.name}.sql").read_text(encoding="utf-8")

    def is_error(self, found: int, datasets: int) -> bool:
        """Whether so many findings, in a graph of so many datasets, are more than a warning."""
        return found > self.warns_up_to * datasets


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
    GraphCheck(
        "edges_lost",
        "The snapshot lost no more than a tenth of the edges of the one before.",
        "Read lineage report changes: a hub or model that answers otherwise, or a card that was emptied, loses many at "
        "once. The snapshot before is kept (--as-of).",
        warns_up_to=math.inf,
    ),
    GraphCheck(
        "sources_doubled",
        "No dataset has twice as many sources as in the snapshot before.",
        "Read the quotes of its new edges (lineage show ID): a list of other datasets may have been taken for sources.",
        warns_up_to=math.inf,
    ),
)
