"""The recursion reaches everything upstream, once, whatever fails or stops on the way."""

from __future__ import annotations

import errno
import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lineage_platform.catalog import open_hub
from lineage_platform.catalog.folder import FolderHub
from lineage_platform.catalog.live import LiveHub
from lineage_platform.documents.library import Library
from lineage_platform.documents.web import open_web
from lineage_platform.errors import HubUnavailable
from lineage_platform.files import Home, RecordStore
from lineage_platform.records import DatasetInfo, DocumentSet, Extraction, Outcome, Resolution, Validation
from lineage_platform.settings import Limits
from lineage_platform.stages import Stage, TracedDataset
from lineage_platform.tracing import trace
from tests.conftest import REPOSITORY
from tests.servers.hub import LoopbackHub
from tests.support import LineAgents, card_naming, write_dataset, write_hub


class World:
    """A hub folder, a data home, and a way to trace one into the other."""

    def __init__(self, folder: Path, home: str = "home") -> None:
        self.folder = folder / "hub"
        self.home = Home(folder / home)
        self.agents = LineAgents()
        self.hub = FolderHub(self.folder)
        self.library: Library

    @property
    def records(self):
        return self.home.records(self.hub.name)

    def trace(self, *seeds: str, limits: Limits | None = None, **options) -> dict[str, TracedDataset]:
        self.library = Library(
            self.hub, open_web(self.hub), self.home.hub_folder(self.hub.name), self.home.content, refresh=False
        )
        traced = trace(
            seeds,
            hub=self.hub,
            library=self.library,
            agents=self.agents,
            records=self.records,
            limits=limits or Limits(concurrency=4),
            **options,
        )
        results = list(traced)
        assert len({result.dataset_id for result in results}) == len(results), "a dataset was yielded twice"
        return {result.dataset_id: result for result in results}


@pytest.fixture
def world(tmp_path: Path) -> Callable[..., World]:
    def make(sources: dict[str, list[str]], aliases: dict[str, str] | None = None) -> World:
        write_hub(tmp_path / "hub", sources, aliases)
        return World(tmp_path)

    return make


def test_everything_upstream_is_reached_once_even_around_a_cycle(world) -> None:
    here = world({"o/a": ["o/b", "o/c"], "o/b": ["o/d"], "o/c": ["o/d"], "o/d": ["o/a"], "o/else": []})
    results = here.trace("o/a")
    assert set(results) == {"o/a", "o/b", "o/c", "o/d"}
    assert sorted(here.agents.read) == ["o/a", "o/b", "o/c", "o/d"]


@pytest.mark.parametrize("seed", range(5))
def test_max_hops_counts_the_shortest_way_in_any_graph(world, seed: int) -> None:
    networkx = pytest.importorskip("networkx")
    rng = random.Random(seed)
    names = [f"o/n{i}" for i in range(30)]
    sources = {name: rng.sample(names, rng.randint(0, 3)) for name in names}
    graph = networkx.DiGraph([(a, b) for a, upstream in sources.items() for b in upstream if a != b])
    graph.add_nodes_from(names)
    here = world(sources)
    away = networkx.multi_source_dijkstra_path_length(graph, {"o/n0", "o/n1"})
    for hops in range(max(away.values()) + 1):
        results = here.trace("o/n0", "o/n1", limits=Limits(concurrency=8, max_hops=hops))
        assert set(results) == {name for name, distance in away.items() if distance <= hops}


def test_max_hops_counts_the_shortest_way(world) -> None:
    here = world({"o/a": ["o/b", "o/d"], "o/b": ["o/c"], "o/c": ["o/d"], "o/d": ["o/e"], "o/e": ["o/f"], "o/f": []})
    assert set(here.trace("o/a", limits=Limits(max_hops=2))) == {"o/a", "o/b", "o/c", "o/d", "o/e"}
    assert set(here.trace("o/a", limits=Limits(max_hops=0))) == {"o/a"}


