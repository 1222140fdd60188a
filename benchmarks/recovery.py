"""What kills, a full disk and failing requests leave behind: the next run finishes, and nothing differs.

A hub of five datasets with rows is taken through everything: a trace by model agents (a loopback model server), the
graph, shards, audits, what changed, and a corpus with its diversity. Each run is a child process. It is

- killed (SIGKILL) at random points on fresh homes, then started until it is done;
- refused the Nth call that makes a name on the disk, or that writes data to it (no space left), step by step;
- refused the Nth request to the model, or any from the Nth on to the hub, all on a home that holds a graph and corpus.

Printed: how many of these runs ended in the exports and corpus of an undisturbed run, calls repeated although their
answer was on disk, errors without a name, graphs that did not open after a fault, and what was left lying about. A run
that went on without an error must have lost nothing: its own end is compared, too.

    python benchmarks/recovery.py --kills 50 --seed 1 --at-once 2
    python benchmarks/recovery.py --kills 20 --dagster
    python benchmarks/recovery.py --faults names data model hub --points 0     # 0: every one
    python benchmarks/recovery.py --bad-of 500
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.agents import again, on_disk
from benchmarks.recovery_world import DISK_CALLS, STEPS, Hurt, Result, World, differences, outcome
from benchmarks.tracing import generate

ROOT = Path(__file__).resolve().parent.parent
UNFINISHED = (".part", ".building", ".earlier")
T = TypeVar("T")
R = TypeVar("R")


def main() -> None:
    """Run the parts that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--dagster", action="store_true", help="the runs that are killed go through Dagster")
    parser.add_argument("--faults", nargs="*", default=[], choices=[*DISK_CALLS, "model", "hub"])
    parser.add_argument("--points", type=int, default=0, help="of each kind, evenly spaced; 0: every one")
    parser.add_argument("--steps", nargs="*", default=STEPS, choices=STEPS, help="whose disk is full")
    parser.add_argument("--slice", default="1/1", metavar="I/N", help="of these points, every Nth from the Ith on")
    parser.add_argument("--at-once", type=int, default=1, help="runs side by side; their times mean nothing then")
    parser.add_argument("--bad-of", type=int, default=0, metavar="N", help="trace N datasets of which one is broken")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    parts: list[Callable[[Path], Iterator[dict[str, object]]]] = []
    if options.kills:
        parts.append(lambda folder: killed(folder, options))
    parts += [lambda folder, kind=kind: hurt(folder, kind, options) for kind in options.faults]  # type: ignore[misc]
    if options.bad_of:
        parts.append(lambda folder: one_bad(folder, options.bad_of))
    for part in parts:
        with tempfile.TemporaryDirectory() as name:
            for figures in part(Path(name)):
                for what, number in figures.items():
                    print(f"{what:<52} {number}")
                print(flush=True)


def killed(folder: Path, options: argparse.Namespace) -> Iterator[dict[str, object]]:
    """Kills as the command line asks for them."""
    with World(folder, dagster=options.dagster) as world:
        yield kills(world, options.kills, options.seed, options.at_once)


def hurt(folder: Path, kind: str, options: argparse.Namespace) -> Iterator[dict[str, object]]:
    """Faults as the command line asks for them: a table for each step whose disk is full, or one of requests."""
    which, of = map(int, options.slice.split("/"))
    chosen = slice(which - 1, None, of)
    with World(folder, live=kind == "hub") as world:
        for step in options.steps if kind in DISK_CALLS else [""]:
            found = faults(world, kind, options.points, chosen, options.at_once, step)
            yield {f"{step}: {what}" if step else what: number for what, number in found.items()}


def side_by_side(work: Callable[[T], R], things: Iterable[T], width: int) -> Iterator[R]:
    """The work on each thing, so many at once."""
    with ThreadPoolExecutor(width) as pool:
        yield from pool.map(work, things)


@dataclass(frozen=True)
class Ended:
    """How a run that was hurt ended, and the one after it."""

    first: Result
    after: Result
    same_at_once: bool
    same: bool
    rows: int
    opened: bool
    repeated: int
    left: tuple[str, ...]


