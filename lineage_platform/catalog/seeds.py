"""Seeds: the datasets a trace starts from."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from lineage_platform.catalog.hub import Hub
from lineage_platform.catalog.ids import parse_dataset_id
from lineage_platform.catalog.tables import read_rows
from lineage_platform.errors import InvalidDatasetId, UsageError
from lineage_platform.records import Domain

COLUMNS = ["dataset_id", "domain", "why"]


@dataclass(frozen=True)
class Seed:
    """One dataset to start from.

    Parameters
    ----------
    dataset_id:
        Its Hub id as written in the file.
    domains:
        What it is for, as far as the registry says.
    why:
        Why it is a seed.
    """

    dataset_id: str
    domains: tuple[Domain, ...] = ()
    why: str = ""


def read_seeds(path: Path) -> tuple[Seed, ...]:
    """The seeds in a file: one id a line, optionally followed by domains (joined by ``|``) and a reason, tab-separated.

    Blank lines, ``#`` comments and a header line are skipped; an id given twice is one seed.

    Raises
    ------
    UsageError
        No such file, no seed in it, or a line that is none; names the line.
    BrokenRecord
        The file is not UTF-8 text.
    """
    if not path.is_file():
        raise UsageError(f"there is no seed file {path}", "write one dataset id a line")
    seeds: dict[str, Seed] = {}
    for number, cells in read_rows(path):
        if cells[0] == COLUMNS[0]:
            continue
        try:
            seed = _seed(*cells)
        except (InvalidDatasetId, ValueError, TypeError) as error:
            reason = error.message if isinstance(error, InvalidDatasetId) else f"expected {', '.join(COLUMNS)}: {error}"
            raise UsageError(f"{path} line {number}: {reason}", "mend the line, or comment it out with #") from error
        seeds.setdefault(seed.dataset_id.lower(), seed)
    if not seeds:
        raise UsageError(f"{path} names no dataset", "write one dataset id a line")
    return tuple(seeds.values())


def default_seeds(hub: Hub) -> tuple[Seed, ...]:
    """Where a trace of this hub starts when nobody names a dataset.

    The paper's Table 5 for the live Hub, the packaged list for the sample, ``seeds.txt`` in a hub folder.

    Raises
    ------
    UsageError
        The hub folder has no seeds of its own.
    """
    packaged = Path(str(resources.files("lineage_platform.catalog")))
    if hub.folder is None:
        return read_seeds(packaged / "seeds.tsv")
    if hub.name == "sample":
        return read_seeds(packaged / "sample_seeds.tsv")
    if not (hub.folder / "seeds.txt").is_file():
        raise UsageError(f"{hub.folder} names no seeds of its own", "name datasets, or a file of them with --seeds")
    return read_seeds(hub.folder / "seeds.txt")


def _seed(dataset_id: str, domains: str = "", why: str = "") -> Seed:
    return Seed(parse_dataset_id(dataset_id), tuple(Domain(word) for word in domains.split("|") if word), why)
