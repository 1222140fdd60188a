"""What gets through: false statements that a model slips in, and documents that give it orders which it obeys.

A loopback model server answers through the real clients; everything after it is the product. Printed: false statements
told and accepted, by kind; true edges lost; hostile documents, edges that exist only through an order, requests to the
hosts they name, files and prompts that hold the canary.

    python benchmarks/adversarial.py --targets 100 --documents 300
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.adversarial import traced
from tests.adversarial.hostile import CANARY, EVIL_HOST, HostileHub
from tests.adversarial.injections import World, judged
from tests.servers.models import ModelServer


def main() -> None:
    """Run both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--targets", type=int, default=100, help="datasets, each with 3 true and 5 false statements")
    parser.add_argument("--documents", type=int, default=300, help="hostile cards")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        injections(Path(folder, "injections"), options.targets)
        hostile(Path(folder, "hostile"), options.documents)


def injections(folder: Path, targets: int) -> None:
    """A model that lies."""
    world = World(folder / "hub", targets)
    with ModelServer(world.lying()) as server:
        accepted, _ = traced.run(world.folder, folder / "home", server, world.names)
    found = judged(accepted, world)
    for kind, told in sorted(world.told.items()):
        print(f"{'told: ' + kind:44} {told:6}")
    row("false statements told", sum(world.told.values()))
    row("false edges accepted", len(found["false"]))
    row("true edges", len(world.truth))
    row("true edges lost", len(found["lost"]))


def hostile(folder: Path, documents: int) -> None:
    """Documents that give orders, and a model that obeys."""
    hub = HostileHub(folder / "hub", documents)
    with ModelServer(hub.obeying()) as server:
        accepted, asked = traced.run(hub.folder, folder / "home", server, hub.names, {"OPENAI_API_KEY": CANARY})
    false = accepted - hub.truth
    honest = {edge for edge in hub.truth if edge[1] in hub.honest}
    files = [path for path in folder.rglob("*") if path.is_file()]
    row("hostile documents", documents)
    row("edges that exist only through an order", len(false))
    for (place, order), number in Counter(hub.places[target] for _, target in false).most_common():
        print(f"    {place}: {order} ({number})")
    row("requests to the hosts they name", sum(EVIL_HOST in address for address in asked))
    row("prompts and files that hold the canary", sum(CANARY in each.body for each in server.log) + holding(files))
    row("edges of other datasets lost", len(honest - accepted))
    row("true edges of hostile documents in review", len(hub.truth - honest - accepted))


def holding(files: list[Path]) -> int:
    """How many of the files hold the canary."""
    return sum(CANARY.encode() in path.read_bytes() for path in files)


def row(name: str, number: int) -> None:
    """One line of the table."""
    print(f"{name:44} {number:6}")


if __name__ == "__main__":
    main()
