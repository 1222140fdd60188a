"""What changed since it was last told: differences of the graph, new leaks and overlaps, datasets that failed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from lineage_platform.audits.reporting import as_text
from lineage_platform.errors import LineageError
from lineage_platform.files import read_record, write_record, write_whole
from lineage_platform.graph.history import Change, differences
from lineage_platform.graph.query import Graph
from lineage_platform.records import Outcome, Record
from lineage_platform.workspace import Workspace

MOST_TOLD = 1000
"""Things of one kind that a report lists; its counts are of all."""

SIGNS = {"new": "+", "gone": "-", "changed": "~"}


class Difference(Record):
    """A dataset or an edge that is new, gone, or has another value in a field; see ``lineage diff`` for all of it."""

    kind: str
    change: str
    subject: str
    field: str = ""
    old: str = ""
    new: str = ""


class Leak(Record):
    """Items of a benchmark that were found in a training set."""

    train: str
    benchmark: str
    matched: int
    matched_near: int
    benchmark_queries: int

    @property
    def identity(self) -> tuple[object, ...]:
        """What makes it news."""
        return self.train, self.benchmark, self.matched, self.matched_near


class Overlap(Record):
    """Shared rows that no document explains, or an inclusion without them."""

    source: str
    target: str
    finding: str
    shared_queries: int

    @property
    def identity(self) -> tuple[object, ...]:
        """What makes it news."""
        return self.source, self.target, self.finding


class Failure(Record):
    """A dataset whose trace failed, and why."""

    dataset: str
    reason: str

    @property
    def identity(self) -> tuple[object, ...]:
        """What makes it news: not the reason, which may name a time."""
        return (self.dataset,)


class Report(Record):
    """What is new since the report before.

    ``before`` is empty in the first. ``counts`` are of everything, the lists hold at most ``MOST_TOLD`` each.
    """

    number: int
    hub: str
    label: str = ""
    before: str = ""
    after: str
    counts: dict[str, int]
    differences: tuple[Difference, ...] = ()
    leaks: tuple[Leak, ...] = ()
    overlaps: tuple[Overlap, ...] = ()
    failed: tuple[Failure, ...] = ()

    @property
    def headline(self) -> str:
        """The counts in one line."""
        told = ", ".join(f"{number:,} {what}" for what, number in self.counts.items()) or "nothing changed"
        return f"{f'[{self.label}] ' if self.label else ''}lineage of the hub {self.hub}: {told}"


class Told(Record):
    """What reports have told so far: the next one tells the rest."""

    number: int = 0
    snapshot: str = ""
    findings: tuple[Leak | Overlap | Failure, ...] = ()


class ChangeLog:
    """The reports of one hub: ``<number>.json`` and ``.md``, and what they have told.

    Parameters
    ----------
    root:
        The hub's folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root / "changes"

    @property
    def told(self) -> Told:
        """What was told; nothing when that cannot be read, so that all of it is told again."""
        try:
            return read_record(self.root / "told.json", Told) or Told()
        except LineageError:
            return Told(number=max((int(path.stem) for path in self.root.glob("[0-9]*.json")), default=0))

    def path(self, number: int) -> Path:
        """Where the JSON of a report lies; its Markdown lies beside it."""
        return self.root / f"{number:05d}.json"

    def keep(self, report: Report, told: Told) -> None:
        """Keep a report, then that it was told: killed between the two, the next one is written in its place."""
        write_record(self.path(report.number), report)
        write_whole(self.path(report.number).with_suffix(".md"), markdown(report).encode("utf-8"))
        self.remember(told)

    def remember(self, told: Told) -> None:
        """Keep what was told."""
        write_record(self.root / "told.json", told)


def tell_changes(workspace: Workspace) -> Report | None:
    """Write what the graph that was built last brought since the report before; None when that is nothing.

    Parameters
    ----------
    workspace:
        Its graph and its reports.

    Raises
    ------
    GraphMissing
        No graph has been built.
    """
    with workspace.open_graph() as graph:
        changes = ChangeLog(workspace.home.hub_folder(graph.meta.hub_name))
        told = changes.told
        found = _since(graph, told.snapshot)
        findings: tuple[Leak | Overlap | Failure, ...] = (*_leaks(graph), *_overlaps(graph), *_failures(graph))
        known = {each.identity for each in told.findings}
        report = _report(graph, told, found, [each for each in findings if each.identity not in known])
    number = report.number if report.counts else told.number
    now = Told(number=number, snapshot=report.after, findings=findings)
    if report.counts:
        changes.keep(report, now)
        return report
    if now != told:  # a finding that is gone will be news when it is back
        changes.remember(now)
    return None


