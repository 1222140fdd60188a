"""A backfill of many datasets over Dagster's pools, with the multiprocess executor and SQLite: nothing locked or lost.

A hub folder with rows is generated and ``dagster dev`` (web server, daemon, code location) started over an empty home
in which many more partitions are registered. Through its API two backfills are launched, as the UI does: the four
stages (one run: its recursion is one step) and ``dataset_shards`` (a run for every few partitions, as many at a time
as the pool ``rows`` lets); then the reports on rows. Meanwhile and afterwards the questions that the UI asks about
partitions, and ``lineage status``, are timed.

Printed: runs, what failed, locks met in the logs of all processes, partitions lost or materialised twice, the seconds
of each step and of status queries, and memory.

    python benchmarks/backfill.py --datasets 1000 --partitions 10000 --at-once 2
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dagster as dg
import httpx

from lineage_platform.defs.instance import dagster_home
from lineage_platform.defs.partitions import DATASETS
from lineage_platform.defs.rows import SHARDS
from lineage_platform.defs.tracing import STAGE_KEYS
from lineage_platform.stages import Stage

ROWS = 20
RESOLVED = STAGE_KEYS[Stage.RESOLUTION]
LOCKED = ("database is locked", "could not set lock", "conflicting lock", "database table is locked")
LAUNCH = """
mutation($params: LaunchBackfillParams!) { launchPartitionBackfill(backfillParams: $params) {
  __typename ... on LaunchBackfillSuccess { backfillId } ... on PythonError { message } } }
"""
BACKFILL = """
query($id: String!) { partitionBackfillOrError(backfillId: $id) {
  ... on PartitionBackfill { status numPartitions } } }
"""
PARTITIONS = """
query($path: [String!]!) { assetNodeOrError(assetKey: {path: $path}) { ... on AssetNode {
  partitionStats { numPartitions numMaterialized numFailed }
  partitionKeysByDimension { partitionKeys }
  assetPartitionStatuses { ... on DefaultPartitionStatuses {
    materializedPartitions failedPartitions unmaterializedPartitions materializingPartitions } } } } }
"""
RUN = """
mutation($params: ExecutionParams!) { launchRun(executionParams: $params) {
  __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } } }
