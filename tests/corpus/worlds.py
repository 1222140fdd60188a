"""Small worlds of rows: datasets that are shelved in memory's speed, and builds over them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq
import yaml

from lineage_platform.corpus.accounting import Stage, StageCount
from lineage_platform.corpus.assembly import Corpus, assemble
from lineage_platform.corpus.building import STAGES, Build, tell_nobody
from lineage_platform.corpus.lock import lock_path
from lineage_platform.corpus.reading import rows_of
from lineage_platform.corpus.recipe_reading import read_recipe
from lineage_platform.corpus.selection import RootRows, RowsMissing
from lineage_platform.samples.digests import DEFAULT_SCHEME
from lineage_platform.samples.reading import TripletRows
from lineage_platform.samples.row_files import RowFile, Source
from lineage_platform.samples.shards import ShardStore
from lineage_platform.samples.triplets import Fields

Row = tuple[str, str, str]
"""Instruction, input, output."""


class ReadyRows(TripletRows):
    """Rows that are at hand: no process parses them."""

    def __init__(self, source: Source, rows: Sequence[Row], skipped: int = 0) -> None:
        super().__init__(source)
        self._rows = rows
        self.fields = Fields("alpaca", "instruction", "input", "output")
        self.skipped = skipped

    def __iter__(self) -> Iterator[pl.DataFrame]:
        columns = ("instruction", "input", "output")
        texts = {name: [row[at] for row in self._rows] for at, name in enumerate(columns)}
        frame = pl.DataFrame(texts, schema=dict.fromkeys(columns, pl.String)).with_row_index("row")
        yield frame.with_columns(pl.col("row").cast(pl.Int64), rest=pl.lit(None, pl.String))


@dataclass
class World:
    """Datasets with rows, and a place to build.

    Parameters
    ----------
    root:
        A folder.
    shelf:
        Where the rows are shelved: a folder or URL, a folder of its own by default.
    """

    root: Path
    licences: dict[str, str] = field(default_factory=dict)
    shelf: str = ""

    hub_name = "world"
    scheme = DEFAULT_SCHEME

    def __post_init__(self) -> None:
        self.shards = ShardStore(self.shelf or self.root / "shards")

    def add(self, name: str, rows: Sequence[Row], *, revision: str = "r1", skipped: int = 0) -> None:
        """Shelve the rows of ``dataset`` or ``dataset#part``."""
        dataset_id, _, part = name.partition("#")
        source = Source(dataset_id, (RowFile("rows.jsonl", 1),), part, revision)
        self.shards.write(ReadyRows(source, rows, skipped), DEFAULT_SCHEME)

    def read(self, name: str) -> RootRows:
        """As the reader of a hub does."""
        dataset_id, _, part = name.partition("#")
        shards = [shard for shard in self.shards.parts(dataset_id) if not part or shard.part == part]
        if not shards:
            raise RowsMissing(f"{name} has no rows")
        return rows_of(shards, shards[0].revision, self.licences.get(dataset_id, "mit"))

    def recipe(self, name: str = "small", **sections: Any) -> Path:
        """Write a recipe; without ``roots`` it takes every dataset that no benchmark names."""
        benchmarks = {each.partition("#")[0] for each in sections.get("benchmarks", {}).get("ids", ())}
        datasets = dict.fromkeys(shard.dataset_id for shard in self.shards.all())
        sections.setdefault("roots", {"max": 0, "include": [each for each in datasets if each not in benchmarks]})
        sections.setdefault("diversity", False)
        path = self.root / f"{name}.yaml"
        path.write_text(yaml.safe_dump({"name": name, **sections}), encoding="utf-8")
        return path

    def build(
        self,
        recipe: Path,
        *,
        workers: int = 1,
        update_lock: bool = False,
        place: str = "stages",
        progress: Callable[[Stage, int, int], None] = tell_nobody,
    ) -> Build:
        """A build of a recipe, nothing done yet."""
        return Build(
            read_recipe(recipe),
            lock_path(recipe),
            self.root / place,
            self,  # type: ignore[arg-type]
            self.root / "graph.duckdb",
            workers,
            update_lock,
            progress,
        )

    def counts(self, build: Build) -> Mapping[Stage, StageCount]:
        """Run every stage."""
        return {stage: build.run(stage) for stage in STAGES}

    def corpus(self, recipe: Path, out: str = "out", **options: Any) -> Corpus:
        """Build a corpus from its first stage to its folder."""
        build = self.build(recipe, **options)
        self.counts(build)
        return assemble(build, self.root / out, lambda _: ())


def table(path: Path) -> list[dict[str, Any]]:
    """The rows of a Parquet file."""
    rows: list[dict[str, Any]] = pq.read_table(path).to_pylist()
    return rows


def removed(build: Build, stage: Stage) -> dict[tuple[str, str, int], dict[str, Any]]:
    """What a stage removed, by dataset, part and row."""
    rows = table(build.place(stage) / "removed.parquet")
    return {(row["dataset"], row["part"], row["row"]): row for row in rows}


def folder_bytes(folder: Path) -> dict[str, bytes]:
    """Every file of a folder, by its path in it."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def questions(topic: str, number: int, start: int = 0) -> list[Row]:
    """So many rows that have little in common but their topic."""
    return [
        (f"What is the {_word(7 * at)} {topic} of {_word(at)} {_word(3 * at + 1)}?", "", f"It is {_word(at)}.")
        for at in range(start, start + number)
    ]


def _word(number: int) -> str:
    """An English-looking word for each number."""
    heads = ("river", "stone", "market", "garden", "window", "teacher", "number", "summer", "paper", "bridge")
    tails = ("light", "house", "maker", "field", "keeper", "line", "town", "song", "ground", "board")
    return heads[number % 10] + tails[number // 10 % 10] + (str(number // 100) if number >= 100 else "")
