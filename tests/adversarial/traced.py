"""A hub folder traced by model agents over a loopback server, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from lineage_platform.agents.llm.opening import Declared
from lineage_platform.agents.llm.roles import ModelAgents
from lineage_platform.agents.rules import RulesAgents, declared
from lineage_platform.catalog.folder import FolderHub
from lineage_platform.documents.library import Library
from lineage_platform.documents.web import Fetched, Web, open_web
from lineage_platform.files import Home
from lineage_platform.graph.collecting import collect
from lineage_platform.records import EdgeStatus
from lineage_platform.settings import Limits
from lineage_platform.tracing import trace
from tests.agents_llm.worlds import caller_for
from tests.servers.models import ModelServer


class WatchedWeb:
    """The web of a hub folder, and every address that was asked of it."""

    def __init__(self, web: Web) -> None:
        self._web = web
        self.asked: list[str] = []

    def __getattr__(self, name: str) -> object:
        method = getattr(self._web, name)

        def watched(*arguments: object) -> Fetched:
            self.asked += map(str, arguments)
            return method(*arguments)

        return watched


def run(
    folder: Path, home: Path, server: ModelServer, seeds: Iterable[str], environment: Mapping[str, str] | None = None
) -> tuple[set[tuple[str, str]], list[str]]:
    """Trace, and return the accepted edges of the graph and every address that was asked for."""
    hub, place = FolderHub(folder), Home(home)
    reader = Declared(declared, RulesAgents().version)
    agents = ModelAgents(caller_for(server, home, environment=environment), reader.read, reader.version)
    web = WatchedWeb(open_web(hub))
    library = Library(hub, web, place.hub_folder(hub.name), place.content)
    records = place.records(hub.name)
    for _ in trace(seeds, hub=hub, library=library, agents=agents, records=records, limits=Limits(concurrency=16)):
        pass
    edges = collect(records).edge_candidates
    return {(edge.source, edge.target) for edge in edges if edge.status is EdgeStatus.ACCEPTED}, web.asked
