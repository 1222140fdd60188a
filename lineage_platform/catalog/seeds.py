"""Seeds: the datasets a trace starts from."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from lineage_platform.catalog.hub import Hub, HubQuery
from lineage_platform.catalog.ids import parse_dataset_id
from lineage_platform.catalog.tables import read_rows
from lineage_platform.errors import InvalidDatasetId, UsageError
from lineage_platform.records import Domain

COLUMNS = ["dataset_id", "domain", "why"]
MOST_LISTED = 1000  # what the Hub gives in one page


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


def watched(path: Path, hub: Hub) -> tuple[str, ...]:
    """The datasets that a watch list names now.

    A watch list is a seed file in which a line may also be a question to the hub: ``author:NAME``, ``tag:NAME``
    (the 100 most sought after) or ``trending:N``. What the hub answers is another list each day.

    Parameters
    ----------
    path:
        The watch list.
    hub:
        Answers its questions.

    Raises
    ------
    UsageError
        No such file, nothing in it, or a line that is neither; names the line.
    HubUnavailable
        The hub cannot answer now.
    """
    if not path.is_file():
        raise UsageError(f"there is no watch list {path}", "write one dataset id, author:NAME or tag:NAME a line")
    found: dict[str, None] = {}
    for number, cells in read_rows(path):
        if cells[0] == COLUMNS[0]:
            continue
        try:
            query = _query(cells[0])
            found.update(dict.fromkeys(hub.listed(query) if query else [_seed(*cells).dataset_id]))
        except (InvalidDatasetId, ValueError, TypeError) as error:
            raise UsageError(f"{path} line {number}: {error}", "mend the line, or comment it out with #") from error
    return tuple(found)


def _query(cell: str) -> HubQuery | None:
    """The question that a line asks; None if it is an id."""
    kind, colon, value = cell.partition(":")
    if not colon:
        return None
    if kind == "trending" and value.isdecimal() and 0 < int(value) <= MOST_LISTED:
        return HubQuery(limit=int(value))
    if kind in ("author", "tag") and value:
        return HubQuery(author=value) if kind == "author" else HubQuery(tag=value)
    raise ValueError(f"{cell!r} is neither a dataset id nor author:NAME, tag:NAME or trending:N (1 to {MOST_LISTED})")


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
