"""How the graph grows: building it from records, its closure beside networkx, every report, a rebuild, a diff.

For each size a hub's records are generated (layers of datasets, most of them leaves, sources drawn from few popular
ones, as in published graphs) and the graph is built from them. Printed per size: seconds of each step and the peak
memory. The figures are CPU seconds of this process (``--wall`` for wall time), so that a busy machine says the same.
With ``--random N`` closures, depths, crossings and paths of N random graphs with cycles are compared with networkx.

    python benchmarks/graph.py --sizes 430 10000 100000 --random 1000
"""

from __future__ import annotations

import argparse
import random
import resource
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import networkx as nx

from lineage_platform.files import RecordStore
from lineage_platform.graph.build import build_graph
from lineage_platform.graph.closure import Closure
from lineage_platform.graph.history import differences
from lineage_platform.graph.paths import simple_paths
from lineage_platform.graph.query import Graph, open_graph
from lineage_platform.graph.topology import topology
from lineage_platform.records import (
    DatasetInfo,
    Document,
    DocumentKind,
    DocumentOutcome,
    DocumentSet,
    Domain,
    EdgeStatus,
    Extraction,
    Outcome,
    Profile,
    Relation,
    ReleaseDate,
    Resolution,
    Statement,
    Validation,
    Witness,
)

EDGES_PER_DATASET = 2.5
DEEPEST = 9
STEPS = ("build", "rebuild", "closure", "networkx", "upstream", "paths", "reports", "slowest", "change", "diff")


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[430, 10_000])
    parser.add_argument("--random", type=int, default=0, metavar="N", help="compare N random graphs with networkx")
    parser.add_argument("--wall", action="store_true", help="wall time, not CPU time")
    arguments = parser.parse_args()
    clock = time.perf_counter if arguments.wall else time.process_time
    print(f"{'datasets':>9}{'edges':>9}" + "".join(f"{step:>10}" for step in STEPS) + f"{'peak MB':>10}")
    for size in arguments.sizes:
        with tempfile.TemporaryDirectory() as name:
            edges, seconds = measure(Path(name), size, clock)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{size:>9}{edges:>9}" + "".join(f"{seconds[step]:>10.3f}" for step in STEPS) + f"{peak:>10.0f}")
    if arguments.random:
        compare(arguments.random)


def measure(root: Path, size: int, clock: Callable[[], float]) -> tuple[int, dict[str, float]]:
    """Every step once, for one size."""
    seconds: dict[str, float] = defaultdict(float)

    @contextmanager
    def timed(step: str) -> Iterator[None]:
        started = clock()
        yield
        seconds[step] += clock() - started

    records, path = RecordStore(root / "hubs" / "made"), root / "graph.duckdb"
    generate(records, size, random.Random(size))

    def build() -> str:
        return build_graph(records, path, hub_name="made", hub_label="").snapshot

    with timed("build"):
        first = build()
    with timed("rebuild"):
        again = build()
    assert again == first
    with open_graph(path) as graph:
        edges = [(str(source), str(target)) for source, target in graph.select("SELECT source, target FROM edges").rows]
        with timed("closure"):
            Closure(edges)
        with timed("networkx"):
            nx.transitive_closure(nx.DiGraph(edges))
        deepest = graph.report("deepest", top=1).records()[0]["dataset_id"]
        with timed("upstream"):
            above = graph.select("FROM upstream($id)", id=deepest).records()
        with timed("paths"):
            graph.paths(above[-1]["dataset_id"], deepest)
        ask_all(graph, timed, seconds)
        snapshots = graph.snapshots
    records.write(deepest, next(records.all(Extraction)).model_copy(update={"dataset_id": deepest}))
    with timed("change"):
        changed = build()
    with timed("diff"):
        differences(snapshots.find(first), snapshots.find(changed))
    return len(edges), seconds


def ask_all(graph: Graph, timed: Callable[[str], object], seconds: dict[str, float]) -> None:
    """Every report; ``slowest`` is the one that took longest."""
    slowest = 0.0
    for report in graph.reports():
        before = seconds["reports"]
        with timed("reports"):  # type: ignore[attr-defined]
            graph.report(report.name)
        slowest = max(slowest, seconds["reports"] - before)
    seconds["slowest"] = slowest


