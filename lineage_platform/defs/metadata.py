"""What a person wants to see of a materialised partition, read from its records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

import dagster as dg

from lineage_platform.defs.drawing import neighbourhood
from lineage_platform.files import RecordStore
from lineage_platform.records import DocumentSet, EdgeStatus, Extraction, Record, Resolution, Validation
from lineage_platform.stages import Stage, TracedDataset
from lineage_platform.workspace import Workspace

Cell = str | int | float | bool | None
Metadata = dict[str, dg.MetadataValue | str | int | float]

MOST_ROWS = 30
LONGEST_CELL = 300
RECORDS: Mapping[Stage, type[Validation | DocumentSet | Extraction | Resolution]] = {
    Stage.VALIDATION: Validation,
    Stage.DOCUMENTS: DocumentSet,
    Stage.EXTRACTION: Extraction,
    Stage.RESOLUTION: Resolution,
}


def describe(stage: Stage, traced: TracedDataset, workspace: Workspace) -> Metadata:
    """Metadata of one stage of one dataset.

    A stage that the dataset did not reach (it is gated, unknown, too old) has only the outcome.
    """
    metadata: Metadata = {"outcome": traced.ended, "hub": workspace.hub.label or workspace.hub.name}
    if traced.detail:
        metadata["detail"] = traced.detail
    return metadata | _described(_record(stage, traced, workspace), traced, workspace.records)


def made_version(stage: Stage, traced: TracedDataset, workspace: Workspace) -> str:
    """The data version of one stage of one dataset: the digest of the input it was made from, or why it was not."""
    record = _record(stage, traced, workspace)
    return record.input_digest if record else traced.ended


def table(rows: Iterable[Mapping[str, Cell]]) -> dg.MetadataValue:
    """Rows as a table of the UI, which shows their text as text; at most ``MOST_ROWS`` of them."""
    records = [
        dg.TableRecord({name: value[:LONGEST_CELL] if isinstance(value, str) else value for name, value in row.items()})
        for row, _ in zip(rows, range(MOST_ROWS), strict=False)
    ]
    schema = None if records else dg.TableSchema(columns=[])
    return dg.MetadataValue.table(records, schema)


def counts(name: str, values: Iterable[str]) -> Metadata:
    """How many there are of each value, and of all of them."""
    counted = Counter(values)
    each = {f"{name} {value}": number for value, number in sorted(counted.items())}
    return {name: counted.total(), **each}


def _record(
    stage: Stage, traced: TracedDataset, workspace: Workspace
) -> Validation | DocumentSet | Extraction | Resolution | None:
    """What a stage left; of a dataset that ended at the first one, later stages hold what was true before."""
    validation = workspace.records.read(traced.dataset_id, Validation)
    ended = validation is not None and validation.outcome is not None
    if stage is Stage.VALIDATION or ended:
        return validation if stage is Stage.VALIDATION else None
    return workspace.records.read(traced.dataset_id, RECORDS[stage])


def _described(record: Record | None, traced: TracedDataset, records: RecordStore) -> Metadata:
    match record:
        case Validation():
            return _validation(record)
        case DocumentSet():
            return _documents(record)
        case Extraction():
            return _extraction(record)
        case Resolution():
            return _resolution(record, traced, records.read(record.dataset_id, Validation))
    return {}


def _released(validation: Validation | None) -> Metadata:
    if validation is None or validation.release is None:
        return {}
    return {"release date": validation.release.value, "release origin": validation.release.origin}


def _validation(record: Validation) -> Metadata:
    metadata = _released(record)
    if record.requested != record.dataset_id:
        metadata["asked for as"] = record.requested
    if record.info is not None:
        metadata |= {"revision": record.info.sha, "downloads": record.info.downloads or 0}
    if len(record.dates) > 1:
        metadata["release dates found"] = table({"date": date.value, "origin": date.origin} for date in record.dates)
    return metadata


def _documents(record: DocumentSet) -> Metadata:
    rows = (
        {"kind": document.kind.value, "url": document.url, "outcome": document.outcome.value, "detail": document.detail}
        for document in record.documents
    )
    return counts("documents", (document.outcome.value for document in record.documents)) | {"read": table(rows)}


def _extraction(record: Extraction) -> Metadata:
    rows = (
        {
            "mention": statement.mention,
            "relation": statement.relation.value,
            "confidence": statement.confidence,
            "quote": statement.quote,
            "document": statement.document_id,
        }
        for statement in record.statements
    )
    metadata = counts("statements", (statement.relation.value for statement in record.statements))
    metadata |= {
        "agents": record.agents,
        "domains": ", ".join(domain.value for domain in record.profile.domains),
        "stated": table(rows),
    }
    return metadata | ({"summary": record.profile.summary} if record.profile.summary else {})


def _resolution(record: Resolution, traced: TracedDataset, validation: Validation | None) -> Metadata:
    rows = (
        {
            "source": witness.source,
            "status": witness.status.value,
            "relation": witness.statement.relation.value,
            "confidence": round(witness.confidence, 3),
            "quote": witness.statement.quote,
            "reason": witness.reason,
        }
        for witness in record.witnesses
    )
    accepted = sorted({witness.source for witness in record.witnesses if witness.status is EdgeStatus.ACCEPTED})
    metadata = _released(validation) | counts("witnesses", (witness.status.value for witness in record.witnesses))
    metadata |= {
        "mentions": len(record.mentions),
        "seconds": round(traced.seconds, 3),
        "sources": table(rows),
    }
    return metadata | ({"drawing": neighbourhood(record.dataset_id, accepted, [])} if accepted else {})
