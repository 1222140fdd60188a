"""`hub record`: what a trace reads, kept for runs without a network."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from lineage_platform.cli.failures import ExitCode, Interrupted
from lineage_platform.cli.options import CommandGroup, agents_option, chosen, command, hub_option
from lineage_platform.cli.output import Output, Table, grid
from lineage_platform.cli.text import count

if TYPE_CHECKING:
    from lineage_platform.cli.progress import TraceProgress
    from lineage_platform.settings import Settings


@click.group(cls=CommandGroup)
def hub() -> None:
    """Keep what a hub answers (hub record).

    \b
    lineage hub record ID... --to DIR
    """


@command(group=hub)
@click.argument("dataset_ids", metavar="ID...", nargs=-1, required=True)
@click.option("--to", type=click.Path(path_type=Path, file_okay=False), required=True, help="The hub folder to fill.")
@hub_option
@agents_option
@click.option("--max-hops", type=click.IntRange(0), metavar="N", help="Follow sources N edges upstream. [default: all]")
def record(
    output: Output, dataset_ids: tuple[str, ...], to: Path, hub: str | None, agents: str | None, max_hops: int | None
) -> ExitCode:
    """Trace datasets and keep everything that was read as a hub folder.

    The folder can then be traced without a network, again and again, with the same result. The data home is not
    touched.

    \b
    lineage hub record teknium/OpenHermes-2.5 --to recorded
    lineage trace --hub recorded
    """
    from lineage_platform.catalog import open_hub
    from lineage_platform.cli.progress import TraceProgress

    with TraceProgress(dataset_ids, max_hops, output) as progress:
        try:
            documents, outcomes, failed = _record(chosen(hub, agents), dataset_ids, to, max_hops, progress)
        except KeyboardInterrupt:
            kept = f"interrupted when {count(progress.done, 'dataset')} were done; they are kept in {to}"
            raise Interrupted(kept, "the same command adds the others") from None
    _add_seeds(to / "seeds.txt", dataset_ids)
    data = {
        "folder": str(to),
        "datasets": sum(outcomes.values()),
        "outcomes": dict(outcomes),
        "documents": documents,
        "failed": [{"dataset": dataset, "reason": reason} for dataset, reason in failed],
    }
    table = Table(("outcome", "datasets"), sorted(outcomes.items()))
    output.answer(data, table, lambda: [grid(table)], open_hub(str(to)).label)
    for dataset, reason in failed:
        output.warn(f"{dataset}: {reason}")
    output.say(f"{count(documents, 'document')} read; next: lineage trace --hub {to}")
    return ExitCode.SOME_FAILED if failed else ExitCode.DONE


def _record(
    settings: Settings, dataset_ids: Sequence[str], to: Path, max_hops: int | None, progress: TraceProgress
) -> tuple[int, Counter[str], list[tuple[str, str]]]:
    """Trace into a home that is thrown away; returns documents read, datasets by outcome, failures."""
    from lineage_platform import catalog
    from lineage_platform.agents import open_agents
    from lineage_platform.catalog.record import RecordingHub
    from lineage_platform.documents.library import Library
    from lineage_platform.documents.recording import RecordingWeb
    from lineage_platform.documents.web import open_web
    from lineage_platform.files import Home
    from lineage_platform.records import Outcome
    from lineage_platform.tracing import trace

    source = catalog.open_hub(settings.hub)
    recording = RecordingHub(source, to)
    limits = replace(settings.limits, max_hops=max_hops)
    outcomes: Counter[str] = Counter()
    failed: list[tuple[str, str]] = []
    with TemporaryDirectory(prefix="lineage-record-") as scratch:
        home = Home(Path(scratch))
        library = Library(recording, RecordingWeb(open_web(source), to), home.hub_folder(source.name), home.content)
        readers = open_agents(settings.agents, home=settings.home, models=settings.models)
        records = home.records(source.name)
        for traced in trace(
            dataset_ids, hub=recording, library=library, agents=readers, records=records, limits=limits
        ):
            progress.dataset(traced)
            outcomes[traced.ended] += 1
            if traced.outcome is Outcome.FAILED:
                failed.append((traced.dataset_id, traced.detail))
        return library.fetched, outcomes, failed


def _add_seeds(path: Path, dataset_ids: Sequence[str]) -> None:
    """Make the datasets asked for what a trace of the folder starts from."""
    from lineage_platform.files import write_whole

    known = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    lines = dict.fromkeys([*known, *dataset_ids])
    write_whole(path, "".join(f"{line}\n" for line in lines).encode("utf-8"))
