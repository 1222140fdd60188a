"""`extract`: the sources that one document states."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, astuple, fields
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lineage_platform.cli.options import agents_option, chosen, command
from lineage_platform.cli.output import Output, Table, text
from lineage_platform.cli.text import count, plain, shortened

if TYPE_CHECKING:
    from rich.console import RenderableType

    from lineage_platform.extract import DocumentSources, StatedSource

LONGEST_QUOTE = 400


@command()
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--target", required=True, metavar="NAME", help="The dataset whose sources are sought: id or plain name.")
@click.option("--hub", metavar="live|sample|DIR", help="Look names up in this hub. [default: in none]")
@agents_option
def extract(output: Output, file: Path, target: str, hub: str | None, agents: str | None) -> None:
    """List the sources that one document states.

    FILE is a README, card, page, text or PDF. Reads the file alone and changes no graph. Without --hub, an id is only
    given where the document or the registry of names has it.

    \b
    lineage extract README.md --target teknium/OpenHermes-2.5 --agents rules
    """
    from lineage_platform import catalog
    from lineage_platform.agents import open_agents
    from lineage_platform.extract import StatedSource, extract

    opened = catalog.open_hub(hub) if hub else None
    settings = chosen(agents=agents)
    readers = open_agents(settings.agents, home=settings.home, models=settings.models)
    found = extract(file, target, readers, opened)
    table = Table([field.name for field in fields(StatedSource)], [astuple(source) for source in found.sources])
    output.answer(asdict(found), table, lambda: _page(found), opened.label if opened else "")
    if found.rejected:
        output.say(f"{count(len(found.rejected), 'statement')} did not count: --json lists them with the reason")


def _page(found: DocumentSources) -> Iterator[RenderableType]:
    yield text(f"{found.document} states {count(len(found.sources), 'source')} of {found.target}", "bold")
    for source in found.sources:
        yield from _source(source)


def _source(source: StatedSource) -> Iterator[RenderableType]:
    from rich.padding import Padding

    line = text(source.mention, "cyan")
    line.append(f"  {plain(source.id or 'id unknown')}  {plain(source.relation)}  {source.confidence:.2f}")
    yield line
    yield Padding(text(f"“{shortened(plain(source.evidence), LONGEST_QUOTE)}”", "italic"), (0, 0, 0, 4))
