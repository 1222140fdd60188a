"""A build that changes the graph is a snapshot: it can be read and compared, and says since when a thing is there."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lineage_platform.errors import DatasetNotFound, GraphMissing
from lineage_platform.files import RecordStore
from lineage_platform.graph.build import GraphSummary, build_graph
from lineage_platform.graph.history import Change, differences
from lineage_platform.graph.query import Graph, open_graph
from lineage_platform.graph.snapshots import SnapshotMissing, Snapshots
from lineage_platform.records import Relation
from tests.graph.builders import traced, witness


class World:
    """A hub's records and the graph built from them."""

    def __init__(self, root: Path) -> None:
        self.records = RecordStore(root / "hubs" / "test")
        self.path = root / "graph.duckdb"
        self.snapshots = Snapshots(self.records.root)

    def build(self, snapshots_kept: int = 50) -> GraphSummary:
        return build_graph(self.records, self.path, hub_name="test", hub_label="", snapshots_kept=snapshots_kept)

    def forget(self, dataset_id: str) -> None:
        for file in self.records.path(dataset_id, "validation").parent.iterdir():
            file.unlink()

    def open(self, as_of: str | None = None) -> Graph:
        return open_graph(self.path, as_of)

    def diff(self, before: GraphSummary, after: GraphSummary) -> list[Change]:
        return list(differences(self.snapshots.find(before.snapshot), self.snapshots.find(after.snapshot)))


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    traced(made.records, "lab/base", licence="mit")
    traced(made.records, "acme/mix", [witness("lab/base")])
    return made


def test_a_build_that_changes_nothing_makes_no_snapshot(world: World) -> None:
    first, second = world.build(), world.build()
    assert first.snapshot == second.snapshot
    assert first.snapshot.startswith("0001-")
    assert len(world.snapshots.all()) == 1
    with world.open() as graph:
        (listed,) = graph.select("FROM snapshots").records()
        assert listed["built_at"] < graph.meta.built_at


def test_the_same_history_gives_the_same_ids_anywhere(tmp_path: Path) -> None:
    ids = []
    for name in ("here", "there"):
        world = World(tmp_path / name)
        traced(world.records, "acme/mix", [witness("lab/base")])
        ids.append([world.build().snapshot])
        traced(world.records, "lab/base")
        ids[-1].append(world.build().snapshot)
    assert ids[0] == ids[1]


def test_an_earlier_graph_can_be_asked_by_its_id_its_number_or_its_digest(world: World) -> None:
    first = world.build()
    traced(world.records, "acme/mix", [witness("lab/base", confidence=0.75), witness("lab/other")])
    second = world.build()
    for name in (first.snapshot, "1", "0001", first.snapshot.split("-")[1][:6]):
        with world.open(name) as graph:
            assert graph.meta.snapshot == first.snapshot
            assert [edge.confidence for edge in graph.sources("acme/mix")] == [0.9]
    assert world.open("2").meta.snapshot == second.snapshot
    assert {edge.confidence for edge in world.open().sources("acme/mix")} == {0.75, 0.9}


@pytest.mark.parametrize("name", ["7", "ffffffffff1", "", "../../graph", "0001-"])
def test_a_snapshot_that_is_not_kept_is_answered_with_those_that_are(world: World, name: str) -> None:
    built = world.build()
    with pytest.raises(SnapshotMissing) as error:
        world.open(name)
    assert built.snapshot in error.value.hint


