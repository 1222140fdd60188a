"""Reading the graph: datasets with their evidence, paths, named reports, and SQL that can only read."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import astuple, fields
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import duckdb

from lineage_platform.catalog.ids import hub_dataset
from lineage_platform.errors import DatasetNotFound, GraphMissing
from lineage_platform.files import Home
from lineage_platform.graph.answers import (
    GraphEdge,
    Hop,
    LineagePath,
    Meta,
    Neighbourhood,
    Node,
    Paths,
    Quote,
    Rows,
)
from lineage_platform.graph.guard import QueryFailed, connect_for_reading, run
from lineage_platform.graph.reports import Report, find_report, read_reports
from lineage_platform.graph.sandbox import ask, held
from lineage_platform.graph.snapshots import Snapshots
from lineage_platform.settings import Settings

if TYPE_CHECKING:
    from lineage_platform.graph.comparing import Comparison
    from lineage_platform.graph.view import GraphView

__all__ = [
    "Graph",
    "GraphEdge",
    "Hop",
    "LineagePath",
    "Meta",
    "Neighbourhood",
    "Node",
    "Paths",
    "Quote",
    "Rows",
    "open_graph",
]

MAX_PATHS = 1000
NEAR = 60.0  # from this likeness on, of 100, a name is offered for one that does not exist
SHORTEST_PART = 4  # characters of an id that are enough to offer it


def open_graph(path: Path | str | None = None, as_of: str | None = None) -> Graph:
    """Open the graph for reading.

    Parameters
    ----------
    path:
        A data home, or the DuckDB file that the last trace built in it; None is the home that ``LINEAGE_HOME`` names.
    as_of:
        An earlier snapshot of the same hub to open in its place: its id, its number, or the beginning of its digest.

    Raises
    ------
    GraphMissing
        There is none, or it is not one.
    SnapshotMissing
        There is a graph, but no such snapshot of it is kept.
    """
    place = Settings.from_environment().home if path is None else Path(path)
    file = Home(place).graph if place.is_dir() else place
    graph = _open(file, file)
    if as_of is None:
        return graph
    with graph:
        snapshot = graph.snapshots.find(as_of)
        try:
            return _open(file, snapshot)
        except GraphMissing:
            graph.snapshots.find(as_of)  # deleted since it was found, if this raises
            raise


def _open(path: Path, snapshot: Path) -> Graph:
    try:
        file = snapshot.open("rb")
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
        raise GraphMissing(f"there is no graph at {snapshot}", "build one: lineage trace ID") from error
    try:
        return Graph(path, file, connect_for_reading(held(file)))
    except (duckdb.Error, QueryFailed, TypeError) as error:
        file.close()
        raise GraphMissing(
            f"{snapshot} is not a graph: {str(error).splitlines()[0]}", "build it: lineage trace ID"
        ) from error


class Graph:
    """A graph, open for reading; a snapshot that later builds do not change.

    Parameters
    ----------
    path:
        The DuckDB file of the graph that was built last.
    file, connection:
        The file of this snapshot, open, and a connection to it, with the tables of ``sql/schema``.
    """

    def __init__(self, path: Path, file: BinaryIO, connection: duckdb.DuckDBPyConnection) -> None:
        self.path = path
        self._file = file
        self._connection = connection
        self.meta = Meta(**self._records("SELECT * FROM meta")[0])

    @property
    def snapshots(self) -> Snapshots:
        """The snapshots of the hub that this graph was built from."""
        return Snapshots(Home(self.path.parent).hub_folder(self.meta.hub_name))

    def __enter__(self) -> Graph:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()
        self._file.close()

    def sql(self, query: str, max_rows: int | None = None) -> Rows:
        """Run one query that reads, whoever wrote it: in a process of its own, bounded in time, memory and rows.

        Parameters
        ----------
        query:
            One statement; it can read the graph's tables and nothing else.
        max_rows:
            Rows to return at most.

        Raises
        ------
        QueryFailed
            The query is wrong, does something else than read, or passes a bound.
        """
        return Rows(*ask(self._file, query, max_rows=max_rows))

    def select(self, query: str, **parameters: Any) -> Rows:
        """Run one of the platform's own queries in this process.

        Parameters
        ----------
        query, parameters:
            A fixed text, and the values of its ``$name`` parameters.
        """
        return Rows(*run(self._connection, query, parameters))

    def table(self, name: str) -> Rows:
        """A whole table or view, as ``docs/tables.md`` describes them.

        Raises
        ------
        QueryFailed
            The graph has none of this name.
        """
        return self.select("FROM query_table($name) ORDER BY ALL", name=name)

    def datasets(self, selection: str = "*") -> tuple[Node, ...]:
        """The datasets that a selection means, by id; see :mod:`lineage_platform.graph.selection`.

        Raises
        ------
        SelectionError
            It does not follow the grammar, or names a dataset that the graph does not have.
        """
        return self.view(selection).nodes

    def view(self, focus: str = "*") -> GraphView:
        """A selection of the graph, frozen: what :mod:`lineage_platform.exports` writes."""
        from lineage_platform.graph.view import read_view

        return read_view(self, focus)

    def within(self, focus: str) -> Graph:
        """The graph of a selection alone, open for reading: its datasets, and the edges between them.

        Raises
        ------
        SelectionError
            It does not follow the grammar, or names a dataset that the graph does not have.
        """
        from lineage_platform.graph.focus import write_focused

        ids = self.view(focus).in_focus
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / self.path.name
            write_focused(held(self._file), ids, copy)
            return _open(self.path, copy)

    def compare(self, a: str, b: str) -> Comparison:
        """Two datasets by what they descend from.

        Raises
        ------
        DatasetNotFound
            The graph lacks one of the two.
        """
        from lineage_platform.graph.comparing import compare

        return compare(self, a, b)

    def reports(self) -> tuple[Report, ...]:
        """Every named report, by name."""
        return read_reports()

    def report(self, name: str, **parameters: Any) -> Rows:
        """Run a named report.

        Parameters
        ----------
        name:
            One of :meth:`reports`.
        parameters:
            Those it takes; the others have their defaults.

        Raises
        ------
        UsageError
            No such report, or no such parameter.
        """
        report = find_report(name)
        return Rows(*run(self._connection, report.sql, report.bind(parameters)))

    def changes_since(self, snapshot: str, **parameters: Any) -> Rows:
        """The report ``changes`` against any earlier snapshot, not the one before.

        Parameters
        ----------
        snapshot:
            As :func:`open_graph` takes it.
        parameters:
            Of the report.

        Raises
        ------
        SnapshotMissing
            No such snapshot is kept.
        UsageError
            No such parameter.
        """
        from lineage_platform.graph.history import Change, differences

        most = find_report("changes").bind(parameters)["top"]
        found = differences(self.snapshots.find(snapshot), self.snapshots.find(self.meta.snapshot))
        return Rows(tuple(field.name for field in fields(Change)), tuple(map(astuple, found[:most])))

    def canonical(self, dataset_id: str) -> str:
        """The id of a dataset that may be asked for by an alias or in another case.

        Raises
        ------
        DatasetNotFound
            The graph has none of this name; the hint lists near ones.
        """
        found = self._records(
            "SELECT dataset_id FROM ("
            " SELECT dataset_id, 0 AS rank FROM datasets WHERE dataset_id = $id"
            " UNION ALL SELECT a.dataset_id, 1 FROM aliases a JOIN datasets USING (dataset_id) WHERE a.alias = $id"
            " UNION ALL SELECT dataset_id, 2 FROM datasets WHERE lower(dataset_id) = lower($id)"
            ") ORDER BY rank, dataset_id LIMIT 1",
            id=dataset_id,
        )
        if not found and (linked := hub_dataset(dataset_id)):
            return self.canonical(linked[0])
        if not found:
            gone = self._records("FROM tombstones WHERE kind = 'dataset' AND subject = $id", id=dataset_id)
            if gone:
                raise DatasetNotFound(
                    f"{dataset_id} is no longer in the graph; snapshot {gone[0]['last_seen']} was the last with it",
                    f"lineage show {dataset_id} --as-of {gone[0]['last_seen']}",
                )
            near = ", ".join(self._near(dataset_id))
            hint = f"near names: {near}" if near else f"trace it: lineage trace {dataset_id}"
            raise DatasetNotFound(f"the graph has no dataset {dataset_id!r}", hint)
        return str(found[0]["dataset_id"])

    def dataset(self, dataset_id: str) -> Node:
        """One dataset, by its id or an alias.

        Raises
        ------
        DatasetNotFound
            The graph has none of this name.
        """
        row = self._records("SELECT * FROM datasets WHERE dataset_id = $id", id=self.canonical(dataset_id))[0]
        return Node(**{**row, "domains": tuple(row["domains"])})

    def sources(self, dataset_id: str) -> tuple[GraphEdge, ...]:
        """What a dataset was made from, with evidence: what counts first, then what is in doubt; never the rejected."""
        return self._edges(
            "SELECT * EXCLUDE (verified_witnesses) FROM edge_candidates WHERE target = $id AND status <> 'rejected'"
            " ORDER BY status NOT IN ('accepted', 'imported'), confidence DESC, source",
            self.canonical(dataset_id),
        )

    def used_by(self, dataset_id: str) -> tuple[GraphEdge, ...]:
        """What was made from a dataset, by edges that count, with evidence."""
        return self._edges(
            "SELECT * EXCLUDE (verified_witnesses) FROM edge_candidates"
            " WHERE source = $id AND status IN ('accepted', 'imported') ORDER BY confidence DESC, target",
            self.canonical(dataset_id),
        )

    def neighbourhood(self, dataset_id: str, up: int = 1, down: int = 1) -> Neighbourhood:
        """The datasets within some hops of one, by edges that count.

        Parameters
        ----------
        dataset_id:
            The one in the middle.
        up, down:
            Hops to follow towards its sources, and towards what was made from it.
        """
        from lineage_platform.graph.paths import hops_around

        centre = self.canonical(dataset_id)
        edges = self._records("SELECT * EXCLUDE (verified_witnesses), '' AS reason FROM edges ORDER BY source, target")
        hops = hops_around(centre, ((edge["source"], edge["target"]) for edge in edges), up, down)
        inside = tuple(GraphEdge(**edge) for edge in edges if edge["source"] in hops and edge["target"] in hops)
        nodes = sorted((Hop(*item) for item in hops.items()), key=lambda hop: (abs(hop.hops), hop.hops, hop.dataset_id))
        return Neighbourhood(centre, tuple(nodes), inside)

    def paths(self, source: str, target: str, limit: int = MAX_PATHS) -> Paths:
        """Simple paths from ``source`` down to ``target``, shortest first, ties by name.

        Parameters
        ----------
        source, target:
            Upstream and downstream dataset.
        limit:
            Paths to return at most.

        Raises
        ------
        DatasetNotFound
            The graph lacks one of the two.
        """
        from lineage_platform.graph.paths import simple_paths

        edges = self._records("SELECT source, target, relation FROM edges")
        relations = {(edge["source"], edge["target"]): str(edge["relation"]) for edge in edges}
        found, truncated = simple_paths(relations, self.canonical(source), self.canonical(target), limit)
        paths = (LineagePath(nodes, tuple(relations[hop] for hop in pairwise(nodes))) for nodes in found)
        return Paths(tuple(paths), truncated)

    def _records(self, query: str, **parameters: Any) -> list[dict[str, Any]]:
        return self.select(query, **parameters).records()

    def _edges(self, query: str, dataset_id: str) -> tuple[GraphEdge, ...]:
        edges = self._records(query, id=dataset_id)
        evidence = self._evidence(edges)
        return tuple(GraphEdge(**edge, evidence=evidence.get((edge["source"], edge["target"]), ())) for edge in edges)

    def _evidence(self, edges: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], tuple[Quote, ...]]:
        """Quotes of each edge: those that count first, then by trust."""
        found: dict[tuple[str, str], tuple[Quote, ...]] = {}
        rows = self._records(
            "SELECT source, target, quote, document_id AS document, url, quote_offset, said_by, relation, confidence,"
            " verified, status FROM witnesses LEFT JOIN"
            " (SELECT document_id, dataset_id AS target, any_value(url) AS url FROM documents GROUP BY ALL)"
            " USING (document_id, target) WHERE source IN $sources AND target IN $targets"
            " ORDER BY status = 'rejected', confidence DESC,"
            " list_position(['card', 'repository', 'paper', 'blog'], document_kind),"
            " starts_with(said_by, 'rules'), quote_offset, document_id, quote",
            sources=sorted({edge["source"] for edge in edges}),
            targets=sorted({edge["target"] for edge in edges}),
        )
        for row in rows:
            pair = (row.pop("source"), row.pop("target"))
            found[pair] = (*found.get(pair, ()), Quote(**row))
        return found

    def _near(self, dataset_id: str, count: int = 3) -> list[str]:
        known = [row["dataset_id"] for row in self._records("SELECT dataset_id FROM datasets ORDER BY ALL")]
        alike = sorted((-_likeness(dataset_id.lower(), name.lower()), name) for name in known)
        return [name for score, name in alike[:count] if -score >= NEAR]


def _likeness(asked: str, known: str) -> float:
    """How alike two ids are, 0 to 100; the organisation may be left out, or only a part be known."""
    from rapidfuzz import fuzz

    if len(asked) >= SHORTEST_PART and asked in known:
        return 100.0
    return max(fuzz.ratio(asked, known), 0.0 if "/" in asked else fuzz.ratio(asked, known.rpartition("/")[2]))
