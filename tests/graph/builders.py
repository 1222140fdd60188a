"""Small worlds for the graph's tests: a hub folder, documents, statements, records."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from lineage_platform.catalog.folder import FolderHub
from lineage_platform.documents.reading import CleanText, Reading, Span
from lineage_platform.files import RecordStore
from lineage_platform.graph.build import GraphSummary, write_graph
from lineage_platform.graph.edges import Edge
from lineage_platform.graph.tables import DatasetRow, Tables
from lineage_platform.records import (
    DatasetInfo,
    Document,
    DocumentKind,
    DocumentOutcome,
    DocumentSet,
    EdgeStatus,
    Extraction,
    Outcome,
    Profile,
    Relation,
    ReleaseDate,
    Resolution,
    Statement,
    Validation,
    Witness,
)

TARGET = "acme/mix"


def folder_hub(root: Path, ids: Iterable[str], aliases: Mapping[str, str] | None = None) -> FolderHub:
    for dataset_id in ids:
        place = root / "datasets" / dataset_id
        place.mkdir(parents=True, exist_ok=True)
        (place / "info.json").write_text(
            json.dumps({"id": dataset_id, "sha": "1", "createdAt": "2024-01-01T00:00:00Z"})
        )
    rows = "".join(f"{old}\t{new}\n" for old, new in (aliases or {}).items())
    (root / "aliases.tsv").write_text(rows)
    return FolderHub(root, name="test")


def document(kind: DocumentKind = DocumentKind.CARD, document_id: str = "card:acme/mix") -> Document:
    return Document(
        document_id=document_id, kind=kind, url=f"https://example.org/{document_id}", outcome=DocumentOutcome.FETCHED
    )


def reading(text: str, hidden: Iterable[tuple[int, int]] = (), kind: DocumentKind = DocumentKind.CARD) -> Reading:
    return Reading(document(kind), text, CleanText(text, ()), tuple(Span(*span) for span in hidden))


def statement(mention: str = "GSM8K", quote: str = "", **fields: Any) -> Statement:
    defaults: dict[str, Any] = {
        "relation": Relation.DIRECT_INCLUSION,
        "confidence": 0.9,
        "document_id": "card:acme/mix",
        "said_by": "rules/1",
    }
    return Statement(mention=mention, quote=quote or f"Built from {mention}.", **{**defaults, **fields})


def witness(source: str = "acme/source", status: EdgeStatus = EdgeStatus.ACCEPTED, **fields: Any) -> Witness:
    of_statement = {k: fields.pop(k) for k in ("relation", "said_by", "document_id", "is_benchmark") if k in fields}
    defaults: dict[str, Any] = {
        "document_kind": DocumentKind.CARD,
        "verified": status is not EdgeStatus.REJECTED,
        "confidence": 0.9,
        "quote_offset": 0,
    }
    said = statement(source.split("/")[-1], **of_statement)
    return Witness(statement=said, source=source, status=status, **{**defaults, **fields})


def validation(dataset_id: str = TARGET, requested: str = "", month: str | None = None, **fields: Any) -> Validation:
    return Validation(
        dataset_id=dataset_id,
        requested=requested or dataset_id,
        input_digest="",
        info=DatasetInfo(id=dataset_id, sha="1"),
        release=ReleaseDate(value=month, origin="hub") if month else None,
        **fields,
    )


def traced(
    store: RecordStore,
    dataset_id: str,
    witnesses: Iterable[Witness] = (),
    outcome: Outcome = Outcome.TRACED,
    month: str | None = None,
    **profile: Any,
) -> None:
    """Leave the records of a dataset as a trace would."""
    said = tuple(witnesses)
    store.write(dataset_id, validation(dataset_id, month=month))
    store.write(dataset_id, DocumentSet(dataset_id=dataset_id, input_digest="", documents=(document(),)))
    store.write(dataset_id, Extraction(dataset_id=dataset_id, input_digest="", agents="", profile=Profile(**profile)))
    resolution = Resolution(dataset_id=dataset_id, input_digest="", outcome=outcome, witnesses=said)
    store.write(dataset_id, resolution)


def edge(source: str, target: str, status: EdgeStatus = EdgeStatus.IMPORTED) -> Edge:
    return Edge(source, target, Relation.DIRECT_INCLUSION, 0.9, status, "", 1, 1, None, False)


def drawn(path: Path, edges: Iterable[tuple[str, str]]) -> GraphSummary:
    """A graph with just these edges; every end is on the Hub."""
    pairs = sorted(set(edges))
    ends = sorted({end for pair in pairs for end in pair})
    tables = Tables([DatasetRow(end, on_hub=True) for end in ends], [edge(*pair) for pair in pairs])
    return write_graph(tables.completed(), path, hub_name="test", hub_label="")