"""
ENDED = {"COMPLETED", "COMPLETED_SUCCESS", "COMPLETED_FAILED", "FAILED", "CANCELED"}


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--datasets", type=int, default=1000)
    parser.add_argument("--partitions", type=int, default=10_000)
    parser.add_argument("--at-once", type=int, default=2, help="runs that read rows at the same time")
    parser.add_argument("--patience", type=float, default=3600.0, help="seconds for each step")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        names = generate(folder / "hub", options.datasets)
        os.environ |= {"LINEAGE_HOME": str(folder / "home"), "LINEAGE_HUB": str(folder / "hub")}
        os.environ |= {"LINEAGE_AGENTS": "rules"}
        os.environ.pop("DAGSTER_HOME", None)
        dagster_home(folder / "home")
        with dg.DagsterInstance.get() as instance:
            others = [f"other/set-{number}" for number in range(options.partitions - len(names))]
            instance.add_dynamic_partitions(str(DATASETS.name), [*names, *others])
            instance.event_log_storage.set_concurrency_slots("rows", options.at_once)
            with served(folder / "log") as api:
                measure(api, names, options.patience)
            show(api, instance, names, (folder / "log").read_text(errors="replace"))


def generate(hub: Path, count: int) -> list[str]:
    """A hub folder of datasets with rows, each made from up to two of those before it."""
    names = [f"org{number % 31}/set-{number}" for number in range(count)]
    for number, name in enumerate(names):
        place = hub / "datasets" / name
        (place / "data").mkdir(parents=True)
        sources = {names[number // 2], names[number // 3]} - {name}
        declared = "".join(f"- {source}\n" for source in sorted(sources))
        (place / "README.md").write_text(f"---\nsource_datasets:\n{declared}---\n# {name}\n\nQuestions.\n")
        info = {"id": name, "sha": f"{number:040x}", "createdAt": "2024-05-01T00:00:00.000Z"}
        (place / "info.json").write_text(json.dumps(info), encoding="utf-8")
        rows = [{"question": f"What is {number} plus {row}?", "answer": str(number + row)} for row in range(ROWS)]
        (place / "data" / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return names


@dataclass
class Api:
    """Dagster's API, and how long its answers took.

    Parameters
    ----------
    url:
        Of its GraphQL endpoint.
    process:
        What serves it.
    steps, queries:
        Seconds of each step, and of each kind of question.
    megabytes:
        That all its processes held at most, together.
    """

    url: str
    process: subprocess.Popen[bytes]
    steps: dict[str, float] = field(default_factory=dict)
    queries: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    megabytes: float = 0.0

    def ask(self, kind: str, query: str, **variables: Any) -> dict[str, Any]:
        """One question."""
        with timed(self.queries[kind]):
            answer = httpx.post(self.url, json={"query": query, "variables": variables}, timeout=120).json()
        if "errors" in answer:
            raise RuntimeError(answer["errors"])
        found: dict[str, Any] = answer["data"]
        return found


@contextmanager
def served(log: Path, *code: str) -> Iterator[Api]:
    """``dagster dev`` over the home, or over other code; all its processes in one log."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    code = code or ("-m", "lineage_platform.defs.definitions")
    command = [sys.executable, "-m", "dagster", "dev", *code, "-p", str(port)]
    with log.open("wb") as file:
        process = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT, start_new_session=True)
        try:
            api = Api(f"http://127.0.0.1:{port}/graphql", process)
            until(lambda: answers(api), 300)
            api.queries.clear()
            yield api
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(60)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def answers(api: Api) -> bool:
    """Whether the code location is loaded."""
    with suppress(httpx.HTTPError, RuntimeError, ValueError):
        return "partitionStats" in api.ask("", PARTITIONS, path=RESOLVED.path)["assetNodeOrError"]
    return False


def until(done: Any, patience: float) -> None:
    """Wait for something."""
    give_up = time.monotonic() + patience
    while not done():
        if time.monotonic() > give_up:
            raise TimeoutError("waited too long")
        time.sleep(2)


@contextmanager
def timed(seconds: list[float]) -> Iterator[None]:
    """Note how long something takes."""
    began = time.monotonic()
    yield
    seconds.append(time.monotonic() - began)


def measure(api: Api, names: list[str], patience: float) -> None:
    """Both backfills, then the reports."""
    for step, keys in (("trace", list(STAGE_KEYS.values())), ("shards", [SHARDS])):
        began = time.monotonic()
        backfill(api, keys, names, patience)
        api.steps[step] = time.monotonic() - began
        print(f"{step}: {api.steps[step]:.0f} s", file=sys.stderr)
    for asset in ("graph", "redundancy_report"):
        began = time.monotonic()
        run(api, asset, patience)
        api.steps[asset] = time.monotonic() - began


def backfill(api: Api, keys: list[dg.AssetKey], names: list[str], patience: float) -> None:
    """One backfill, from its launch to its end; what the UI shows of partitions is asked meanwhile."""
    params = {"assetSelection": [{"path": key.path} for key in keys], "partitionNames": names}
    launched = api.ask("launch", LAUNCH, params=params)["launchPartitionBackfill"]
    if "backfillId" not in launched:
        raise RuntimeError(launched)

    def ended() -> bool:
        api.megabytes = max(api.megabytes, memory(api.process.pid))
        api.ask("partitions, during a backfill", PARTITIONS, path=keys[-1].path)
        asked = api.ask("backfill", BACKFILL, id=launched["backfillId"])
        return asked["partitionBackfillOrError"]["status"] in ENDED

    until(ended, patience)


