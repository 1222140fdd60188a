"""A small drawing of a dataset between its sources and what is built on it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from xml.sax.saxutils import escape

import dagster as dg

MOST_NEIGHBOURS = 10
LONGEST_LABEL = 38
ROW, WIDTH, HEIGHT, GAP = 30, 270, 22, 70


def neighbourhood(dataset_id: str, sources: Sequence[str], used_by: Sequence[str]) -> dg.MetadataValue:
    """Draw ``dataset_id`` with its sources on the left and its uses on the right, as Markdown that the UI shows.

    The drawing is an SVG image inside the text: nothing is loaded, and names from documents cannot run in it.
    """
    image = b64encode(_svg(dataset_id, _shown(sources), _shown(used_by)).encode()).decode()
    return dg.MetadataValue.md(f"![sources and uses](data:image/svg+xml;base64,{image})")


def _shown(names: Sequence[str]) -> list[str]:
    more = len(names) - MOST_NEIGHBOURS
    return [*names[:MOST_NEIGHBOURS], *([f"and {more} more"] if more > 0 else [])]


def _svg(dataset_id: str, sources: Sequence[str], used_by: Sequence[str]) -> str:
    columns = [column for column in (sources, [dataset_id], used_by) if column]
    centre = columns.index([dataset_id])
    rows = max(len(column) for column in columns)
    parts: list[str] = []
    middles: list[list[float]] = []
    for index, column in enumerate(columns):
        top = (rows - len(column)) * ROW / 2
        middles.append([top + row * ROW + ROW / 2 for row in range(len(column))])
        parts += [_box(index, middle, name) for middle, name in zip(middles[-1], column, strict=True)]
    own = middles[centre][0]
    parts += [_line(0, start, own) for start in middles[0] if centre == 1]
    parts += [_line(centre, own, end) for end in middles[-1] if centre + 1 < len(columns)]
    width, height = len(columns) * (WIDTH + GAP) - GAP, rows * ROW
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'font-family="sans-serif" font-size="12">{"".join(parts)}</svg>'
    )


def _box(column: int, middle: float, name: str) -> str:
    x = column * (WIDTH + GAP)
    shown = name if len(name) <= LONGEST_LABEL else name[: LONGEST_LABEL - 1] + "…"
    label = "".join(letter if letter.isprintable() else "?" for letter in shown)
    top = middle - HEIGHT / 2
    return (
        f'<rect x="{x}" y="{top:g}" width="{WIDTH}" height="{HEIGHT}" rx="4" fill="#eef" stroke="#88a"/>'
        f'<text x="{x + 8}" y="{middle + 4:g}" fill="#223">{escape(label)}</text>'
    )


def _line(column: int, start: float, end: float) -> str:
    x = column * (WIDTH + GAP) + WIDTH
    return f'<path d="M{x} {start:g} L{x + GAP} {end:g}" stroke="#88a" fill="none"/>'
