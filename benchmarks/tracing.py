"""How long a trace takes beside the waiting that it cannot avoid, and what a kill costs.

A hub folder of layered datasets is generated; every document takes ``--latency`` seconds to read. Printed: wall time,
the time the same documents take one after another, the floor (documents x latency / width), and the share of the wall
time that is neither. With ``--kills``, that many traces are killed (SIGKILL) on their way and then run to their ends;
each graph must equal an undisturbed one's, and no document that was on disk may be read again.

    python benchmarks/tracing.py --datasets 430 --latency 0.2 --kills 5
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from lineage_platform import Limits, Settings, Workspace
from lineage_platform.catalog.folder import FolderHub
from lineage_platform.exports import jsonl
from lineage_platform.files import Home
from lineage_platform.records import DatasetInfo, DocumentSet

WIDTH = 16
LAYERS = 8


def main() -> None:
    """Run the benchmark, or (``--child``) the trace that it measures."""
    arguments = parse()
    if arguments.child:
        run_trace(arguments.hub, arguments.home, arguments.latency)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        generate(folder / "hub", arguments.datasets)
        undisturbed = measure(arguments, folder / "hub", folder / "undisturbed")
        if arguments.kills:
            disturb(arguments, folder / "hub", folder / "killed", undisturbed)


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--datasets", type=int, default=430)
    parser.add_argument("--latency", type=float, default=0.2, help="seconds per document")
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--hub", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--home", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def generate(folder: Path, count: int) -> None:
    """A hub of ``count`` datasets in layers, each made from one to four of the layers before it."""
    rng = random.Random(430)
    names = [f"org{i % 23}/set-{i:04d}" for i in range(count)]
    per_layer = max(count // LAYERS, 1)
    for i, name in enumerate(names):
        before = names[: i - i % per_layer]
        sources = rng.sample(before, min(len(before), rng.randint(1, 4)))
        place = folder / "datasets" / name
        place.mkdir(parents=True)
        links = "\n".join(f"- [{s.split('/')[1]}](https://huggingface.co/datasets/{s})" for s in sources)
        card = f"# {name.split('/')[1]}\n\n## Source datasets\n\n{links or 'Written by hand for this collection.'}\n"
        (place / "README.md").write_text(card, encoding="utf-8")
        info = {"id": name, "sha": f"{i:040x}", "createdAt": f"2024-{1 + i * 11 // count:02d}-01T00:00:00.000Z"}
        (place / "info.json").write_text(json.dumps(info), encoding="utf-8")


class SlowHub(FolderHub):
    """A hub folder whose cards take time, each reading noted in a log."""

    def __init__(self, folder: Path, latency: float, log: Path) -> None:
        super().__init__(folder)
        self._latency, self._log = latency, log

    def card(self, info: DatasetInfo) -> bytes | None:
        """The card, late."""
        with self._log.open("a", encoding="utf-8") as log:
            log.write(f"{info.id}\n")
        time.sleep(self._latency)
        return super().card(info)


def run_trace(hub: Path, home: Path, latency: float) -> None:
    """Trace everything in the hub and build the graph; one line per dataset on standard output."""
    home.mkdir(parents=True, exist_ok=True)
    settings = Settings(home=home, hub=str(hub), agents="rules", limits=Limits(concurrency=WIDTH))
    opened = Workspace.open(settings)
    workspace = Workspace(settings, opened.home, SlowHub(hub, latency, home / "read.log"), opened.agents)
    seeds = [f"{path.parent.name}/{path.name}" for path in sorted((hub / "datasets").glob("*/*"))]
    for traced in workspace.trace(seeds):
        print(traced.dataset_id, flush=True)
    workspace.build_graph()


def child(arguments: argparse.Namespace, hub: Path, home: Path) -> subprocess.Popen[str]:
    """The trace in a process of its own."""
    options = ["--child", "--hub", str(hub), "--home", str(home), "--latency", str(arguments.latency)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parent.parent)}
    return subprocess.Popen([sys.executable, __file__, *options], stdout=subprocess.PIPE, text=True, env=environment)


def measure(arguments: argparse.Namespace, hub: Path, home: Path) -> list[str]:
    """Time one undisturbed trace and one that finds all done; returns the graph."""
    figures: dict[str, float] = {}
    for run in ("trace", "again"):
        before = len(readings(home))
        started = time.perf_counter()
        if child(arguments, hub, home).wait() != 0:
            raise SystemExit("the trace failed")
        figures[run] = time.perf_counter() - started
        figures[f"{run}_documents"] = len(readings(home)) - before
    waiting = figures["trace_documents"] * arguments.latency
    print(f"datasets                    {arguments.datasets}")
    print(f"documents read              {figures['trace_documents']:.0f}")
    print(f"one after another, waiting  {waiting:8.2f} s")
    print(f"wall time                   {figures['trace']:8.2f} s  ({waiting / figures['trace']:.1f} x)")
    print(f"floor at width {WIDTH}           {waiting / WIDTH:8.2f} s")
    print(f"overhead                    {1 - waiting / WIDTH / figures['trace']:8.1%}")
    print(f"again: wall time            {figures['again']:8.2f} s, documents read {figures['again_documents']:.0f}")
    return graph_of(home)


def disturb(arguments: argparse.Namespace, hub: Path, folder: Path, undisturbed: list[str]) -> None:
    """Kill traces at random points, let each end, and compare."""
    rng = random.Random(9)
    repeated = same = 0
    for kill in range(arguments.kills):
        home = folder / str(kill)
        process = child(arguments, hub, home)
        for _line in lines(process, rng.randint(1, arguments.datasets - 1)):
            pass
        process.send_signal(signal.SIGKILL)
        process.wait()
        repeated += read_again(arguments, hub, home)
        same += graph_of(home) == undisturbed
    print(f"killed {arguments.kills} times: documents on disk that were read again {repeated}")
    print(f"graphs the same as undisturbed: {same} of {arguments.kills}")


def read_again(arguments: argparse.Namespace, hub: Path, home: Path) -> int:
    """Run the trace to its end; how many documents were read although they were on disk."""
    records = Home(home).records(FolderHub(hub).name)
    on_disk = {record.dataset_id for record in records.all(DocumentSet)}
    before = Counter(readings(home))
    if child(arguments, hub, home).wait() != 0:
        raise SystemExit("the resumed trace failed")
    now = Counter(readings(home)) - before
    return sum(now[dataset_id] for dataset_id in on_disk)


def lines(process: subprocess.Popen[str], count: int) -> Iterator[str]:
    """The first ``count`` lines that the process prints."""
    assert process.stdout is not None
    for _, line in zip(range(count), process.stdout, strict=False):
        yield line


def readings(home: Path) -> list[str]:
    """Every reading of a card so far."""
    log = home / "read.log"
    return log.read_text(encoding="utf-8").splitlines() if log.exists() else []


def graph_of(home: Path) -> list[str]:
    """The graph in its comparable form."""
    from lineage_platform.graph import open_graph
    from lineage_platform.graph.view import read_view

    with open_graph(Home(home).graph) as graph:
        return list(jsonl.lines(read_view(graph)))


if __name__ == "__main__":
    main()
