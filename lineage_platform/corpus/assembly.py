"""The corpus itself: a folder of Parquet with the provenance of every row, put in place in one step."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import TypeAdapter, ValidationError

from lineage_platform.corpus.accounting import RootCount, Stage, StageCount
from lineage_platform.corpus.building import STAGES, UNHARMED, Build
from lineage_platform.corpus.diversity import DiversityRow
from lineage_platform.corpus.folders import failures_named, restore, whole_folder
from lineage_platform.corpus.publishing import (
    CORPUS_FILE,
    REMOVED_FOLDER,
    CorpusDescription,
    PublishedRoot,
    PublishedStage,
    publish,
)
from lineage_platform.corpus.selection import Root
from lineage_platform.corpus.tables import CORPUS, PUBLISHED_DIGESTS, TEXTS, write_table
from lineage_platform.errors import UsageError
from lineage_platform.files import digest, read_record, write_record, write_whole
from lineage_platform.measurements import CorpusSource, MeasurementStore
from lineage_platform.records import Record

STAGES_FILE = "stages.json"
DIVERSITY_FILE = "diversity.json"
DOES = {
    Stage.SELECTED_ROOTS: "Datasets from which rows are taken: leaves of the lineage graph, by use.",
    Stage.UNIFIED_ROWS: "Their rows as instruction, input and output.",
    Stage.FILTERED_ROWS: "Rows that are empty, too short, too long or in another language go.",
    Stage.EXACT_UNIQUE_ROWS: "Of rows with the same question one stays.",
    Stage.NEAR_UNIQUE_ROWS: "Of rows with nearly the same question one stays.",
    Stage.DECONTAMINATED_ROWS: "Rows that hold an item of a benchmark go.",
    Stage.CORPUS: "Rows for which no quota has room go.",
}

Measure = Callable[[Path], Iterable[DiversityRow]]
"""The diversity of a corpus in a folder, and of what it is compared with."""

_FIGURES = TypeAdapter(tuple[DiversityRow, ...])


class Stages(Record):
    """What a corpus folder says of how it was made."""

    name: str
    digest: str
    stages: tuple[StageCount, ...]


@dataclass(frozen=True)
class Corpus:
    """A corpus on disk.

    Parameters
    ----------
    folder:
        Where it is.
    stages:
        How it was made.
    roots:
        What it was made from, each with its count over all stages.
    diversity:
        How diverse it is, and what it is compared with.
    changed:
        Whether this build wrote it; else it was there already.
    """

    folder: Path
    stages: Stages
    roots: tuple[tuple[Root, RootCount], ...]
    diversity: tuple[DiversityRow, ...]
    changed: bool


def assemble(build: Build, out: Path, measure: Measure, *, label: str = "") -> Corpus:
    """Write the corpus of a finished build to ``out``, unless it is there.

    Parameters
    ----------
    build:
        All of whose stages are done.
    out:
        Folder of the corpus; the one that stood there is replaced, whole, at the end.
    measure:
        Gives the diversity figures that the card states.
    label:
        What every output over this data must say.

    Raises
    ------
    UsageError
        ``out`` is something else than a corpus.
    DiskFull, BuildFailed
        It could not be written; what stood in ``out`` still does.
    """
    counts = tuple(build.count(stage) for stage in STAGES)
    made_from = digest(counts[-1].input_digest, build.recipe.section("diversity"), label)
    stages = Stages(name=build.recipe.name, digest=made_from, stages=counts)
    roots = tuple(zip(build.selected.roots, _over_all(counts), strict=True))
    restore(out)
    _refuse_other_folders(out)
    if (out / CORPUS_FILE).is_file() and read_record(out / STAGES_FILE, Stages) == stages:
        return Corpus(out, stages, roots, read_figures(out), changed=False)
    with failures_named("the corpus", out.parent, UNHARMED), whole_folder(out) as folder:
        write_table(folder / CORPUS_FILE, CORPUS, _rows(build))
        _copy_removals(build, folder / REMOVED_FOLDER)
        write_record(folder / STAGES_FILE, stages)
        write_record(folder / "roots.json", build.selected)
        write_record(folder / "recipe.json", build.recipe)
        figures = tuple(measure(folder))
        write_whole(folder / DIVERSITY_FILE, _FIGURES.dump_json(figures, indent=1) + b"\n")
        publish(folder, _described(build, stages, roots, figures, label))
    return Corpus(out, stages, roots, figures, changed=True)


def read_figures(folder: Path) -> tuple[DiversityRow, ...]:
    """The diversity figures of a corpus folder; none where they are missing or cannot be read."""
    try:
        return _FIGURES.validate_json((folder / DIVERSITY_FILE).read_bytes())
    except (OSError, ValidationError):
        return ()


def record_sources(corpus: Corpus, store: MeasurementStore) -> None:
    """Keep what each root gave to the corpus, in place of what was kept of an earlier build, for the graph."""
    named = {root.dataset_id for root, _ in corpus.roots}
    for earlier in store.all(CorpusSource):
        if earlier.corpus == corpus.stages.name and earlier.dataset_id not in named:
            store.delete(CorpusSource, earlier.corpus, earlier.dataset_id)
    for root, count in corpus.roots:
        store.write(
            CorpusSource(
                corpus=corpus.stages.name,
                dataset_id=root.dataset_id,
                rows=count.input,
                kept=count.kept,
                removed=count.removed,
                revision=root.revision,
                licence=root.licence,
            )
        )


def _refuse_other_folders(out: Path) -> None:
    if out.is_dir() and any(out.iterdir()) and not (out / STAGES_FILE).is_file():
        raise UsageError(f"{out} is not empty and holds no corpus", "name another folder with --out")
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out} is a file", "name a folder with --out")


def _rows(build: Build) -> Iterator[pa.Table]:
    """The rows that every stage kept, each with its provenance."""
    rows, kept = build.rows, build.kept(Stage.CORPUS)
    columns = (*TEXTS, "dataset", "part", "row", *PUBLISHED_DIGESTS)
    for positions, table in rows.read(kept, columns):
        roots = [rows.roots[number] for number in rows.root_of(positions)]
        facts = {
            "root": [root.anchor for root in roots],
            "path": [root.path_text for root in roots],
            "licence": [root.licence for root in roots],
            "domain": [root.domain.value for root in roots],
        }
        for name, values in facts.items():
            table = table.append_column(name, pa.array(values, pa.string()))
        yield table


def _copy_removals(build: Build, folder: Path) -> None:
    folder.mkdir()
    for stage in STAGES[2:]:
        table = build.place(stage) / "removed.parquet"
        if pq.read_metadata(table).num_rows:
            shutil.copyfile(table, folder / f"{stage.value}.parquet")


def _over_all(counts: Sequence[StageCount]) -> Iterator[RootCount]:
    """For each root the rows it had, those in the corpus, and those removed at any stage."""
    first, last = counts[1], counts[-1]
    for at, root in enumerate(first.roots):
        removed: Counter[str] = Counter()
        for count in counts[1:]:
            removed.update(count.roots[at].removed)
        yield RootCount(
            dataset_id=root.dataset_id,
            input=root.input,
            kept=last.roots[at].kept,
            removed=dict(sorted(removed.items())),
        )


def _described(
    build: Build,
    stages: Stages,
    roots: Sequence[tuple[Root, RootCount]],
    figures: tuple[DiversityRow, ...],
    label: str,
) -> CorpusDescription:
    languages = build.recipe.filters.languages
    return CorpusDescription(
        name=build.recipe.name,
        recipe_digest=stages.digest,
        roots=tuple(
            PublishedRoot(
                root.dataset_id,
                count.input,
                count.kept,
                root.licence,
                root.revision,
                root.path if len(root.path) > 1 else (),
            )
            for root, count in roots
        ),
        stages=tuple(
            PublishedStage(each.stage.value, each.input, each.kept, each.removed, DOES[each.stage])
            for each in stages.stages
        ),
        diversity=figures,
        languages=languages.keep if languages else (),
        label=label,
    )
