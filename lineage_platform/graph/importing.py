"""Reading a published graph: a table of its datasets and one of its edges, tab-separated."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from lineage_platform.errors import BrokenRecord
from lineage_platform.graph.imports import Import, ImportedDataset, ImportedStatement
from lineage_platform.records import DocumentKind, Outcome, Relation, ReleaseDate

NODE_COLUMNS = ("dataset_id", "domains", "release_month", "terminal")
EDGE_COLUMNS = ("source", "target", "documents", "confidence", "relation")

# The Hub's creation dates begin in this month, which therefore means "then or earlier".
_HUB_FIRST_MONTH = "2022-03"
_MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])")
_TRUE, _FALSE = ("true", "1", "yes"), ("false", "0", "no", "")

# How each relation's name begins, whatever case, spaces and additions ("Direct Inclusion/Subset") it is spelled with.
_RELATIONS = {
    **{relation.value.replace("_", ""): relation for relation in Relation},
    "subset": Relation.DIRECT_INCLUSION,
    "chainofthoughtdistillation": Relation.COT_DISTILLATION,
}
_DOCUMENT_WORDS = (
    ("readme", DocumentKind.CARD),
    ("card", DocumentKind.CARD),
    ("hugging", DocumentKind.CARD),
    ("git", DocumentKind.REPOSITORY),
    ("repo", DocumentKind.REPOSITORY),
    ("paper", DocumentKind.PAPER),
    ("arxiv", DocumentKind.PAPER),
)
_OUTCOMES = (
    ("created before", Outcome.BEFORE_CUTOFF),
    ("no source", Outcome.NO_SOURCES_DOCUMENTED),
    ("not exist", Outcome.TRACED),
)


@dataclass(frozen=True)
class _Row:
    """A line of a table, by column, with its place."""

    path: Path
    number: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "").strip()

    def needed(self, column: str) -> str:
        """A cell that must hold something."""
        if not self[column]:
            raise self.fault(f"{column} is empty")
        return self[column]

    def fault(self, what: str) -> BrokenRecord:
        """What is wrong with the line, and where it is."""
        return BrokenRecord(f"{self.path} line {self.number}: {what}", "mend the line and import again")


def read_published_graph(nodes: Path, edges: Path, *, name: str, apply_rules: bool = False) -> Import:
    """A published graph from its two tables.

    Parameters
    ----------
    nodes:
        The Hub datasets, one a line: ``dataset_id``, ``domains`` (joined by ``|``), ``release_month`` (YYYY-MM or
        empty), ``terminal`` (true or false), and what else there is of ``hub_month``, ``paper_month``, ``downloads``
        and ``terminal_reason``.
    edges:
        One statement a line: ``source``, ``target``, ``documents``, ``confidence``, ``relation`` (the five names in
        any spelling), and ``evidence`` where there is any. A repeated pair is one edge with two witnesses.
    name:
        Under which the import is kept.
    apply_rules:
        Whether the platform's rules are to change the graph.

    Raises
    ------
    BrokenRecord
        A file that cannot be read, lacks a column, or has a line that is none; file and line are named.
    """
    datasets: dict[str, ImportedDataset] = {}
    for row in _rows(nodes, NODE_COLUMNS):
        dataset = _dataset(row)
        if dataset.dataset_id in datasets:
            raise row.fault(f"{dataset.dataset_id} stands there a second time")
        datasets[dataset.dataset_id] = dataset
    statements = tuple(_statement(row) for row in _rows(edges, EDGE_COLUMNS))
    return Import(
        name=name,
        said_by=f"import:{edges.name}",
        datasets=tuple(datasets.values()),
        statements=statements,
        apply_rules=apply_rules,
    )


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[_Row]:
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise BrokenRecord(f"{path} cannot be read as UTF-8 text: {error}", "name a tab-separated file") from error
    header = [column.strip() for column in lines[0].rstrip("\r").split("\t")]
    lacking = [column for column in columns if column not in header]
    if lacking:
        raise BrokenRecord(
            f"{path} has no column {', '.join(lacking)}", f"its first line must name: {', '.join(columns)}"
        )
    for number, line in enumerate(lines[1:], start=2):
        cells = line.rstrip("\r").split("\t")
        if not line.strip():
            continue
        if len(cells) != len(header):
            place = _Row(path, number, {})
            raise place.fault(f"{len(cells)} cells under {len(header)} columns")
        yield _Row(path, number, dict(zip(header, cells, strict=True)))


def _dataset(row: _Row) -> ImportedDataset:
    terminal = row["terminal"].lower()
    if terminal not in (*_TRUE, *_FALSE):
        raise row.fault(f"terminal is {terminal!r}, neither true nor false")
    is_leaf, reason = terminal in _TRUE, row["terminal_reason"]
    ended = next((outcome for words, outcome in _OUTCOMES if words in reason.lower()), None)
    downloads = row["downloads"]
    if downloads and not downloads.isdecimal():
        raise row.fault(f"downloads is {downloads!r}, not a number")
    return ImportedDataset(
        dataset_id=row.needed("dataset_id"),
        domains=tuple(dict.fromkeys(word for part in row["domains"].split("|") if (word := part.strip().lower()))),
        release=_release(row),
        is_leaf=is_leaf,
        outcome=ended if is_leaf else Outcome.TRACED,
        detail=reason,
        downloads=int(downloads) if downloads else None,
    )


def _release(row: _Row) -> ReleaseDate | None:
    for column in ("release_month", "hub_month", "paper_month"):
        if row[column] and not _MONTH.fullmatch(row[column]):
            raise row.fault(f"{column} is {row[column]!r}, not YYYY-MM")
    month = row["release_month"]
    if not month:
        return None
    if month == row["hub_month"]:
        return ReleaseDate(value=month, origin="hub_epoch" if month == _HUB_FIRST_MONTH else "hub")
    return ReleaseDate(value=month, origin="paper:import" if month == row["paper_month"] else "import")


def _statement(row: _Row) -> ImportedStatement:
    spelled = re.sub(r"[^a-z]", "", row["relation"].lower())
    relation = next((relation for name, relation in _RELATIONS.items() if spelled.startswith(name)), None)
    if relation is None and not row["relation"]:
        relation = Relation.DIRECT_INCLUSION  # what a vague text means
    if relation is None:
        raise row.fault(f"{row['relation']!r} is no relation; there are: {', '.join(Relation)}")
    documents = row["documents"].lower()
    kind = next((kind for word, kind in _DOCUMENT_WORDS if word in documents), DocumentKind.BLOG)
    try:
        return ImportedStatement(
            source=row.needed("source"),
            target=row.needed("target"),
            relation=relation,
            confidence=float(row["confidence"] or 1),
            document_kind=kind,
            quote=row["evidence"].replace("\\n", "\n"),
        )
    except (ValueError, ValidationError) as error:
        raise row.fault(f"confidence is {row['confidence']!r}, not a number from 0 to 1") from error