def test_what_changed_is_named_with_old_and_new_values_and_nothing_else(world: World) -> None:
    first = world.build()
    traced(world.records, "lab/base", licence="apache-2.0")
    fused = witness("lab/base", relation=Relation.STRUCTURED_FUSION)
    traced(world.records, "acme/mix", [fused, witness("lab/new")])
    second = world.build()
    found = world.diff(first, second)
    assert [change for change in found if change.change == "changed"] == [
        Change("dataset", "changed", "lab/base", "licence", "mit", "apache-2.0"),
        Change("edge", "changed", "lab/base -> acme/mix", "relation", "direct_inclusion", "structured_fusion"),
    ]
    assert {(change.kind, change.change, change.subject) for change in found if change.change != "changed"} == {
        ("dataset", "new", "lab/new"),
        ("edge", "new", "lab/new -> acme/mix"),
        ("statement", "new", "lab/new -> acme/mix"),
        ("statement", "new", "lab/base -> acme/mix"),
        ("statement", "gone", "lab/base -> acme/mix"),
    }
    (edge,) = (change for change in found if (change.kind, change.change) == ("edge", "new"))
    assert json.loads(edge.new or "")["relation"] == "direct_inclusion"
    assert second.changes == len(found)
    assert [tuple(row) for row in world.open().report("changes").rows] == [tuple(vars(c).values()) for c in found]


def test_the_way_back_is_the_mirror_image(world: World) -> None:
    first = world.build()
    traced(world.records, "acme/mix", [witness("lab/base", confidence=0.8), witness("lab/new")])
    second = world.build()
    mirrored = {"new": "gone", "gone": "new", "changed": "changed"}
    forth = {(c.kind, c.change, c.subject, c.field, c.old, c.new) for c in world.diff(first, second)}
    back = {(c.kind, mirrored[c.change], c.subject, c.field, c.new, c.old) for c in world.diff(second, first)}
    assert forth == back


def test_first_and_last_seen_go_on_and_what_vanishes_is_a_tombstone(world: World) -> None:
    first = world.build()
    traced(world.records, "acme/mix", [witness("lab/new")])
    world.forget("lab/base")
    second = world.build()
    with world.open() as graph:
        assert graph.dataset("acme/mix").first_seen == first.snapshot
        assert graph.dataset("lab/new").first_seen == graph.dataset("acme/mix").last_seen == second.snapshot
        assert graph.sources("acme/mix")[0].first_seen == second.snapshot
        rows = graph.select("SELECT kind, subject, first_seen, last_seen FROM tombstones ORDER BY ALL").rows
        assert rows == (
            ("dataset", "lab/base", first.snapshot, first.snapshot),
            ("edge", "lab/base -> acme/mix", first.snapshot, first.snapshot),
        )
        with pytest.raises(DatasetNotFound) as error:
            graph.dataset("lab/base")
        assert f"--as-of {first.snapshot}" in error.value.hint
    traced(world.records, "lab/base")
    world.build()
    with world.open() as graph:
        assert graph.dataset("lab/base").first_seen == first.snapshot
        assert graph.select("SELECT subject FROM tombstones").rows == (("lab/base -> acme/mix",),)


def test_a_graph_that_comes_back_is_a_snapshot_of_its_own(world: World) -> None:
    first = world.build()
    traced(world.records, "lab/base", licence="apache-2.0")
    world.build()
    traced(world.records, "lab/base", licence="mit")
    third = world.build()
    assert third.snapshot.split("-")[1] == first.snapshot.split("-")[1]
    assert third.snapshot.startswith("0003-")
    assert world.diff(first, third) == []


def test_only_so_many_snapshots_are_kept_and_history_outlives_them(world: World) -> None:
    first = world.build()
    for number in range(5):
        traced(world.records, f"new/set-{number}")
        last = world.build(snapshots_kept=2)
    assert [Snapshots.number(path.stem) for path in world.snapshots.all()] == [5, 6]
    with world.open() as graph:
        assert graph.meta.snapshot == last.snapshot
        assert graph.dataset("acme/mix").first_seen == first.snapshot
        assert len(graph.report("snapshots").rows) == 6