def memory(session: int) -> float:
    """Megabytes that the processes of a session hold; what they share is counted in each."""
    pages = 0
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, IndexError):
            if os.getsid(int(process.name)) == session:
                pages += int((process / "statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def run(api: Api, asset: str, patience: float) -> None:
    """One run of an asset that has no partitions."""
    selector = {
        "repositoryName": "__repository__",
        "repositoryLocationName": "lineage_platform.defs.definitions",
        "pipelineName": "__ASSET_JOB",
        "assetSelection": [{"path": [asset]}],
        "assetCheckSelection": [],
    }
    launched = api.ask("launch", RUN, params={"selector": selector, "mode": "default"})["launchRun"]
    if "run" not in launched:
        raise RuntimeError(launched)
    query = "query($id: ID!) { runOrError(runId: $id) { ... on Run { status } } }"

    def ended() -> bool:
        status = api.ask("run", query, id=launched["run"]["runId"])["runOrError"]["status"]
        return status in {"SUCCESS", "FAILURE", "CANCELED"}

    until(ended, patience)


def show(api: Api, instance: dg.DagsterInstance, names: list[str], log: str) -> None:
    """Print what was seen."""
    runs = instance.get_run_records()
    statuses = Counter(record.dagster_run.status.value for record in runs)
    for key in (RESOLVED, SHARDS):
        found = instance.get_materialized_partitions(key)
        events = materializations(instance, key)
        twice = sum(number > 1 for number in events.values())
        print(f"{key.to_user_string():<44}{len(set(names) & found):>7} of {len(names)}, twice {twice}")
    with timed(api.queries["status by partition (Python)"]):
        instance.get_status_by_partition(SHARDS, instance.get_dynamic_partitions(str(DATASETS.name)), DATASETS)
    for _ in range(3):
        with timed(api.queries["lineage status"]):
            command = [sys.executable, "-m", "lineage_platform.cli.main", "status", "--json"]
            subprocess.run(command, check=True, capture_output=True)
    multiprocess = sum(uses_processes(instance, record.dagster_run.run_id) for record in runs)
    print(f"{'runs':<44}{dict(statuses)}, {multiprocess} by the multiprocess executor")
    print(f"{'locks met':<44}{sum(log.lower().count(word) for word in LOCKED) + locks_in_events(instance, runs)}")
    print(f"{'partitions registered':<44}{len(instance.get_dynamic_partitions(str(DATASETS.name)))}")
    print(f"{'memory of all processes at most, MB':<44}{api.megabytes:.0f}")
    for step, seconds in api.steps.items():
        print(f"{step + ', s':<44}{seconds:.0f}")
    for kind, values in api.queries.items():
        ordered = sorted(values)
        print(f"{kind + ', s: median, most':<44}{ordered[len(ordered) // 2]:.2f}, {ordered[-1]:.2f} of {len(ordered)}")


def materializations(instance: dg.DagsterInstance, key: dg.AssetKey) -> Counter[str]:
    """How many materialisations each partition has."""
    found: Counter[str] = Counter()
    cursor = None
    while True:
        page = instance.fetch_materializations(key, limit=1000, cursor=cursor)
        found.update(str(record.partition_key) for record in page.records)
        cursor = page.cursor
        if not page.has_more:
            return found


def uses_processes(instance: dg.DagsterInstance, run_id: str) -> bool:
    """Whether a run's steps were processes of their own."""
    started = instance.all_logs(run_id, of_type=dg.DagsterEventType.ENGINE_EVENT)
    return any("multiprocess" in entry.message.lower() for entry in started)


def locks_in_events(instance: dg.DagsterInstance, runs: Any) -> int:
    """Locks that failed runs tell of."""
    failed = (each.dagster_run.run_id for each in runs if each.dagster_run.status is dg.DagsterRunStatus.FAILURE)
    told = (str(entry).lower() for run_id in failed for entry in instance.all_logs(run_id))
    return sum(word in text for text in told for word in LOCKED)


if __name__ == "__main__":
    main()