def generate(records: RecordStore, size: int, rng: random.Random) -> None:
    """The records that a trace of ``size`` datasets would leave."""
    names = [f"org{number % 97}/set-{number:06d}" for number in range(size)]
    layers = sorted(min(int(rng.expovariate(0.6)), DEEPEST) for _ in names)
    below = {layer: layers.index(layer) for layer in set(layers)}
    made = [number for number in range(size) if layers[number]]
    sources: defaultdict[int, set[int]] = defaultdict(set)
    for _ in range(int(size * EDGES_PER_DATASET)):
        target = rng.choice(made)
        sources[target].add(int(below[layers[target]] * rng.random() ** 2))
    for number, name in enumerate(names):
        write(records, name, [names[source] for source in sorted(sources[number])], layers[number], rng)


def write(records: RecordStore, name: str, sources: Sequence[str], layer: int, rng: random.Random) -> None:
    """The four records of one dataset."""
    card = Document(
        document_id=f"card:{name}",
        kind=DocumentKind.CARD,
        url=f"https://example.org/{name}",
        outcome=DocumentOutcome.FETCHED,
    )
    released = ReleaseDate(value=f"{2015 + layer}-{1 + rng.randrange(9):02d}", origin="hub")
    profile = Profile(
        summary=f"A set of layer {layer}.",
        domains=tuple(rng.sample(list(Domain)[:4], rng.choice((1, 1, 1, 2)))),
        licence=rng.choice(("mit", "apache-2.0", "cc-by-nc-4.0", "cc-by-sa-4.0", "")),
    )
    witnesses = tuple(witness(source, card.document_id, rng) for source in sources)
    info = DatasetInfo(id=name, sha="1", downloads=layer)
    records.write(name, Validation(dataset_id=name, requested=name, input_digest="", info=info, release=released))
    records.write(name, DocumentSet(dataset_id=name, input_digest="", documents=(card,)))
    records.write(name, Extraction(dataset_id=name, input_digest="", agents="made", profile=profile))
    outcome = Outcome.TRACED if sources else Outcome.NO_SOURCES_DOCUMENTED
    records.write(name, Resolution(dataset_id=name, input_digest="", outcome=outcome, witnesses=witnesses))


def witness(source: str, document_id: str, rng: random.Random) -> Witness:
    """One accepted statement."""
    confidence = round(rng.uniform(0.7, 1), 3)
    statement = Statement(
        mention=source.split("/")[1],
        relation=rng.choice(list(Relation)),
        confidence=confidence,
        quote=f"Made from {source.split('/')[1]}.",
        document_id=document_id,
        said_by="rules/1",
    )
    return Witness(
        statement=statement,
        source=source,
        document_kind=DocumentKind.CARD,
        verified=True,
        status=EdgeStatus.ACCEPTED,
        confidence=confidence,
        quote_offset=0,
    )


def compare(count: int) -> None:
    """Closures, depths, crossings and paths of random graphs with cycles, beside networkx."""
    cyclic = paths = 0
    for seed in range(count):
        rng = random.Random(seed)
        nodes = [f"o/{number}" for number in range(rng.randint(2, 12))]
        edges = {(rng.choice(nodes), rng.choice(nodes)) for _ in range(rng.randint(1, 2 * len(nodes)))}
        graph, closure = nx.DiGraph(edges), Closure(edges)
        cyclic += not nx.is_directed_acyclic_graph(graph)
        condensed = nx.condensation(graph)
        depth: dict[int, int] = {}
        for component in nx.topological_sort(condensed):
            depth[component] = max((depth[above] + 1 for above in condensed.predecessors(component)), default=0)
        assert topology(edges, nodes).depth == {node: depth[c] for node, c in condensed.graph["mapping"].items()}
        crossings = {(each.dataset_id, each.intersection): each.direct_sources for each in closure.crossings()}
        for target in graph:
            assert closure.ancestors(target) == nx.ancestors(graph, target) - {target}
            for source in set(graph) - {target}:
                ways = sum(nx.has_path(graph, source, direct) for direct in graph.predecessors(target))
                assert crossings.get((target, source), 0) == (ways if ways >= 2 else 0)
                expected = sorted(map(tuple, nx.all_simple_paths(graph, source, target)), key=lambda p: (len(p), p))
                assert simple_paths(edges, source, target, 10_000) == (expected, False)
                paths += len(expected)
    print(f"{count} random graphs, {cyclic} of them with cycles, {paths} paths: all as networkx has them")


if __name__ == "__main__":
    main()
