"""What the stages of a trace left on disk, what it says to the next, and whether it still stands."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from lineage_platform.agents.interface import Agents, Subject
from lineage_platform.documents.library import Library
from lineage_platform.documents.reading import Reading
from lineage_platform.errors import BrokenRecord, LineageError
from lineage_platform.files import RecordStore, digest
from lineage_platform.records import (
    Document,
    DocumentOutcome,
    DocumentSet,
    Extraction,
    Outcome,
    Resolution,
    Validation,
)

log = logging.getLogger(__name__)

StageRecord = TypeVar("StageRecord", Validation, DocumentSet, Extraction, Resolution)


class StageMissing(LineageError):
    """A stage was asked for alone, but what it builds on is not on disk."""

    kind = "stage_missing"


@dataclass(frozen=True)
class StageRecords:
    """The records of the stages, in a store.

    Parameters
    ----------
    store:
        Where they are.
    """

    store: RecordStore

    def stored(self, dataset_id: str, kind: type[StageRecord]) -> StageRecord:
        """The stored record.

        Raises
        ------
        StageMissing
            There is none.
        """
        record = self.store.read(dataset_id, kind)
        if record is None:
            raise StageMissing(f"{dataset_id} has no stored {kind.__name__.lower()}", f"lineage trace {dataset_id}")
        return record

    def previous(self, dataset_id: str, kind: type[StageRecord]) -> StageRecord | None:
        """The stored record, if there is one that can be read; a damaged one is made anew."""
        try:
            return self.store.read(dataset_id, kind)
        except BrokenRecord as error:
            log.warning("%s; it is made anew", error.message)
            return None

    def record_failure(self, dataset_id: str, detail: str) -> None:
        """Leave the failure on disk beside what earlier traces found: the graph says it, and the next run retries."""
        before = self.previous(dataset_id, Resolution)
        failed = Resolution(
            dataset_id=dataset_id,
            input_digest="",
            outcome=Outcome.FAILED,
            detail=detail,
            mentions=before.mentions if before else (),
            witnesses=before.witnesses if before else (),
        )
        self.store.write(dataset_id, failed)


def subject_of(validation: Validation) -> Subject:
    """The dataset as agents are asked about it."""
    other = (validation.requested,) if validation.requested != validation.dataset_id else ()
    return Subject(validation.dataset_id, validation.info, other)


def readings_of(documents: DocumentSet, library: Library) -> Mapping[str, Reading]:
    """The documents that could be fetched, opened, by ``document_id``."""
    fetched = (d for d in documents.documents if d.outcome is DocumentOutcome.FETCHED)
    return {document.document_id: library.read(document) for document in fetched}


def documents_key(validation: Validation, agents: Agents) -> str:
    """Input digest of step 2."""
    return digest(validation.input_digest, agents.name, agents.version)


def extraction_key(validation: Validation, documents: DocumentSet, agents: Agents) -> str:
    """Input digest of step 3."""
    texts = (f"{document.document_id} {document.text_digest}" for document in documents.documents)
    return digest(validation.input_digest, agents.name, agents.version, *texts)


def is_news(validation: Validation, stored: Validation | None) -> bool:
    """Whether anything but the dataset's popularity has changed: downloads and likes do every day."""
    known = (stored.input_digest, stored.outcome) if stored else None
    return (validation.input_digest, validation.outcome) != known


def unread(documents: DocumentSet) -> list[Document]:
    """Documents that could not be read this time, and may be another time."""
    return [document for document in documents.documents if document.outcome is DocumentOutcome.FAILED]


def with_unread(resolution: Resolution, documents: DocumentSet) -> Resolution:
    """A dataset without sources is a proven leaf only if each of its documents was read."""
    missing = "; ".join(f"{document.url}: {document.detail}" for document in unread(documents))
    if not missing:
        return resolution
    outcome = Outcome.TRACED if resolution.outcome is Outcome.TRACED else Outcome.FAILED
    return resolution.model_copy(update={"outcome": outcome, "detail": f"not read: {missing}"})