def kills(world: World, number: int, seed: int, at_once: int = 1) -> dict[str, object]:
    """Kill runs at random points of their time, each on a fresh home, then start them until they are done."""
    rng = random.Random(seed)
    whole, undisturbed = world.base()
    expected = outcome(whole)

    def kill(point: tuple[int, float]) -> Ended:
        home = world.folder / f"kill{point[0]}"
        process, _ = world.start(home)
        process.join(point[1])
        process.kill()
        process.join()
        kept, last = on_disk(home)
        after = world.run(home)
        same, rows = differences(home, expected)
        ended = Ended(Result(), after, False, after.well and same, rows, True, again(home, kept, last), leftovers(home))
        shutil.rmtree(home)
        return ended

    points = [(at, rng.uniform(0, undisturbed.seconds * at_once)) for at in range(number)]
    ends = list(told(side_by_side(kill, points, at_once), number))
    return {
        "seconds of an undisturbed run": round(undisturbed.seconds, 1),
        "killed": number,
        "restarts that ended as an undisturbed run": sum(each.same for each in ends),
        "errors of restarts": [error for each in ends for error in (*each.after.named, *each.after.unnamed)][:5] or 0,
        "rows lost or doubled": sum(each.rows for each in ends),
        "calls repeated though their answer was on disk": sum(each.repeated for each in ends),
        "left lying about": dict(Counter(what for each in ends for what in each.left)) or 0,
    }


