"""The graph as a Mermaid flowchart, cut with a note where viewers would refuse it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lineage_platform.graph.edges import Edge
from lineage_platform.graph.view import GraphView

# Mermaid's own limits, unless a page raises them: edges, and characters of text.
MAX_EDGES = 500
MAX_CHARACTERS = 50_000

_SAFE = frozenset(" _-./:")


def lines(view: GraphView) -> Iterator[str]:
    """The flowchart, sources to the left; datasets without an edge only where there is no edge at all."""
    kept = _kept(view.edges)
    alone = [] if view.edges else [node.dataset_id for node in view.nodes][:MAX_EDGES]
    ends = dict.fromkeys(end for edge in kept for end in (edge.source, edge.target))
    numbers = {dataset_id: f"n{number}" for number, dataset_id in enumerate(sorted({*ends, *alone}))}
    if view.label:
        yield f"%% {' '.join(view.label.split())}"
    yield "flowchart LR"
    for dataset_id, number in numbers.items():
        yield f'    {number}["{escaped(dataset_id)}"]'
    for edge in kept:
        yield f"    {numbers[edge.source]} -->|{edge.relation}| {numbers[edge.target]}"
    if len(kept) < len(view.edges):
        yield f'    cut["{len(view.edges) - len(kept)} of {len(view.edges)} edges are left out: narrow the focus"]'
        yield "    style cut stroke-dasharray: 4"


def escaped(text: str) -> str:
    """``text`` as a label: everything but letters, digits and harmless signs as Mermaid's codes of characters."""
    return "".join(c if (c.isascii() and c.isalnum()) or c in _SAFE else f"#{ord(c)};" for c in text)


def _kept(edges: Sequence[Edge]) -> list[Edge]:
    """As many edges as viewers take, those of the most used sources first, in the order in which they were."""
    uses: dict[str, int] = {}
    for edge in edges:
        uses[edge.source] = uses.get(edge.source, 0) + 1
    kept: set[tuple[str, str]] = set()
    characters = 500  # the frame, and the note
    for edge in sorted(edges, key=lambda edge: (-uses[edge.source], edge.source, edge.target)):
        characters += len(escaped(edge.source)) + len(escaped(edge.target)) + len(edge.relation) + 60
        if len(kept) == MAX_EDGES or characters > MAX_CHARACTERS:
            break
        kept.add((edge.source, edge.target))
    return [edge for edge in edges if (edge.source, edge.target) in kept]
