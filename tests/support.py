"""Small worlds for tests: a hub folder written from a dictionary, and agents that read one kind of line."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from lineage_platform.agents.interface import Subject
from lineage_platform.documents.reading import Reading, Span
from lineage_platform.measurements import MeasurementStore, Part
from lineage_platform.records import Domain, Link, Profile, Relation, Statement

HUB_URL = "https://huggingface.co/datasets/"


def card_naming(sources: Iterable[str], text: str = "A dataset.") -> str:
    """A card with one line per source, which :class:`LineAgents` and a human reader understand."""
    lines = [f"It was made from [{source.split('/')[-1]}]({HUB_URL}{source})." for source in sources]
    return "\n\n".join([text, *lines]) + "\n"


def write_dataset(
    folder: Path, dataset_id: str, card: str | bytes | None = None, created: str = "2024-01-01", **info: object
) -> Path:
    """Write one dataset of a hub folder; returns its folder."""
    place = folder / "datasets" / dataset_id
    place.mkdir(parents=True, exist_ok=True)
    body = card.encode() if isinstance(card, str) else card
    answer = {
        "id": dataset_id,
        "sha": hashlib.sha1(dataset_id.encode() + (body or b"")).hexdigest(),
        "createdAt": f"{created}T00:00:00.000Z",
        "private": False,
        "gated": False,
        "tags": [],
        **info,
    }
    (place / "info.json").write_text(json.dumps(answer), encoding="utf-8")
    if body is not None:
        (place / "README.md").write_bytes(body)
    return place


def write_hub(folder: Path, sources: Mapping[str, Sequence[str]], aliases: Mapping[str, str] | None = None) -> Path:
    """Write a hub folder in which each dataset's card names its sources; returns the folder."""
    for dataset_id, upstream in sources.items():
        write_dataset(folder, dataset_id, card_naming(upstream))
    rows = [f"{old}\t{new}" for old, new in (aliases or {}).items()]
    (folder / "aliases.tsv").write_text("\n".join(["alias\tdataset_id", *rows]) + "\n", encoding="utf-8")
    return folder


def have_rows(measurements: MeasurementStore, *dataset_ids: str) -> None:
    """Put on record, as their readers do, that rows of these datasets are at hand."""
    for dataset_id in dataset_ids:
        measurements.write(Part(dataset_id=dataset_id, outcome="read", rows=1))


class LineAgents:
    """Agents that read lines such as ``It was made from [name](url).``, and count what they read."""

    name = "lines"
    version = "1"

    def __init__(self) -> None:
        self.read: list[str] = []

    def sourcing(self, subject: Subject, card: Reading) -> Sequence[Link]:
        """No document but the card."""
        return ()

    def extracting(self, subject: Subject, document: Reading) -> Sequence[Span]:
        """All of the document."""
        return (Span(0, len(document.clean.text)),)

    def tracing(self, subject: Subject, document: Reading, passages: Sequence[Span]) -> Sequence[Statement]:
        """One statement per line."""
        self.read.append(subject.name)
        found = re.finditer(r"It was made from \[([^\]]+)\]\((\S+)\)\.", document.text)
        return [
            Statement(
                mention=match[1],
                relation=Relation.DIRECT_INCLUSION,
                confidence=0.95,
                quote=match[0],
                quote_offset=match.start(),
                document_id=document.document.document_id,
                said_by="lines/1",
                link=match[2],
            )
            for match in found
        ]

    def aggregation(self, subject: Subject, card: Reading | None, statements: Sequence[Statement]) -> Profile:
        """A profile with a domain, so that reports have something to count."""
        return Profile(summary=subject.name, domains=(Domain.GENERAL,))
