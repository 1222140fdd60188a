"""What kills, a full disk and failing requests leave behind: the next run finishes, and nothing differs.

A hub of five datasets with rows is taken through everything: a trace by model agents (a loopback model server), the
graph, shards, audits, what changed, and a corpus with its diversity. Each run is a child process. It is

- killed (SIGKILL) at random points on fresh homes, then started until it is done;
- refused the Nth opening for writing, renaming or linking of a file or making of a folder (no space left), and
- refused the Nth request to the model, both on a home that holds an earlier graph and corpus.

Printed: how many of these runs ended in the exports and corpus of an undisturbed run, calls repeated although their
answer was on disk, errors without a name, graphs that did not open after a fault, and what was left lying about.

    python benchmarks/recovery.py --kills 200 --faults 0     # 0: every one
"""

from __future__ import annotations

import argparse
import errno
import json
import logging
import multiprocessing
import os
import random
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.agents import MODELS, again, on_disk
from benchmarks.tracing import graph_of
from lineage_platform import Limits, Settings, Workspace
from lineage_platform.audits.leaks import LeakStore
from lineage_platform.audits.lineage import Lineage
from lineage_platform.audits.overlaps import keep_overlaps
from lineage_platform.audits.redundancy import measure_redundancy
from lineage_platform.audits.rows import Shelf
from lineage_platform.audits.screening import Screening
from lineage_platform.changes import tell_changes
from lineage_platform.corpus.building import STAGES
from lineage_platform.errors import LineageError
from lineage_platform.files import Home
from lineage_platform.graph import open_graph
from lineage_platform.samples.engines import open_engine
from tests.corpus.worlds import folder_bytes, questions
from tests.servers.models import Asked, Label, ModelServer, Oracle, Reply

SOURCES = {
    "org/root": (),
    "org/bench": (),
    "org/left": ("org/root",),
    "org/right": ("org/root", "org/bench"),
    "org/mix": ("org/left", "org/right"),
}
RECIPE = """
name: small
roots: {max: 3, exclude: [org/bench]}
filters: {languages: off}
benchmarks: {ids: [org/bench]}
diversity: {model: static, compare_with: [org/left]}
"""
WRITES = frozenset({"os.rename", "os.mkdir", "os.link"})
UNFINISHED = (".part", ".building", ".earlier")


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--faults", type=int, default=0, help="of each kind, evenly spaced; 0: every one")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, world(Path(name)) as hub:
        for figures in (
            kills(hub, options.kills, options.seed),
            faults(hub, "disk", options.faults),
            faults(hub, "requests", options.faults),
        ):
            for what, number in figures.items():
                print(f"{what:<52} {number}")
            print(flush=True)


def card(name: str, sources: tuple[str, ...]) -> str:
    """A card that a model reads the sources from, line by line."""
    lines = [f"- Made from [{each}](https://huggingface.co/datasets/{each})." for each in sources]
    return "\n\n".join([f"# {name}", "Questions with answers.", *lines]) + "\n"


def oracle() -> Oracle:
    """The model that reads such cards."""
    return Oracle(
        {
            name: [
                Label(each, f"Made from [{each}](https://huggingface.co/datasets/{each}).", link=None)
                for each in (*sources, "org/bench")
            ]
            for name, sources in SOURCES.items()
        }
    )


