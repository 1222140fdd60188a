"""One writer and many readers of the same data home: no lock, no answer made of two builds.

A hub folder of datasets is traced. Then the writer, without a pause, changes the sources of one dataset, traces it and
swaps a new graph in, keeping few snapshots. Readers, each a process, meanwhile do what users do, again and again:

- *session*: open the graph, ask several things, wait, ask again;
- *report*: named reports, which must add up to what the graph says of itself;
- *sql*: two queries in child processes, as ``lineage sql`` asks them;
- *as-of*: hold an earlier snapshot open until the writer has deleted it, and ask it again;
- *command*: ``lineage sql`` as a process of its own, now and then.

Each turn of the writer leaves its number in three places of the graph (a revision, a number of edges, a count of
witnesses), so that an answer taken from two builds shows. With ``--writers 2`` two more processes trace datasets of
their own into that home through Dagster, as two code locations do: one behind the command line's lock, one behind the
pool alone; afterwards everything that either has traced must be in the graph.

    python benchmarks/readers.py --seconds 300 --readers 20
"""

from __future__ import annotations

import argparse
import contextlib
import json
import logging
import multiprocessing
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from multiprocessing.synchronize import Event
from pathlib import Path
from queue import Empty
from typing import Any

from lineage_platform import Limits, Settings, Workspace
from lineage_platform.files import Home
from lineage_platform.graph import open_graph
from lineage_platform.graph.query import Graph
from lineage_platform.graph.snapshots import SnapshotMissing

STAMP = "org/stamp"
WIDEST = 7
SNAPSHOTS_KEPT = 5
BATCH = 10
PATIENCE = 20.0
TURN = f"""
SELECT (SELECT any_value(revision) FROM documents WHERE dataset_id = '{STAMP}' AND kind = 'card') AS revision,
       (SELECT count(*) FROM edges WHERE target = '{STAMP}') AS edges,
       (SELECT count(DISTINCT source) FROM witnesses WHERE target = '{STAMP}') AS witnesses
"""
LOCKED = ("lock", "conflict", "busy")


@dataclass
class Told:
    """What one process saw.

    Parameters
    ----------
    name:
        ``reader 7``, ``writer``.
    seconds:
        How long each thing took, by kind.
    errors, torn:
        What went wrong, and answers that were taken from two builds.
    gone:
        Snapshots that were deleted between being listed and being opened: a named error, as it should be.
    waited:
        Seconds that it waited on purpose since it began what it is doing.
    megabytes:
        Memory at the beginning and at most.
    traced:
        Datasets that it was told are done.
    """

    name: str
    seconds: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list)
    torn: list[str] = field(default_factory=list)
    gone: int = 0
    waited: float = 0.0
    megabytes: tuple[float, float] = (0.0, 0.0)
    traced: list[str] = field(default_factory=list)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--readers", type=int, default=20)
    parser.add_argument("--writers", type=int, choices=(0, 2), default=0, help="code locations that trace meanwhile")
    parser.add_argument("--datasets", type=int, default=300)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        hub, home = Path(name) / "hub", Path(name) / "home"
        generate(hub, options.datasets)
        told = run(hub, home, options)
        show(told, options.seconds)
        if options.writers:
            workspace(hub, home).build_graph()
            done, known = [name for each in told for name in each.traced], traced(home)
            print(f"{'traced by two code locations':<48}{len(done)}, lost {sum(name not in known for name in done)}")


