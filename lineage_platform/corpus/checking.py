"""What must hold of a corpus, looked up in the corpus itself and not in how it was made."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl
import pyarrow.parquet as pq

from lineage_platform.corpus.assembly import DIVERSITY_FILE, STAGES_FILE, Stages, read_figures
from lineage_platform.corpus.building import Build
from lineage_platform.corpus.cleaning import QUESTION
from lineage_platform.corpus.decontamination import Items
from lineage_platform.corpus.engine import query
from lineage_platform.corpus.publishing import CORPUS_FILE
from lineage_platform.corpus.quotas import limits_of
from lineage_platform.corpus.tables import PUBLISHED_DIGESTS, ROW_GROUP, TEXTS
from lineage_platform.files import read_record
from lineage_platform.samples.digests import with_digests
from lineage_platform.samples.shingles import shingles

SHINGLE_WORDS = 8  # as near-duplicates are defined
SAMPLE_ROWS = 500
MOST_FOUND = 100

Found = Mapping[str, str | int | float]
"""One thing that should not be: a row, a pair, a quota."""


@dataclass(frozen=True)
class BuiltCorpus:
    """A corpus beside the build that made it.

    Parameters
    ----------
    build:
        The build.
    folder:
        Where the corpus is.
    """

    build: Build
    folder: Path

    @property
    def file(self) -> Path:
        """Its rows."""
        return self.folder / CORPUS_FILE

    def ask(self, name: str, **parameters: str) -> Iterator[Found]:
        """Rows of a query over the corpus."""
        with TemporaryDirectory(prefix="lineage-spill-") as scratch:
            tables = {"corpus": str(self.file), **parameters}
            for frame in query(name, tables, Path(scratch), self.build.workers):
                yield from frame.iter_rows(named=True)

    def frames(self, *columns: str) -> Iterator[pl.DataFrame]:
        """Columns of all its rows, some thousand at a time."""
        with pq.ParquetFile(self.file) as file:
            for batch in file.iter_batches(ROW_GROUP, columns=list(columns)):
                yield pl.DataFrame(pl.from_arrow(batch))


def repeated_questions(corpus: BuiltCorpus) -> Iterator[Found]:
    """Rows whose question stands in the corpus before."""
    return corpus.ask("repeated_questions")


def near_pairs(corpus: BuiltCorpus) -> Iterator[Found]:
    """Pairs of near-duplicates of which one is in a random sample: the sample is compared with every row, exactly."""
    rule = corpus.build.recipe.near_duplicates
    if rule is None:
        return
    rows = pq.read_metadata(corpus.file).num_rows
    chosen = sorted(random.Random(corpus.build.recipe.seed).sample(range(rows), min(rows, SAMPLE_ROWS)))  # noqa: S311
    sample = pl.concat(
        frame.with_row_index("place", offset).filter(pl.col("place").is_in(chosen))
        for offset, frame in _numbered(corpus.frames("instruction", "input"))
    )
    wanted = _shingled(sample.select("place", question=QUESTION))
    for offset, frame in _numbered(corpus.frames("instruction", "input")):
        there = _shingled(frame.with_row_index("place", offset).select("place", question=QUESTION))
        shared = there.join(wanted, on="shingle", suffix="_sampled").filter(pl.col("place") != pl.col("place_sampled"))
        pairs = shared.group_by("place", "place_sampled", "size", "size_sampled").len("both")
        similarity = pl.col("both") / (pl.col("size") + pl.col("size_sampled") - pl.col("both"))
        near = pairs.with_columns(similarity=similarity).filter(pl.col("similarity") >= rule.threshold)
        yield from (
            near.sort("place", "place_sampled").select("place", "place_sampled", "similarity").iter_rows(named=True)
        )


def benchmark_questions(corpus: BuiltCorpus) -> Iterator[Found]:
    """Rows whose question is that of a benchmark's item, to the letter or in normalised text."""
    items = Items.of(corpus.build.recipe.benchmarks.ids, corpus.build.reader.shards)
    keys = ["query_norm_hi", "query_norm_lo"]
    if not items.shards:
        return
    asked = pl.concat(
        items.read(path, *keys).with_columns(benchmark=pl.lit(name))
        for path, name in zip(items.digests, items.names, strict=True)
    ).unique(keys)
    for frame in corpus.frames("dataset", "part", "row", *TEXTS):
        digested = with_digests(frame, corpus.build.reader.scheme)
        found = digested.join(asked, on=keys)
        yield from found.select("dataset", "part", "row", "benchmark").iter_rows(named=True)