def test_a_damaged_or_foreign_snapshot_costs_the_history_and_not_the_graph(world: World) -> None:
    first = world.build()
    file = world.snapshots.find(first.snapshot)
    file.unlink()
    file.write_bytes(b"not a database")
    second = world.build()
    assert second.snapshot.startswith("0002-")
    assert world.open().dataset("acme/mix").first_seen == second.snapshot
    with pytest.raises(GraphMissing, match="cannot be compared"):
        world.diff(first, second)
    newest = world.snapshots.find(second.snapshot)
    newest.unlink()
    with duckdb.connect(newest) as other:
        other.execute("CREATE TABLE datasets AS SELECT 1 AS dataset_id")
    third = world.build()
    assert third.snapshot.startswith("0003-")
    newest = world.snapshots.find(third.snapshot)
    older = newest.with_suffix(".older")
    shutil.copyfile(newest, older)
    with duckdb.connect(older) as other:
        other.execute("ALTER TABLE snapshots DROP COLUMN faults")
    older.replace(newest)
    assert world.build().snapshot.startswith("0004-")


def test_a_snapshot_that_is_no_longer_kept_stays_with_those_who_read_it(world: World) -> None:
    first = world.build()
    with world.open(first.snapshot) as held:
        world.forget("lab/base")
        world.build(snapshots_kept=1)
        assert first.snapshot not in {path.stem for path in world.snapshots.all()}
        counted = "SELECT count(*) FROM datasets WHERE outcome IS NOT NULL"
        assert held.select(counted).rows == held.sql(counted).rows == ((2,),)


def test_a_snapshot_deleted_between_being_found_and_being_opened_is_said_to_be_gone(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = world.build()
    find = Snapshots.find

    def found_and_deleted(self: Snapshots, wanted: str) -> Path:
        path = find(self, wanted)
        path.unlink()
        return path

    monkeypatch.setattr(Snapshots, "find", found_and_deleted)
    with pytest.raises(SnapshotMissing, match=first.snapshot):
        world.open(first.snapshot)


@pytest.mark.parametrize("step", ["keep", "forget"])
def test_killed_in_the_middle_the_old_graph_or_the_new_one_is_there(
    world: World, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    first = world.build()
    traced(world.records, "new/set")

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Snapshots, step, die)
        with pytest.raises(KeyboardInterrupt):
            world.build()
    with world.open() as graph:
        assert graph.meta.datasets == (2 if step == "keep" else 3)
    after = world.build()
    assert after.snapshot.startswith("0002-")
    assert world.diff(first, after)
    assert {path.name for path in world.path.parent.iterdir()} == {"graph.duckdb", "hubs"}


def test_without_hard_links_a_snapshot_is_a_copy(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError("not supported")

    monkeypatch.setattr("os.link", refuse)
    built = world.build()
    assert world.open(built.snapshot).meta.snapshot == built.snapshot


FIELDS = st.fixed_dictionaries(
    {
        "licence": st.sampled_from(["mit", "cc-by-4.0", ""]),
        "summary": st.sampled_from(["One.", "Two.", ""]),
    }
)
STATES = st.dictionaries(st.sampled_from(["a/a", "b/b", "c/c"]), FIELDS, max_size=3)


@settings(deadline=None, max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=STATES, after=STATES)
def test_the_id_changes_if_and_only_if_something_changed(
    tmp_path_factory: pytest.TempPathFactory, before: dict[str, dict[str, str]], after: dict[str, dict[str, str]]
) -> None:
    world = World(tmp_path_factory.mktemp("world"))
    built = []
    for state in (before, after):
        for dataset_id in ("a/a", "b/b", "c/c"):
            if dataset_id in state:
                traced(world.records, dataset_id, **state[dataset_id])
            elif world.records.path(dataset_id, "validation").exists():
                world.forget(dataset_id)
        built.append(world.build())
    changed = {change.subject for change in world.diff(*built)}
    assert changed == {name for name in {*before, *after} if before.get(name) != after.get(name)}
    assert (built[0].snapshot == built[1].snapshot) is (before == after)
