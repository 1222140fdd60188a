"""One data home, one hub, one set of agents: what the command line, Dagster and Python callers work on."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lineage_platform import agents, catalog, graph
from lineage_platform.agents.interface import Agents
from lineage_platform.agents.llm.ledger import FILE_NAME
from lineage_platform.catalog.hub import Hub
from lineage_platform.documents.library import Library
from lineage_platform.documents.web import open_web
from lineage_platform.files import Home, RecordStore
from lineage_platform.settings import Limits, Settings
from lineage_platform.stages import ALL_STAGES, Stage, TracedDataset
from lineage_platform.tracing import trace

if TYPE_CHECKING:
    from lineage_platform.graph.build import GraphSummary
    from lineage_platform.graph.query import Graph


@dataclass(frozen=True)
class Workspace:
    """Everything a trace reads and writes, opened from the settings.

    Parameters
    ----------
    settings:
        What the user set.
    home, hub, agents:
        The data home, the hub asked, the readers.
    """

    settings: Settings
    home: Home
    hub: Hub
    agents: Agents

    @classmethod
    def open(cls, settings: Settings) -> Workspace:
        """Open the hub and the agents that the settings name; nothing is read or written yet.

        Raises
        ------
        UsageError
            A hub or agents that do not exist.
        """
        home = Home(settings.home)
        readers = agents.open_agents(
            settings.agents, home=settings.home, models=settings.models, max_cost=settings.limits.max_cost
        )
        return cls(settings, home, catalog.open_hub(settings.hub), readers)

    @property
    def records(self) -> RecordStore:
        """The records of datasets traced from this hub."""
        return self.home.records(self.hub.name)

    def library(self, *, refresh: bool = False) -> Library:
        """Documents of this hub; ``refresh`` asks again for those already on disk."""
        root = self.home.hub_folder(self.hub.name)
        return Library(self.hub, open_web(self.hub), root, self.home.content, refresh=refresh)

    def trace(
        self,
        seeds: Iterable[str],
        *,
        library: Library | None = None,
        limits: Limits | None = None,
        stages: frozenset[Stage] = ALL_STAGES,
    ) -> Generator[TracedDataset, None, None]:
        """Trace ``seeds`` upstream; see :func:`lineage_platform.tracing.trace`."""
        return trace(
            seeds,
            hub=self.hub,
            library=library or self.library(),
            agents=self.agents,
            records=self.records,
            limits=limits or self.settings.limits,
            stages=stages,
        )

    def build_graph(self) -> GraphSummary:
        """Build ``graph.duckdb`` from the records of this hub and swap it in."""
        return graph.build_graph(
            self.records,
            self.home.graph,
            hub_name=self.hub.name,
            hub_label=self.hub.label,
            ledger=self.home.root / FILE_NAME,
            snapshots_kept=self.settings.snapshots_kept,
        )

    def open_graph(self) -> Graph:
        """The graph that the last trace built, for reading.

        Raises
        ------
        GraphMissing
            Nothing has been traced in this data home.
        """
        return graph.open_graph(self.home.graph)
