"""From the records on disk to the rows of the graph's tables; a broken record costs its dataset, never the graph."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from lineage_platform.catalog.ids import hub_dataset
from lineage_platform.errors import BrokenRecord
from lineage_platform.files import RecordStore, read_record
from lineage_platform.graph.edges import assemble
from lineage_platform.graph.import_rules import judge
from lineage_platform.graph.imports import Import, ImportedDataset, ImportStore
from lineage_platform.graph.resolution import CHOSEN, LINK, UNKNOWN_LINK
from lineage_platform.graph.review_rows import add_reviews
from lineage_platform.graph.reviews import REVIEWED, Decisions
from lineage_platform.graph.tables import AliasRow, DatasetRow, DocumentRow, FaultRow, MentionRow, Tables, WitnessRow
from lineage_platform.graph.witnesses import SELF_EDGE, is_hub_id
from lineage_platform.measurements import MeasurementStore
from lineage_platform.records import (
    DocumentSet,
    EdgeStatus,
    Extraction,
    Mention,
    Outcome,
    Profile,
    Resolution,
    Validation,
    Witness,
)

R = TypeVar("R", bound=BaseModel)

# Ways of resolving that teach what a name stands for; what a single document links is no lesson for others.
_LEARNT = (CHOSEN, REVIEWED)
_LEAF_OUTCOMES = (Outcome.NO_SOURCES_DOCUMENTED, Outcome.BEFORE_CUTOFF, Outcome.NO_DOCUMENTATION)


@dataclass(frozen=True)
class DatasetRecords:
    """What is on disk of one dataset."""

    validation: Validation
    documents: DocumentSet | None
    extraction: Extraction | None
    resolution: Resolution | None

    def reviewed(self, decisions: Decisions) -> DatasetRecords:
        """The records as people's decisions leave them."""
        return replace(self, resolution=decisions.applied(self.resolution)) if self.resolution else self

    @property
    def witnesses(self) -> tuple[Witness, ...]:
        """What was stated of it, judged."""
        return self.resolution.witnesses if self.resolution else ()

    @property
    def outcome(self) -> Outcome | None:
        """How its trace ended; None if it was only looked up."""
        stopped = self.validation.outcome
        if self.resolution and stopped in (None, Outcome.FAILED):
            return self.resolution.outcome
        return stopped

    @property
    def detail(self) -> str:
        """One line on the outcome."""
        if self.outcome is None:
            return "looked up, not traced: beyond the limit of hops, or the trace was interrupted"
        ended = self.resolution if self.resolution and self.resolution.outcome is self.outcome else self.validation
        return ended.detail

    @property
    def is_leaf(self) -> bool:
        """Whether its trace is proven to have ended here: nothing documented, or nothing of it on the Hub."""
        if self.outcome is Outcome.TRACED and self.resolution:
            standing = (w.source for w in self.resolution.witnesses if w.status is not EdgeStatus.REJECTED)
            return not any(is_hub_id(source) for source in standing)
        return self.outcome in _LEAF_OUTCOMES


def collect(records: RecordStore, decisions: Decisions | None = None) -> Tables:
    """The rows of every dataset traced from one hub, and of what was imported beside them.

    Parameters
    ----------
    records:
        Where the trace left its records.
    decisions:
        What people decided about its edges; nothing when None.
    """
    decisions = decisions or Decisions()
    tables = Tables()
    traced = {name: found.reviewed(decisions) for name, found in _traced(records, tables).items()}
    stated, imported = _imported(records, tables, traced)
    releases = {dataset.dataset_id: dataset.release for dataset in stated}
    releases |= {dataset_id: found.validation.release for dataset_id, found in traced.items()}
    named = {
        mention.chosen_id
        for found in traced.values()
        for mention in (found.resolution.mentions if found.resolution else ())
        if mention.chosen_id and mention.method != UNKNOWN_LINK
    }
    for dataset_id, found in traced.items():
        tables.datasets.append(_dataset(found, named))
        tables.faults += _faults(dataset_id, found.witnesses)
        _add_mentions(tables, dataset_id, found.resolution)
        _add_documents(tables, found.documents)
    for target in dict.fromkeys((*traced, *imported)):
        of_imports = decisions.judged(target, imported.get(target, ()))
        witnesses = (*(traced[target].witnesses if target in traced else ()), *of_imports)
        tables.edge_candidates += assemble(target, witnesses, releases.get, decisions)
        tables.witnesses += (_witness(target, witness) for witness in witnesses)
    tables.datasets += _untraced_sources(tables, named)
    add_reviews(tables, decisions, MeasurementStore(records.root))
    tables.aliases = sorted(set(tables.aliases), key=lambda row: (row.alias, row.dataset_id, row.origin))
    return tables.completed()


def _traced(records: RecordStore, tables: Tables) -> dict[str, DatasetRecords]:
    """The records of every dataset that can be read; a broken one is a fault, another name an alias."""
    traced: dict[str, DatasetRecords] = {}
    for folder in sorted(path for path in (records.root / "datasets").glob("*") if path.is_dir()):
        try:
            found = _read(folder)
        except BrokenRecord as error:
            tables.faults.append(FaultRow("broken_record", folder.name.rpartition("~")[0], error.message))
            continue
        if found:
            _add_requested_alias(tables, found.validation)
            if found.validation.requested == found.validation.dataset_id:
                traced[found.validation.dataset_id] = found
    return traced