def generate(hub: Path, count: int) -> None:
    """A hub folder: layered datasets, one whose sources the writer changes, and those of two code locations."""
    rng = random.Random(7)
    names = [f"org/set-{number}" for number in range(count)]
    for number, name in enumerate(names):
        dataset(hub, name, rng.sample(names[: number // 2], min(number // 2, rng.randint(0, 3))), number)
    for location in range(2):
        for number in range(count):
            dataset(hub, f"location{location}/set-{number}", rng.sample(names, 2), number)
    stamp(hub, 0)


def dataset(hub: Path, name: str, sources: list[str], revision: int) -> None:
    """One dataset whose card declares its sources."""
    place = hub / "datasets" / name
    place.mkdir(parents=True, exist_ok=True)
    declared = "".join(f"- {source}\n" for source in sources)
    matter = f"---\nsource_datasets:\n{declared}---\n" if sources else ""
    (place / "README.md").write_text(f"{matter}# {name}\n\nQuestions with answers.\n", encoding="utf-8")
    info = {"id": name, "sha": f"{revision:040x}", "createdAt": "2024-05-01T00:00:00.000Z"}
    (place / "info.json").write_text(json.dumps(info), encoding="utf-8")


def stamp(hub: Path, turn: int) -> None:
    """The dataset that tells which turn of the writer a graph is of."""
    dataset(hub, STAMP, [f"org/set-{number}" for number in range(turn % WIDEST + 1)], turn)


def workspace(hub: Path, home: Path) -> Workspace:
    """The home that all share."""
    limits = Limits(changed_only=True)
    return Workspace.open(
        Settings(home=home, hub=str(hub), agents="rules", limits=limits, snapshots_kept=SNAPSHOTS_KEPT)
    )


def run(hub: Path, home: Path, options: argparse.Namespace) -> list[Told]:
    """Start everyone, and collect what they saw."""
    opened = workspace(hub, home)
    for _ in opened.trace([STAMP, *(f"org/set-{number}" for number in range(options.datasets))]):
        pass
    opened.build_graph()
    context = multiprocessing.get_context("spawn")
    answers, stop = context.Queue(), context.Event()
    jobs: list[tuple[Callable[..., None], tuple[Any, ...]]] = [(write, (hub, home))]
    jobs += [(read, (home, number)) for number in range(options.readers)]
    jobs += [(locate, (hub, home, number)) for number in range(options.writers)]
    processes = [context.Process(target=job, args=(answers, stop, *arguments)) for job, arguments in jobs]
    for process in processes:
        process.start()
    time.sleep(options.seconds)
    stop.set()
    told: list[Told] = []
    with contextlib.suppress(Empty):
        while len(told) < len(processes):
            told.append(answers.get(timeout=120))
    for process in processes:
        process.join(10)
        process.kill()
    if len(told) < len(processes):
        told.append(Told("processes", errors=[f"{len(processes) - len(told)} never ended"]))
    return told


def write(answers: Any, stop: Event, hub: Path, home: Path) -> None:
    """The writer: another version of one dataset, traced, built and swapped in, until told to stop."""
    told, opened, turn = Told("writer"), workspace(hub, home), 0
    began = memory()
    while not stop.is_set():
        turn += 1
        stamp(hub, turn)
        with watched(told, "rebuild"):
            for _ in opened.trace([STAMP]):
                pass
            opened.build_graph()
    told.megabytes = (began, most_memory())
    answers.put(told)


def read(answers: Any, stop: Event, home: Path, number: int) -> None:
    """A reader, until told to stop."""
    reader, rng, began = Reader(home, Told(f"reader {number}"), stop), random.Random(number), 0.0
    kinds = {
        "session": reader.session,
        "report": reader.report,
        "sql": reader.sql,
        "as-of": reader.as_of,
        "command": reader.command,
    }
    while not stop.is_set():
        (kind,) = rng.choices(list(kinds), weights=(6, 6, 4, 6, 1))
        with watched(reader.told, kind):
            kinds[kind]()
        began = began or memory()
    reader.told.megabytes = (began, most_memory())
    answers.put(reader.told)


def locate(answers: Any, stop: Event, hub: Path, home: Path, number: int) -> None:
    """A code location: traces datasets of its own through Dagster, the first behind the home's lock as well."""
    import dagster as dg

    from lineage_platform.defs.instance import dagster_home, open_instance
    from lineage_platform.defs.jobs import trace_job
    from lineage_platform.defs.run import execute
    from lineage_platform.defs.tracing import TraceConfig

    logging.disable()  # whoever waits for the other says so
    os.environ["DAGSTER_HOME"] = str(dagster_home(home))
    told, settings = Told(f"code location {number}"), workspace(hub, home).settings
    waiting = [each for each in owned(hub) if each.startswith(f"location{number}/")]
    while waiting and not stop.is_set():
        config = {"trace_datasets": TraceConfig(seeds=waiting[:BATCH])}
        with watched(told, "trace"), open_instance(home) if number == 0 else dg.DagsterInstance.get() as instance:
            if not execute(trace_job.name, instance, settings, config).success:
                raise RuntimeError("the run failed")
            told.traced += waiting[:BATCH]
        del waiting[:BATCH]
    answers.put(told)


def owned(hub: Path) -> list[str]:
    """The datasets of the two code locations."""
    places = sorted((hub / "datasets").glob("location*/*"), key=lambda path: (path.parent.name, len(path.name), path))
    return [f"{path.parent.name}/{path.name}" for path in places]


def traced(home: Path) -> set[str]:
    """The datasets of the graph."""
    with open_graph(Home(home).graph) as graph:
        return {str(name) for (name,) in graph.select("SELECT dataset_id FROM datasets").rows}


@contextlib.contextmanager
def watched(told: Told, kind: str) -> Iterator[None]:
    """Time something, and keep what goes wrong in it."""
    began, told.waited = time.monotonic(), 0.0
    try:
        yield
    except SnapshotMissing:
        told.gone += 1
    except Exception as error:  # noqa: BLE001  what the benchmark is after
        told.errors.append(f"{kind}: {type(error).__name__}: {error}")
    else:
        told.seconds[kind].append(time.monotonic() - began - told.waited)


@dataclass
class Reader:
    """What users do with a graph, each kind of it once."""

    home: Path
    told: Told
    stop: Event

    def session(self) -> None:
        """Several questions, a while apart."""
        with self.opened() as graph:
            turns = [self.turn(graph.select(TURN).rows)]
            self.agree(graph.meta.datasets, *graph.select("SELECT count(*) FROM datasets").rows[0])
            self.wait(0.3)
            turns.append(self.turn(graph.select(TURN).rows))
            self.agree(*turns, int(graph.dataset(STAMP).revision or "0", 16))
            self.agree(len(graph.sources(STAMP)), turns[0] % WIDEST + 1)

    def report(self) -> None:
        """Reports, beside what the graph says of itself."""
        with self.opened() as graph:
            self.agree(graph.meta.edges, sum(row["edges"] for row in graph.report("relation_mix").records()))
            graph.report("topology_by_domain")
            graph.report("most_reused")
            newest = graph.select("SELECT snapshot FROM snapshots ORDER BY number DESC LIMIT 1").rows[0]
            self.agree(graph.meta.snapshot, *newest)

    def sql(self) -> None:
        """Two questions of a user, each in a child process, to the one graph that is held open."""
        with self.opened() as graph:
            self.agree(self.turn(graph.sql(TURN).rows), self.turn(graph.sql(TURN).rows))

    def as_of(self) -> None:
        """An earlier snapshot, held open until it is deleted."""
        with self.opened() as graph:
            oldest = graph.snapshots.all()[0]
        with self.opened(oldest.stem) as held:
            before = (self.turn(held.select(TURN).rows), self.turn(held.sql(TURN).rows))
            give_up = time.monotonic() + PATIENCE
            while oldest.exists() and not self.stop.is_set() and time.monotonic() < give_up:
                self.wait(0.1)
            self.agree(*before, self.turn(held.select(TURN).rows), self.turn(held.sql(TURN).rows))

    def command(self) -> None:
        """The command line."""
        done = subprocess.run(
            [sys.executable, "-m", "lineage_platform.cli.main", "sql", TURN, "--json"],
            env={**os.environ, "LINEAGE_HOME": str(self.home)},
            capture_output=True,
            check=False,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(done.stdout + done.stderr)
        self.turn([tuple(row.values()) for row in json.loads(done.stdout)])

    def opened(self, as_of: str | None = None) -> Graph:
        """The graph, or a snapshot of it."""
        return open_graph(Home(self.home).graph, as_of)

    def turn(self, rows: Any) -> int:
        """The turn that an answer is of; three places must say the same."""
        ((revision, edges, witnesses),) = rows
        turn = int(revision, 16)
        if not edges == witnesses == turn % WIDEST + 1:
            self.told.torn.append(f"turn {turn} with {edges} edges and {witnesses} witnesses")
        return turn

    def agree(self, *values: object) -> None:
        """What one session answered must be of one build."""
        if len(set(values)) > 1:
            self.told.torn.append(str(values))

    def wait(self, seconds: float) -> None:
        """Wait on purpose: no part of what an answer takes."""
        began = time.monotonic()
        self.stop.wait(seconds)
        self.told.waited += time.monotonic() - began


def memory() -> float:
    """Megabytes that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def most_memory() -> float:
    """Megabytes that this process held at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def show(told: list[Told], seconds: float) -> None:
    """Print what was seen."""
    errors = [f"{each.name}: {error}" for each in told for error in each.errors]
    torn = [f"{each.name}: {answer}" for each in told for answer in each.torn]
    kinds: defaultdict[str, list[float]] = defaultdict(list)
    for each in told:
        for kind, values in each.seconds.items():
            kinds[kind] += values
    print(f"{'':<12}{'done':>8}{'p50 s':>9}{'p99 s':>9}{'most s':>9}")
    for kind, values in kinds.items():
        ordered = sorted(values)
        at = (ordered[len(ordered) // 2], ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)], ordered[-1])
        print(f"{kind:<12}{len(ordered):>8}" + "".join(f"{value:>9.2f}" for value in at))
    print(f"{'seconds':<48}{seconds:g}")
    print(f"{'lock errors':<48}{sum(any(word in error.lower() for word in LOCKED) for error in errors)}")
    print(f"{'errors in all':<48}{len(errors)} {errors[:3] or ''}")
    print(f"{'answers made of two builds':<48}{len(torn)} {torn[:3] or ''}")
    print(f"{'snapshots deleted before they were opened (named)':<48} {sum(each.gone for each in told)}")
    for who in ("writer", "reader"):
        held = [each.megabytes for each in told if each.name.startswith(who) and each.megabytes[1]]
        if held:
            first, most = max(first for first, _ in held), max(most for _, most in held)
            print(f"{f'memory of a {who}, first and at most, MB':<48}{first:.0f}, {most:.0f}")


if __name__ == "__main__":
    main()
