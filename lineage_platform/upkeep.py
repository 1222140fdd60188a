"""Which datasets to look at again, and first: what failed, then what was not looked at for longest."""

from __future__ import annotations

from lineage_platform.catalog.seeds import default_seeds, watched
from lineage_platform.errors import GraphMissing
from lineage_platform.records import Outcome, Validation
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

    Failures come first, then what the hub was asked about longest ago, in whole days; of those asked on the same day,
    the most downloaded. A dataset that was never traced is not due: the watch list, or a dataset built on it, leads to
    it.

    Parameters
    ----------
    workspace:
        Its graph says what is known, its records when the hub last confirmed it.
    """
    try:
        with workspace.open_graph() as graph:
            if graph.meta.hub_name != workspace.hub.name:
                return []
            query = "SELECT dataset_id, outcome, downloads FROM datasets WHERE outcome IS NOT NULL ORDER BY dataset_id"
            known = graph.select(query).rows
    except GraphMissing:
        return []

    def urgency(row: tuple[str, str, int | None]) -> tuple[bool, int, int, str]:
        dataset_id, outcome, downloads = row
        day = int(workspace.records.confirmed_at(dataset_id, Validation) // 86_400)
        return outcome != Outcome.FAILED, day, -(downloads or 0), dataset_id

    return [dataset_id for dataset_id, _, _ in sorted(known, key=urgency)][: workspace.settings.upkeep.batch]
