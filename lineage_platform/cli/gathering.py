"""Rows that a command needs: read when they are not at hand, or not as the hub has them now."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from lineage_platform.audits.lineage import Lineage
from lineage_platform.audits.rows import RowSet, Shelf
from lineage_platform.cli.output import Output
from lineage_platform.cli.text import count
from lineage_platform.errors import DatasetGated, DatasetNotFound, GraphMissing, LineageError
from lineage_platform.measurements import WHOLE
from lineage_platform.samples.engines import Engine, open_engine

if TYPE_CHECKING:
    from lineage_platform.audits.benchmarks import Benchmark
    from lineage_platform.audits.screening import Screening
    from lineage_platform.measurements import Part
    from lineage_platform.workspace import Workspace

MOST_NAMED = 5
ABSENT = "it is not on this hub"
NOT_FAILED = frozenset({"read", "no_rows", "not_found"})


class Gatherer:
    """Finds the rows of datasets and local files, and says on stderr what it reads.

    Parameters
    ----------
    workspace:
        The hub and the data home.
    output:
        Where progress goes.

    Attributes
    ----------
    unread:
        Why the rows of a dataset are not at hand, by name.
    failed:
        Those that could not be read although they are there.
    gated:
        Those whose terms nobody has accepted yet; a failure only of who asked for them by name.
    """

    def __init__(self, workspace: Workspace, output: Output) -> None:
        self.shelf = Shelf(workspace.shards)
        self.unread: dict[str, str] = {}
        self.failed: set[str] = set()
        self.gated: set[str] = set()
        self._builder = workspace.shard_builder()
        self._workspace, self._output = workspace, output
        self._asked: set[str] = set()

    def dataset(self, name: str) -> RowSet | None:
        """The rows of ``dataset`` or ``dataset#part``; None, with the reason in :attr:`unread`, when there are none."""
        dataset_id = name.partition("#")[0]
        self._read(dataset_id)
        found = self.shelf.find(name)
        if found is None:
            self.unread.setdefault(name, self.unread.get(dataset_id) or self._no_such_part(dataset_id))
        return found

    def _no_such_part(self, dataset_id: str) -> str:
        parts = [shard.part for shard in self.shelf.store.parts(dataset_id) if shard.part != WHOLE]
        there = f"its parts are {', '.join(parts[:MOST_NAMED])}" if parts else "it has none"
        return f"there is no such part; {there}{', ...' * (len(parts) > MOST_NAMED)}"

    def datasets(self, names: Iterable[str]) -> list[RowSet]:
        """The rows of those datasets that have any."""
        return [found for name in names if (found := self.dataset(name))]

    def benchmarks(self, benchmarks: Iterable[Benchmark]) -> list[RowSet]:
        """The rows of those benchmarks that have any."""
        found = []
        for benchmark in benchmarks:
            self._read(benchmark.dataset_id, benchmark.holds)
            rows = self.shelf.benchmark(benchmark)
            found += [rows] if rows else []
        return found

    def file(self, path: Path, name: str, folder: Path) -> RowSet:
        """The rows of a local file or folder, kept in ``folder``.

        Raises
        ------
        LineageError
            It cannot be read.
        """
        from lineage_platform.samples.reading import read_triplets
        from lineage_platform.samples.shards import ShardStore

        store = ShardStore(folder)
        shard = store.write(read_triplets(path), self._workspace.settings.rows.scheme)
        self._output.say(f"{name}: {count(shard.rows, 'row')}")
        return self.shelf.add(store, shard, name)

    def _read(self, dataset_id: str, wanted: Callable[[str], bool] = lambda _: True) -> None:
        """Bring the rows of a dataset up to date; what goes wrong is remembered for the parts that are wanted."""
        if dataset_id in self._asked:
            return
        self._asked.add(dataset_id)
        for built in self._builder.build(dataset_id):
            if built.shard is None:
                if wanted(built.part.part) or built.part.part == WHOLE:
                    self._missed(dataset_id, built.part)
            elif built.made:
                self._output.say(f"{built.shard.name}: {count(built.part.rows, 'row')} read")

    def _missed(self, dataset_id: str, part: Part) -> None:
        absent = part.outcome == DatasetNotFound.kind
        self.unread[dataset_id] = ABSENT if absent else part.detail or part.outcome
        if part.outcome == DatasetGated.kind:
            self.gated.add(dataset_id)
        elif part.outcome not in NOT_FAILED:
            self.failed.add(dataset_id)


def engine_of(workspace: Workspace) -> Engine:
    """The engine that the settings name."""
    rows = workspace.settings.rows
    spill = workspace.home.root / "spill"
    return open_engine(rows.spark_remote, memory_limit=rows.memory_limit, spill=spill)


def lineage_of(workspace: Workspace, output: Output) -> Lineage:
    """The lineage of the data home; none, with a word on it, when nothing was traced yet."""
    try:
        with workspace.open_graph() as graph:
            if graph.meta.hub_name == workspace.hub.name:
                return Lineage.of(graph)
            output.say(f"the graph is of another hub ({graph.meta.hub_name}): no lineage is used")
    except GraphMissing as error:
        output.say(f"without lineage: {error.message}; {error.hint}")
    return Lineage(label=workspace.hub.label)


def say_untraced(output: Output, lineage: Lineage, sets: Iterable[RowSet]) -> None:
    """Name the datasets whose sources nobody looked for: that no path leads through them says nothing."""
    untraced = lineage.untraced(each.dataset_id for each in sets) if lineage.traced else ()
    if untraced:
        more = f" and {len(untraced) - MOST_NAMED:,} more" if len(untraced) > MOST_NAMED else ""
        named = ", ".join(untraced[:MOST_NAMED])
        output.say(f"never traced, so that what leads through them is not known: {named}{more}; lineage trace ID...")


def screening_of(
    workspace: Workspace, gatherer: Gatherer, lineage: Lineage, output: Output, folder: Path | None = None
) -> Screening:
    """A screening; with a ``folder``, what it finds is kept there and not in the data home."""
    from lineage_platform.audits.leaks import LeakStore
    from lineage_platform.audits.screening import Screening
    from lineage_platform.measurements import MeasurementStore

    root = folder or workspace.home.hub_folder(workspace.hub.name)
    return Screening(
        gatherer.shelf,
        engine_of(workspace),
        lineage,
        MeasurementStore(root),
        LeakStore(root),
        told=lambda rows: output.say(f"searching {rows.name}: {count(rows.rows, 'row')}"),
    )


def required(gatherer: Gatherer, name: str) -> RowSet:
    """The rows of a dataset that was asked for by name.

    Raises
    ------
    LineageError
        There are none.
    """
    found = gatherer.dataset(name)
    if found is None:
        reason = gatherer.unread[name]
        hint = "check the id, or name another hub: --hub live|sample|DIR" if reason == ABSENT else ""
        raise LineageError(f"there are no rows of {name}: {reason}", hint)
    return found
