"""What the rows say, as assets: redundancy, contamination by benchmark, and overlaps beside the documents."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import dagster as dg
from pydantic import Field

from lineage_platform.audits.benchmarks import Benchmark, read_benchmarks
from lineage_platform.audits.leaks import LeakStore
from lineage_platform.audits.lineage import Lineage
from lineage_platform.audits.overlaps import keep_overlaps
from lineage_platform.audits.redundancy import keep_redundancy
from lineage_platform.audits.rows import RowSet, Shelf
from lineage_platform.audits.screening import Coverage, Screening
from lineage_platform.checks import Subject
from lineage_platform.defs.checks import asset_check, check_spec, checks_of, result
from lineage_platform.defs.graph import GRAPH
from lineage_platform.defs.metadata import Cell, Metadata, counts, table
from lineage_platform.defs.partitions import BENCHMARKS, partition_key
from lineage_platform.defs.resources import WorkspaceResource
from lineage_platform.defs.rows import SHARDS
from lineage_platform.files import digest
from lineage_platform.measurements import Contamination
from lineage_platform.samples.engines import Engine, open_engine
from lineage_platform.workspace import Workspace

REGISTRY = dg.AssetKey("benchmarks")
CONTAMINATION = dg.AssetKey("contamination_report")
REPORTS = (dg.AssetKey("redundancy_report"), dg.AssetKey("overlap_report"))
"""Reports on all rows at hand."""
LEFT = "not compared yet"
NO_ROWS = "no rows"
POOL = "audits"
"""Each may hold LINEAGE_MEMORY_LIMIT: a registry's screenings, asked for at once, are not done at once."""
_ROWS = dg.AssetDep(SHARDS, partition_mapping=dg.AllPartitionMapping())
"""Every dataset whose rows are at hand is compared, whatever the partition."""


class ContaminationConfig(dg.Config):
    """What to compare."""

    full: bool = False
    others: int = Field(default=0, ge=0, description="Training sets that lineage does not name, compared at most.")
    read_rows: bool = Field(default=False, description="Ask the hub for the benchmark's rows where they are not there.")


@dg.asset(
    group_name="audits",
    kinds={"python"},
    description="The registry of benchmarks, with the user's own: each becomes a partition of contamination_report.",
)
def benchmarks(context: dg.AssetExecutionContext, workspace: WorkspaceResource) -> dg.MaterializeResult[None]:
    """Register a partition for each benchmark."""
    registry = read_benchmarks(workspace.open().settings.rows.benchmarks).all
    context.instance.add_dynamic_partitions(str(BENCHMARKS.name), [partition_key(each.id) for each in registry])
    metadata, version = described(registry)
    return dg.MaterializeResult(metadata=metadata, data_version=dg.DataVersion(version))


def described(registry: Sequence[Benchmark]) -> tuple[Metadata, str]:
    """What a registry of benchmarks holds, and its version."""
    rows: Iterator[Mapping[str, Cell]] = (
        {"benchmark": each.id, "name": each.name, "released": each.released, "note": each.note} for each in registry
    )
    return {"benchmarks": len(registry), "registry": table(rows)}, digest(*map(repr, registry))


@dg.asset(
    deps=[GRAPH, _ROWS],
    group_name="audits",
    kinds={"duckdb"},
    pool=POOL,
    description="How much of each dataset repeats itself, and which sources came in on two ways: of all whose rows are "
    "at hand (lineage rows).",
)
def redundancy_report(workspace: WorkspaceResource) -> dg.MaterializeResult[None]:
    """Measure every dataset at hand."""
    opened = workspace.open()
    shelf, lineage, engine = opened_rows(opened)
    kept = [keep_redundancy(rows, shelf, lineage, engine, opened.measurements) for rows in shelf.all()]
    worst = sorted((each for each, _ in kept), key=lambda each: (-each.rate, each.dataset_id))
    rows: Iterator[Mapping[str, Cell]] = (
        {"dataset": each.dataset_id, "rows": each.rows, "rate": each.rate, "crossings": len(each.intersections)}
        for each in worst
    )
    return dg.MaterializeResult(
        metadata={
            "datasets": len(kept),
            "measured now": sum(new for _, new in kept),
            "most redundant": table(rows),
        },
        data_version=dg.DataVersion(rows_version(shelf, lineage)),
    )


@dg.asset(
    key=CONTAMINATION,
    deps=[GRAPH, _ROWS, benchmarks],
    check_specs=[check_spec(check) for check in checks_of(CONTAMINATION)],
    partitions_def=BENCHMARKS,
    group_name="audits",
    kinds={"duckdb"},
    pool=POOL,
    description="What of a benchmark stands in the datasets whose rows are at hand: to the letter, normalised, near; "
    "the pairs that lineage makes likely, so many of the others, or all (full).",
)
def contamination_report(
    context: dg.AssetExecutionContext, config: ContaminationConfig, workspace: WorkspaceResource
) -> Iterator[dg.MaterializeResult[None]]:
    """Screen datasets at hand for one benchmark, the likely ones first."""
    opened = workspace.open()
    benchmark = benchmark_of(opened, context.partition_key)
    metadata, version = _screened(opened, benchmark, config)
    subject = Subject(opened, benchmark.id)
    checked = [result(check, check.judge(subject)) for check in checks_of(CONTAMINATION)]
    yield dg.MaterializeResult(metadata=metadata, check_results=checked, data_version=dg.DataVersion(version))