def test_two_names_of_one_dataset_are_traced_once(world) -> None:
    here = world({"new/name": ["o/b"], "o/b": []}, aliases={"old/name": "new/name"})
    assert set(here.trace("old/name", "new/name")) == {"new/name", "o/b"}
    assert here.agents.read.count("new/name") == 1
    assert here.records.read("old/name", Validation).dataset_id == "new/name"


def test_one_failing_dataset_never_loses_the_others(world) -> None:
    here = world({"o/a": ["o/bad", "o/c"], "o/bad": ["o/c"], "o/c": []})
    (here.folder / "datasets/o/bad/info.json").write_text('{"id": ', encoding="utf-8")
    results = here.trace("o/a", "o/bad", "../../x", "o/" + "n" * 300, "o/nowhere")
    outcomes = {name: result.outcome for name, result in results.items()}
    assert outcomes == {
        "o/a": Outcome.TRACED,
        "o/c": Outcome.NO_SOURCES_DOCUMENTED,
        "o/bad": Outcome.FAILED,
        "../../x": Outcome.FAILED,
        "o/" + "n" * 300: Outcome.FAILED,
        "o/nowhere": Outcome.NOT_FOUND,
    }
    assert "info.json" in results["o/bad"].detail
    assert all("\n" not in result.detail for result in results.values())


def test_a_failed_dataset_is_tried_again_and_carries_on_into_its_sources(world) -> None:
    here = world({"o/a": ["o/b"], "o/b": ["o/c"], "o/c": []})
    info = here.folder / "datasets/o/b/info.json"
    good = info.read_bytes()
    info.write_text("{", encoding="utf-8")
    assert here.trace("o/a")["o/b"].outcome is Outcome.FAILED
    info.write_bytes(good)
    here.hub = FolderHub(here.folder)
    results = here.trace("o/a")
    assert results["o/b"].outcome is Outcome.TRACED
    assert results["o/c"].outcome is Outcome.NO_SOURCES_DOCUMENTED
    assert results["o/a"].worked == frozenset()


def test_what_is_done_is_not_done_again(world) -> None:
    here = world({"o/a": ["o/b"], "o/b": []})
    first = here.trace("o/a")
    assert all(result.worked == frozenset(Stage) for result in first.values())
    assert here.library.fetched == 2
    here.agents.read.clear()
    again = here.trace("o/a")
    assert all(result.worked == frozenset() for result in again.values())
    assert here.library.fetched == 0
    assert here.agents.read == []


def test_only_a_changed_card_is_read_again(world) -> None:
    here = world({"o/a": ["o/b"], "o/b": [], "o/c": []})
    here.trace("o/a")
    here.agents.read.clear()
    write_dataset(here.folder, "o/a", card_naming(["o/b", "o/c"]))
    here.hub = FolderHub(here.folder)
    results = here.trace("o/a")
    assert here.agents.read.count("o/a") == 1
    assert set(results["o/a"].sources) == {"o/b", "o/c"}
    assert results["o/b"].worked == frozenset()


def test_a_part_of_the_stages_does_those_again_and_nothing_else(world) -> None:
    here = world({"o/a": ["o/b"], "o/b": []})
    here.trace("o/a")
    here.agents.read.clear()
    result = here.trace("o/a", stages=frozenset({Stage.EXTRACTION}))
    assert result["o/a"].worked == {Stage.EXTRACTION}
    assert set(result) == {"o/a"}
    assert here.agents.read == ["o/a"]
    assert here.library.fetched == 0
    assert here.trace("o/a", stages=frozenset({Stage.RESOLUTION}))["o/a"].worked == {Stage.RESOLUTION}
    assert here.agents.read == ["o/a"]


def test_a_part_of_the_stages_without_what_it_builds_on_says_so(world) -> None:
    here = world({"o/a": []})
    result = here.trace("o/a", stages=frozenset({Stage.EXTRACTION}))["o/a"]
    assert result.outcome is Outcome.FAILED
    assert "lineage trace o/a" in result.detail


