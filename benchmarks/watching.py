"""``dagster dev`` left alone while its hub changes: what its sensors and its nights do by themselves.

The part of the sample hub that incremental.py changes by hand is served by the loopback Hub, cards are read by the
loopback model, every sensor and the schedule is turned on, and a night comes every three minutes. Then the hub is
changed, minute by minute. Printed: after each change, the runs that followed and how they ended; in the end, what the
sensors' ticks came to, with every error of one, and what was told to the webhook, a loopback server. With ``--hold``
the web server stays up afterwards, to be looked at.

    python benchmarks/watching.py --minutes 15
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import dagster as dg

from benchmarks.backfill import Api, served
from benchmarks.incremental import BENCHMARK, NEWCOMER, RENAMED, ROOTS, SEEDS, World, world
from tests.servers.listener import listening

NIGHT = "*/3 * * * *"
START = (
    "mutation($s: {kind}Selector!) {{ start{kind}({argument}: $s) {{ __typename ... on PythonError {{ message }} }} }}"
)
TICKS = """
query($s: RepositorySelector!) {
  sensorsOrError(repositorySelector: $s) { ... on Sensors { results {
    name sensorState { ticks(limit: 1000) { status runIds error { message } } } } } }
  schedulesOrError(repositorySelector: $s) { ... on Schedules { results {
    name scheduleState { ticks(limit: 1000) { status runIds error { message } } } } } } }
"""
WHERE = """
query { workspaceOrError { ... on Workspace { locationEntries { name locationOrLoadError {
  ... on RepositoryLocation { repositories { name sensors { name } schedules { name } } } } } } } }
"""


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=15.0)
    parser.add_argument("--hold", type=Path, help="stay up until this file appears")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, world(Path(name)) as small, listening() as listener:
        code = ("-f", __file__, "-a", "watched_definitions")
        with (
            mock.patch.dict(os.environ, LINEAGE_NIGHT=NIGHT, LINEAGE_WEBHOOK=listener.url, WATCHED_FOLDER=name),
            served(small.folder / "log", *code) as api,
        ):
            place, names = turn_on(api)
            watch(small, options.minutes)
            show_ticks(api, place, names)
            print("\ntold:", *(json.loads(body)["text"] for body in listener.bodies), sep="\n- ")
            if options.hold:
                print(f"{api.url.removesuffix('/graphql')} is up until {options.hold} exists", flush=True)
                while not options.hold.exists():
                    time.sleep(2)


def watched_definitions() -> dg.Definitions:
    """The platform's definitions, in the world of the process that started this one."""
    from lineage_platform import workspace
    from lineage_platform.audits import benchmarks
    from lineage_platform.defs.definitions import defs
    from lineage_platform.documents.web import FolderWeb

    folder = Path(os.environ["WATCHED_FOLDER"])
    mock.patch.object(workspace, "open_web", return_value=FolderWeb(folder / "hub")).start()
    mock.patch.object(benchmarks, "resources", mock.Mock(files=lambda _: folder / "registry")).start()
    return defs


def turn_on(api: Api) -> tuple[dict[str, str], list[str]]:
    """Start every sensor and schedule; where they are, and their names."""
    [entry] = api.ask("where", WHERE)["workspaceOrError"]["locationEntries"]
    [repository] = entry["locationOrLoadError"]["repositories"]
    place = {"repositoryLocationName": entry["name"], "repositoryName": repository["name"]}
    for kind, argument in (("Sensor", "sensorSelector"), ("Schedule", "scheduleSelector")):
        for each in repository[f"{kind.lower()}s"]:
            selector = place | {f"{kind.lower()}Name": each["name"]}
            started = api.ask("start", START.format(kind=kind, argument=argument), s=selector)
            if "message" in next(iter(started.values())):
                raise RuntimeError(started)
    return place, [each["name"] for kind in ("sensors", "schedules") for each in repository[kind]]


def watch(small: World, minutes: float) -> None:
    """Change the hub at its minutes; after each change, the runs that had ended by the next."""
    told: Counter[tuple[str, str]] = Counter()
    began = time.monotonic()
    plan = [*(each for each in changes(small) if each[0] < minutes), (minutes, "the end", lambda: None)]
    print("| minute | change | runs that ended before the next |\n|---|---|---|")
    for (minute, what, change), (until, _, _) in pairwise(plan):
        sleep_until(began + 60 * minute)
        change()
        sleep_until(began + 60 * until)
        now = ended(small)
        runs = ", ".join(f"{job} {status} {count}" for (job, status), count in sorted((now - told).items()))
        print(f"| {minute:g} | {what} | {runs or '–'} |", flush=True)
        told = now


def changes(small: World) -> list[tuple[float, str, Callable[[], object]]]:
    """What happens to the hub, and when."""
    card = f"# Answers\n\nMade from [ours](https://huggingface.co/datasets/{ROOTS[0]}).\n"
    more = f"\nAlso [Caco](https://huggingface.co/datasets/{SEEDS[1]}).\n"
    benchmark = f"{BENCHMARK}\t\tOmni-MATH\tproblem\t\tsolution\n"
    return [
        (0, "a watch list, and nothing known", lambda: None),
        (2, "rows are gathered, a corpus is built", small.gather_rows),
        (3.5, "a dataset is added", partial(small.write, NEWCOMER, card)),
        (5, "a card is changed", partial(small.commit, SEEDS[0], more=more)),
        (7, "a root gets more rows", partial(small.add_rows, ROOTS[0])),
        (8.5, "a dataset is renamed", partial(small.rename, NEWCOMER, RENAMED)),
        (10, "a benchmark is added", partial((small.folder / "benchmarks.tsv").write_text, benchmark)),
        (11.5, "what the hub says of a root is broken", partial(small.break_info, ROOTS[1])),
    ]


def sleep_until(moment: float) -> None:
    """Wait, unless it is later already."""
    time.sleep(max(0.0, moment - time.monotonic()))


def ended(small: World) -> Counter[tuple[str, str]]:
    """Runs by job and by how they ended."""
    runs = small.instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE]))
    return Counter((run.job_name, run.status.value) for run in runs)


def show_ticks(api: Api, place: dict[str, str], names: list[str]) -> None:
    """What the ticks came to."""
    found = api.ask("ticks", TICKS, s=place)
    states: dict[str, list[dict[str, Any]]] = {}
    for kind, state in (("sensorsOrError", "sensorState"), ("schedulesOrError", "scheduleState")):
        states |= {each["name"]: each[state]["ticks"] for each in found[kind]["results"]}
    print("\n| sensor or schedule | ticks | runs | errors |\n|---|---|---|---|")
    for name in names:
        ticks = states[name]
        counts = Counter(tick["status"] for tick in ticks)
        errors = {tick["error"]["message"].strip().splitlines()[-1] for tick in ticks if tick["error"]}
        told = ", ".join(f"{status.lower()} {count}" for status, count in sorted(counts.items()))
        print(f"| {name} | {told} | {sum(len(tick['runIds']) for tick in ticks)} | {'; '.join(errors) or '–'} |")


if __name__ == "__main__":
    main()
