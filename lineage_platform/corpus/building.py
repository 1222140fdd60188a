"""The build of a corpus, stage by stage: each leaves a folder that can be looked into, whole or not at all.

``selected_roots -> unified_rows -> filtered_rows -> exact_unique_rows -> near_unique_rows -> decontaminated_rows ->
corpus``. A stage whose input digest is that of the folder on disk is not done again; that is also how a killed build
goes on.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from lineage_platform.corpus.accounting import RootCount, Stage, StageCount, balanced, counted, follow_on
from lineage_platform.corpus.cleaning import CLEANING, Work
from lineage_platform.corpus.folders import failures_named, whole_folder
from lineage_platform.corpus.lock import Lock, LockedDataset, hold
from lineage_platform.corpus.recipe import Recipe
from lineage_platform.corpus.removals import Removals
from lineage_platform.corpus.rows import Integers, RowTable, whole_numbers
from lineage_platform.corpus.selection import Candidate, Root, Selection, candidates, select
from lineage_platform.corpus.tables import KEPT, REMOVED, ROWS, write_table
from lineage_platform.corpus.unify import unified
from lineage_platform.errors import LineageError, UsageError
from lineage_platform.files import digest, read_record, write_record
from lineage_platform.graph import open_graph

if TYPE_CHECKING:
    import pyarrow as pa

    from lineage_platform.corpus.currency import KnownRows
    from lineage_platform.corpus.reading import RowReader

VERSION = "1"
"""Of what the stages do: a change of it has every corpus built anew."""

READS: Mapping[Stage, tuple[str, ...]] = {
    Stage.SELECTED_ROOTS: ("roots", "hubs", "licences", "benchmarks"),
    Stage.UNIFIED_ROWS: (),
    Stage.FILTERED_ROWS: ("filters",),
    Stage.EXACT_UNIQUE_ROWS: (),
    Stage.NEAR_UNIQUE_ROWS: ("near_duplicates",),
    Stage.DECONTAMINATED_ROWS: ("benchmarks",),
    Stage.CORPUS: ("name", "quotas", "seed"),
}
"""Which sections of the recipe each stage depends on, beside the stage before it."""

STAGES = tuple(Stage)
SCRATCH = "scratch"
UNHARMED = "the stages before it, and any corpus built earlier, are as they were"

Progress = Callable[[Stage, int, int], None]
"""Told how many of a stage's rows are done, and of how many."""


class StageMissing(LineageError):
    """A stage was asked for alone, but the one before it is not on disk, or is of another recipe."""

    kind = "stage_missing"


class Selected(Selection):
    """What ``selected_roots`` keeps: the choice, and the revisions that were found."""

    found: Lock


def tell_nobody(stage: Stage, done: int, total: int) -> None:
    """No progress is shown."""


