"""What a trace would have to ask for, told from the records on disk alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from lineage_platform import graph
from lineage_platform.agents.interface import Agents
from lineage_platform.errors import BrokenRecord
from lineage_platform.files import R, RecordStore, digest
from lineage_platform.records import DocumentOutcome, DocumentSet, Resolution, Validation


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
    """

    seeds: int = 0
    datasets: int = 0
    known: int = 0
    unknown: int = 0
    documents: int = 0
    requests: int = 0

    def figures(self) -> dict[str, int]:
        """Each figure by name."""
        return asdict(self)


def estimate(
    seeds: Iterable[str], records: RecordStore, agents: Agents, *, max_hops: int | None, refresh: bool
) -> Estimate:
    """Follow the stored records from the seeds as a trace would, without asking or writing anything.

    Parameters
    ----------
    seeds:
        Ids to start from.
    records:
        Of the hub that would be traced.
    agents:
        Who would read: documents are sought anew when these are others than before.
    max_hops, refresh:
        As for the trace.
    """
    level = list(dict.fromkeys(seeds))
    found = Estimate(seeds=len(level))
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
    if stored.input_digest != digest(validation.input_digest, agents.name, agents.version):
        return 0  # other agents look for links anew; what they find is mostly stored
    return sum(document.outcome is DocumentOutcome.FAILED for document in stored.documents)


def _read(records: RecordStore, dataset_id: str, kind: type[R]) -> R | None:
    """The stored record; a damaged one is made anew by the trace, so it counts as none."""
    try:
        return records.read(dataset_id, kind)
    except BrokenRecord:
        return None