def test_a_source_younger_than_its_target_is_not_followed(world) -> None:
    here = world({"o/a": ["o/young"], "o/young": ["o/b"], "o/b": []})
    write_dataset(here.folder, "o/young", card_naming(["o/b"]), created="2025-06-01")
    assert set(here.trace("o/a")) == {"o/a"}


def test_a_dataset_from_before_the_cutoff_is_kept_and_not_expanded(world) -> None:
    here = world({"o/a": ["o/old"], "o/old": ["o/b"], "o/b": []})
    write_dataset(here.folder, "o/old", card_naming(["o/b"]), created="2019-06-01")
    results = here.trace("o/a")
    assert results["o/old"].outcome is Outcome.BEFORE_CUTOFF
    assert "o/b" not in results


class AwayHub(FolderHub):
    """A hub that is down for some datasets."""

    away: frozenset[str] = frozenset()

    def info(self, dataset_id: str) -> DatasetInfo:
        if dataset_id in self.away:
            raise HubUnavailable(f"no answer for {dataset_id}")
        return super().info(dataset_id)


def test_what_is_known_survives_while_the_hub_is_away(world) -> None:
    here = world({"o/a": ["o/b"], "o/b": []})
    here.trace("o/a")
    here.hub = AwayHub(here.folder)
    here.hub.away = frozenset({"o/a"})
    assert here.trace("o/a")["o/a"].outcome is Outcome.FAILED
    assert here.records.read("o/a", Validation).outcome is None
    assert here.records.read("o/a", Resolution).outcome is Outcome.FAILED
    assert [witness.source for witness in here.records.read("o/a", Resolution).witnesses] == ["o/b"]
    here.hub = FolderHub(here.folder)
    assert here.trace("o/a")["o/a"].outcome is Outcome.TRACED


def test_a_full_disk_is_no_datasets_failure_but_the_end_of_the_trace(world, monkeypatch: pytest.MonkeyPatch) -> None:
    here = world({"o/a": ["o/b"], "o/b": []})

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/home")

    with monkeypatch.context() as patch:
        patch.setattr(RecordStore, "write", refuse)
        with pytest.raises(OSError, match="No space left on device"):
            here.trace("o/a")
    assert here.trace("o/a")["o/b"].outcome is Outcome.NO_SOURCES_DOCUMENTED


@pytest.mark.parametrize("moved", [-365, 365])
def test_a_clock_that_was_moved_makes_nothing_be_done_again_or_left_undone(world, moved: int) -> None:
    here = world({"o/a": ["o/b"], "o/b": [], "o/c": []})
    here.trace("o/a")
    for path in here.home.root.rglob("*"):  # as a clock leaves them that was wrong by a year when they were written
        when = path.stat().st_mtime + moved * 86_400
        os.utime(path, (when, when))
    assert all(result.worked == frozenset() for result in here.trace("o/a").values())
    write_dataset(here.folder, "o/a", card_naming(["o/b", "o/c"]))
    here.hub = FolderHub(here.folder)
    here.agents.read.clear()
    results = here.trace("o/a")
    assert set(results) == {"o/a", "o/b", "o/c"}
    assert sorted(here.agents.read) == ["o/a", "o/c"]
    assert results["o/b"].worked == frozenset()


def test_a_hub_that_is_down_for_an_hour_is_a_failure_at_once_and_the_next_trace_goes_on_from_there(
    tmp_path: Path,
) -> None:
    write_hub(tmp_path / "hub", {"o/a": ["o/b", "o/c"], "o/b": [], "o/c": []})
    with LoopbackHub(tmp_path / "hub") as server:
        here = World(tmp_path)
        here.hub = LiveHub(server.url, cache=tmp_path / "cards")
        server.fail("o/b", times=10, status=503, headers={"Retry-After": "3600"})
        result = here.trace("o/a")["o/a"]  # whether its source is one cannot be told
        assert (result.outcome, "503" in result.detail) == (Outcome.FAILED, True)
        server.faults.clear()
        here.hub = LiveHub(server.url, cache=tmp_path / "cards")
        again = here.trace("o/a")
    assert {name: result.outcome for name, result in again.items()} == {
        "o/a": Outcome.TRACED,
        "o/b": Outcome.NO_SOURCES_DOCUMENTED,
        "o/c": Outcome.NO_SOURCES_DOCUMENTED,
    }
    assert here.agents.read.count("o/a") == 1


