"""Which datasets to trace next: those that the graph names but that nobody has traced."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lineage_platform.catalog.hub import Hub
from lineage_platform.errors import DatasetNotFound, LineageError
from lineage_platform.graph.query import Graph

MOST_SUGGESTIONS = 20


@dataclass(frozen=True)
class Suggestion:
    """A Hub dataset worth tracing.

    Parameters
    ----------
    dataset_id:
        Its id.
    used_by:
        Traced datasets with an edge from it that is not rejected.
    mentions:
        Traced datasets whose documents hold a name that may stand for it.
    downloads:
        As the hub counts them; None when it does not say.
    why:
        How the graph knows it.
    """

    dataset_id: str
    used_by: int
    mentions: int
    downloads: int | None
    why: str


def suggestions(graph: Graph, hub: Hub, limit: int = MOST_SUGGESTIONS) -> Sequence[Suggestion]:
    """Rank datasets that were named but not traced: most used first, then most named, then most downloaded.

    Parameters
    ----------
    graph:
        Of what was traced; its report ``further_seeds`` names the candidates.
    hub:
        Asked for downloads; candidates that it does not know are left out.
    limit:
        Candidates to ask the hub for.
    """
    found = []
    for row in graph.report("further_seeds", top=limit).records():
        try:
            downloads = hub.info(row["dataset_id"]).downloads
        except DatasetNotFound:
            continue
        except LineageError:  # gated, or the hub is away: still worth naming
            downloads = None
        found.append(Suggestion(row["dataset_id"], row["used_by"], row["mentions"], downloads, row["why"]))
    return sorted(found, key=lambda each: (-each.used_by, -each.mentions, -(each.downloads or 0), each.dataset_id))
