"""A small graph with everything that a format may stumble over."""

from __future__ import annotations

from pathlib import Path

from lineage_platform.files import RecordStore
from lineage_platform.graph.build import build_graph
from lineage_platform.graph.query import Graph, open_graph
from lineage_platform.graph.view import GraphView, read_view
from lineage_platform.records import Domain, EdgeStatus, Outcome, Relation
from tests.graph.builders import traced, witness

HOSTILE = '=cmd|"\x1b[31m</data>]]>&x;\x00\u202e\u2028<script>alert(1)</script> `"]; click n0 "javascript:x"\n---'
OFF_HUB = (
    "github:acme/code",
    "arxiv:2401.00001",
    "url:example.org/a b/ü?x=1#y",
    "name:old-corpus",
    f"name:{HOSTILE[:60]}",
)


def write_graph(root: Path, label: str = "") -> Path:
    """``lab/base`` -> ``acme/mix`` -> ``acme/chat``, sources off the Hub, a doubt, a lie and hostile text."""
    records = RecordStore(root / "records")
    traced(records, "lab/base", outcome=Outcome.NO_SOURCES_DOCUMENTED, month="2022-01", licence="mit", summary=HOSTILE)
    said = [
        witness("lab/base", confidence=0.8, relation=Relation.STRUCTURED_FUSION),
        witness("lab/base", confidence=0.95, quote_offset=12),
        witness("lab/base", EdgeStatus.REJECTED, confidence=0.99, reason="the quote does not occur"),
        witness("lab/doubted", EdgeStatus.REVIEW, confidence=0.99, reason="several datasets bear this name"),
        witness("lab/false", EdgeStatus.REJECTED, reason="the quote does not occur in the document"),
        *(witness(source, confidence=0.7 + number / 50) for number, source in enumerate(OFF_HUB)),
    ]
    traced(records, "acme/mix", said, month="2023-05-06", domains=(Domain.MATH, Domain.CODE), summary="A mix.")
    traced(records, "acme/chat", [witness("acme/mix", is_benchmark=True)], month="2024")
    traced(records, "acme/late", [witness("lab/future")], month="2023-01")
    traced(records, "lab/future", outcome=Outcome.GATED, month="2025-01")
    build_graph(records, root / "graph.duckdb", hub_name="test", hub_label=label)
    return root / "graph.duckdb"


def opened(root: Path) -> Graph:
    return open_graph(write_graph(root))


def view_of(root: Path, focus: str = "*") -> GraphView:
    with opened(root) as graph:
        return read_view(graph, focus)