@pytest.mark.parametrize("kind", [Validation, DocumentSet, Extraction, Resolution])
def test_a_damaged_record_is_made_anew(world, kind) -> None:
    here = world({"o/a": ["o/b"], "o/b": []})
    here.trace("o/a")
    whole = here.records.read("o/a", kind)
    here.records.path("o/a", kind.__name__.lower()).write_text("{", encoding="utf-8")
    assert here.trace("o/a")["o/a"].outcome is Outcome.TRACED
    assert here.records.read("o/a", kind) == whole


def test_the_same_input_leaves_the_same_records_at_any_width(tmp_path: Path) -> None:
    rng = random.Random(7)
    names = [f"o/n{i}" for i in range(25)]
    write_hub(tmp_path / "hub", {name: rng.sample(names, 2) for name in names})
    left = []
    for width in (1, 12):
        home = Home(tmp_path / f"home{width}")
        hub = open_hub(str(tmp_path / "hub"))
        library = Library(hub, open_web(hub), home.hub_folder(hub.name), home.content)
        list(
            trace(
                names[:3],
                hub=hub,
                library=library,
                agents=LineAgents(),
                records=home.records(hub.name),
                limits=Limits(concurrency=width),
            )
        )
        left.append(sorted(home.records(hub.name).all(Resolution), key=lambda record: record.dataset_id))
    assert left[0] == left[1]


SCRIPT = """
import sys, time
from pathlib import Path
from lineage_platform.catalog.folder import FolderHub
from lineage_platform.documents.library import Library
from lineage_platform.documents.web import open_web
from lineage_platform.files import Home
from lineage_platform.settings import Limits
from lineage_platform.tracing import trace
from tests.support import LineAgents

class SlowHub(FolderHub):
    def card(self, info):
        time.sleep(0.01)
        with open(sys.argv[2] + "/fetched", "a") as log:
            log.write(info.id + "\\n")
        return super().card(info)

hub, home = SlowHub(Path(sys.argv[1])), Home(Path(sys.argv[2]))
library = Library(hub, open_web(hub), home.hub_folder(hub.name), home.content)
for traced in trace(["o/n0"], hub=hub, library=library, agents=LineAgents(), records=home.records(hub.name),
                    limits=Limits(concurrency=4)):
    print(traced.dataset_id, flush=True)
"""


def test_a_trace_killed_at_any_point_resumes_to_the_same_records(tmp_path: Path) -> None:
    names = [f"o/n{i}" for i in range(40)]
    write_hub(tmp_path / "hub", {name: names[i + 1 : i + 3] for i, name in enumerate(names)})
    script = tmp_path / "run.py"
    script.write_text(textwrap.dedent(SCRIPT), encoding="utf-8")
    home = tmp_path / "home"
    home.mkdir()
    command = [sys.executable, str(script), str(tmp_path / "hub"), str(home)]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    for lines in (2, 11, 23):
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(lines):
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        process.wait()
    fetched = (home / "fetched").read_text().splitlines()
    hub = FolderHub(tmp_path / "hub")
    on_disk = {record.dataset_id for record in Home(home).records(hub.name).all(DocumentSet)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert len(done.stdout.split()) == len(names)
    again = (home / "fetched").read_text().splitlines()[len(fetched) :]
    assert not on_disk & set(again), "a card that was on disk was fetched again"
    undisturbed = World(tmp_path, "undisturbed")
    undisturbed.trace("o/n0")
    assert list(Home(home).records(hub.name).all(Resolution)) == list(undisturbed.records.all(Resolution))


def test_stopping_early_leaves_no_thread_behind(world) -> None:
    import threading

    here = world({f"o/n{i}": [f"o/n{i + 1}"] for i in range(30)} | {"o/n30": []})
    library = Library(here.hub, open_web(here.hub), here.home.hub_folder(here.hub.name), here.home.content)
    running = trace(["o/n0"], hub=here.hub, library=library, agents=here.agents, records=here.records)
    next(running)
    running.close()
    deadline = time.monotonic() + 10
    while any(thread.name.startswith("trace") for thread in threading.enumerate()) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("trace")]


