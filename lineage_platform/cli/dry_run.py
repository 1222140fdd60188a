"""What a trace would have to ask for, and what its models would cost, told from what is on disk alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from lineage_platform import graph
from lineage_platform.agents.interface import Agents, Subject
from lineage_platform.agents.llm.forecast import Forecast, forecasting
from lineage_platform.agents.reading import read_documents
from lineage_platform.documents.library import Library
from lineage_platform.documents.reading import Reading, keep
from lineage_platform.errors import BrokenRecord
from lineage_platform.files import R, RecordStore
from lineage_platform.records import (
    Document,
    DocumentKind,
    DocumentOutcome,
    DocumentSet,
    Extraction,
    Resolution,
    Validation,
)
from lineage_platform.stage_records import documents_key, extraction_key, readings_of, subject_of

# Characters of the card of a dataset that nobody has seen yet.
TYPICAL_CARD = 6_000


@dataclass
class Estimate:
    """The least that a trace asks for.

    Parameters
    ----------
    seeds, datasets:
        Datasets to start from, and those that are known to be reached.
    known, unknown:
        Datasets reached whose records are on disk, and those that were never asked for.
    documents:
        Documents to fetch: for a dataset never seen, its card.
    requests:
        Documents, and one question to the hub for each dataset.
    models:
        What the agents would ask of models; for a dataset never seen, about a card of typical length.
    """

    seeds: int = 0
    datasets: int = 0
    known: int = 0
    unknown: int = 0
    documents: int = 0
    requests: int = 0
    models: Forecast = field(default_factory=Forecast)

    def figures(self) -> dict[str, int | float]:
        """Each figure by name; models without a price add nothing to the cost."""
        roles = self.models.roles.values()
        counted = {name: value for name, value in vars(self).items() if isinstance(value, int)}
        return {
            **counted,
            "model_calls": sum(role.calls for role in roles),
            "input_tokens": sum(role.input_tokens for role in roles),
            "output_tokens": sum(role.output_tokens for role in roles),
            "cost_usd": round(sum(role.cost_usd or 0.0 for role in roles), 4),
        }

    @property
    def unpriced(self) -> list[str]:
        """Models that would be asked and have no price."""
        return sorted({role.model for role in self.models.roles.values() if role.cost_usd is None})


def estimate(
    seeds: Iterable[str],
    records: RecordStore,
    library: Library,
    agents: Agents,
    *,
    max_hops: int | None,
    refresh: bool,
) -> Estimate:
    """Follow the stored records from the seeds as a trace would, without asking or writing anything.

    Parameters
    ----------
    seeds:
        Ids to start from.
    records, library:
        Of the hub that would be traced.
    agents:
        Who would read: documents are sought and read anew when these are others than before.
    max_hops, refresh:
        As for the trace.
    """
    readers, forecast = forecasting(agents)
    level = list(dict.fromkeys(seeds))
    found = Estimate(seeds=len(level), models=forecast)
    seen: set[str] = set()
    hops = 0
    while level and (max_hops is None or hops <= max_hops):
        following: list[str] = []
        for name in level:
            validation = _read(records, name, Validation)
            dataset_id = validation.dataset_id if validation else name
            if dataset_id not in seen:
                seen.add(dataset_id)
                following += _count(found, dataset_id, validation, records, agents, refresh)
                _read_as_a_trace_would(dataset_id, validation, records, library, readers)
        level, hops = following, hops + 1
    return found


def _count(
    found: Estimate,
    dataset_id: str,
    validation: Validation | None,
    records: RecordStore,
    agents: Agents,
    refresh: bool,
) -> tuple[str, ...]:
    """Add one dataset to the figures; returns its known sources."""
    documents = _documents_to_fetch(dataset_id, validation, records, agents, refresh)
    found.datasets += 1
    found.known += validation is not None
    found.unknown += validation is None
    found.documents += documents
    found.requests += 1 + documents
    resolution = _read(records, dataset_id, Resolution)
    return graph.hub_sources(resolution) if resolution else ()


def _documents_to_fetch(
    dataset_id: str, validation: Validation | None, records: RecordStore, agents: Agents, refresh: bool
) -> int:
    if validation is None:
        return 1
    if validation.outcome is not None:
        return 0
    stored = _read(records, dataset_id, DocumentSet)
    if stored is None:
        return 1
    if refresh:
        return len(stored.documents)
    if stored.input_digest != documents_key(validation, agents):
        return 0  # other agents look for links anew; what they find is mostly stored
    return sum(document.outcome is DocumentOutcome.FAILED for document in stored.documents)


def _read_as_a_trace_would(
    dataset_id: str, validation: Validation | None, records: RecordStore, library: Library, readers: Agents
) -> None:
    """Have the forecasting agents read what is not read yet; of what is not stored, a card that stands for it."""
    if validation is not None and validation.outcome is not None:
        return
    stored = _read(records, dataset_id, DocumentSet) if validation else None
    if validation is None or stored is None:
        subject, readings = Subject(dataset_id), [_typical_card()]
        sought = True
    else:
        extraction = _read(records, dataset_id, Extraction)
        if extraction and extraction.input_digest == extraction_key(validation, stored, readers):
            return
        subject, readings = subject_of(validation), list(readings_of(stored, library).values())
        sought = stored.input_digest != documents_key(validation, readers)
    card = next((reading for reading in readings if reading.document.kind is DocumentKind.CARD), None)
    if sought and card:
        readers.sourcing(subject, card)
    read_documents(readers, subject, readings)


def _typical_card() -> Reading:
    text = "word " * (TYPICAL_CARD // 5)
    document = Document(
        document_id="card", kind=DocumentKind.CARD, url="https://huggingface.co", outcome=DocumentOutcome.FETCHED
    )
    return Reading(document, text, keep(text, ()))


def _read(records: RecordStore, dataset_id: str, kind: type[R]) -> R | None:
    """The stored record; a damaged one is made anew by the trace, so it counts as none."""
    try:
        return records.read(dataset_id, kind)
    except BrokenRecord:
        return None
