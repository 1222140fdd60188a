"""A built corpus folder, described for people and for machines: README.md (a dataset card) and croissant.json."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from lineage_platform.errors import BrokenRecord
from lineage_platform.files import write_whole

if TYPE_CHECKING:
    import pyarrow as pa

    from lineage_platform.corpus.diversity import DiversityRow

CORPUS_FILE = "corpus.parquet"
REMOVED_FOLDER = "removed"


@dataclass(frozen=True)
class PublishedRoot:
    """What one root gave to the corpus.

    Parameters
    ----------
    dataset_id:
        The dataset that rows were read from.
    rows, kept:
        Rows read, and those of them in the corpus.
    licence:
        By the Hub's short name, empty if its card states none.
    revision:
        The commit that was read.
    path:
        The lineage from the leaf to this dataset, both included; empty where the dataset is the leaf.
    """

    dataset_id: str
    rows: int
    kept: int
    licence: str = ""
    revision: str = ""
    path: tuple[str, ...] = ()


@dataclass(frozen=True)
class PublishedStage:
    """What one stage took in, kept, and removed for which reasons; ``does`` says in a sentence what it looks for."""

    name: str
    input: int
    kept: int
    removed: Mapping[str, int] = field(default_factory=dict)
    does: str = ""


@dataclass(frozen=True)
class CorpusDescription:
    """All that the card and the Croissant file say beyond the files themselves.

    Parameters
    ----------
    name:
        Of the corpus.
    recipe_digest:
        Of the recipe and its lock: what the bytes of the corpus depend on.
    roots, stages, diversity:
        Where the rows come from, how they were cleaned, and the figures beside those of other datasets.
    languages:
        Two- or three-letter codes.
    label:
        What every output over this data must say (the sample hub's), empty for real data.
    """

    name: str
    recipe_digest: str
    roots: tuple[PublishedRoot, ...]
    stages: tuple[PublishedStage, ...] = ()
    diversity: tuple[DiversityRow, ...] = ()
    languages: tuple[str, ...] = ("en",)
    label: str = ""

    @property
    def licences(self) -> tuple[str, ...]:
        """The licences of the rows in the corpus, ``unknown`` among them where a card states none."""
        return tuple(sorted({root.licence.strip().lower() or "unknown" for root in self.roots if root.kept}))


@dataclass(frozen=True)
class PublishedTable:
    """One Parquet file of the folder."""

    path: str
    rows: int
    size: int
    sha256: str
    schema: pa.Schema

    @property
    def name(self) -> str:
        """What its record set and its config are called."""
        return self.path.removesuffix(".parquet").replace("/", "_")


def publish(folder: Path, description: CorpusDescription) -> None:
    """Write README.md and croissant.json into a built corpus folder; the same folder gives the same bytes.

    Parameters
    ----------
    folder:
        Holds ``corpus.parquet`` and, for each stage that removed rows, ``removed/STAGE.parquet``.
    description:
        What is said of them.

    Raises
    ------
    BrokenRecord
        There is no corpus in the folder, or a file in it is not Parquet.
    """
    from lineage_platform.corpus.card import card
    from lineage_platform.corpus.croissant import croissant

    tables = list(_tables(folder))
    write_whole(folder / "croissant.json", croissant(description, tables).encode("utf-8"))
    write_whole(folder / "README.md", card(description, tables).encode("utf-8"))


def _tables(folder: Path) -> Iterator[PublishedTable]:
    """The corpus, then the removal tables by name."""
    removed = sorted((folder / REMOVED_FOLDER).glob("*.parquet"))
    for path in (folder / CORPUS_FILE, *removed):
        yield _table(path, path.relative_to(folder).as_posix())


def _table(path: Path, name: str) -> PublishedTable:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        with pq.ParquetFile(path) as table:
            return PublishedTable(name, table.metadata.num_rows, path.stat().st_size, sha256, table.schema_arrow)
    except (OSError, pa.ArrowInvalid) as error:
        reason = str(error).splitlines()[0]
        raise BrokenRecord(f"{path} cannot be published: {reason}", "build the corpus again") from error
