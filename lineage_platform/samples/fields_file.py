"""A table that says which columns hold the triplets, where their shape cannot be told, or is another than it seems."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from lineage_platform.catalog.tables import read_rows
from lineage_platform.errors import BrokenRecord, UsageError
from lineage_platform.samples.triplets import GIVEN, Fields

_NAMES = ("file", "dataset", "dataset_id")
_FIELDS = ("instruction", "input", "output")


class FieldsTable:
    """Fields by file name or dataset id.

    Parameters
    ----------
    fields:
        By name: a file's (its path or its last part), ``org/name`` or ``org/name#part``.
    """

    def __init__(self, fields: Mapping[str, Fields] | None = None) -> None:
        self._fields = {name.lower(): given for name, given in (fields or {}).items()}

    @classmethod
    def read(cls, path: Path) -> FieldsTable:
        """Read a TSV with a header: ``file`` or ``dataset`` (or both), ``instruction``, ``input``, ``output``.

        Raises
        ------
        UsageError
            There is no such file, or its header lacks a column.
        BrokenRecord
            A row names no instruction.
        """
        if not path.exists():
            raise UsageError(f"there is no file {path}")
        lines = list(read_rows(path))
        header = [cell.lower() for cell in lines[0][1]] if lines else []
        missing = [name for name in ("instruction", "output") if name not in header]
        if missing or not set(_NAMES) & set(header):
            wanted = "file or dataset, instruction, input, output"
            raise UsageError(f"the first line of {path} does not name the columns {wanted}", "separate them by tabs")
        fields: dict[str, Fields] = {}
        for number, cells in lines[1:]:
            row = dict(zip(header, cells, strict=False))
            if not row.get("instruction"):
                raise BrokenRecord(f"{path} line {number} names no column for the instruction")
            given = Fields(GIVEN, *(row.get(name, "") for name in _FIELDS))
            fields.update({row[name]: given for name in _NAMES if row.get(name)})
        return cls(fields)

    def find(self, names: Sequence[str]) -> Fields | None:
        """What the table has for the first of these names that it knows."""
        return next((self._fields[name.lower()] for name in names if name.lower() in self._fields), None)

    def of_file(self, path: Path) -> Fields | None:
        """Fields of a local file."""
        return self.find([str(path), path.name])

    def of_part(self, dataset_id: str, part: str) -> Fields | None:
        """Fields of a part, or of its dataset."""
        return self.find([f"{dataset_id}#{part}", dataset_id] if part else [dataset_id])
