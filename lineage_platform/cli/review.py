"""`review`: what waits for a person, and what that person decides."""

from __future__ import annotations

import getpass
import shlex
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from lineage_platform.cli.options import CommandGroup, chosen, command
from lineage_platform.cli.output import Output, Table, facts, text
from lineage_platform.cli.text import count, plain, shortened
from lineage_platform.errors import DatasetNotFound, UsageError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from lineage_platform.documents.reading import Reading
    from lineage_platform.files import Home
    from lineage_platform.graph.query import Graph
    from lineage_platform.graph.queue import Case, Stated
    from lineage_platform.settings import Settings

MOST_CANDIDATES = 10
LONGEST_QUOTE = 600

reason_option = click.option("--reason", required=True, metavar="TEXT", help="Why; goes into the file of decisions.")
author_option = click.option("--author", metavar="NAME", help="Who decides. [LINEAGE_AUTHOR; default: your account]")


@click.group(cls=CommandGroup)
def review() -> None:
    """Decide on edges that agents leave open (review list, show, accept, reject, rebind).

    Decisions are lines of a text file (LINEAGE_REVIEWS; default: reviews.jsonl in the data home) that is made to be
    committed; they survive every trace and win over agents.

    \b
    lineage review list
    lineage review show SOURCE TARGET
    lineage review accept SOURCE TARGET --reason "the paper's appendix says so"
    """


@dataclass(frozen=True)
class _Opened:
    """The graph under review, with what lies beside it."""

    settings: Settings
    home: Home
    graph: Graph

    @property
    def hub(self) -> str:
        """The hub that the graph was traced from."""
        return self.graph.meta.hub_name

    def document(self, target: str, document_id: str) -> Reading | None:
        """A stored document of a dataset; None if it cannot be read any more."""
        from lineage_platform.documents.cleaning import reading
        from lineage_platform.errors import BrokenRecord
        from lineage_platform.records import DocumentSet

        try:
            stored = self.home.records(self.hub).read(target, DocumentSet)
            for document in stored.documents if stored else ():
                if document.document_id == document_id and document.text_digest:
                    return reading(document, self.home.content.get(document.text_digest).decode("utf-8"))
        except BrokenRecord:
            return None
        return None


def _open() -> _Opened:
    from lineage_platform import graph
    from lineage_platform.files import Home

    settings = chosen()
    home = Home(settings.home)
    return _Opened(settings, home, graph.open_graph(home.graph))


@command("list", group=review)
def list_(output: Output) -> None:
    """List the edges that wait, those with most built on them first.

    \b
    lineage review list
    """
    from lineage_platform.graph.queue import Waiting, waiting

    opened = _open()
    with opened.graph as graph:
        queue = waiting(graph)
        label = graph.meta.hub_label
    columns = [field.name for field in fields(Waiting)]
    output.rows(Table(columns, [tuple(asdict(each).values()) for each in queue]), label)
    _warn(output, opened)
    if queue:
        output.say(f"next: lineage review show {shlex.join([queue[0].source, queue[0].target])}")
    else:
        output.say("nothing waits")


@command(group=review)
@click.argument("source")
@click.argument("target")
def show(output: Output, source: str, target: str) -> None:
    """Show what is stated of an edge, in context, and what its name may stand for.

    \b
    lineage review show name:gsm8k org/mix
    """
    from lineage_platform.graph.queue import case

    opened = _open()
    with opened.graph as graph:
        found = case(graph, source, target, opened.document)
        label = graph.meta.hub_label
    statements = [asdict(each) for each in found.statements]
    data = {**asdict(found), "statements": statements, "candidates": [each.model_dump() for each in found.candidates]}
    columns = ("source", "target", "status", *(field for field in (statements[0] if statements else {})))
    table = Table(columns, [(source, target, found.status, *each.values()) for each in statements])
    output.answer(data, table, lambda: _page(found), label)
    output.say("next, with --reason TEXT:")
    edge = shlex.join([source, target])
    for action in ("accept", "reject"):
        output.say(f"lineage review {action} {edge}", indent=2)
    best = shlex.quote(found.candidates[0].id) if found.candidates else "ID"
    output.say(f"lineage review rebind {edge} --to {best}", indent=2)


@command(group=review)
@click.argument("source")
@click.argument("target")
@reason_option
@author_option
def accept(output: Output, source: str, target: str, reason: str, author: str | None) -> None:
    """Let an edge stand, whatever its confidence and its dates.

    \b
    lineage review accept openai/gsm8k org/mix --reason "the authors confirmed it"
    """
    _decide(output, "accept", source, target, reason, author)


