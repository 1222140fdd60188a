"""What model agents cost in time and money: concurrency, what a kill loses, and a trace under a cap.

A hub folder of layered datasets is generated and traced by model agents, each call to a loopback model server through
the real client. Printed: seconds beside the same calls one after another, and calls of a second run; calls in flight at
each kill (SIGKILL) and calls paid again although their answer was on disk; runs that a capped trace takes, its overrun,
and whether its graph is the uncapped one's.

    python benchmarks/agents.py --datasets 430 --latency 1 --kills 20
"""

from __future__ import annotations

import argparse
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.tracing import generate, graph_of
from lineage_platform import Limits, Settings, Workspace
from lineage_platform.agents.llm.ledger import FILE_NAME
from lineage_platform.agents.llm.spent import spent_in
from lineage_platform.errors import BudgetSpent
from tests.servers.models import Asked, Label, ModelServer, Oracle, Reply

WIDTH = 64
CALL_USD = 0.01
LINK = re.compile(r"^- \[([^\]]+)\]\((https://huggingface.co/datasets/\S+)\)$", re.M)
MODELS = """
[default]
model = "openai:x"
base_url = "{url}"
attempts = 1
[providers.openai]
max_concurrency = 64
keys = []
[prices.openai]
x = {{ input = 10.0, output = 0.0 }}
"""


def main() -> None:
    """Run the benchmark, or (``--child``) one trace of it."""
    options = parse()
    if options.child:
        sys.exit(trace(options.hub, options.home, options.models, options.max_cost))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        generate(folder / "hub", options.datasets)
        generate(folder / "small", options.small)
        show(concurrency(folder, options.datasets, options.latency))
        whole = undisturbed(folder)
        show(kills(folder, options.kills, whole))
        show(capped(folder, whole))


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--datasets", type=int, default=430)
    parser.add_argument("--latency", type=float, default=1.0, help="seconds that each answer takes")
    parser.add_argument("--small", type=int, default=60, help="datasets of the runs that are killed and capped")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--hub", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--home", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--models", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--max-cost", type=float, help=argparse.SUPPRESS)
    return parser.parse_args()


def answerer(hub: Path) -> Oracle:
    """Reads the cards as they were generated."""
    labels = {
        f"{card.parent.parent.name}/{card.parent.name}": [
            Label(found[1], found[0], link=found[2]) for found in LINK.finditer(card.read_text(encoding="utf-8"))
        ]
        for card in (hub / "datasets").glob("*/*/README.md")
    }
    return Oracle(labels)


def server(hub: Path, latency: float) -> ModelServer:
    """A model whose every answer costs one cent."""
    oracle = answerer(hub)

    def answer(asked: Asked) -> Reply:
        return Reply(oracle(asked).text, input_tokens=int(CALL_USD * 1e5), output_tokens=0)

    return ModelServer(answer, latency=latency)


def trace(hub: Path, home: Path, models: Path, max_cost: float | None) -> int:
    """Trace everything in the hub and build the graph; 3 when the cap stopped it."""
    limits = Limits(concurrency=WIDTH, max_cost=max_cost)
    workspace = Workspace.open(Settings(home=home, hub=str(hub), agents="llm", models=models, limits=limits))
    seeds = [f"{path.parent.name}/{path.name}" for path in sorted((hub / "datasets").glob("*/*"))]
    stopped = 0
    try:
        for _ in workspace.trace(seeds):
            pass
    except BudgetSpent:
        stopped = 3
    workspace.build_graph()
    return stopped


def child(folder: Path, hub: Path, home: Path, models: ModelServer, *more: str) -> subprocess.Popen[bytes]:
    """A trace in a process of its own."""
    file = folder / "models.toml"
    file.write_text(MODELS.format(url=models.openai_url), encoding="utf-8")
    arguments = ["--child", "--hub", str(hub), "--home", str(home), "--models", str(file), *more]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parent.parent)}
    return subprocess.Popen([sys.executable, __file__, *arguments], env=environment)


