"""Graphs that others state: kept as records beside a hub's own, and part of every graph built from it.

What is imported counts as it is stated. Its edges have the status ``imported``; no rule on time, names, parts or
evidence changes them, unless the import asks for the rules.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from lineage_platform.errors import BrokenRecord
from lineage_platform.files import read_record, safe_name, write_record
from lineage_platform.records import (
    DocumentKind,
    EdgeStatus,
    Outcome,
    Record,
    Relation,
    ReleaseDate,
    Statement,
    Witness,
)


class ImportedDataset(Record):
    """A dataset as an imported graph has it, on the Hub unless it says otherwise.

    ``is_leaf`` is what the graph states, never derived from its edges; ``outcome`` is None where it does not say how
    the trace of the dataset ended, ``detail`` is its own words for that.
    """

    dataset_id: str
    on_hub: bool = True
    domains: tuple[str, ...] = ()
    release: ReleaseDate | None = None
    is_leaf: bool = False
    outcome: Outcome | None = None
    detail: str = ""
    licence: str | None = None
    summary: str | None = None
    construction: str | None = None
    downloads: int | None = None
    revision: str | None = None

    @property
    def is_bare(self) -> bool:
        """Whether nothing is said of it but that it exists."""
        return self == ImportedDataset(dataset_id=self.dataset_id, on_hub=self.on_hub)


class ImportedStatement(Record):
    """One statement of an imported graph: a witness of its edge, with the evidence given for it."""

    source: str
    target: str
    relation: Relation = Relation.DIRECT_INCLUSION
    confidence: float = Field(default=1.0, ge=0.0, le=1.0)
    document_kind: DocumentKind = DocumentKind.CARD
    document_id: str = ""
    quote: str = ""
    quote_offset: int | None = None
    is_benchmark: bool = False

    def witness(
        self, said_by: str, *, source: str | None = None, status: EdgeStatus = EdgeStatus.IMPORTED, reason: str = ""
    ) -> Witness:
        """The statement as a witness.

        Parameters
        ----------
        said_by:
            What was imported.
        source:
            What the source as stated stands for; itself when None.
        status, reason:
            What the rules make of it.
        """
        statement = Statement(
            mention=self.source,
            relation=self.relation,
            confidence=self.confidence,
            quote=self.quote,
            quote_offset=self.quote_offset,
            document_id=self.document_id or f"{self.document_kind}:{self.target}",
            said_by=said_by,
            is_benchmark=self.is_benchmark,
        )
        return Witness(
            statement=statement,
            source=source or self.source,
            document_kind=self.document_kind,
            verified=False,
            status=status,
            confidence=self.confidence,
            quote_offset=self.quote_offset,
            reason=reason,
        )


class RestoredWitness(Record):
    """A witness that another home judged; it stays as it was judged."""

    target: str
    witness: Witness


class Import(Record):
    """Everything that one import states.

    Parameters
    ----------
    name:
        Identity of the import: another one of the same name takes its place.
    said_by:
        Who stated it, as its witnesses tell: ``import:`` and a format or file.
    witnesses:
        Of a whole graph that comes back: judged before, and no statement of someone else.
    apply_rules:
        Whether the platform's rules change it; without them their faults are only listed.
    """

    name: str
    said_by: str
    datasets: tuple[ImportedDataset, ...] = ()
    statements: tuple[ImportedStatement, ...] = ()
    witnesses: tuple[RestoredWitness, ...] = ()
    apply_rules: bool = False


class ImportStore:
    """The imports of one hub of a data home, one file each.

    Parameters
    ----------
    root:
        The hub's folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root / "imports"

    def path(self, name: str) -> Path:
        """Where the import of this name lies or would lie."""
        return self.root / f"{safe_name(name)}.json"

    def write(self, record: Import) -> None:
        """Keep an import, whole, in place of an earlier one of the same name."""
        write_record(self.path(record.name), record)

    def holds(self, record: Import) -> bool:
        """Whether the import of this name says the same already, from whichever file it came."""
        try:
            kept = read_record(self.path(record.name), Import)
        except BrokenRecord:
            return False
        return kept is not None and kept.model_copy(update={"said_by": record.said_by}) == record

    def paths(self) -> tuple[Path, ...]:
        """The files of every import, in a stable order."""
        return tuple(sorted(self.root.glob("*.json")))