@dg.asset(
    deps=[GRAPH, _ROWS],
    group_name="audits",
    kinds={"duckdb"},
    pool=POOL,
    description="What rows say of the edges: measured, doubted, explained, and overlaps that nobody documents, which "
    "wait in the review queue once the graph is built again.",
)
def overlap_report(workspace: WorkspaceResource) -> dg.MaterializeResult[None]:
    """Compare all datasets at hand with each other."""
    opened = workspace.open()
    shelf, lineage, engine = opened_rows(opened)
    found = keep_overlaps(shelf.all(), shelf, lineage, engine, opened.measurements)
    shown: Iterator[Mapping[str, Cell]] = (
        {"finding": each.finding.value, "source": each.source, "target": each.target, "shared": each.shared_queries}
        for each in found
    )
    return dg.MaterializeResult(
        metadata=counts("pairs", (each.finding.value for each in found)) | {"findings": table(shown)},
        data_version=dg.DataVersion(rows_version(shelf, lineage)),
    )


ASSETS = (benchmarks, redundancy_report, contamination_report, overlap_report)
CHECKS = [asset_check(check) for check in checks_of(dg.AssetKey("redundancy_report"))]


def opened_rows(workspace: Workspace) -> tuple[Shelf, Lineage, Engine]:
    """The rows at hand, the graph as audits ask it, and what counts."""
    rows = workspace.settings.rows
    with workspace.open_graph() as graph:
        lineage = Lineage.of(graph)
    engine = open_engine(rows.spark_remote, memory_limit=rows.memory_limit, spill=workspace.home.root / "spill")
    return Shelf(workspace.shards), lineage, engine


def rows_version(shelf: Shelf, lineage: Lineage) -> str:
    """Version of the reports on all rows at hand: changes when rows do, or what is upstream of them."""
    sets = shelf.all()
    return digest(*(each.version for each in sets), lineage.version_above(each.name for each in sets))


def screened_version(shelf: Shelf, benchmark: RowSet) -> str:
    """Version of a screening for a benchmark: changes when its rows do, or those that are compared with it."""
    return digest(benchmark.version, *(each.version for each in shelf.all()))


def _screened(opened: Workspace, benchmark: Benchmark, config: ContaminationConfig) -> tuple[Metadata, str]:
    """Compare, and say what was found and what is left, with the version of what was compared."""
    shelf, lineage, engine = opened_rows(opened)
    rows = _benchmark_rows(opened, shelf, benchmark, read=config.read_rows)
    if rows is None:
        return {"note": f"no rows of it are at hand: lineage rows {benchmark.dataset_id}"}, NO_ROWS
    leaks = LeakStore(opened.home.hub_folder(opened.hub.name))
    screening = Screening(shelf, engine, lineage, opened.measurements, leaks)
    screened = list(screening.run(shelf.all(), [rows], full=config.full))
    others = screening.outstanding(shelf.all(), rows)
    chosen = others[: config.others]
    screened += replace(screening, coverage=Coverage()).run(chosen, [rows], full=True)
    found = _leaks([each for each in screened if each.matched_near]) | {
        "pairs compared": f"{screening.coverage.pairs + len(chosen)} of {screening.coverage.all_pairs}",
        "row comparisons": f"{screening.coverage.rows + sum(each.rows for each in chosen):,} of "
        f"{screening.coverage.all_rows:,}",
        LEFT: len(others) - len(chosen),
    }
    return found, screened_version(shelf, rows)


def _benchmark_rows(workspace: Workspace, shelf: Shelf, benchmark: Benchmark, *, read: bool) -> RowSet | None:
    """The rows of a benchmark, read from the hub where that is wanted and they are not at hand."""
    rows = shelf.benchmark(benchmark)
    if rows is None and read:
        for _ in workspace.shard_builder().build(benchmark.dataset_id):
            pass
        rows = shelf.benchmark(benchmark)
    return rows


def _leaks(found: Sequence[Contamination]) -> Metadata:
    """The training sets in which something was found, most leaked first."""
    shown: Iterator[Mapping[str, Cell]] = (
        {"train": each.train, "exact": each.matched, "near": each.matched_near, "of": each.benchmark_queries}
        for each in sorted(found, key=lambda each: (-each.matched_near, each.train))
    )
    return {"training sets with leaks": len(found), "leaks": table(shown)}


def benchmark_of(workspace: Workspace, key: str) -> Benchmark:
    """The benchmark of a partition."""
    registry = read_benchmarks(workspace.settings.rows.benchmarks)
    return next((each for each in registry.all if partition_key(each.id) == key), Benchmark(*key.split("#", 1)))
