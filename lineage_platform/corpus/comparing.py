"""How diverse the instructions of corpora, datasets and files are, side by side (the paper's Table 4)."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from lineage_platform.corpus.diversity import ENGINES, DiversityRow
from lineage_platform.corpus.embedding import Embedder, embedded
from lineage_platform.corpus.publishing import CORPUS_FILE
from lineage_platform.errors import UsageError
from lineage_platform.samples.reading import TripletRows, read_triplets
from lineage_platform.samples.shards import Shard, ShardStore

BATCH_ROWS = 8_192


class Instructions(Protocol):
    """The instructions of one corpus, dataset or file."""

    @property
    def name(self) -> str:
        """What the row of the comparison is called."""

    @property
    def rows(self) -> int | None:
        """How many there are, if that is known beforehand."""

    @property
    def sampled(self) -> float:
        """Share of the rows that reading them gives; known when they are read."""

    def __iter__(self) -> Iterator[str]:
        """Each instruction, in the order of the rows."""


@dataclass(frozen=True)
class FileInstructions:
    """Those of a local file or folder."""

    name: str
    triplets: TripletRows
    rows: int | None = None

    @property
    def sampled(self) -> float:
        """Share of the rows that was read."""
        return self.triplets.sampled

    def __iter__(self) -> Iterator[str]:
        """Each instruction; see :class:`lineage_platform.samples.reading.TripletRows` for what it raises."""
        for frame in self.triplets:
            yield from frame["instruction"]


@dataclass(frozen=True)
class ShardInstructions:
    """Those of a dataset, or of one part of it, whose rows were read before."""

    name: str
    store: ShardStore
    shards: Sequence[Shard]

    @property
    def rows(self) -> int:
        """How many there are."""
        return sum(shard.rows for shard in self.shards)

    @property
    def sampled(self) -> float:
        """Share of the dataset's rows that is in the shards."""
        return self.rows / sum(shard.rows / shard.sampled for shard in self.shards) if self.rows else 1.0

    def __iter__(self) -> Iterator[str]:
        """Each instruction, part by part."""
        import pyarrow.parquet as pq

        for shard in self.shards:
            with self.store.open(self.store.texts_path(shard)) as file, pq.ParquetFile(file) as texts:
                for batch in texts.iter_batches(BATCH_ROWS, columns=["instruction"]):
                    yield from batch.column(0).to_pylist()


def find_instructions(name: str, store: ShardStore, *, skip_bad_rows: bool = False) -> Instructions:
    """The instructions of what a person names: a corpus folder, a file or folder of rows, or a dataset (``id#part``).

    Parameters
    ----------
    store:
        Where the rows of datasets are kept.
    skip_bad_rows:
        Leave out rows of a file that cannot be read; else the first is an error.

    Raises
    ------
    UsageError
        There is no such file, and no rows were read of a dataset of this name.
    """
    path = Path(name).expanduser()
    if path.exists():
        return corpus_instructions(path) if (path / CORPUS_FILE).is_file() else _of_file(path, skip_bad_rows)
    dataset_id, _, part = name.partition("#")
    shards = [shard for shard in store.parts(dataset_id) if not part or shard.part == part]
    if not shards:
        raise UsageError(
            f"{name} is neither a file nor a dataset whose rows were read", f"lineage rows {name}, or give a file"
        )
    return ShardInstructions(name, store, shards)


def corpus_instructions(folder: Path, name: str = "") -> Instructions:
    """Those of a built corpus, under its folder's name or another one."""
    import pyarrow.parquet as pq

    path = folder / CORPUS_FILE
    return FileInstructions(name or folder.resolve().name, read_triplets(path), pq.read_metadata(path).num_rows)


@dataclass(frozen=True)
class Comparison:
    """How datasets are compared.

    Parameters
    ----------
    embedder:
        Turns the instructions into vectors.
    engine:
        ``streamed`` or ``reference``; see :mod:`lineage_platform.corpus.diversity`.
    seed:
        Of the intervals and of the choice of rows.
    most_rows:
        Of larger datasets so many rows are chosen at random and embedded; None embeds all.
    """

    embedder: Embedder
    engine: str = "streamed"
    seed: int = 0
    most_rows: int | None = None

    def row(self, instructions: Instructions, seen: Callable[[int], None] = lambda _: None) -> DiversityRow:
        """The figures of one dataset; ``seen`` is told how many more rows are embedded.

        Raises
        ------
        NoDiversity
            There are no rows, or their vectors have no figures.
        """
        texts = _Counted(instructions)
        chosen = texts if self.most_rows is None else self._chosen(texts, self.most_rows)
        found = ENGINES[self.engine](embedded(chosen, self.embedder, seen), seed=self.seed)
        return DiversityRow(
            instructions.name, self.embedder.name, instructions.sampled * found.rows / texts.count, found
        )

    def _chosen(self, texts: Iterable[str], most: int) -> list[str]:
        """A random choice of the texts, in their order."""
        random = np.random.default_rng(self.seed)
        drawn = heapq.nsmallest(most, ((random.random(), at, text) for at, text in enumerate(texts)))
        return [text for _, _, text in sorted(drawn, key=lambda entry: entry[1])]


class _Counted:
    """Texts that count themselves as they are read."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = texts
        self.count = 0

    def __iter__(self) -> Iterator[str]:
        for text in self._texts:
            self.count += 1
            yield text


def _of_file(path: Path, skip_bad_rows: bool) -> FileInstructions:
    return FileInstructions(str(path), read_triplets(path, skip_bad_rows=skip_bad_rows))