@command(group=review)
@click.argument("source")
@click.argument("target")
@reason_option
@author_option
def reject(output: Output, source: str, target: str, reason: str, author: str | None) -> None:
    """Take an edge out, whoever states it.

    \b
    lineage review reject openai/gsm8k org/mix --reason "only evaluated on"
    """
    _decide(output, "reject", source, target, reason, author)


@command(group=review)
@click.argument("source")
@click.argument("target")
@click.option("--to", required=True, metavar="ID", help="What the name stands for.")
@reason_option
@author_option
def rebind(output: Output, source: str, target: str, to: str, reason: str, author: str | None) -> None:
    """Say what a name stands for, and let its edge stand.

    \b
    lineage review rebind name:limo org/mix --to GAIR/LIMO --reason "linked"
    """
    _decide(output, "rebind", source, target, reason, author, to)


def _decide(
    output: Output, action: str, source: str, target: str, reason: str, author: str | None, to: str | None = None
) -> None:
    """Write the decision down, and build the graph again so that it shows."""
    from pydantic import ValidationError

    from lineage_platform.graph.queue import case
    from lineage_platform.graph.reviews import Action, Decision, ReviewFile

    opened = _open()
    with opened.graph as graph:
        if ReviewFile(opened.settings.reviews_file).decisions(opened.hub).of(source, target) is None:
            case(graph, source, target, lambda *_: None)  # nothing is decided of what nobody states
        unknown = to is not None and not _holds(graph, to)
    try:
        decision = Decision(
            hub=opened.hub,
            target=target,
            source=source,
            action=Action(action),
            to=to,
            author=author or opened.settings.author or getpass.getuser(),
            reason=reason,
            decided_at=datetime.now(UTC).replace(microsecond=0),
        )
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or f"{source} -> {target}"
        raise UsageError(
            f"this cannot be decided: {where}: {first['msg']}", f"lineage review {action} --help"
        ) from error
    ReviewFile(opened.settings.reviews_file).decide(decision)
    _rebuild(opened)
    row = decision.model_dump(mode="json", exclude_none=True)
    output.answer(row, Table(list(row), [list(row.values())]), lambda: [facts(row.items())])
    output.say(f"kept in {opened.settings.reviews_file}, which is worth committing; the graph has it")
    _warn(output, opened)
    if unknown:
        output.warn(f"the graph had no dataset {to} so far; whether the hub has one: lineage trace {to}")
    if action != "reject":
        output.say(f"next, to follow it upstream: lineage trace {target}")


def _holds(graph: Graph, dataset_id: str) -> bool:
    try:
        graph.dataset(dataset_id)
    except DatasetNotFound:
        return False
    return True


def _rebuild(opened: _Opened) -> None:
    from lineage_platform.workspace import rebuild_graph

    rebuild_graph(opened.settings, opened.graph.meta.hub_name, opened.graph.meta.hub_label)


def _warn(output: Output, opened: _Opened) -> None:
    """Name the lines of the file that decide nothing."""
    from lineage_platform.graph.reviews import ReviewFile

    for misfit in ReviewFile(opened.settings.reviews_file).decisions(opened.hub).misfits:
        output.warn(f"{misfit.where}: {misfit.detail}")


def _page(found: Case) -> Iterator[RenderableType]:
    yield text(f"{found.source} → {found.target}", "bold")
    yield facts(
        [
            ("status", found.status),
            ("reason", found.reason),
            ("released", f"{found.source_released or 'unknown'} → {found.target_released or 'unknown'}"),
            ("decided", found.decision),
        ]
    )
    for stated in found.statements:
        yield text("")
        yield from _statement(stated)
    if found.candidates:
        yield text("")
        yield text(f"{count(len(found.candidates), 'candidate')}", "bold")
        yield facts((each.id, f"{each.score:.2f} ({each.method})") for each in found.candidates[:MOST_CANDIDATES])


def _statement(stated: Stated) -> Iterator[RenderableType]:
    from rich.padding import Padding

    about = f", about {stated.about}" if stated.about else ""
    yield text(f"{stated.mention}  {stated.relation}  {stated.confidence:.2f}  {stated.status}{about}", "cyan")
    passage = text(f"{plain(stated.before)} ", "dim")
    passage.append(shortened(plain(stated.quote), LONGEST_QUOTE), "bold")
    passage.append(f" {plain(stated.after)}", "dim")
    yield Padding(passage, (0, 0, 0, 2))
    yield Padding(text(f"{stated.url or stated.document} ({stated.said_by})", "dim"), (0, 0, 0, 2))
    if stated.reason:
        yield Padding(text(stated.reason, "yellow"), (0, 0, 0, 2))
