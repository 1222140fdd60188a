"""Which datasets to look at again, and first: what failed, then what was not looked at for longest."""

from __future__ import annotations

import time

from lineage_platform import graph
from lineage_platform.catalog.seeds import default_seeds, watched
from lineage_platform.errors import GraphMissing
from lineage_platform.graph.snapshots import Snapshots
from lineage_platform.records import Outcome, Validation
from lineage_platform.settings import A_DAY
from lineage_platform.workspace import Workspace


def watch_list(workspace: Workspace) -> tuple[str, ...]:
    """The datasets that are watched: those of the watch list in the settings, or the hub's own seeds.

    Raises
    ------
    UsageError
        The watch list is missing or wrong.
    HubUnavailable
        The hub cannot answer the list's questions now.
    """
    chosen = workspace.settings.upkeep.watch
    if chosen is not None:
        return watched(chosen, workspace.hub)
    return tuple(seed.dataset_id for seed in default_seeds(workspace.hub))


def due(workspace: Workspace) -> list[str]:
    """Datasets to trace again, most urgent first, as many as one batch takes.

    Failures come first, half a batch of them while others wait; then what the hub was asked about longest ago, in whole
    days; of those asked on the same day, the most downloaded. A dataset that was never traced is not due: the watch
    list, or a dataset built on it, leads to it.

    Parameters
    ----------
    workspace:
        Its newest graph of this hub says what is known, its records when the hub last confirmed it.
    """
    snapshots = Snapshots(workspace.home.hub_folder(workspace.hub.name)).all()
    if not snapshots:
        return []
    try:
        with graph.open_graph(snapshots[-1]) as newest:  # graph.duckdb may be of another hub
            query = "SELECT dataset_id, outcome, downloads FROM datasets WHERE outcome IS NOT NULL ORDER BY dataset_id"
            known = newest.select(query).rows
    except GraphMissing:  # of another layout: the next build brings one
        return []
    today = int(time.time() // A_DAY)

    def urgency(row: tuple[str, str, int | None]) -> tuple[int, int, str]:
        dataset_id, _, downloads = row
        day = int(workspace.records.confirmed_at(dataset_id, Validation) // A_DAY)
        day = day if day <= today else 0  # written by a clock that was wrong: nobody knows when
        return day, -(downloads or 0), dataset_id

    batch = workspace.settings.upkeep.batch
    ranked = sorted(known, key=urgency)
    failed = [dataset_id for dataset_id, outcome, _ in ranked if outcome == Outcome.FAILED]
    others = [dataset_id for dataset_id, outcome, _ in ranked if outcome != Outcome.FAILED]
    first = failed[: max(1, batch // 2)]
    return [*first, *others[: batch - len(first)], *failed[len(first) :]][:batch]