ONLY_CHANGES = Limits(concurrency=4, changed_only=True)


def test_a_look_at_changes_alone_leaves_out_what_lies_behind_unchanged_datasets(tmp_path: Path) -> None:
    write_hub(tmp_path / "hub", {"o/a": ["o/b"], "o/b": ["o/c"], "o/c": []})
    World(tmp_path).trace("o/a")
    again = World(tmp_path)
    assert again.trace("o/a", limits=ONLY_CHANGES).keys() == {"o/a"}
    assert again.agents.read == []


def test_a_look_at_changes_follows_a_changed_card_to_its_new_source(tmp_path: Path) -> None:
    write_hub(tmp_path / "hub", {"o/a": ["o/b"], "o/b": [], "o/new": []})
    World(tmp_path).trace("o/a")
    write_dataset(tmp_path / "hub", "o/a", card_naming(["o/b", "o/new"]), sha="2" * 40)
    traced = World(tmp_path).trace("o/a", limits=ONLY_CHANGES)
    assert traced["o/new"].outcome is Outcome.NO_SOURCES_DOCUMENTED


def test_a_look_at_changes_goes_on_where_an_earlier_trace_was_cut_off(tmp_path: Path) -> None:
    write_hub(tmp_path / "hub", {"o/a": ["o/b"], "o/b": ["o/c"], "o/c": []})
    World(tmp_path).trace("o/a", limits=Limits(max_hops=1))
    traced = World(tmp_path).trace("o/a", "o/b", limits=ONLY_CHANGES)
    assert traced.keys() == {"o/a", "o/b", "o/c"}


def test_popularity_alone_is_no_news_but_is_kept(tmp_path: Path) -> None:
    write_hub(tmp_path / "hub", {"o/a": []})
    World(tmp_path).trace("o/a")
    write_dataset(tmp_path / "hub", "o/a", card_naming([]), downloads=4711)
    world = World(tmp_path)
    assert not world.trace("o/a")["o/a"].worked
    validation = world.records.read("o/a", Validation)
    assert validation is not None
    assert validation.info is not None
    assert validation.info.downloads == 4711


def test_a_record_says_when_the_hub_last_confirmed_it(tmp_path: Path) -> None:
    write_hub(tmp_path / "hub", {"o/a": []})
    world = World(tmp_path)
    world.trace("o/a")
    os.utime(world.records.path("o/a", "validation"), (1, 1))
    assert world.records.confirmed_at("o/a", Validation) == 1
    World(tmp_path).trace("o/a")
    assert world.records.confirmed_at("o/a", Validation) > 1
    assert world.records.confirmed_at("o/never", Validation) == 0


def test_the_first_stages_can_be_done_alone_for_a_dataset_that_was_never_traced(tmp_path: Path) -> None:
    write_hub(tmp_path / "hub", {"o/a": ["o/b"], "o/b": []})
    world = World(tmp_path)
    for stage in (Stage.VALIDATION, Stage.DOCUMENTS, Stage.EXTRACTION):
        result = world.trace("o/a", stages=frozenset({stage}))["o/a"]
        assert (result.outcome, result.ended, result.worked) == (None, "unfinished", {stage})
    world.trace("o/a")
    again = world.trace("o/a", stages=frozenset({Stage.VALIDATION}))["o/a"]
    assert (again.outcome, again.sources) == (Outcome.TRACED, ())
