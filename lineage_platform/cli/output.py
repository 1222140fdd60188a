"""The one way to print: data to stdout in the format asked for, everything else to stderr."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import click

from lineage_platform.cli.text import folded, plain

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.text import Text

EVERY_SECONDS = 5.0  # progress is said so often where there is no terminal to draw it on
FOLDED_COLUMN = 20  # columns wider than this may be folded to it
BETWEEN_COLUMNS = 3  # characters
MOST_DECIMALS = 3  # of a column whose numbers get as many each
_NUMBER = re.compile(r"-?[\d,]*\.?\d+(?:e[+-]?\d+)?%?|nan|-?inf")


class Format(StrEnum):
    """How data is printed. ``auto``: for people; but rows that do not go to a terminal are CSV."""

    AUTO = "auto"
    HUMAN = "human"
    JSON = "json"
    CSV = "csv"


@dataclass(frozen=True)
class Table:
    """Rows under named columns; names that occur twice are numbered, so that no column hides another."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]

    def records(self) -> list[dict[str, Any]]:
        """Each row as an object."""
        names = self._names()
        return [dict(zip(names, row, strict=True)) for row in self.rows]

    def _names(self) -> list[str]:
        names: list[str] = []
        for column in self.columns:
            numbered = (f"{column}_{number}" for number in range(2, len(self.columns) + 2))
            names.append(column if column not in names else next(name for name in numbered if name not in names))
        return names


@dataclass(frozen=True)
class Output:
    """Where a command's answer goes.

    Parameters
    ----------
    format:
        Of the data.
    quiet:
        No progress and no hints.
    """

    format: Format = Format.AUTO
    quiet: bool = False

    @property
    def for_people(self) -> bool:
        """Whether rows are printed to be read, not processed."""
        return self.format is Format.HUMAN or (self.format is Format.AUTO and sys.stdout.isatty())

    def answer(
        self,
        data: Mapping[str, Any],
        table: Table,
        human: Callable[[], Iterable[RenderableType]],
        label: str = "",
    ) -> None:
        """Print one object.

        Parameters
        ----------
        data:
            What scripts get.
        table:
            The same as rows, for CSV.
        human:
            The same for people; what it gives as ``str`` is printed as it is, neither folded nor cut.
        label:
            What every output over this data must say.
        """
        if self.format is Format.JSON:
            write_json({**data, **({"label": label} if label else {})})
        elif self.format is Format.CSV:
            self._labelled(label)
            _write_csv(table)
        else:
            self._print([*_label(label), *human()])

    def rows(self, table: Table, label: str = "") -> None:
        """Print a list of rows."""
        if self.format is Format.JSON:
            self._labelled(label)
            write_json(table.records())
        elif self.for_people:
            self._print([*_label(label), grid(table)])
        else:
            self._labelled(label)
            _write_csv(table)

    def say(self, text: str, indent: int = 0) -> None:
        """Tell the person at the terminal what goes on, or what to do next."""
        if not self.quiet:
            click.echo(" " * indent + plain(text), err=True)

    def warn(self, text: str) -> None:
        """Tell what must be known even to those who asked for quiet."""
        click.echo(plain(text), err=True)

    def _labelled(self, label: str) -> None:
        if label:
            self.warn(label)

    def _print(self, parts: Iterable[RenderableType]) -> None:
        printer = console()
        for part in parts:
            if isinstance(part, str):
                click.echo(part)
            else:
                printer.print(part)


def console(*, stderr: bool = False) -> Console:
    """A terminal that takes every text literally; it honours NO_COLOR."""
    from rich.console import Console

    return Console(stderr=stderr, markup=False, emoji=False, highlight=False)


def text(value: object, style: str = "") -> Text:
    """A value as literal, harmless text."""
    from rich.text import Text

    return Text(plain(value), style=style)


def indented(value: object, columns: int, style: str = "") -> RenderableType:
    """A value as literal text, moved to the right; where it is folded, too."""
    from rich.padding import Padding

    return Padding(text(value, style), (0, 0, 0, columns))


