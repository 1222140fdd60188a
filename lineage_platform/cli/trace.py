"""`trace`: datasets in, their lineage out, through Dagster."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lineage_platform.cli.failures import ExitCode
from lineage_platform.cli.interrupting import interruptible
from lineage_platform.cli.options import agents_option, chosen, command, hub_option
from lineage_platform.cli.output import Output, Table, grid, text
from lineage_platform.cli.text import count, shortened
from lineage_platform.errors import InvalidDatasetId, UsageError
from lineage_platform.settings import Settings

if TYPE_CHECKING:
    from rich.console import RenderableType

    from lineage_platform.catalog.hub import Hub
    from lineage_platform.defs.run import TraceSummary

MOST_FAILURES = 20
LONGEST_REASON = 300


@command()
@click.argument("dataset_ids", metavar="[ID]...", nargs=-1)
@click.option("--seeds", type=click.Path(path_type=Path), metavar="FILE", help="Ids, one a line, or a registry (TSV).")
@hub_option
@agents_option
@click.option("--max-hops", type=click.IntRange(0), metavar="N", help="Follow sources N edges upstream. [default: all]")
@click.option(
    "--max-cost",
    type=click.FloatRange(0),
    metavar="USD",
    help="Stop when so much is spent on models. [LINEAGE_MAX_COST; default: no bound]",
)
@click.option("--refresh", is_flag=True, help="Ask again for documents that are stored.")
@click.option("--dry-run", is_flag=True, help="Say what a trace would ask for and cost; ask for nothing.")
@click.option("--suggest", is_flag=True, help="Rank datasets that the graph names but that were not traced.")
def trace(
    output: Output,
    dataset_ids: tuple[str, ...],
    seeds: Path | None,
    hub: str | None,
    agents: str | None,
    max_hops: int | None,
    max_cost: float | None,
    refresh: bool,
    dry_run: bool,
    suggest: bool,
) -> ExitCode:
    """Trace datasets upstream until nothing new appears.

    Without an id or --seeds it starts from the hub's own list. What is on disk is not done again: run the same command
    to carry on after an interruption, to retry what failed, or to go on where --max-cost stopped it.

    \b
    lineage trace teknium/OpenHermes-2.5
    lineage trace --hub sample --agents rules
    """
    from lineage_platform import catalog

    if dry_run and suggest:
        raise UsageError("--dry-run and --suggest are two different questions", "ask one at a time")
    settings = chosen(hub, agents, max_cost)
    opened = catalog.open_hub(settings.hub)
    if suggest:
        return _suggest(output, settings, opened)
    ids = _seeds(opened, dataset_ids, seeds)
    if dry_run:
        return _estimate(output, settings, opened, ids, max_hops, refresh)
    return _trace(output, settings, opened, ids, max_hops, refresh)


def _seeds(hub: Hub, dataset_ids: Sequence[str], file: Path | None) -> list[str]:
    """The ids named, then those in the file; the hub's own when there are none.

    Raises
    ------
    UsageError
        A file of seeds is wrong, or no id that is named can be one: then there is nothing to trace.
    """
    from lineage_platform.catalog.seeds import default_seeds, read_seeds

    listed = read_seeds(file) if file else () if dataset_ids else default_seeds(hub)
    ids = list(dict.fromkeys([*dataset_ids, *(seed.dataset_id for seed in listed)]))
    faults = [fault for dataset_id in ids if (fault := _fault(dataset_id))]
    if len(faults) == len(ids):
        raise faults[0]
    return ids


def _fault(dataset_id: str) -> InvalidDatasetId | None:
    from lineage_platform.catalog.ids import parse_dataset_id

    try:
        parse_dataset_id(dataset_id)
    except InvalidDatasetId as fault:
        return fault
    return None


def _trace(
    output: Output, settings: Settings, hub: Hub, ids: Sequence[str], max_hops: int | None, refresh: bool
) -> ExitCode:
    output.say(f"tracing {count(len(ids), 'seed')} from the hub {settings.hub!r} into {settings.home}")
    from lineage_platform.cli.progress import TraceProgress
    from lineage_platform.defs.run import run_trace

    with TraceProgress(ids, max_hops, output) as progress:
        work = partial(run_trace, settings, ids, reporter=progress, refresh=refresh, max_hops=max_hops)
        summary = interruptible(
            work,
            progress,
            output,
            stopping="when the datasets in work are done",
            kept=lambda: f"interrupted with {count(progress.done, 'dataset')} done; all that is on disk is kept",
        )
    statuses = _edges_by_status(settings, progress.traced)
    data = {
        **_summary_data(summary),
        "edges_by_status": statuses,
        "failed": [{"dataset": dataset, "reason": reason} for dataset, reason in summary.failed],
        "stopped": summary.stopped or None,
    }
    table = Table(("outcome", "datasets"), list(summary.outcomes.items()))
    output.answer(data, table, lambda: _page(summary, table, statuses), hub.label)
    for seed in progress.not_found:
        output.warn(f"the hub {settings.hub!r} has no dataset {seed}")
    _hint(output, summary, ids)
    return ExitCode.SOME_FAILED if summary.failed or summary.stopped else ExitCode.DONE


def _summary_data(summary: TraceSummary) -> dict[str, Any]:
    return {
        "datasets": summary.datasets,
        "edges": summary.edges,
        "outcomes": dict(summary.outcomes),
        "documents_fetched": summary.documents_fetched,
        "model_calls": summary.model_calls,
        "cost_usd": summary.cost_usd,
        "seconds": round(summary.seconds, 3),
        "worked": summary.worked,
    }


def _edges_by_status(settings: Settings, traced: set[str]) -> dict[str, int]:
    """Edge candidates that lead into the traced datasets, by what became of them."""
    from lineage_platform import graph
    from lineage_platform.files import Home

    with graph.open_graph(Home(settings.home).graph) as opened:
        rows = opened.select("SELECT status, target FROM edge_candidates").rows
    return dict(sorted(Counter(status for status, target in rows if target in traced).items()))


def _page(summary: TraceSummary, table: Table, statuses: Mapping[str, int]) -> Iterator[RenderableType]:
    yield grid(table)
    edges = ", ".join(f"{number:,} {status}" for status, number in statuses.items()) or "none"
    yield text(f"{count(summary.datasets, 'dataset')}; edges: {edges}", "bold")
    if summary.worked:
        spent = f"{count(summary.documents_fetched, 'document')} fetched, {summary.seconds:.1f} s"
        models = (
            f", {count(summary.model_calls, 'model call')} (${summary.cost_usd:.2f})" if summary.model_calls else ""
        )
        yield text(f"{count(summary.worked, 'dataset')} worked on, {spent}{models}")
    else:
        unfinished = summary.failed or summary.stopped
        done = "nothing new could be done" if unfinished else "nothing had to be done: all of this was traced before"
        yield text(f"{done} ({summary.seconds:.1f} s)")
    if summary.stopped:
        yield text("")
        yield text(f"stopped: {summary.stopped}", "bold red")
    if summary.failed:
        yield text("")
        yield text(f"{len(summary.failed)} failed", "bold red")
    for dataset, reason in summary.failed[:MOST_FAILURES]:
        yield text(f"{dataset}: {shortened(reason, LONGEST_REASON)}")
    if len(summary.failed) > MOST_FAILURES:
        yield text(f"and {len(summary.failed) - MOST_FAILURES} more (--json lists all)", "dim")


def _hint(output: Output, summary: TraceSummary, ids: Sequence[str]) -> None:
    if summary.failed:
        output.say("the same command tries those that failed again, and nothing else")
    if summary.edges:
        output.say("next:")
        for step in (f"lineage show {ids[0]}", "lineage report most_reused", "lineage ui"):
            output.say(step, indent=2)


def _estimate(
    output: Output, settings: Settings, hub: Hub, ids: Sequence[str], max_hops: int | None, refresh: bool
) -> ExitCode:
    from lineage_platform.cli.dry_run import estimate
    from lineage_platform.workspace import Workspace

    opened = Workspace.open(settings)
    found = estimate(ids, opened.records, opened.library(), opened.agents, max_hops=max_hops, refresh=refresh)
    roles = [vars(role) for role in found.models.roles.values()]
    data = {"dry_run": True, "lower_bound": True, **found.figures(), "models": roles}
    table = Table(("figure", "number"), list(found.figures().items()))

    def human() -> Iterator[RenderableType]:
        yield grid(table)
        if roles:
            yield grid(Table(list(roles[0]), [list(role.values()) for role in roles]))
        yield text("At least so much: what the datasets not seen yet lead to is not known before they are read.")

    output.answer(data, table, human, hub.label)
    if found.unpriced:
        output.say(
            f"no price is known for {', '.join(found.unpriced)}: set it under [prices.PROVIDER] in LINEAGE_MODELS"
        )
    output.say("nothing was asked for and nothing written; the same command without --dry-run does it")
    return ExitCode.DONE


def _suggest(output: Output, settings: Settings, hub: Hub) -> ExitCode:
    from dataclasses import astuple, fields

    from lineage_platform import graph
    from lineage_platform.cli.suggest import Suggestion, suggestions
    from lineage_platform.files import Home

    with graph.open_graph(Home(settings.home).graph) as opened:
        if opened.meta.hub_name != hub.name:
            raise UsageError(
                f"the graph in {settings.home} was traced from the hub {opened.meta.hub_name!r}, not {hub.name!r}",
                "name that hub with --hub, or trace from this one first",
            )
        found = suggestions(opened, hub)
    output.rows(Table([field.name for field in fields(Suggestion)], [astuple(each) for each in found]), hub.label)
    if found:
        output.say(f"next: lineage trace {found[0].dataset_id}")
    else:
        output.say("every Hub dataset that the graph names was traced")
    return ExitCode.DONE