def faults(
    world: World, kind: str, number: int, chosen: slice = slice(None), at_once: int = 1, step: str = ""
) -> dict[str, object]:
    """Refuse the Nth call or request of a run over what another left, or of one step of it, then run again."""
    before = prepared(world, step)
    whole = shutil.copytree(before, world.folder / f"whole-{kind}-{step}")
    counting = world.undisturbed(whole, Hurt(kind, step=step))
    total = counting.calls if kind in DISK_CALLS else world.requests[kind]
    expected = outcome(whole)

    def fail(point: int) -> Ended:
        home = shutil.copytree(before, world.folder / f"{kind}{step}{point}")
        first = world.run(home, Hurt(kind, point, step))
        same_at_once, opened = first.well and differences(home, expected)[0], opens(home)
        after = world.run(home, Hurt(kind, step=step))
        same, rows = differences(home, expected)
        ended = Ended(first, after, same_at_once, after.well and same, rows, opened, 0, leftovers(home))
        shutil.rmtree(home)
        return ended

    wanted = min(number or total, total)
    points = sorted({1 + at * (total - 1) // max(wanted - 1, 1) for at in range(wanted)})[chosen]
    ends = list(told(side_by_side(fail, points, 1 if kind in world.requests else at_once), len(points)))
    numbered = list(zip(points, ends, strict=True))
    silent = [(point, each) for point, each in numbered if each.first.well]
    warned = [at for at, each in silent if each.first.warned and not each.same_at_once]
    lost = [(at, each.first.refused) for at, each in silent if not (each.same_at_once or each.first.warned)]
    unnamed = [(at, each.first.refused, each.first.unnamed) for at, each in numbered if each.first.unnamed]
    return {
        f"faults of {kind} (of {total})": len(points),
        "ended with a named error": sum(bool(each.first.named) and not each.first.unnamed for each in ends),
        "went on, and nothing was lost": sum(each.same_at_once for _, each in silent),
        "    what was refused then": dict(Counter(_call(each.first.refused) for _, each in silent)) or "-",
        "warned, and went on with what was known": len(warned),
        "went on, and something was": lost or 0,
        "errors without a name": unnamed or 0,
        "errors of the next run": [(at, each.after) for at, each in numbered if not each.after.well] or 0,
        "graphs that opened after the fault": sum(each.opened for each in ends),
        "next runs that ended as an undisturbed run": sum(each.same for each in ends),
        "rows lost or doubled": sum(each.rows for each in ends),
        "left lying about": dict(Counter(what for each in ends for what in each.left)) or 0,
    }


def prepared(world: World, step: str) -> Path:
    """A home that holds all of the first version of the hub, and of the second what precedes a step."""
    base, _ = world.base()
    world.change()
    if not step:
        return base
    home = shutil.copytree(base, world.folder / f"before-{step}")
    for earlier in STEPS[: STEPS.index(step)]:
        world.undisturbed(home, Hurt("data", step=earlier))
    if step in STEPS[4:]:
        world.undisturbed(home, Hurt("data", step="graph"))
    return home


def _call(refused: str) -> str:
    """What was refused, by the call and the kind of file."""
    call, _, path = refused.partition(" ")
    return f"{call} {Path(path).suffix or Path(path).name}"


def told(ends: Iterator[Ended], number: int) -> Iterator[Ended]:
    """Say how far it is, and what is wrong so far."""
    bad = repeated = 0
    for at, each in enumerate(ends, start=1):
        bad, repeated = bad + (not each.same), repeated + each.repeated
        how = f"{bad} bad, {repeated} calls repeated {'' if each.same else each}"
        print(f"{at} of {number}: {how}", file=sys.stderr, flush=True)
        yield each


def one_bad(folder: Path, number: int) -> Iterator[dict[str, object]]:
    """Trace datasets of which one cannot be read, again, and once more when it is mended: through Dagster."""
    hub, home = folder / "hub", folder / "home"
    generate(hub, number)
    names = sorted(f"{path.parent.name}/{path.name}" for path in (hub / "datasets").glob("*/*"))
    bad = names[number // 2]
    info = hub / "datasets" / bad / "info.json"
    good = info.read_bytes()
    info.write_text("{ not JSON", encoding="utf-8")
    (folder / "seeds.txt").write_text("\n".join(names), encoding="utf-8")
    yield {"datasets, one of them broken": number}
    for what in ("first", "again", "mended"):
        if what == "mended":
            info.write_bytes(good)
        before, began = traces_of(home), time.monotonic()
        code, answer = lineage(home, "trace", "--seeds", folder / "seeds.txt", "--hub", hub, "--agents", "rules")
        touched = [name for name, times in traces_of(home).items() if before.get(name) != times]
        named = [each["dataset"] for each in answer["failed"]] == [bad]
        yield {
            f"{what}: exit code": code,
            f"{what}: named in the summary": named if code else "-",
            f"{what}: datasets whose records were written": len(touched) if what == "first" else touched,
            f"{what}: seconds": round(time.monotonic() - began, 1),
        }


def lineage(home: Path, *arguments: str | Path) -> tuple[int, Any]:
    """A command with its JSON."""
    environment = {**os.environ, "LINEAGE_HOME": str(home), "PYTHONPATH": str(Path(__file__).resolve().parent.parent)}
    command = [sys.executable, "-m", "lineage_platform.cli.main", *map(str, arguments), "--json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, json.loads(done.stdout)


def traces_of(home: Path) -> dict[str, list[tuple[str, int]]]:
    """When each record of each dataset was written; of what the hub confirmed, only what it says counts."""
    found: dict[str, list[tuple[str, int]]] = {}
    for path in sorted(home.glob("hubs/*/datasets/*/*.json")):
        record = json.loads(path.read_bytes())
        when = 0 if path.stem == "validation" else path.stat().st_mtime_ns
        found.setdefault(record["dataset_id"], []).append((f"{path.stem} {record['input_digest']}", when))
    return found


def opens(home: Path) -> bool:
    """Whether there is a graph that answers a reader, who is a process of its own."""
    command = [sys.executable, "-m", "lineage_platform.cli.main", "sql", "SELECT count(*) FROM edges", "--json"]
    asked = subprocess.run(
        command, env={**os.environ, "LINEAGE_HOME": str(home)}, cwd=ROOT, capture_output=True, text=True, check=False
    )
    if asked.returncode:
        print(f"{home.name}: {asked.stdout}{asked.stderr}", file=sys.stderr)
    return asked.returncode == 0


def leftovers(home: Path) -> tuple[str, ...]:
    """Kinds of unfinished files and folders."""
    found = [
        path for path in home.rglob(".*") if path.suffix in UNFINISHED or path.name.startswith((".graph-", ".part-"))
    ]
    return tuple(path.suffix if path.suffix in UNFINISHED else path.name.split("-")[0] for path in found)


if __name__ == "__main__":
    from benchmarks.recovery import main as entry  # the child processes import it under this name

    entry()
