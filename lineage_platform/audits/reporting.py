"""The report of an audit for a reader: Markdown, and the same as one HTML file."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lineage_platform.audits.audit import Audit, Exposure, Known, MemberFigures
from lineage_platform.audits.lineage import Path

MOST_PATHS = 3

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b}"
    "table{border-collapse:collapse;margin:1rem 0;font-size:.9rem}"
    "th,td{border:1px solid #ccc;padding:.3rem .6rem;text-align:left;vertical-align:top}th{background:#f3f3f3}"
)


@dataclass(frozen=True)
class Section:
    """A table of the report, or what is said where it has no rows; ``notes`` and ``paths`` are said below either.

    ``paths`` are lines under headings: a table has no room for them.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    nothing: str = ""
    notes: Sequence[str] = ()
    paths: Sequence[tuple[str, Sequence[str]]] = ()


def sections(audit: Audit) -> tuple[Section, ...]:
    """The tables of the report, in order."""
    return (
        _members(audit.members),
        _supersets(audit),
        _crossings(audit),
        _exposures(audit),
        _licences(audit),
    )


def verdict(audit: Audit) -> Iterator[str]:
    """What was found, in a sentence, and one on each limit."""
    found = audit.redundancy
    if found:
        repeated = found.rows - found.distinct_triplets
        yield f"{found.rows:,} rows, {repeated:,} of them repeat others: redundancy {found.rate:.2%}"
    else:
        yield "no rows are at hand: all that follows is known from lineage alone"
    for gate in audit.gates:
        if gate.value is None:
            yield f"{gate.name} not measured: the limit of {gate.limit:.2%} was not put to the test"
        else:
            yield f"{gate.name} {gate.value:.2%}: {'within' if gate.passed else 'over'} the limit of {gate.limit:.2%}"


def markdown(audit: Audit) -> str:
    """The report; every name in it is text, whatever it says."""
    return "\n".join(_lines(audit)) + "\n"


def one_page(audit: Audit) -> str:
    """The report as HTML that needs nothing else."""
    from markdown_it import MarkdownIt

    body = MarkdownIt("commonmark", {"html": False}).enable("table").render(markdown(audit))
    head = f'<meta charset="utf-8"><title>{html.escape(f"Audit of {audit.name}")}</title><style>{_STYLE}</style>'
    return f'<!doctype html>\n<html lang="en"><head>{head}</head>\n<body>\n{body}</body></html>\n'


def _lines(audit: Audit) -> Iterator[str]:
    yield f"# Audit of {as_text(audit.name)}"
    yield ""
    if audit.label:
        yield f"*{as_text(audit.label)}*"
        yield ""
    yield from (f"- {as_text(line)}" for line in verdict(audit))
    yield ""
    for section in sections(audit):
        yield from _section(section)
    yield "Known from *rows*: counted, and confirmed on the texts. From *lineage*: stated in documents, not counted."


def _section(section: Section) -> Iterator[str]:
    yield f"## {section.title}"
    yield ""
    if section.rows:
        yield f"| {' | '.join(map(_cell, section.columns))} |"
        yield f"|{' --- |' * len(section.columns)}"
        yield from (f"| {' | '.join(map(_cell, row))} |" for row in section.rows)
    else:
        yield section.nothing
    yield ""
    if section.notes:
        yield from (f"- {as_text(note)}" for note in section.notes)
        yield ""
    for heading, lines in section.paths:
        yield as_text(heading)
        yield ""
        yield from (f"- {as_text(line)}" for line in lines)
        yield ""


def _members(members: Sequence[MemberFigures]) -> Section:
    head = (
        "member",
        "weight",
        "of the draws",
        "rows",
        "distinct",
        "new here",
        "new queries",
        "released",
        "licence",
        "known from",
    )
    rows = [
        (
            each.name,
            f"{each.weight:g}",
            None if each.share is None else f"{each.share:.1%}",
            each.rows,
            each.distinct_triplets,
            each.new_triplets,
            each.new_queries,
            each.released,
            each.licence,
            f"{each.known}: {each.detail}" if each.detail else each.known,
        )
        for each in members
    ]
    return Section("Members", head, rows)


def _supersets(audit: Audit) -> Section:
    rows = [
        (each.member, each.inside, f"{each.share:.1%}" if each.share is not None else None, each.known)
        for each in audit.supersets
    ]
    head = ("member", "stands in", "of its queries", "known from")
    return Section("Members inside others", head, rows, "No member is known to stand inside another.")


def _crossings(audit: Audit) -> Section:
    rows = [(each.at, ", ".join(each.members), each.rows, each.duplicated_rows, each.known) for each in audit.crossings]
    head = ("source", "through", "rows of it", "of them repeated", "known from")
    paths = [(f"Ways of {each.at} into the mix:", _ways(each.paths)) for each in audit.crossings if each.paths]
    return Section("Sources that arrive on several ways", head, rows, "None is known.", paths=paths)


def _exposures(audit: Audit) -> Section:
    head = ("member", "benchmark", "exact", "normalised", "near", "of", "known from", "note")
    rows = [_exposure(each) for each in audit.exposures]
    nothing = "No benchmark item was found, and lineage leads to none."
    paths = [
        (f"Ways of {each.benchmark} into {each.member}:", _ways(each.paths)) for each in audit.exposures if each.paths
    ]
    return Section("Benchmarks", head, rows, nothing, tuple(_compared(audit)), paths)


def _compared(audit: Audit) -> Iterator[str]:
    """Which benchmarks the figures speak of: what is not at hand was not sought."""
    if audit.compared:
        yield f"sought in the rows: {', '.join(audit.compared)}"
    reasons: dict[str, list[str]] = {}
    for each in audit.not_compared:
        reasons.setdefault(each.reason, []).append(each.benchmark)
    yield from (f"not sought: {', '.join(names)} ({reason})" for reason, names in reasons.items())


def _exposure(each: Exposure) -> Sequence[Any]:
    note = "older than the benchmark" if each.predates else ""
    if each.known is Known.LINEAGE:
        note = "; ".join(filter(None, ("may hold it", note)))
    found = (each.matched, each.matched_normalised, each.matched_near, each.benchmark_queries)
    return (each.member, each.benchmark, *found, each.known, note)


def _licences(audit: Audit) -> Section:
    rows = [
        (
            each.dataset_id,
            each.licence or "not stated",
            each.source,
            each.source_licence,
            each.condition,
            _way(each.path),
        )
        for each in audit.licences
    ]
    head = ("member", "its licence", "source", "source's licence", "not passed on", "path")
    return Section("Licences along the paths", head, rows, "No conflict is known.")


def _ways(paths: Sequence[Path]) -> list[str]:
    """The first paths, a line each, and how many more there are."""
    more = len(paths) - MOST_PATHS
    return [_way(path) for path in paths[:MOST_PATHS]] + ([f"and {more} more"] if more > 0 else [])


def _way(path: Path) -> str:
    return " → ".join(path) if len(path) > 1 else f"{path[0]}, itself a member"


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) else as_text(str(value))


def as_text(text: str) -> str:
    """Text as Markdown shows it: no character of it means anything."""
    printable = " ".join("".join(each if each.isprintable() else " " for each in text).split())
    return "".join(f"\\{each}" if each in _MARKS else each for each in printable)


_MARKS = frozenset("\\`*_{}[]<>()#+!|~&")
