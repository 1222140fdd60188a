"""The recursion: datasets in, their lineage out, upstream until nothing new appears (paper, section 3.2).

Four stages per dataset, each of which leaves one record on disk before the next begins:
validation -> documents -> extraction -> resolution. A stage whose input digest is the stored one is not done again.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from enum import StrEnum

from lineage_platform import graph
from lineage_platform.agents.interface import Agents, Subject
from lineage_platform.catalog.hub import Hub
from lineage_platform.catalog.validation import validate
from lineage_platform.concurrency import Once
from lineage_platform.documents.library import Library
from lineage_platform.documents.reading import Reading
from lineage_platform.errors import LineageError
from lineage_platform.files import RecordStore, digest
from lineage_platform.records import (
    Document,
    DocumentKind,
    DocumentOutcome,
    DocumentSet,
    Extraction,
    Outcome,
    Resolution,
    Validation,
)
from lineage_platform.settings import Limits

log = logging.getLogger(__name__)


class Stage(StrEnum):
    """The four steps of a trace, in order."""

    VALIDATION = "validation"
    DOCUMENTS = "documents"
    EXTRACTION = "extraction"
    RESOLUTION = "resolved_edges"


ALL_STAGES = frozenset(Stage)


@dataclass(frozen=True)
class TracedDataset:
    """How the trace of one dataset ended; its records are on disk.

    Parameters
    ----------
    dataset_id:
        Canonical Hub id, or the id asked for when the hub knows none.
    hops:
        Edges between it and the nearest seed.
    sources:
        Hub datasets to trace next.
    worked:
        Stages done now, as against found done.
    seconds:
        Wall time spent on it.
    """

    dataset_id: str
    outcome: Outcome
    detail: str = ""
    hops: int = 0
    sources: tuple[str, ...] = ()
    worked: frozenset[Stage] = frozenset()
    seconds: float = 0.0


class StageMissing(LineageError):
    """A stage was asked for alone, but what it builds on is not on disk."""

    kind = "stage_missing"


@dataclass
class Tracer:
    """Everything a trace needs.

    Parameters
    ----------
    hub, library, agents, records:
        Where datasets are looked up, documents read, who reads them, where records go.
    limits:
        Bounds of the trace.
    stages:
        The stages to do. All of them: those already done are skipped, and sources are followed. A part of them: exactly
        those are done again from the stored records before them, and nothing is followed.
    refresh:
        Ask again for documents that are already on disk.
    """

    hub: Hub
    library: Library
    agents: Agents
    records: RecordStore
    limits: Limits = field(default_factory=Limits)
    stages: frozenset[Stage] = ALL_STAGES
    refresh: bool = False

    def __post_init__(self) -> None:
        self._validations: Once[str, Validation] = Once()
        self._resolver = graph.Resolver(self.hub)

    @property
    def follows(self) -> bool:
        """Whether sources are traced in turn."""
        return self.stages == ALL_STAGES

    def validation(self, requested: str) -> Validation:
        """Stage 1, done at most once per name and trace."""
        return self._validations.get(requested, lambda: self._validate(requested))

    def _validate(self, requested: str) -> Validation:
        if Stage.VALIDATION not in self.stages:
            return self._stored(requested, Validation, Stage.VALIDATION)
        validation = validate(requested, self.hub, self.limits.cutoff_year)
        if validation != self.records.read(requested, Validation):
            self.records.write(requested, validation)
        return validation

    def _stored[R: (Validation, DocumentSet, Extraction)](self, dataset_id: str, kind: type[R], stage: Stage) -> R:
        record = self.records.read(dataset_id, kind)
        if record is None:
            raise StageMissing(f"{dataset_id} has no stored {stage} to build on", f"lineage trace {dataset_id}")
        return record
