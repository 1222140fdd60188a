"""Each check finds its own kind of bad graph, and only that."""

from __future__ import annotations

import json
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from lineage_platform.defs.checks import asset_check, checks_of
from lineage_platform.defs.graph import GRAPH
from lineage_platform.defs.resources import WorkspaceResource
from lineage_platform.sql import sql_files

WARN, ERROR = dg.AssetCheckSeverity.WARN, dg.AssetCheckSeverity.ERROR


class BadGraph:
    """A graph of two datasets and one good edge, to which faults are added."""

    def __init__(self, home: Path) -> None:
        self.home = home
        home.mkdir(parents=True, exist_ok=True)
        self.connection = duckdb.connect(str(home / "graph.duckdb"))
        for path in sql_files("schema"):
            self.connection.execute(path.read_text(encoding="utf-8"))
        self.dataset("org/a")
        self.dataset("org/b")
        self.edge("org/a", "org/b")

    def row(self, table: str, **values: object) -> None:
        """One row; columns that are not given get a value of their type."""
        fillers = {"BOOLEAN": False, "INTEGER": 0, "BIGINT": 0, "DOUBLE": 0.9, "VARCHAR": "", "VARCHAR[]": []}
        columns = self.connection.execute(
            "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = ?", [table]
        ).fetchall()
        row = [values.get(name, fillers[kind]) for name, kind in columns]
        self.connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)

    def dataset(self, dataset_id: str, outcome: str = "traced", cycle: str | None = None) -> None:
        self.row("datasets", dataset_id=dataset_id, on_hub=True, outcome=outcome, cycle=cycle)

    def edge(self, source: str, target: str, *, status: str = "accepted", verified: bool = True) -> None:
        self.row("edge_candidates", source=source, target=target, relation="direct_inclusion", status=status)
        self.row("witnesses", source=source, target=target, status="accepted", verified=verified)

    def snapshots(self, *edges: int) -> None:
        """The history: how many edges each snapshot had."""
        for number, count in enumerate(edges, start=1):
            self.connection.execute(
                "INSERT INTO snapshots VALUES ($1, $2, now(), 0, $3, 0, 0, 0)", [f"{number:04}-x", number, count]
            )

    def edge_changed(self, source: str, target: str, old: str | None, new: str | None) -> None:
        """An edge that had another status, or none, in the snapshot before."""
        if old and new:
            change, field, values = "changed", "status", (old, new)
        else:
            change, field = ("new" if new else "gone"), None
            values = tuple(status and json.dumps({"status": status}) for status in (old, new))  # type: ignore[assignment]
        self.connection.execute(
            "INSERT INTO changes VALUES ('edge', $1, $2, $3, $4, $5)", [change, f"{source} -> {target}", field, *values]
        )

    def check(self) -> dict[str, dg.AssetCheckResult]:
        """Every check that did not pass."""
        size = self.connection.execute(
            "SELECT (SELECT count(*) FROM datasets), (SELECT count(*) FROM edges)"
        ).fetchone()
        self.connection.execute("INSERT INTO meta VALUES ('test', '0001-x', 'x', '', now(), $1, $2, 0, 0)", size)
        self.connection.close()
        resource = WorkspaceResource(home=str(self.home), hub="sample", agents="rules")
        results = {check.name: asset_check(check)(workspace=resource) for check in checks_of(GRAPH)}
        return {name: result for name, result in results.items() if not result.passed}


@pytest.fixture
def graph(memory_folder: Path) -> BadGraph:
    return BadGraph(memory_folder / "home")


def test_a_good_graph_passes_every_check(graph: BadGraph) -> None:
    assert graph.check() == {}


def test_an_accepted_edge_without_verified_evidence_is_an_error(graph: BadGraph) -> None:
    graph.dataset("org/c")
    graph.edge("org/c", "org/b", verified=False)
    [(name, result)] = graph.check().items()
    assert (name, result.severity) == ("verified_evidence", ERROR)
    assert result.metadata["rows"].value.records[0].data["source"] == "org/c"