def untraceable_rows(corpus: BuiltCorpus) -> Iterator[Found]:
    """Rows that are not the source row they name, or whose text is not what their digest says."""
    shards = corpus.build.reader.shards
    for root in corpus.build.selected.roots:
        for shard in shards.parts(root.dataset_id):
            names = {"dataset": shard.dataset_id, "part": shard.part, "digests": shards.digests_path(shard)}
            yield from corpus.ask("untraceable_rows", **names)
    for frame in corpus.frames("dataset", "part", "row", *TEXTS, *PUBLISHED_DIGESTS):
        made = with_digests(frame.select(TEXTS), corpus.build.reader.scheme)
        differs = pl.any_horizontal(frame[name] != made[name] for name in PUBLISHED_DIGESTS)
        yield from frame.filter(differs).select("dataset", "part", "row").iter_rows(named=True)


def passed_quotas(corpus: BuiltCorpus) -> Iterator[Found]:
    """Quotas of which the corpus holds more than they allow."""
    roots = corpus.build.selected.roots
    held_by = {row["dataset"]: int(row["held"]) for row in corpus.ask("held_by")}
    held = np.array([held_by.get(root.dataset_id, 0) for root in roots], np.int64)
    for limit in limits_of(corpus.build.recipe, roots):
        allowed = limit.allowed(int(held.sum()))
        for group in sorted({int(number) for number in limit.group if number >= 0}):
            inside = int(held[limit.group == group].sum())
            if inside > allowed:
                yield {"quota": limit.reason, "held": inside, "allowed": allowed}


def wrong_figures(corpus: BuiltCorpus) -> Iterator[Found]:
    """Figures that are missing, or are not those of the files."""
    stages = read_record(corpus.folder / STAGES_FILE, Stages)
    rows = pq.read_metadata(corpus.file).num_rows
    if stages is None:
        yield {"figure": STAGES_FILE, "found": "missing"}
    elif stages.stages[-1].kept != rows:
        yield {"figure": "rows", "found": rows, "stated": stages.stages[-1].kept}
    if corpus.build.recipe.diversity and not read_figures(corpus.folder):
        yield {"figure": DIVERSITY_FILE, "found": "missing"}
    for name in ("README.md", "croissant.json", "roots.json", "recipe.json"):
        if not (corpus.folder / name).is_file():
            yield {"figure": name, "found": "missing"}


@dataclass(frozen=True)
class CorpusCheck:
    """One thing that must hold.

    Parameters
    ----------
    name:
        Of the check.
    description:
        What holds when it passes.
    remedy:
        What to do when it does not.
    find:
        Finds what should not be.
    warns:
        Whether a few may be there by design.
    """

    name: str
    description: str
    remedy: str
    find: Callable[[BuiltCorpus], Iterator[Found]]
    warns: bool = False

    def run(self, corpus: BuiltCorpus) -> list[Found]:
        """What should not be, as far as it can be shown."""
        return list(islice(self.find(corpus), MOST_FOUND))


_FAULT = "Build the corpus again; if it stays, report a fault of the platform."

CHECKS = (
    CorpusCheck("no_query_twice", "No question stands in the corpus twice.", _FAULT, repeated_questions),
    CorpusCheck(
        "no_near_pair",
        f"No row is a near-duplicate of one of {SAMPLE_ROWS} rows drawn at random.",
        "One pair in a hundred at the threshold itself is missed by design. If there are more, report a fault.",
        near_pairs,
        warns=True,
    ),
    CorpusCheck(
        "no_benchmark_item",
        "No question of a benchmark that the recipe keeps out is in the corpus, even in normalised text.",
        "If the recipe asks for exact matches only, set `benchmarks.match`; else report a fault of the platform.",
        benchmark_questions,
    ),
    CorpusCheck(
        "rows_traceable",
        "Every row is the row of its dataset, part and number, and its text is what its digest says.",
        "If rows were read anew since, build the corpus again; else report a fault of the platform.",
        untraceable_rows,
    ),
    CorpusCheck("quotas_kept", "No quota is passed.", _FAULT, passed_quotas),
    CorpusCheck(
        "figures_present", "The figures of every stage are there, and are those of the files.", _FAULT, wrong_figures
    ),
)


def _numbered(frames: Iterator[pl.DataFrame]) -> Iterator[tuple[int, pl.DataFrame]]:
    """Each frame with the number of its first row."""
    offset = 0
    for frame in frames:
        yield offset, frame
        offset += frame.height


def _shingled(frame: pl.DataFrame) -> pl.DataFrame:
    """One row for each distinct shingle of each question: place, how many it has, the shingle."""
    found = shingles(frame["question"], SHINGLE_WORDS).distinct()
    sizes = np.diff(found.offsets)
    rows = np.repeat(np.arange(len(sizes)), sizes)
    return pl.DataFrame({"place": frame["place"].to_numpy()[rows], "size": sizes[rows], "shingle": found.values})