def _imported(
    records: RecordStore, tables: Tables, traced: Container[str]
) -> tuple[list[ImportedDataset], dict[str, list[Witness]]]:
    """The datasets of every import that were not traced, and its witnesses by target; aliases and faults are rows."""
    datasets: dict[str, ImportedDataset] = {}
    witnesses: defaultdict[str, list[Witness]] = defaultdict(list)
    for path in ImportStore(records.root).paths():
        try:
            record = read_record(path, Import)
        except BrokenRecord as error:
            tables.faults.append(FaultRow("broken_record", path.name, error.message))
            continue
        if record:
            found = judge(record)
            for dataset in found.datasets:
                known = datasets.get(dataset.dataset_id)
                if dataset.dataset_id not in traced and (known is None or known.is_bare):
                    datasets[dataset.dataset_id] = dataset
            tables.aliases += found.aliases
            tables.faults += found.faults
            for target, witness in found.witnesses:
                witnesses[target].append(witness)
    tables.datasets += map(_imported_dataset, datasets.values())
    return list(datasets.values()), witnesses


def _read(folder: Path) -> DatasetRecords | None:
    """A dataset's records, or None where nothing is known of it yet.

    Raises
    ------
    BrokenRecord
        One of them cannot be read.
    """

    def stage(kind: type[R]) -> R | None:
        return read_record(folder / f"{kind.__name__.lower()}.json", kind)

    validation = stage(Validation)
    if validation is None:
        return None
    return DatasetRecords(validation, stage(DocumentSet), stage(Extraction), stage(Resolution))


def _dataset(found: DatasetRecords, named: Container[str]) -> DatasetRow:
    validation = found.validation
    info, release = validation.info, validation.release
    profile = found.extraction.profile if found.extraction else Profile()
    return DatasetRow(
        dataset_id=validation.dataset_id,
        on_hub=info is not None or found.outcome is Outcome.GATED or validation.dataset_id in named,
        outcome=found.outcome,
        detail=found.detail,
        release_date=release.value if release else None,
        release_origin=release.origin if release else None,
        domains=profile.domains,
        is_leaf=found.is_leaf,
        licence=profile.licence or None,
        summary=profile.summary or None,
        construction=profile.construction or None,
        downloads=info.downloads if info else None,
        likes=info.likes if info else None,
        revision=(info.sha or None) if info else None,
    )


def _imported_dataset(dataset: ImportedDataset) -> DatasetRow:
    return DatasetRow(
        dataset_id=dataset.dataset_id,
        on_hub=dataset.on_hub,
        outcome=dataset.outcome,
        detail=dataset.detail,
        release_date=dataset.release.value if dataset.release else None,
        release_origin=dataset.release.origin if dataset.release else None,
        domains=dataset.domains or (Profile().domains if dataset.on_hub else ()),
        is_leaf=dataset.is_leaf,
        licence=dataset.licence,
        summary=dataset.summary,
        construction=dataset.construction,
        downloads=dataset.downloads,
        revision=dataset.revision,
    )


def _untraced_sources(tables: Tables, named: Container[str]) -> Iterator[DatasetRow]:
    """Datasets of the Hub that an accepted witness names, but that no trace has reached."""
    known = {row.dataset_id for row in tables.datasets}
    sources = {row.source for row in tables.witnesses if row.status is EdgeStatus.ACCEPTED and is_hub_id(row.source)}
    for source in sorted(sources - known):
        yield DatasetRow(source, on_hub=source in named, domains=Profile().domains, detail="not traced")


def _witness(target: str, witness: Witness) -> WitnessRow:
    statement = witness.statement
    return WitnessRow(
        source=witness.source,
        target=target,
        mention=statement.mention,
        document_id=statement.document_id,
        document_kind=witness.document_kind,
        quote=statement.quote,
        quote_offset=witness.quote_offset,
        relation=statement.relation,
        confidence=witness.confidence,
        said_by=statement.said_by,
        verified=witness.verified,
        status=witness.status,
        reason=witness.reason,
        about=statement.about,
        is_benchmark=statement.is_benchmark,
    )


def _add_requested_alias(tables: Tables, validation: Validation) -> None:
    if validation.requested != validation.dataset_id:
        tables.aliases.append(AliasRow(validation.requested, validation.dataset_id, "requested"))


def _add_mentions(tables: Tables, target: str, resolution: Resolution | None) -> None:
    for mention in resolution.mentions if resolution else ():
        tables.mentions.append(MentionRow(target, **{name: getattr(mention, name) for name in Mention.model_fields}))
        if mention.method in _LEARNT and mention.chosen_id:
            tables.aliases.append(AliasRow(mention.mention, mention.chosen_id, mention.method))
        linked = hub_dataset(mention.link) if mention.link and mention.method == LINK else None
        if linked and mention.chosen_id and linked[0] != mention.chosen_id:
            tables.aliases.append(AliasRow(linked[0], mention.chosen_id, "link"))


def _add_documents(tables: Tables, documents: DocumentSet | None) -> None:
    for document in documents.documents if documents else ():
        tables.documents.append(
            DocumentRow(
                document_id=document.document_id,
                dataset_id=documents.dataset_id if documents else "",
                kind=document.kind,
                url=document.url,
                revision=document.revision,
                outcome=document.outcome,
                detail=document.detail,
                text_digest=document.text_digest,
                fetched_at=document.fetched_at,
            )
        )


def _faults(target: str, witnesses: tuple[Witness, ...]) -> Iterator[FaultRow]:
    for witness in witnesses:
        if witness.reason == SELF_EDGE:
            yield FaultRow("self_edge", target, f"{witness.statement.mention!r}: {SELF_EDGE}")
    said = Counter((w.source, w.statement.document_id, w.statement.quote, w.statement.said_by) for w in witnesses)
    for (source, document_id, _, said_by), times in sorted(said.items()):
        if times > 1:
            detail = f"{said_by} states it {times} times with the same quote of {document_id}"
            yield FaultRow("duplicate", f"{source} -> {target}", detail)
