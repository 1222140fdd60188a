"""The four stages that one dataset goes through (paper, section 3.2).

Validation, documents, extraction, resolution: each leaves one record on disk before the next begins, and one whose
input digest is the stored one is not done again.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from lineage_platform import graph
from lineage_platform.agents.interface import Agents, Chooser, Subject
from lineage_platform.agents.reading import read_documents
from lineage_platform.catalog.hub import Hub
from lineage_platform.catalog.validation import validate
from lineage_platform.concurrency import Once
from lineage_platform.documents.library import Library
from lineage_platform.documents.reading import Reading
from lineage_platform.errors import BudgetSpent, LineageError
from lineage_platform.files import DISK_REFUSES, RecordStore, digest
from lineage_platform.graph.choosing import choose_names
from lineage_platform.graph.evidence import may_be_followed
from lineage_platform.graph.reviews import Decisions
from lineage_platform.records import (
    Document,
    DocumentOutcome,
    DocumentSet,
    Extraction,
    NameChoice,
    Outcome,
    Resolution,
    Statement,
    Validation,
)
from lineage_platform.settings import Limits
from lineage_platform.stage_records import (
    StageRecord,
    StageRecords,
    documents_key,
    extraction_key,
    is_news,
    readings_of,
    subject_of,
    unread,
    with_unread,
)

log = logging.getLogger(__name__)


class Stage(StrEnum):
    """The four steps of a trace, in order."""

    VALIDATION = "validation"
    DOCUMENTS = "documents"
    EXTRACTION = "extraction"
    RESOLUTION = "resolved_edges"

    @property
    def before(self) -> Stage | None:
        """The step whose result it works on."""
        steps = list(Stage)
        return steps[steps.index(self) - 1] if self is not steps[0] else None


ALL_STAGES = frozenset(Stage)


@dataclass(frozen=True)
class TracedDataset:
    """How the trace of one dataset ended; its records are on disk.

    Parameters
    ----------
    dataset_id:
        Canonical Hub id, or the id asked for when the hub knows none.
    outcome:
        How it ended; None if only first stages were selected and the rest was never done.
    sources:
        Hub datasets that it was made from, to be traced next.
    worked:
        Stages done now, as against found done.
    seconds:
        Wall time spent on it.
    """

    dataset_id: str
    outcome: Outcome | None
    detail: str = ""
    sources: tuple[str, ...] = ()
    worked: frozenset[Stage] = frozenset()
    seconds: float = 0.0

    @property
    def ended(self) -> str:
        """The outcome in a word."""
        return self.outcome.value if self.outcome else "unfinished"


@dataclass(frozen=True)
class Redirected:
    """A name that the hub answers under another id."""

    requested: str
    dataset_id: str


@dataclass
class Tracer:
    """Traces one dataset at a time, from any number of threads.

    Parameters
    ----------
    hub, library, agents, records:
        Where datasets are looked up, documents read, who reads them, where records go.
    limits:
        Bounds of the trace.
    stages:
        The stages to do. All of them: those already done are skipped. A part of them: exactly those are done again,
        from the stored records of the others.
    decisions:
        What people decided about edges: it says which sources are followed. None were made by default.
    """

    hub: Hub
    library: Library
    agents: Agents
    records: RecordStore
    limits: Limits = field(default_factory=Limits)
    stages: frozenset[Stage] = ALL_STAGES
    decisions: Decisions = field(default_factory=graph.Decisions)

    def __post_init__(self) -> None:
        self._validations: Once[str, tuple[Validation, bool]] = Once()
        self._resolver = graph.Resolver(self.hub)
        self._kept = StageRecords(self.records)

    def trace(self, requested: str) -> TracedDataset | Redirected:
        """Take one dataset through the stages; a failure is its outcome, not an exception.

        Raises
        ------
        BudgetSpent
            There is no money left for what its agents have to ask; the stages done before are kept.
        OSError
            The disk is full or read-only, which is no dataset's fault.
        """
        started = time.monotonic()
        try:
            validation, new = self._validation(requested)
            if validation.dataset_id != requested:
                return Redirected(requested, validation.dataset_id)
            traced = self._trace(validation, {Stage.VALIDATION} if new else set())
        except BudgetSpent:
            self.records.doubt(requested, Validation)  # the next night begins with it
            raise
        except LineageError as error:
            traced = TracedDataset(requested, Outcome.FAILED, " ".join(f"{error.message} {error.hint}".split()))
        except Exception as error:  # one failing dataset never loses the others
            if isinstance(error, OSError) and error.errno in DISK_REFUSES:
                raise
            log.exception("tracing %s failed", requested)
            traced = TracedDataset(requested, Outcome.FAILED, f"internal error: {type(error).__name__}: {error}")
        if traced.outcome is Outcome.FAILED:
            self._kept.record_failure(traced.dataset_id, traced.detail)
        return replace(traced, seconds=time.monotonic() - started)

    def _trace(self, validation: Validation, worked: set[Stage]) -> TracedDataset:
        dataset_id = validation.dataset_id
        if validation.outcome is not None:
            if validation.outcome is not Outcome.FAILED:
                self.records.delete(dataset_id, Resolution)
            return TracedDataset(dataset_id, validation.outcome, validation.detail, worked=frozenset(worked))
        last = [stage for stage in Stage if stage in self.stages][-1]
        if last is Stage.VALIDATION:
            return self._begun(dataset_id, worked)
        documents = self._documents(validation, worked)
        if last is Stage.DOCUMENTS:
            return self._begun(dataset_id, worked)
        extraction = self._extraction(validation, documents, worked)
        if last is Stage.EXTRACTION:
            return self._begun(dataset_id, worked)
        resolution = self.decisions.applied(self._resolution(validation, documents, extraction, worked))
        sources = self._sources(validation, resolution, bool(worked)) if self.follows else ()
        return TracedDataset(dataset_id, resolution.outcome, resolution.detail, sources, frozenset(worked))

    def awaiting(self, requested: str) -> tuple[Subject, tuple[Reading, ...]] | None:
        """What stage 3 would read of a dataset, stages 1 and 2 done and kept; None if there is nothing to read."""
        validation = self._validation(self._validation(requested)[0].dataset_id)[0]
        if validation.outcome is not None:
            return None
        documents = self._documents(validation, set())
        key = extraction_key(validation, documents, self.agents)
        if self._reusable(validation.dataset_id, Extraction, key):
            return None
        return subject_of(validation), tuple(readings_of(documents, self.library).values())

    def _begun(self, dataset_id: str, worked: set[Stage]) -> TracedDataset:
        """The end of a trace whose later stages were not selected: its outcome is that of an earlier trace, if any."""
        before = self._kept.previous(dataset_id, Resolution)
        outcome = before.outcome if before and before.outcome is not Outcome.FAILED else None
        return TracedDataset(dataset_id, outcome, worked=frozenset(worked))

    def _sources(self, validation: Validation, resolution: Resolution, news: bool) -> tuple[str, ...]:
        """Hub datasets to trace next; without news, and if only changes count, those that were never traced."""
        if news or not self.limits.changed_only:
            return graph.sources_to_follow(
                resolution, validation, lambda source: self._validation(source)[0], self.decisions
            )

        def known(source: str) -> Validation:
            return self._kept.previous(source, Validation) or self._validation(source)[0]

        sources = graph.sources_to_follow(resolution, validation, known, self.decisions)
        return tuple(
            source for source in sources if not (known(source).outcome or self._kept.previous(source, Resolution))
        )

    @property
    def follows(self) -> bool:
        """Whether sources are traced in turn: only when every stage is done."""
        return self.stages == ALL_STAGES

    def _validation(self, requested: str) -> tuple[Validation, bool]:
        """Stage 1, at most once per name and trace, and whether it brought news."""
        return self._validations.get(requested, lambda: self._validate(requested))

    def _validate(self, requested: str) -> tuple[Validation, bool]:
        if Stage.VALIDATION not in self.stages:
            return self._kept.stored(requested, Validation), False
        validation = validate(requested, self.hub, self.limits.cutoff_year, self.library.card_body)
        stored = self._kept.previous(requested, Validation)
        if validation.outcome is Outcome.FAILED and stored and stored.outcome is not Outcome.FAILED:
            return validation, False  # what was known stays known while the hub is away
        if validation == stored:
            self.records.confirm(requested, Validation)
        else:
            self.records.write(requested, validation)
        return validation, is_news(validation, stored) or not self.follows

    def _documents(self, validation: Validation, worked: set[Stage]) -> DocumentSet:
        if Stage.DOCUMENTS not in self.stages:
            return self._kept.stored(validation.dataset_id, DocumentSet)
        key = documents_key(validation, self.agents)
        stored = self._reusable(validation.dataset_id, DocumentSet, key)
        if stored and not self.library.refresh and not unread(stored):
            return stored
        documents = DocumentSet(
            dataset_id=validation.dataset_id, input_digest=key, documents=tuple(self._gather(validation))
        )
        return self._keep(documents, Stage.DOCUMENTS, worked)

    def _gather(self, validation: Validation) -> Iterator[Document]:
        assert validation.info is not None, "a dataset without an outcome has been described by the hub"
        card = self.library.card(validation.info)
        yield card
        if card.outcome is DocumentOutcome.FETCHED:
            seen = {card.document_id}
            read = self.library.read(card)
            links = self.agents.sourcing(subject_of(validation), read)
            for link in (link for link in links if may_be_followed(link.url, read)):
                document = self.library.open(link)
                if document.document_id not in seen:
                    seen.add(document.document_id)
                    yield document

    def _extraction(self, validation: Validation, documents: DocumentSet, worked: set[Stage]) -> Extraction:
        if Stage.EXTRACTION not in self.stages:
            return self._kept.stored(validation.dataset_id, Extraction)
        key = extraction_key(validation, documents, self.agents)
        stored = self._reusable(validation.dataset_id, Extraction, key)
        if stored:
            return stored
        readings = readings_of(documents, self.library)
        statements, profile = read_documents(self.agents, subject_of(validation), readings.values())
        extraction = Extraction(
            dataset_id=validation.dataset_id,
            input_digest=key,
            agents=f"{self.agents.name}/{self.agents.version}",
            statements=statements,
            profile=profile,
            choices=self._choices(subject_of(validation), statements, readings),
        )
        return self._keep(extraction, Stage.EXTRACTION, worked)

    def _choices(
        self, subject: Subject, statements: Sequence[Statement], readings: Mapping[str, Reading]
    ) -> tuple[NameChoice, ...]:
        """What agents that can choose make of the names that the rules of resolution leave open."""
        if not isinstance(self.agents, Chooser):
            return ()
        said_by = f"{self.agents.name}/{self.agents.version}"
        return choose_names(self.agents, subject, statements, readings, self._resolver, said_by)

    def _resolution(
        self, validation: Validation, documents: DocumentSet, extraction: Extraction, worked: set[Stage]
    ) -> Resolution:
        if Stage.RESOLUTION not in self.stages:
            return self._kept.stored(validation.dataset_id, Resolution)
        key = digest(
            extraction.model_dump_json(), documents.input_digest, graph.RULES_VERSION, str(self.limits.review_threshold)
        )
        stored = self._reusable(validation.dataset_id, Resolution, key)
        if stored and stored.outcome is not Outcome.FAILED:
            return stored
        resolution = graph.resolve(
            validation,
            extraction,
            readings_of(documents, self.library),
            resolver=self._resolver,
            review_threshold=self.limits.review_threshold,
            input_digest=key,
        )
        return self._keep(with_unread(resolution, documents), Stage.RESOLUTION, worked)

    def _reusable(self, dataset_id: str, kind: type[StageRecord], key: str) -> StageRecord | None:
        """The stored record, if it was made from the same input and nobody asked to make it again."""
        record = self._kept.previous(dataset_id, kind) if self.follows else None
        return record if record is not None and record.input_digest == key else None

    def _keep(self, record: StageRecord, stage: Stage, worked: set[Stage]) -> StageRecord:
        self.records.write(record.dataset_id, record)
        worked.add(stage)
        return record