@dataclass(frozen=True)
class Build:
    """One recipe being followed.

    Parameters
    ----------
    recipe:
        What to do.
    lock:
        Where its lock lies.
    folder:
        Where the stages are kept.
    reader:
        Reads the rows of datasets.
    graph:
        File of the lineage, from which roots are chosen; it need not be there if the recipe names them all.
    workers:
        Threads and processes to work with; the corpus does not depend on it.
    update_lock:
        Build from what there is now, whatever the lock says.
    progress:
        Told how far a stage is.
    """

    recipe: Recipe
    lock: Path
    folder: Path
    reader: RowReader | KnownRows
    graph: Path
    workers: int = field(default_factory=lambda: os.cpu_count() or 1)
    update_lock: bool = False
    progress: Progress = tell_nobody

    def run(self, stage: Stage) -> StageCount:
        """Do one stage, unless it is done.

        Raises
        ------
        StageMissing
            The stage before it is not done.
        LockBroken
            The datasets are not those that the recipe was locked to.
        DiskFull, BuildFailed
            The stage could not be written; the ones before it are as they were.
        """
        if stage is Stage.SELECTED_ROOTS:
            return self._select()
        made_from = self._made_from(stage)
        done = read_record(self.record(stage), StageCount)
        if done and done.input_digest == made_from:
            return done
        earlier = self.count(STAGES[STAGES.index(stage) - 1])
        what = f"the stage {stage.value}"
        with failures_named(what, self.folder, UNHARMED), whole_folder(self.place(stage)) as place:
            if stage is Stage.UNIFIED_ROWS:
                count = self._unify(place, made_from)
            else:
                count = self._remove(stage, earlier.stage, place, made_from)
                follow_on(earlier, count)
            write_record(place / "stage.json", count)
            shutil.rmtree(place / SCRATCH, ignore_errors=True)
        return count

    def place(self, stage: Stage) -> Path:
        """The folder of a stage."""
        return self.folder / stage.value

    def record(self, stage: Stage) -> Path:
        """The file with a stage's count."""
        return self.place(stage) / "stage.json"

    def count(self, stage: Stage) -> StageCount:
        """What a stage did.

        Raises
        ------
        StageMissing
            It is not done, or was done for something else.
        """
        found = read_record(self.record(stage), StageCount)
        if found is None or found.input_digest != self._made_from(stage):
            raise StageMissing(
                f"the stage {stage.value} of {self.recipe.name} is not done, or not for this recipe",
                "build all of it: lineage corpus build RECIPE.yaml",
            )
        return found

    @property
    def selected(self) -> Selected:
        """The roots, as selected.

        Raises
        ------
        StageMissing
            None are selected yet.
        """
        found = read_record(self.place(Stage.SELECTED_ROOTS) / "selected.json", Selected)
        if found is None:
            raise StageMissing(f"no roots are selected for {self.recipe.name}", "lineage corpus build RECIPE.yaml")
        return found

    @property
    def rows(self) -> RowTable:
        """All rows of all roots."""
        return RowTable(self.place(Stage.UNIFIED_ROWS) / "rows.parquet", self.selected.roots)

    def kept(self, stage: Stage) -> Integers:
        """Positions of the rows that a stage kept."""
        if stage is Stage.UNIFIED_ROWS:
            return self.rows.positions
        return whole_numbers(self.place(stage) / "kept.parquet", "position")

    def _made_from(self, stage: Stage) -> str:
        """Digest of all that a stage depends on."""
        if stage is Stage.SELECTED_ROOTS:
            return self._selected_from(self.selected)
        return digest(
            VERSION, stage.value, self.recipe.section(*READS[stage]), self._made_from(STAGES[STAGES.index(stage) - 1])
        )

    def _selected_from(self, selected: Selected) -> str:
        section = self.recipe.section(*READS[Stage.SELECTED_ROOTS])
        return digest(VERSION, Stage.SELECTED_ROOTS.value, section, selected.model_dump_json())

    def choose(self) -> Selected:
        """The roots that the recipe takes now, and what was found of them and the benchmarks; nothing is kept."""
        selection = select(self._candidates(), self.recipe, self.reader.read)
        benchmarks = {name: self.reader.read(name) for name in self.recipe.benchmarks.ids}
        found = Lock(
            scheme=self.reader.scheme,
            roots={root.dataset_id: LockedDataset.of(root.revision, root.sources) for root in selection.roots},
            benchmarks={name: LockedDataset.of(rows.revision, rows.sources) for name, rows in benchmarks.items()},
        )
        return Selected(roots=selection.roots, rejected=selection.rejected, found=found)

    def _select(self) -> StageCount:
        """Choose the roots anew; what is found must be what is locked."""
        selected = self.choose()
        hold(self.lock, selected.found, update=self.update_lock)
        count = counted(selected, self._selected_from(selected))
        with failures_named("the selection", self.folder, UNHARMED), whole_folder(self.place(count.stage)) as place:
            write_record(place / "selected.json", selected)
            write_record(place / "stage.json", count)
        return count

    def _candidates(self) -> tuple[Candidate, ...]:
        """Datasets that may be taken, by the graph where there is one."""
        named_only = self.recipe.roots.max == 0 and not self.recipe.hubs.max
        if named_only and not self.graph.is_file():
            return candidates(None, self.recipe)
        with open_graph(self.graph) as graph:
            if graph.meta.hub_name != self.reader.hub_name and not named_only:
                raise UsageError(
                    f"the graph in {self.graph.parent} was traced from the hub {graph.meta.hub_name!r}, "
                    f"not {self.reader.hub_name!r}",
                    "name that hub with --hub, or trace from this one first",
                )
            return candidates(graph if graph.meta.hub_name == self.reader.hub_name else None, self.recipe)

    def _unify(self, place: Path, made_from: str) -> StageCount:
        roots = self.selected.roots
        total = sum(source.rows for root in roots for source in root.sources)
        tables = unified(roots, self.reader.shards, place / SCRATCH, self.workers)
        write_table(place / "rows.parquet", ROWS, self._watched(tables, total))
        return balanced(Stage.UNIFIED_ROWS, made_from, (_as_read(root) for root in roots))

    def _watched(self, tables: Iterable[pa.Table], total: int) -> Iterator[pa.Table]:
        done = 0
        for table in tables:
            done += table.num_rows
            self.progress(Stage.UNIFIED_ROWS, done, total)
            yield table

    def _remove(self, stage: Stage, earlier: Stage, place: Path, made_from: str) -> StageCount:
        rows, positions = self.rows, self.kept(earlier)
        work = Work(
            self.recipe, rows, positions, self.place(earlier), place / SCRATCH, self.reader.shards, self.workers
        )
        removals = Removals(stage, rows, positions)
        tables = removals.write_down(CLEANING[stage](work), lambda done: self.progress(stage, done, len(positions)))
        write_table(place / "removed.parquet", REMOVED, tables)
        write_table(place / "kept.parquet", KEPT, removals.kept_tables())
        self.progress(stage, len(positions), len(positions))
        return balanced(stage, made_from, removals.by_root())


def _as_read(root: Root) -> RootCount:
    kept, skipped = sum(each.rows for each in root.sources), sum(each.skipped_rows for each in root.sources)
    removed = {"unreadable": skipped} if skipped else {}
    return RootCount(dataset_id=root.dataset_id, input=kept + skipped, kept=kept, removed=removed)
