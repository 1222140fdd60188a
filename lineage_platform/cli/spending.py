"""`status --cost`: what models were asked and what it cost, from the ledger of the data home."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lineage_platform.cli.output import Output, Table, grid, text
from lineage_platform.cli.text import count

if TYPE_CHECKING:
    from rich.console import RenderableType

    from lineage_platform.agents.llm.ledger import Grouping, Spending

GROUPS: tuple[Grouping, ...] = ("role", "model", "dataset")
MOST_ROWS = 20


def spending(output: Output, home: Path) -> None:
    """Print calls, tokens, cost and seconds, by role, model and dataset."""
    from lineage_platform.agents.llm.spent import spent_in

    total, groups = spent_in(home, GROUPS)
    rows = {group: [_row(each) for each in found] for group, found in groups.items()}
    data: dict[str, Any] = {"total": _row(total), **{f"by_{group}": found for group, found in rows.items()}}
    columns = ("by", *_row(total))
    table = Table(columns, [(group, *row.values()) for group, found in rows.items() for row in found])
    output.answer(data, table, lambda: _page(total, rows))
    if not total.calls and not total.cache_hits:
        output.say("no model was asked yet; what a trace would cost: lineage trace ID --agents llm --dry-run")


def _row(spent: Spending) -> dict[str, Any]:
    return {**asdict(spent), "cost_usd": round(spent.cost_usd, 6), "seconds": round(spent.seconds, 3)}


def _page(total: Spending, rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> Iterator[RenderableType]:
    tokens = f"{total.input_tokens:,} tokens read, {total.output_tokens:,} written"
    asked = f"{count(total.calls, 'call')}, {count(total.cache_hits, 'answer')} found in the cache"
    yield text(f"${total.cost_usd:,.4f}: {asked}, {tokens}", "bold")
    if total.unfinished:
        yield text(f"{count(total.unfinished, 'call')} whose end is not on record: under way, or killed", "yellow")
    for group, found in rows.items():
        yield text("")
        yield text(f"by {group}", "bold")
        shown = [tuple(row.values()) for row in found[:MOST_ROWS]]
        yield grid(Table((group, *list(found[0])[1:]), shown)) if found else text("nothing", "dim")
        if len(found) > MOST_ROWS:
            yield text(f"and {len(found) - MOST_ROWS} more (--json lists all)", "dim")
