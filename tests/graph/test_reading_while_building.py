"""A reader holds the graph open through twenty rebuilds, in this process and in another: no lock, one snapshot each."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from lineage_platform.graph.query import open_graph
from tests.graph.builders import drawn

READER = """
import sys
from pathlib import Path
from lineage_platform.graph.query import open_graph

path = Path(sys.argv[1])
held = open_graph(path)
before = held.meta.datasets
print("reading", flush=True)
answers = 0
for line in sys.stdin:
    counted = len(held.select("FROM datasets").rows)
    assert counted == before, (counted, before)
    with open_graph(path) as fresh:
        assert len(fresh.select("FROM datasets").rows) == fresh.meta.datasets >= before
    answers += 1
    print(fresh.meta.datasets, flush=True)
"""


def test_no_reader_waits_for_a_build_and_none_sees_half_of_one(tmp_path: Path) -> None:
    path = tmp_path / "graph.duckdb"
    drawn(path, [("o/0", "o/1")])
    here = open_graph(path)
    command = [sys.executable, "-c", READER, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdin is not None
        assert reader.stdout is not None
        assert reader.stdout.readline() == "reading\n"
        for number in range(1, 21):
            drawn(path, [("o/0", f"o/{i}") for i in range(1, number + 2)])
            assert len(here.select("FROM datasets").rows) == 2
            reader.stdin.write("again\n")
            reader.stdin.flush()
            assert reader.stdout.readline() == f"{number + 2}\n"
        reader.stdin.close()
        assert reader.wait(30) == 0
    assert len(open_graph(path).snapshots.all()) == 21