def concurrency(folder: Path, datasets: int, latency: float) -> dict[str, object]:
    """Seconds of a trace beside its calls one after another; calls of the second run."""
    with server(folder / "hub", latency) as models:
        started = time.perf_counter()
        if child(folder, folder / "hub", folder / "home", models).wait():
            raise SystemExit("the trace failed")
        seconds, calls = time.perf_counter() - started, len(models.log)
        child(folder, folder / "hub", folder / "home", models).wait()
        again = len(models.log) - calls
    return {
        "datasets": datasets,
        "calls": calls,
        "seconds": round(seconds, 1),
        "the same calls one after another": round(calls * latency, 1),
        "times faster": round(calls * latency / seconds, 1),
        "most calls at once": models.most_at_once,
        "calls of a second run": again,
    }


def undisturbed(folder: Path) -> tuple[list[str], int]:
    """The small hub's graph, and the calls that it takes."""
    with server(folder / "small", 0) as models:
        if child(folder, folder / "small", folder / "whole", models).wait():
            raise SystemExit("the trace failed")
        return graph_of(folder / "whole"), len(models.log)


def kills(folder: Path, number: int, whole: tuple[list[str], int]) -> dict[str, object]:
    """Kill a trace at random points, again and again on one data home, then let it end."""
    rng, home = random.Random(20), folder / "killed"
    graph, calls = whole
    in_flight: list[int] = []
    paid_again = 0
    with server(folder / "small", 0.3) as models:
        for _ in range(number):
            target = len(models.log) + rng.randint(1, max(2 * calls // number, 2))
            kept, last = on_disk(home)
            process = child(folder, folder / "small", home, models)
            while len(models.log) < target and process.poll() is None:
                time.sleep(0.002)
            process.send_signal(signal.SIGKILL)
            process.wait()
            paid_again += again(home, kept, last)
            in_flight.append(spent_in(home)[0].unfinished - sum(in_flight))
        kept, last = on_disk(home)
        if child(folder, folder / "small", home, models).wait():
            raise SystemExit("the resumed trace failed")
        paid_again += again(home, kept, last)
    return {
        "kills": number,
        "calls that were needed": calls,
        "calls in flight at the kills": sum(in_flight),
        "calls sent in all": len(models.log),
        "calls paid again though their answer was on disk": paid_again,
        "graph the same as undisturbed": graph_of(home) == graph,
    }


def on_disk(home: Path) -> tuple[set[str], int]:
    """Keys of the answers that are kept, and the last call on record."""
    path = home / FILE_NAME
    if not path.exists():
        return set(), 0
    with closing(sqlite3.connect(path)) as ledger:
        keys = {key for (key,) in ledger.execute("SELECT answer_key FROM answers")}
        return keys, ledger.execute("SELECT coalesce(max(call_id), 0) FROM calls").fetchone()[0]


def again(home: Path, kept: set[str], last: int) -> int:
    """Calls sent since for an answer that was kept."""
    if not (home / FILE_NAME).exists():
        return 0
    with closing(sqlite3.connect(home / FILE_NAME)) as ledger:
        sent = ledger.execute("SELECT answer_key FROM calls WHERE cache_hit = 0 AND call_id > ?", (last,)).fetchall()
    return sum(key in kept for (key,) in sent)


def capped(folder: Path, whole: tuple[list[str], int], share: float = 0.25) -> dict[str, object]:
    """Trace under a cap, a share of what it costs, until all is done."""
    graph, calls = whole
    cap = round(calls * CALL_USD * share, 2)
    runs, overrun, home = 0, 0.0, folder / "capped"
    with server(folder / "small", 0.02) as models:
        while True:
            before = spent_in(home)[0].cost_usd
            code = child(folder, folder / "small", home, models, "--max-cost", str(cap)).wait()
            runs += 1
            overrun = max(overrun, spent_in(home)[0].cost_usd - before - cap)
            if code == 0:
                break
            if code != 3 or runs > 2 * calls:
                raise SystemExit("the capped trace failed")
    return {
        "cap in dollars, of a trace that costs": f"{cap:.2f} of {calls * CALL_USD:.2f}",
        "runs until all was done": runs,
        "highest overrun in calls": round(max(overrun, 0) / CALL_USD),
        "calls sent in all (capped)": len(models.log),
        "graph the same as uncapped": graph_of(home) == graph,
    }


def show(figures: dict[str, object]) -> None:
    """A part of the table."""
    for name, figure in figures.items():
        print(f"{name:50} {figure!s:>12}", flush=True)


if __name__ == "__main__":
    main()