class World:
    """The hub, the model that reads it, and runs over it.

    Parameters
    ----------
    folder:
        For the hub and all data homes.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.hub = folder, folder / "hub"
        self.fail_request = 0
        self._requests, self._lock = 0, threading.Lock()
        self._answer = oracle()
        self._base: Result | None = None
        self.models = ModelServer(self.answer)
        self.context = multiprocessing.get_context("forkserver")
        self.context.set_forkserver_preload(["benchmarks.recovery"])
        for number, (name, sources) in enumerate(SOURCES.items()):
            self.write(name, sources, number)
        (folder / "small.yaml").write_text(RECIPE, encoding="utf-8")

    def write(self, name: str, sources: tuple[str, ...], number: int, revision: str = "1") -> None:
        """One dataset of the hub: rows of its own, and some of each source's."""
        place = self.hub / "datasets" / name
        (place / "data").mkdir(parents=True, exist_ok=True)
        (place / "README.md").write_text(card(name, sources), encoding="utf-8")
        info = {"id": name, "sha": f"{revision}{number:039x}", "createdAt": f"2024-0{number + 1}-01T00:00:00.000Z"}
        (place / "info.json").write_text(json.dumps(info), encoding="utf-8")
        rows = [row for at in (number, *map(list(SOURCES).index, sources)) for row in questions("weight", 20, 20 * at)]
        lines = (json.dumps({"instruction": query, "input": more, "output": said}) for query, more, said in rows)
        (place / "data" / "train.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def change(self) -> None:
        """Another version of one dataset: a source less."""
        self.write("org/mix", ("org/left",), 4, "2")

    def answer(self, asked: Asked) -> Reply:
        """The model's answer, or a fault where one is due."""
        with self._lock:
            self._requests += 1
            fault = self._requests == self.fail_request
        return Reply("out of order", status=500) if fault else self._answer(asked)

    def start(self, home: Path, refuse: int = 0) -> tuple[Any, Connection]:
        """A run over a home in a process of its own, and where its result will arrive."""
        models = self.folder / "models.toml"
        models.write_text(MODELS.format(url=self.models.openai_url), encoding="utf-8")
        shutil.copyfile(self.folder / "small.yaml", self.folder / f"{home.name}.yaml")
        with self._lock:
            self._requests = 0
        here, there = self.context.Pipe(duplex=False)
        process = self.context.Process(target=child, args=(there, self.hub, home, models, refuse))
        process.start()
        there.close()
        return process, here

    def run(self, home: Path, refuse: int = 0) -> Result:
        """The same, to its end."""
        process, here = self.start(home, refuse)
        try:
            result: Result = here.recv()
        except EOFError:
            result = Result(0, unnamed=["the process died"])
        process.join()
        return result

    def undisturbed(self, home: Path) -> Result:
        """A run that must end well."""
        result = self.run(home)
        if result.named or result.unnamed:
            raise SystemExit(f"the undisturbed run failed: {result}")
        return result

    def base(self) -> tuple[Path, Result]:
        """A home that a run over the first version of the hub left, and that run; the hub is back at it."""
        home = self.folder / "base"
        self.write("org/mix", SOURCES["org/mix"], 4)
        if self._base is None:
            self._base = self.undisturbed(home)
        return home, self._base

    def outcome(self, home: Path) -> tuple[list[str], dict[str, bytes]]:
        """What must be the same whatever happened: the export, and the corpus to the byte."""
        return graph_of(home), folder_bytes(Home(home).corpus("small"))


class world:  # noqa: N801  a context manager, read as a word
    """The world with its model server running."""

    def __init__(self, folder: Path) -> None:
        self.made = World(folder)

    def __enter__(self) -> World:
        self.made.models.__enter__()
        return self.made

    def __exit__(self, *error: Any) -> None:
        self.made.models.__exit__(*error)


@dataclass(frozen=True)
class Result:
    """How a run ended: writes that it began, its seconds, errors that it named, and those that have no name."""

    writes: int
    seconds: float = 0.0
    named: list[str] = field(default_factory=list)
    unnamed: list[str] = field(default_factory=list)


def child(connection: Connection, hub: Path, home: Path, models: Path, refuse: int) -> None:
    """One run, whose result is sent through the connection."""
    logging.disable()  # what is refused is told in the result
    writes = FullDisk(home, refuse)
    sys.addaudithook(writes)
    named: list[str] = []
    unnamed: list[str] = []
    began = time.monotonic()
    try:
        named += everything(hub, home, models)
    except LineageError as error:
        named.append(f"{error.kind}: {error.message}")
    except OSError as error:
        named.append(f"system: {error.strerror}: {error.filename}")  # as the command line says it
    except Exception as error:  # noqa: BLE001  what the benchmark is after
        unnamed.append(f"{type(error).__name__}: {error}")
    writes.refuse = 0
    connection.send(Result(writes.seen, time.monotonic() - began, named, unnamed))


class FullDisk:
    """Counts what Python begins to write under a folder, and refuses the Nth of it."""

    def __init__(self, folder: Path, refuse: int) -> None:
        self.folder, self.refuse, self.seen = str(folder), refuse, 0

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            writing = bool((arguments[2] or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
        else:
            writing = event in WRITES
        if writing and isinstance(arguments[0], str | os.PathLike) and str(arguments[0]).startswith(self.folder):
            self.seen += 1
            if self.seen == self.refuse:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(arguments[0]))


def everything(hub: Path, home: Path, models: Path) -> Iterator[str]:
    """All that the platform does with a hub; yields what failed of single datasets."""
    limits = Limits(concurrency=4)
    workspace = Workspace.open(Settings(home=home, hub=str(hub), agents="llm", models=models, limits=limits))
    for traced in workspace.trace(["org/mix", "org/bench"]):
        if traced.outcome == "failed":
            yield f"failed: {traced.detail}"
    workspace.build_graph()
    for name in SOURCES:
        for built in workspace.shard_builder().build(name):
            if built.part.outcome != "read":
                yield f"{built.part.outcome}: {built.part.detail}"
    audit(workspace)
    workspace.build_graph()
    tell_changes(workspace)
    build = workspace.corpus_build(home.with_suffix(".yaml"), workers=1, update_lock=True)
    for stage in STAGES:
        build.run(stage)
    workspace.assemble_corpus(build, workspace.home.corpus("small"))


def audit(workspace: Workspace) -> None:
    """Redundancy, contamination, overlaps."""
    shelf = Shelf(workspace.shards)
    with workspace.open_graph() as graph:
        lineage = Lineage.of(graph)
    engine = open_engine("", memory_limit="1GB", spill=workspace.home.root / "spill")
    for rows in shelf.all():
        workspace.measurements.write(measure_redundancy(rows, shelf, lineage, engine))
    leaks = LeakStore(workspace.home.hub_folder(workspace.hub.name))
    benchmark = shelf.find("org/bench")
    screening = Screening(shelf, engine, lineage, workspace.measurements, leaks)
    list(screening.run(shelf.all(), [benchmark] if benchmark else [], full=True))
    keep_overlaps(shelf.all(), shelf, lineage, engine, workspace.measurements)


def kills(world: World, number: int, seed: int) -> dict[str, object]:
    """Kill runs at random points of their time, each on a fresh home, then start them until they are done."""
    rng, same, repeated = random.Random(seed), 0, 0
    whole, undisturbed = world.base()
    seconds, expected = undisturbed.seconds, world.outcome(whole)
    left: Counter[str] = Counter()
    bad: list[str] = []
    for at in range(number):
        home = world.folder / f"kill{at}"
        process, _ = world.start(home)
        process.join(rng.uniform(0, seconds))
        process.kill()
        process.join()
        kept, last = on_disk(home)
        result = world.run(home)
        bad += [*result.named, *result.unnamed]
        repeated += again(home, kept, last)
        same += not (result.named or result.unnamed) and world.outcome(home) == expected
        left.update(leftovers(home))
        shutil.rmtree(home)
        print(f"kill {at + 1} of {number}: {same} the same, {repeated} calls repeated {bad}", file=sys.stderr)
    return {
        "seconds of an undisturbed run": round(seconds, 1),
        "killed": number,
        "restarts that ended as an undisturbed run": same,
        "errors of restarts": bad[:5] or 0,
        "calls repeated though their answer was on disk": repeated,
        "left lying about": dict(left) or 0,
    }


def faults(world: World, kind: str, number: int) -> dict[str, object]:
    """Refuse the Nth write or request of a run over what another left, then run again."""
    base, _ = world.base()
    world.change()
    whole = shutil.copytree(base, world.folder / f"whole-{kind}")
    before = len(world.models.log)
    writes = world.undisturbed(whole).writes
    total = writes if kind == "disk" else len(world.models.log) - before
    expected = world.outcome(whole)
    named = opened = same = silent = 0
    bad: list[str] = []
    left: Counter[str] = Counter()
    wanted = number or total
    points = sorted({1 + at * (total - 1) // max(wanted - 1, 1) for at in range(wanted)})
    for point in points:
        home = shutil.copytree(base, world.folder / f"{kind}{point}")
        world.fail_request = point if kind == "requests" else 0
        result = world.run(home, refuse=point if kind == "disk" else 0)
        world.fail_request = 0
        named += bool(result.named) and not result.unnamed
        silent += not (result.named or result.unnamed)
        bad += [f"{point}: {each}" for each in result.unnamed]
        opened += opens(home)
        after = world.run(home)
        bad += [f"{point}, again: {each}" for each in (*after.named, *after.unnamed)]
        same += not (after.named or after.unnamed) and world.outcome(home) == expected
        left.update(leftovers(home))
        shutil.rmtree(home)
        print(f"{kind} {point} of {total}: {named} named, {silent} silent, {same} the same {bad}", file=sys.stderr)
    return {
        f"faults of {kind} (of {total})": len(points),
        "ended with a named error": named,
        "went on without one": silent,
        "errors without a name, or in the next run": bad[:8] or 0,
        "graphs that opened after the fault": opened,
        "next runs that ended as an undisturbed run": same,
        "left lying about": dict(left) or 0,
    }


def opens(home: Path) -> bool:
    """Whether there is a graph that answers."""
    try:
        with open_graph(Home(home).graph) as graph:
            return bool(graph.select("SELECT count(*) FROM edges").rows)
    except LineageError:
        return False


def leftovers(home: Path) -> Iterator[str]:
    """Kinds of unfinished files and folders."""
    for path in home.rglob(".*"):
        if path.suffix in UNFINISHED or path.name.startswith(".graph-"):
            yield path.suffix if path.suffix in UNFINISHED else ".graph-"


if __name__ == "__main__":
    from benchmarks.recovery import main as entry  # the child processes import it under this name

    entry()
