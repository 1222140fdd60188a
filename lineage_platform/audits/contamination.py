"""Contamination: benchmark items that stand in training sets, to the letter, in normalised text, or as a part of a row.

Digests and hashes only propose: whatever is reported was confirmed on the texts.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from lineage_platform.audits.near import THRESHOLD, NearIndex, compared_part, confirmed, options_kept
from lineage_platform.audits.rows import Origin, RowSet, Shelf, Text, scheme_of
from lineage_platform.measurements import Contamination
from lineage_platform.samples.engines import Engine


class Match(StrEnum):
    """How closely a row agrees with a benchmark item."""

    EXACT = "exact"
    NORMALISED = "normalised"
    NEAR = "near"


@dataclass(frozen=True)
class Leak:
    """One benchmark item that stands in a training set, beside the row that holds it.

    Parameters
    ----------
    match:
        How closely they agree, by the strictest comparison that holds.
    item, row:
        Where both are.
    item_text, row_text:
        What both say.
    share:
        Of the item's word 5-grams that are in the row; 1 where they agree as a whole.
    options_share:
        Of the item's answer options that are in the row; None for an item without options.
    """

    match: Match
    item: Origin
    row: Origin
    item_text: str
    row_text: str
    share: float = 1.0
    options_share: float | None = None


@dataclass(frozen=True)
class Pair:
    """What a training set holds of a benchmark; ``leaks`` has one entry for each distinct query found."""

    train: RowSet
    benchmark: RowSet
    scheme: str
    benchmark_queries: int
    leaks: tuple[Leak, ...]

    def count(self, *matches: Match) -> int:
        """Distinct benchmark queries found in one of these ways."""
        return sum(leak.match in matches for leak in self.leaks)

    def record(self, inputs: str) -> Contamination:
        """The figures.

        Parameters
        ----------
        inputs:
            Digest of all that they follow from.
        """
        exact = self.count(Match.EXACT)
        return Contamination(
            train=self.train.name,
            benchmark=self.benchmark.name,
            scheme=self.scheme,
            benchmark_queries=self.benchmark_queries,
            matched=exact,
            rate=exact / self.benchmark_queries if self.benchmark_queries else 0.0,
            matched_normalised=self.count(Match.EXACT, Match.NORMALISED),
            matched_near=len(self.leaks),
            sampled=min(self.train.sampled, self.benchmark.sampled),
            inputs=inputs,
        )


@dataclass(frozen=True)
class _Items:
    """The distinct queries of one benchmark, by place; ``compared`` is what of each a near match must hold."""

    rows: RowSet
    texts: Mapping[int, Text]
    compared: Mapping[int, str]
    count: int


class Scanner:
    """Compares training sets with some benchmarks, whose items it keeps in memory.

    Parameters
    ----------
    benchmarks:
        Their rows.
    shelf, engine:
        Where rows are, and what joins their digests.
    threshold:
        Share of an item's word 5-grams that a row must hold to be a near match.
    threads:
        For the near search; one per core when None.
    """

    def __init__(
        self,
        benchmarks: Sequence[RowSet],
        shelf: Shelf,
        engine: Engine,
        *,
        threshold: float = THRESHOLD,
        threads: int | None = None,
    ) -> None:
        self._shelf, self._engine, self._threshold = shelf, engine, threshold
        self._threads = threads or os.cpu_count() or 1
        self._items = {rows.name: self._read(rows) for rows in benchmarks}
        self._keys = [(name, place) for name, items in self._items.items() for place in items.compared]
        texts = [text for items in self._items.values() for text in items.compared.values()]
        self._index = NearIndex(texts, threshold)

    def scan(self, train: RowSet, benchmarks: Sequence[str]) -> Iterator[Pair]:
        """What a training set holds of each of these benchmarks; its rows are read once for all of them.

        Raises
        ------
        SchemeMismatch
            Its digests are of another scheme than a benchmark's.
        EngineFailed
            The join failed.
        """
        wanted = [self._items[name].rows for name in benchmarks]
        scheme = scheme_of([train, *wanted])
        proposed = self._joined(train, wanted)
        for match in self._index.search(self._shelf.batches(train), self._threads):
            proposed.setdefault(self._keys[match.item], {})[Match.NEAR] = match.place
        rows = self._shelf.texts(place for found in proposed.values() for place in found.values())
        for benchmark in wanted:
            items = self._items[benchmark.name]
            leaks = [
                leak
                for (name, item), found in sorted(proposed.items())
                if name == benchmark.name and (leak := self._leak(items, item, found, rows))
            ]
            yield Pair(train, benchmark, scheme, items.count, tuple(leaks))

    def _read(self, rows: RowSet) -> _Items:
        places = [place for _, place in self._engine.rows("items", digests=self._shelf.table([rows]))]
        texts = {place: text for place, text in self._shelf.texts(places).items() if text.query}
        compared = compared_part([text.query for text in texts.values()])
        return _Items(rows, texts, dict(zip(texts, compared, strict=True)), len(places))

    def _joined(self, train: RowSet, benchmarks: Sequence[RowSet]) -> dict[tuple[str, int], dict[Match, int]]:
        found: dict[tuple[str, int], dict[Match, int]] = {}
        tables = {"benchmarks": self._shelf.table(benchmarks), "training": self._shelf.table([train])}
        for kind, _, name, item, place in self._engine.rows("leaks", **tables):
            found.setdefault((name, item), {})[Match(kind)] = place
        return found

    def _leak(self, items: _Items, item: int, found: Mapping[Match, int], rows: Mapping[int, Text]) -> Leak | None:
        """The strictest of the proposed matches that the texts confirm."""
        text = items.texts.get(item)
        if text is None:
            return None
        for match in Match:
            row = rows.get(found[match]) if match in found else None
            share = self._share(match, text, items.compared[item], row) if row else None
            if row and share is not None:
                origins = self._shelf.origin(item), self._shelf.origin(found[match])
                return Leak(match, *origins, text.query, row.whole, share, options_kept(text.query, row.whole))
        return None

    def _share(self, match: Match, item: Text, compared: str, row: Text) -> float | None:
        """How much of the item is in the row, if as much as this kind of match asks for."""
        if match is Match.NEAR:
            return confirmed(compared, row.whole, self._threshold)
        if match is Match.EXACT:
            same = (item.instruction, item.input) == (row.instruction, row.input)
        else:
            same = _normalised(item) == _normalised(row)
        return 1.0 if same else None


def _normalised(text: Text) -> tuple[str, ...]:
    import polars as pl

    from lineage_platform.samples.digests import normalised

    frame = pl.DataFrame({"text": [text.instruction, text.input]}, schema={"text": pl.String})
    return tuple(frame.select(normalised(pl.col("text"))).to_series())
