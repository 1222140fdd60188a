"""`show` and `paths`: reading the graph one dataset at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from lineage_platform.cli.options import as_of_option, chosen, command
from lineage_platform.cli.output import Output, Table, facts, text
from lineage_platform.cli.text import count, plain, shortened
from lineage_platform.errors import UsageError

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

    from lineage_platform.graph.query import Graph, GraphEdge, Neighbourhood, Node, Paths

STATUS_STYLE = {"accepted": "green", "imported": "green", "review": "yellow", "anachronistic": "red"}
OFF_HUB = ("github", "arxiv", "url", "name", "http", "https")  # what a colon may follow in an id or a link
MOST_USES = 20
LONGEST_QUOTE = 400


def open_graph(as_of: str | None = None, focus: str | None = None) -> Graph:
    """The graph of the data home, or an earlier snapshot of it, or what lies inside a selection of it."""
    from lineage_platform import graph
    from lineage_platform.files import Home

    opened = graph.open_graph(Home(chosen().home).graph, as_of)
    if focus is None:
        return opened
    with opened:
        return opened.within(focus)


@command()
@click.argument("dataset_id", metavar="ID|SELECTION")
@click.option("--up", type=click.IntRange(0, 50), default=0, metavar="N", help="Draw N hops towards its sources.")
@click.option("--down", type=click.IntRange(0, 50), default=0, metavar="N", help="Draw N hops towards its uses.")
@as_of_option
def show(output: Output, dataset_id: str, up: int, down: int, as_of: str | None) -> None:
    """Show a dataset: profile, sources with quotes, uses; or list a selection.

    \b
    lineage show teknium/OpenHermes-2.5
    lineage show teknium/OpenHermes-2.5 --up 3
    lineage show 'domain:math and licence:mit'
    """
    if not dataset_id.strip():
        raise UsageError("the id is empty", "lineage show ORG/NAME")
    with open_graph(as_of) as graph:
        if is_selection(dataset_id):
            _list(output, graph.datasets(dataset_id), graph.meta.hub_label)
            return
        node = graph.dataset(dataset_id)
        sources, used_by = graph.sources(node.dataset_id), graph.used_by(node.dataset_id)
        around = graph.neighbourhood(node.dataset_id, up, down) if up or down else None
        label = graph.meta.hub_label
    data: dict[str, Any] = {
        "dataset": asdict(node),
        "sources": [_edge_data(edge, edge.source) for edge in sources],
        "used_by": [_edge_data(edge, edge.target) for edge in used_by],
    }
    if around:
        data["neighbourhood"] = _neighbourhood_data(around)
    table = Table(
        ("source", "target", "relation", "confidence", "status", "quote", "document", "url"),
        [_edge_row(edge) for edge in (*sources, *used_by)],
    )
    output.answer(data, table, lambda: _page(node, sources, used_by, around, up, down), label)
    if node.outcome is None:
        output.say(f"it was not traced; next: lineage trace {node.dataset_id}")
    elif sources and not around:
        output.say(f"next: lineage show {node.dataset_id} --up 3")


def is_selection(text: str) -> bool:
    """Whether a text is a selection of datasets, and not the id of one."""
    attribute, colon, _ = text.partition(":")
    return bool(set('+*()"') & set(text)) or " " in text.strip() or (colon != "" and attribute not in OFF_HUB)


def _list(output: Output, nodes: Sequence[Node], label: str) -> None:
    """The datasets of a selection, one a row."""
    columns = ("dataset_id", "outcome", "release_date", "domains", "licence", "depth", "in_degree", "out_degree")
    output.rows(Table(columns, [[getattr(node, column) for column in columns] for node in nodes]), label)
    output.say(count(len(nodes), "dataset"))


@command()
@click.argument("source")
@click.argument("target")
@click.option("--limit", type=click.IntRange(1, 1000), default=100, show_default=True, help="Paths to list at most.")
@as_of_option
def paths(output: Output, source: str, target: str, limit: int, as_of: str | None) -> None:
    """List the paths from SOURCE down to TARGET, shortest first.

    \b
    lineage paths openai/gsm8k teknium/OpenHermes-2.5
    """
    with open_graph(as_of) as graph:
        found = graph.paths(source, target, limit)
        upwards = () if found.paths else graph.paths(target, source, 1).paths
        label = graph.meta.hub_label
    data = {"paths": [asdict(path) for path in found.paths], "truncated": found.truncated}
    hops = [
        (number, hop, path.nodes[hop - 1], path.nodes[hop], relation)
        for number, path in enumerate(found.paths, start=1)
        for hop, relation in enumerate(path.relations, start=1)
    ]
    table = Table(("path", "hop", "source", "target", "relation"), hops)
    output.answer(data, table, lambda: _path_lines(found, source, target), label)
    if upwards:
        output.say(f"the other way there is one: lineage paths {target} {source}")
    if found.truncated:
        output.say(f"there are more than {limit} paths: --limit lists up to 1000")


def _edge_data(edge: GraphEdge, other: str) -> dict[str, Any]:
    return {
        "id": other,
        "relation": edge.relation,
        "confidence": edge.confidence,
        "status": edge.status,
        "reason": edge.reason,
        "is_benchmark": edge.is_benchmark,
        "disagreement": edge.disagreement,
        "evidence": [asdict(quote) for quote in edge.evidence],
    }


def _edge_row(edge: GraphEdge) -> tuple[Any, ...]:
    best = edge.evidence[0] if edge.evidence else None
    told = (best.quote, best.document, best.url) if best else (None, None, None)
    return (edge.source, edge.target, edge.relation, edge.confidence, edge.status, *told)


def _neighbourhood_data(around: Neighbourhood) -> dict[str, Any]:
    edges = [{"source": e.source, "target": e.target, "relation": e.relation} for e in around.edges]
    return {"nodes": [{"id": node.dataset_id, "hops": node.hops} for node in around.nodes], "edges": edges}


def _page(
    node: Node,
    sources: Sequence[GraphEdge],
    used_by: Sequence[GraphEdge],
    around: Neighbourhood | None,
    up: int,
    down: int,
) -> Iterator[RenderableType]:
    from rich.panel import Panel

    yield Panel(_profile(node), title=text(node.dataset_id, "bold"), title_align="left", border_style="dim")
    yield text("")
    yield _heading("Made from", len(sources))
    for edge in sources:
        yield from _source(edge)
    yield text("")
    yield _heading("Built on it", len(used_by))
    for edge in used_by[:MOST_USES]:
        yield _edge_line(edge, edge.target)
    if len(used_by) > MOST_USES:
        yield text(f"  and {len(used_by) - MOST_USES} more (--json lists all)", "dim")
    if around:
        yield text("")
    if around and up:
        yield _tree(around, "source", "Upstream", up)
    if around and down:
        yield _tree(around, "target", "Downstream", down)


def _profile(node: Node) -> RenderableType:
    released = f"{node.release_date} ({node.release_origin})" if node.release_date else ""
    popularity = [
        f"{number:,} {noun}"
        for number, noun in ((node.downloads, "downloads"), (node.likes, "likes"))
        if number is not None
    ]
    kinds = [kind for kind, holds in (("benchmark", node.is_benchmark), ("leaf", node.is_leaf)) if holds]
    return facts(
        [
            ("outcome", f"{node.outcome or 'not traced'}{': ' if node.detail else ''}{node.detail}"),
            ("on the hub", node.on_hub),
            ("released", released),
            ("domains", node.domains),
            ("kind", kinds),
            ("licence", node.licence),
            ("popularity", popularity),
            ("place", f"depth {node.depth}, {count(node.in_degree, 'source')}, {count(node.out_degree, 'use')}"),
            ("seen", f"since snapshot {node.first_seen}"),
            ("summary", node.summary),
            ("made how", node.construction),
        ]
    )


def _heading(title: str, number: int) -> Text:
    return text(f"{title}: {number}", "bold") if number else text(f"{title}: nothing known", "bold")


def _edge_line(edge: GraphEdge, other: str) -> Text:
    line = text(f"{other}", "cyan")
    line.pad_left(2)
    line.append(f"  {plain(edge.relation)}  {edge.confidence:.2f}  ")
    line.append(plain(edge.status), STATUS_STYLE.get(edge.status, ""))
    if edge.is_benchmark:
        line.append("  benchmark", "magenta")
    return line


def _source(edge: GraphEdge) -> Iterator[RenderableType]:
    """A source, why it is in doubt if it is, and its best quote with its place."""
    from rich.padding import Padding

    yield _edge_line(edge, edge.source)
    notes = [edge.reason] if edge.reason else []
    notes += [f"other statements say {edge.disagreement}"] if edge.disagreement else []
    yield from (Padding(text(note, "yellow"), (0, 0, 0, 6)) for note in notes)
    for quote in edge.evidence[:1]:
        shown = shortened(plain(quote.quote), LONGEST_QUOTE)
        yield Padding(text(f"“{shown}”", "italic"), (0, 0, 0, 6))
        yield Padding(text(f"{quote.url or quote.document} ({quote.said_by})", "dim"), (0, 0, 0, 6))
    if len(edge.evidence) > 1:
        yield Padding(text(f"and {count(len(edge.evidence) - 1, 'more quote')} (--json)", "dim"), (0, 0, 0, 6))


def _tree(around: Neighbourhood, side: str, title: str, hops: int) -> RenderableType:
    """The neighbourhood in one direction; what has been drawn already is named again but not continued."""
    from rich.tree import Tree

    other = "target" if side == "source" else "source"
    next_to: dict[str, list[tuple[str, str]]] = {}
    for edge in around.edges:
        next_to.setdefault(getattr(edge, other), []).append((getattr(edge, side), edge.relation))
    root = Tree(text(f"{title} of {around.centre}", "bold"), guide_style="dim")
    drawn = {around.centre}
    level = [(root, around.centre)]
    for _ in range(hops):
        below = []
        for branch, name in level:
            for neighbour, relation in next_to.get(name, []):
                again = neighbour in drawn
                drawn.add(neighbour)
                label = text(neighbour, "dim" if again else "cyan")
                label.append(f"  {plain(relation)}{'  (see above)' if again and neighbour in next_to else ''}", "dim")
                twig = branch.add(label)
                below += [] if again else [(twig, neighbour)]
        level = below
    return root


def _path_lines(found: Paths, source: str, target: str) -> Iterator[RenderableType]:
    from rich.table import Table as Drawn

    if not found.paths:
        yield text(f"no path leads from {source} to {target}")
        return
    drawn = Drawn.grid(padding=(0, 1))
    drawn.add_column(justify="right", style="dim", no_wrap=True)
    drawn.add_column(style="dim", no_wrap=True)
    drawn.add_column(style="cyan", overflow="fold")
    for number, path in enumerate(found.paths, start=1):
        drawn.add_row(text(number), text(""), text(path.nodes[0]))
        for node, relation in zip(path.nodes[1:], path.relations, strict=True):
            drawn.add_row(text(""), text(f"{relation} →"), text(node))
    yield drawn
