"""Every report of a graph as one web page with figures: self-contained, and nothing in it runs or loads."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence
from datetime import datetime
from html import escape
from importlib import resources
from pathlib import Path
from typing import Any

from lineage_platform.exports.plots import has_picture, picture
from lineage_platform.files import write_whole
from lineage_platform.graph.answers import Meta, Rows
from lineage_platform.graph.query import Graph
from lineage_platform.graph.reports import Report

MOST_ROWS = 100
LONGEST_CELL = 600

SECTIONS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "Topology",
        "How deep, how composite and how reused the datasets are.",
        ("topology_by_domain", "most_reused", "highest_in_degree", "deepest", "degree_outliers", "leaves"),
    ),
    ("Flow between domains", "What one domain takes from another, and how.", ("cross_domain", "relation_mix")),
    ("Time", "When leaves and internal datasets were released.", ("release_years",)),
    ("Ways of building", "Steps that recur along the paths of the graph.", ("build_patterns",)),
    (
        "Intersections and redundancy",
        "Sources that arrive more than once, and the rows that repeat.",
        ("intersections", "redundancy"),
    ),
    ("Contamination", "Benchmark questions in training sets, and the way they came.", ("contamination",)),
    ("Licences", "What the cards declare, and what gets lost on the way down.", ("licence_mix", "licences")),
    (
        "Trust",
        "How the traces ended, what waits for a person, and where documents disagree.",
        ("coverage", "review_queue", "disagreeing_witnesses", "further_seeds"),
    ),
    ("History", "Which builds changed the graph, and what the last one changed.", ("snapshots", "changes")),
)


def write_landscape(graph: Graph, folder: Path) -> Path:
    """Write ``index.html``, whole; returns its path.

    Parameters
    ----------
    graph:
        Open for reading.
    folder:
        Where to; made when missing.

    Raises
    ------
    ExtraMissing
        matplotlib is not installed.
    """
    page = "".join(_page(graph))
    write_whole(folder / "index.html", page.encode("utf-8", "replace"))
    return folder / "index.html"


def _page(graph: Graph) -> Iterator[str]:
    reports = {report.name: report for report in graph.reports()}
    listed = {name for _, _, names in SECTIONS for name in names}
    further = tuple(name for name in reports if name not in listed)
    sections = [*SECTIONS, *([("Further reports", "", further)] if further else [])]
    style = resources.files(__package__).joinpath("landscape.css").read_text(encoding="utf-8")
    yield (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Lineage landscape</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
        f'img-src data:"><style>{style}</style></head><body>\n'
    )
    yield _header(graph.meta, [title for title, _, _ in sections], _leaves(graph))
    yield "<main>\n"
    for title, text, names in sections:
        yield f'<h2 id="{_anchor(title)}">{escape(title)}</h2><p>{escape(text)}</p>\n'
        for name in names:
            yield _article(reports[name], graph.report(name), graph.meta.hub_label)
    yield "</main>\n<footer>Definitions: docs/tables.md and the files in sql/reports.</footer></body></html>\n"


def _header(meta: Meta, titles: Sequence[str], leaves: int) -> str:
    figures = [("datasets", meta.datasets), ("edges", meta.edges), ("leaves", leaves)]
    figures += [("edges in review", meta.review), ("faults", meta.faults)]
    label = f'<p class="label">{_text(meta.hub_label)}</p>' if meta.hub_label else ""
    cards = "".join(f"<div><b>{number:,}</b><span>{name}</span></div>" for name, number in figures)
    links = "".join(f'<a href="#{_anchor(title)}">{escape(title)}</a>' for title in titles)
    built = f"Snapshot {_text(meta.snapshot)} of the hub {_text(meta.hub_name)}, built {_cell(meta.built_at)}"
    return (
        f'<header><h1>Lineage landscape</h1><p>{built}</p>{label}<div class="figures">{cards}</div>'
        f"<nav>{links}</nav></header>\n"
    )


def _leaves(graph: Graph) -> int:
    return len(graph.select("SELECT dataset_id FROM datasets WHERE is_leaf").rows)


def _article(report: Report, rows: Rows, label: str) -> str:
    drawn = _figure(report, rows, label) if rows.rows and has_picture(report.name) else ""
    return (
        f'<article id="{escape(report.name)}"><h3>{escape(report.title)}</h3>'
        f'<p class="question">{escape(report.question)}</p>{drawn}{_table(rows)}'
        f'<p class="source">{escape(report.source)}; <code>lineage report {escape(report.name)}</code></p></article>\n'
    )


def _figure(report: Report, rows: Rows, label: str) -> str:
    """The picture as an image: what is in its text cannot become part of the page."""
    body = b64encode(picture(report, rows, "svg", label)).decode()
    return f'<img alt="{escape(report.title)}" src="data:image/svg+xml;base64,{body}">'


def _table(rows: Rows) -> str:
    if not rows.rows:
        return '<p class="none">Nothing to report.</p>'
    columns = list(zip(*rows.rows, strict=True))
    kind = [' class="number"' if _all_numbers(column) else "" for column in columns]
    head = "".join(f"<th{of}>{_text(name)}</th>" for name, of in zip(rows.columns, kind, strict=True))
    body = "".join(
        "<tr>" + "".join(f"<td{of}>{_cell(value)}</td>" for value, of in zip(row, kind, strict=True)) + "</tr>"
        for row in rows.rows[:MOST_ROWS]
    )
    cut = (
        f'<p class="source">The first {MOST_ROWS} of {len(rows.rows):,} rows.</p>' if len(rows.rows) > MOST_ROWS else ""
    )
    return f'<div class="rows"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{cut}'


def _all_numbers(column: Sequence[Any]) -> bool:
    known = [value for value in column if value is not None]
    return bool(known) and all(isinstance(value, int | float) and not isinstance(value, bool) for value in known)


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}" if abs(value) >= 10_000 else str(value)
        case float():
            return f"{value:,.2f}"
        case datetime():
            return value.strftime("%Y-%m-%d %H:%M")
        case list() | tuple():
            return _list(value)
    return _text(value)


def _list(items: Sequence[Any]) -> str:
    """One a line; several paths behind their number, for they are long and many, and their row would fill the page."""
    lines = "".join(f"<span>{_text(_path(item))}</span>" for item in items[:20])
    if len(items) > 1 and all(isinstance(item, list | tuple) for item in items):
        return f"<details><summary>{len(items)} paths</summary>{lines}</details>"
    return lines


def _path(item: Any) -> str:
    """A path, if an element of a list is one, else the element."""
    return " → ".join(map(str, item)) if isinstance(item, list | tuple) else str(item)


def _text(value: object) -> str:
    """A value as text of the page: no markup, no control or invisible characters, of limited length."""
    text = "".join(letter if letter.isprintable() else " " for letter in str(value))
    return escape(text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - 1] + "…")


def _anchor(title: str) -> str:
    return f"section-{title.lower().replace(' ', '-')}"
