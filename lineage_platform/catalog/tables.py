"""Small tab-separated files: aliases and seeds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lineage_platform.catalog.ids import parse_dataset_id
from lineage_platform.errors import BrokenRecord, InvalidDatasetId


def read_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells of each line that is neither blank nor a ``#`` comment; cells are stripped.

    Raises
    ------
    BrokenRecord
        The file is not UTF-8 text, or cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BrokenRecord(f"{path} cannot be read as UTF-8 text: {error}") from error
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip() and not line.lstrip().startswith("#"):
            yield number, [cell.strip() for cell in line.split("\t")]


def read_pairs(path: Path) -> Iterator[tuple[str, str]]:
    """Alias and Hub id of each row; a header line is skipped, a missing file has none.

    Raises
    ------
    BrokenRecord
        A row has no two cells, or its second is no Hub id.
    """
    if not path.exists():
        return
    for number, cells in read_rows(path):
        if cells[:2] == ["alias", "dataset_id"]:
            continue
        try:
            alias, target = cells[0], parse_dataset_id(cells[1])
        except (IndexError, InvalidDatasetId) as error:
            raise BrokenRecord(f"{path} line {number}: expected an alias, a tab and a Hub id, not {cells}") from error
        yield alias, target