def _since(graph: Graph, snapshot: str) -> Sequence[Change]:
    """The differences from a snapshot that was told, or from the one before where that one is not kept."""
    if snapshot == graph.meta.snapshot:
        return ()
    kept = {path.stem: path for path in graph.snapshots.all()}
    if snapshot in kept:
        try:
            return differences(kept[snapshot], graph.snapshots.find(graph.meta.snapshot))
        except LineageError:
            pass  # of an older layout: what the build itself noted is left
    return [Change(*row) for row in graph.select("SELECT kind, change, subject, field, old, new FROM changes").rows]


def _report(graph: Graph, told: Told, found: Sequence[Change], findings: Sequence[Leak | Overlap | Failure]) -> Report:
    edges_and_datasets = [change for change in found if change.kind != "statement"]
    leaks = [each for each in findings if isinstance(each, Leak)]
    overlaps = [each for each in findings if isinstance(each, Overlap)]
    failed = [each for each in findings if isinstance(each, Failure)]
    subjects = {(f"{change.kind}s {change.change}", change.subject) for change in found}
    counts = dict(sorted(Counter(what for what, _ in subjects).items()))
    more = {"new leaks": len(leaks), "new overlaps in doubt": len(overlaps), "newly failed": len(failed)}
    return Report(
        number=told.number + 1,
        hub=graph.meta.hub_name,
        label=graph.meta.hub_label,
        before=told.snapshot,
        after=graph.meta.snapshot,
        counts=counts | {what: number for what, number in more.items() if number},
        differences=tuple(_difference(change) for change in edges_and_datasets[:MOST_TOLD]),
        leaks=tuple(leaks[:MOST_TOLD]),
        overlaps=tuple(overlaps[:MOST_TOLD]),
        failed=tuple(failed[:MOST_TOLD]),
    )


def _difference(change: Change) -> Difference:
    fields = {name: value for name, value in vars(change).items() if value is not None}
    if change.change != "changed":  # a whole record: the graph, or the snapshot before, has it
        fields = {name: fields[name] for name in ("kind", "change", "subject")}
    return Difference.model_validate(fields)


def _leaks(graph: Graph) -> Iterator[Leak]:
    query = (
        "SELECT train, benchmark, matched, matched_near, benchmark_queries FROM contamination "
        "WHERE matched_near > 0 ORDER BY matched_near DESC, train, benchmark"
    )
    return (Leak(**row) for row in _records(graph, query))


def _overlaps(graph: Graph) -> Iterator[Overlap]:
    query = "SELECT source, target, finding, round(shared_queries)::BIGINT AS shared_queries FROM overlaps_in_doubt"
    return (Overlap(**row) for row in _records(graph, query))


def _failures(graph: Graph) -> Iterator[Failure]:
    query = (
        "SELECT dataset_id AS dataset, coalesce(detail, '') AS reason FROM datasets WHERE outcome = $failed ORDER BY 1"
    )
    return (Failure(**row) for row in _records(graph, query, failed=Outcome.FAILED.value))


def _records(graph: Graph, query: str, **parameters: Any) -> Iterator[dict[str, Any]]:
    rows = graph.select(query, **parameters)
    return (dict(zip(rows.columns, row, strict=True)) for row in rows.rows)


def markdown(report: Report) -> str:
    """The report for a reader; every name in it is text, whatever it says."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    yield f"# What changed: {report.before or 'nothing'} to {report.after}"
    yield ""
    yield as_text(report.headline)
    yield from _section(
        "Datasets and edges",
        [
            f"{SIGNS[each.change]} {each.kind} {as_text(each.subject)}"
            + (f": {as_text(each.field)} {as_text(each.old)} → {as_text(each.new)}" if each.field else "")
            for each in report.differences
        ],
    )
    yield from _section(
        "Benchmark items in training sets",
        [
            f"{as_text(each.benchmark)} in {as_text(each.train)}: {each.matched:,} exact, {each.matched_near:,} near, "
            f"of {each.benchmark_queries:,}"
            for each in report.leaks
        ],
    )
    yield from _section(
        "Overlaps in doubt",
        [
            f"{as_text(each.source)} and {as_text(each.target)}: {each.finding}, {each.shared_queries:,} shared"
            for each in report.overlaps
        ],
    )
    yield from _section("Failed", [f"{as_text(each.dataset)}: {as_text(each.reason)}" for each in report.failed])


def _section(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield from ("", f"## {title}", "", *(f"- {line}" for line in lines))
