"""Rows that are too short, too long, empty, or in another language."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from lineage_platform.corpus.languages import LanguageFilter
from lineage_platform.corpus.recipe import Bounds, Filters
from lineage_platform.corpus.rows import Integers, RowTable

_WORDS = r"\S+"


def unfit(rows: RowTable, positions: Integers, filters: Filters, workers: int) -> Iterator[pl.DataFrame]:
    """The rows that the filters remove, each with the first reason that holds.

    Parameters
    ----------
    rows, positions:
        The table and the rows of it to look at.
    filters:
        The recipe's.
    workers:
        Processes that identify languages.
    """
    with LanguageFilter(filters.languages, workers) as language:
        for at, table in rows.read(positions, ("instruction", "input", "output")):
            frame = pl.from_arrow(table).with_columns(position=pl.Series(at))  # type: ignore[union-attr]
            judged = frame.select("position", "instruction", "input", reason=_reason(filters))
            unfitting = judged.filter(pl.col("reason").is_not_null()).select("position", "reason", detail=pl.lit(""))
            remaining = judged.filter(pl.col("reason").is_null())
            yield pl.concat([unfitting, language.foreign(remaining)]).sort("position")


def _reason(filters: Filters) -> pl.Expr:
    """Why a row does not stay as far as its lengths say; null if it may."""
    query = pl.concat_str("instruction", "input", separator="\n").str.strip_chars()
    tests = [
        ("empty_instruction", pl.col("instruction").str.len_bytes() == 0),
        ("empty_output", pl.col("output").str.len_bytes() == 0),
        *_outside("instruction", query, filters.instruction),
        *_outside("output", pl.col("output"), filters.output),
    ]
    return pl.coalesce([pl.when(test).then(pl.lit(reason)) for reason, test in tests])


def _outside(name: str, text: pl.Expr, bounds: Bounds) -> Iterator[tuple[str, pl.Expr]]:
    characters, words = text.str.len_chars(), text.str.count_matches(_WORDS)
    if bounds.min_characters is not None:
        yield f"{name}_too_short", characters < bounds.min_characters
    if bounds.min_words is not None:
        yield f"{name}_too_short", words < bounds.min_words
    if bounds.max_characters is not None:
        yield f"{name}_too_long", characters > bounds.max_characters
    if bounds.max_words is not None:
        yield f"{name}_too_long", words > bounds.max_words
