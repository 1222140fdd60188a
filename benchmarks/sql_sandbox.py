"""What SQL of users costs in a process of its own, beside the same query in this process.

    python benchmarks/sql_sandbox.py [EDGES]

Prints seconds (best of five) of both ways, their ratio, and the memory of the largest child.
"""

from __future__ import annotations

import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lineage_platform.graph.query import open_graph
from tests.graph.builders import drawn

QUERIES = {
    "one value": "SELECT 1",
    "a count": "SELECT count(*) FROM edges",
    "a join": "SELECT count(*) FROM edges a JOIN edges b ON b.source = a.target",
    "every row": "FROM edge_candidates",
}


def best(ask: Callable[[], object]) -> float:
    seconds = []
    for _ in range(5):
        began = time.perf_counter()
        ask()
        seconds.append(time.perf_counter() - began)
    return min(seconds)


def main(edges: int) -> None:
    chance = random.Random(1)
    pairs = {tuple(sorted(chance.sample(range(edges // 2), 2))) for _ in range(edges)}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "graph.duckdb"
        drawn(path, [(f"o/d{source}", f"o/d{target}") for source, target in pairs])
        print(f"{len(pairs):,} edges{'here':>18}{'child':>9}{'ratio':>9}")
        with open_graph(path) as graph:
            for name, query in QUERIES.items():
                here, child = best(lambda: graph.select(query)), best(lambda: graph.sql(query))  # noqa: B023
                print(f"{name:20}{here:9.3f}{child:9.3f}{child / here:9.1f}")
    print(f"largest child: {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10} MiB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 25_000)