def test_an_imported_edge_needs_no_witness_of_ours(graph: BadGraph) -> None:
    graph.edge("org/b", "org/a", status="imported", verified=False)
    assert graph.check() == {}


def test_a_self_edge_is_an_error(graph: BadGraph) -> None:
    graph.edge("org/b", "org/b")
    [(name, result)] = graph.check().items()
    assert (name, result.severity) == ("no_self_edges", ERROR)


def test_a_duplicate_edge_is_an_error(graph: BadGraph) -> None:
    graph.edge("org/a", "org/b")
    [(name, result)] = graph.check().items()
    assert (name, result.severity) == ("no_duplicate_edges", ERROR)


@pytest.mark.parametrize("ends", [("org/a", "org/nowhere"), ("org/nowhere", "org/b")])
def test_an_edge_to_no_dataset_is_an_error(graph: BadGraph, ends: tuple[str, str]) -> None:
    graph.edge(*ends)
    [(name, result)] = graph.check().items()
    assert (name, result.severity) == ("endpoints_exist", ERROR)


def test_a_cycle_is_a_warning_that_lists_its_datasets(graph: BadGraph) -> None:
    graph.dataset("org/c", cycle="org/c")
    graph.dataset("org/d", cycle="org/c")
    [(name, result)] = graph.check().items()
    assert (name, result.severity) == ("acyclic", WARN)
    listed = [record.data["dataset_id"] for record in result.metadata["rows"].value.records]
    assert listed == ["org/c", "org/d"]


def test_an_anachronism_is_a_warning(graph: BadGraph) -> None:
    graph.edge("org/b", "org/a", status="anachronistic")
    [(name, result)] = graph.check().items()
    assert (name, result.severity) == ("no_anachronisms", WARN)


@pytest.mark.parametrize(("failed", "severity"), [(1, WARN), (3, ERROR)])
def test_few_failed_datasets_are_a_warning_and_many_an_error(
    graph: BadGraph, failed: int, severity: dg.AssetCheckSeverity
) -> None:
    for number in range(18):
        graph.dataset(f"org/{number}", outcome="failed" if number < failed else "traced")
    [(name, result)] = graph.check().items()
    assert (name, result.severity) == ("no_failed_datasets", severity)
    assert result.metadata["found"].value == failed


def test_a_failing_check_says_what_to_do(graph: BadGraph) -> None:
    graph.edge("org/b", "org/b")
    [result] = graph.check().values()
    assert "1 found" in (result.description or "")
    assert "Materialise" in (result.description or "")


@pytest.mark.parametrize(("lost", "before", "found"), [(3, 29, {"edges_lost"}), (3, 30, set()), (2, 3, set())])
def test_many_edges_lost_at_once_are_a_warning_that_lists_them(
    graph: BadGraph, lost: int, before: int, found: set[str]
) -> None:
    graph.snapshots(7, before, before - lost)
    graph.edge_changed("org/0", "org/b", "accepted", None)
    for number in range(1, lost):
        graph.edge_changed(f"org/{number}", "org/b", "accepted", "review")
    graph.edge_changed("org/was", "org/b", "review", None)  # it never counted
    failing = graph.check()
    assert set(failing) == found
    assert all(result.severity == WARN and result.metadata["found"].value == lost for result in failing.values())


@pytest.mark.parametrize(("before", "gained", "found"), [(3, 3, True), (4, 3, False), (1, 2, False), (0, 5, False)])
def test_a_dataset_with_twice_the_sources_it_had_is_a_warning(
    graph: BadGraph, before: int, gained: int, found: bool
) -> None:
    graph.snapshots(before + 1, before + gained + 1)
    for number in range(before + gained):
        graph.dataset(f"org/{number}")
        graph.edge(f"org/{number}", "org/a")
        if number >= before:
            graph.edge_changed(f"org/{number}", "org/a", None if number % 2 else "review", "accepted")
    failing = graph.check()
    assert set(failing) == ({"sources_doubled"} if found else set())
    if found:
        [row] = failing["sources_doubled"].metadata["rows"].value.records
        assert row.data == {"dataset_id": "org/a", "before": before, "now": before + gained}