def grid(table: Table) -> RenderableType:
    """The rows as a table, or, where it does not fit into the terminal, one record below the other."""
    from rich import box
    from rich.table import Table as Drawn
    from rich.text import Text

    if not table.rows:
        return text("no rows", "dim")
    columns = [_column(name, [row[at] for row in table.rows]) for at, name in enumerate(table.columns)]
    longest = [max(len(plain(name)), *map(len, cells)) for name, cells in zip(table.columns, columns, strict=True)]
    widths = _widths(longest, console().width - BETWEEN_COLUMNS * len(longest))
    if widths is None:
        return _below_each_other(table.columns, list(zip(*columns, strict=True)))
    drawn = Drawn(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for name, cells in zip(table.columns, columns, strict=True):
        numbers = any(cells) and all(_NUMBER.fullmatch(cell) for cell in cells if cell)
        drawn.add_column(text(name), justify="right" if numbers else "left", overflow="fold")
    for row in zip(*columns, strict=True):
        drawn.add_row(*(Text("\n".join(folded(cell, width))) for cell, width in zip(row, widths, strict=True)))
    return drawn


def _widths(longest: Sequence[int], room: int) -> list[int] | None:
    """How wide each column is: what is left goes to those that are folded, evenly; None where there is too little."""
    widths = [min(size, FOLDED_COLUMN) for size in longest]
    while sum(widths) < room:
        cut = [at for at, size in enumerate(longest) if widths[at] < size]
        if not cut:
            break
        for at in cut[: room - sum(widths)]:
            widths[at] += 1
    return widths if sum(widths) <= room else None


def facts(pairs: Iterable[tuple[str, object]]) -> RenderableType:
    """Names and values below each other; empty values are left out."""
    from rich.table import Table as Drawn

    drawn = Drawn.grid(padding=(0, 2))
    drawn.add_column(style="dim", no_wrap=True)
    drawn.add_column(overflow="fold")
    for name, value in pairs:
        if _cell(value):
            drawn.add_row(text(name), text(_cell(value)))
    return drawn


def _below_each_other(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> RenderableType:
    from rich.console import Group
    from rich.rule import Rule

    parts: list[RenderableType] = []
    for number, row in enumerate(rows, start=1):
        parts += [Rule(text(number), align="left", style="dim"), facts(zip(columns, row, strict=True))]
    return Group(*parts)


def _column(name: str, values: Sequence[object]) -> list[str]:
    """The cells of a column: paths with arrows, broken numbers of few decimals with as many each."""
    if name == "path":
        return [_cell([value] if isinstance(value, list | tuple) else value) for value in values]
    cells = [*map(_cell, values)]
    decimals = max(len(cell.partition(".")[2]) for cell in cells)
    broken = all(value is None or isinstance(value, float) for value in values)
    if not broken or decimals > MOST_DECIMALS or any("e" in cell for cell in cells):
        return cells
    return [f"{value:.{decimals}f}" if isinstance(value, float) else "" for value in values]


def _label(label: str) -> list[RenderableType]:
    return [text(label, "italic yellow")] if label else []


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
        return plain(", ".join(value))
    if isinstance(value, list | tuple) and all(isinstance(item, list | tuple) for item in value):
        return plain("; ".join(" → ".join(map(str, path)) for path in value))
    if isinstance(value, list | tuple | dict):
        return plain(json.dumps(_jsonable(value), ensure_ascii=False))
    return plain(value)


def _jsonable(value: Any) -> Any:
    """``value`` as JSON can hold it: dates in ISO 8601, no NaN, records as objects."""
    if isinstance(value, Mapping):
        return {str(key): _jsonable(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_jsonable(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return value.isoformat() if isinstance(value, date) else str(value)


def write_json(value: Any) -> None:
    """Print JSON; in ASCII, so that neither a terminal nor an encoding can be tricked by what it quotes."""
    click.echo(json.dumps(_jsonable(value), indent=2))


def _write_csv(table: Table) -> None:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(map(_field, table.columns))
    writer.writerows([_field(value) for value in row] for row in table.rows)
    click.echo(buffer.getvalue(), nl=False)


def _field(value: Any) -> Any:
    """A value as a CSV field: lists and structures as JSON, text without terminal escapes, and no formula."""
    from lineage_platform.exports.csv import inert

    value = _jsonable(value)
    if isinstance(value, str):
        return inert(plain(value))
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value) if isinstance(value, list | dict) else value
