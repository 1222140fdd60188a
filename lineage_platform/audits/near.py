"""Near matches: benchmark items of which a training row holds most word 5-grams.

Text is compared in NFKC, lower case and without punctuation. The items' grams are kept in memory, the training rows
stream past them, so that memory grows with the benchmarks and not with what is searched. What is found by hash is
confirmed on the words themselves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lineage_platform.audits.options import Question, split_options
from lineage_platform.concurrency import in_order
from lineage_platform.samples.shingles import Shingles, secret_key, shingles

GRAM = 5
FEWEST_WORDS = 8
THRESHOLD = 0.6

I64 = NDArray[np.int64]


@dataclass(frozen=True)
class Batch:
    """Some rows of a training set: their texts, and a number for each that names it."""

    places: I64
    texts: pl.Series


class NearMatch(NamedTuple):
    """An item and the row that holds most of it.

    Parameters
    ----------
    item:
        Its number.
    place:
        Of the row; the first of several that hold as much.
    share:
        Of the item's grams that are in the row.
    rows:
        How many rows hold enough of it.
    """

    item: int
    place: int
    share: float
    rows: int


def compared_part(texts: Sequence[str]) -> list[str]:
    """What of each item is compared: its stem, without the answer options.

    A stem that is too short, or that several items of the benchmark have in common, says nothing of one item: then the
    options belong to it.
    """
    questions = [split_options(text) for text in texts]
    common = Counter(_folded_words(question) for question in questions if question.options)
    return [
        question.stem if _names_an_item(question, common) else text
        for question, text in zip(questions, texts, strict=True)
    ]


class NearIndex:
    """The word 5-grams of benchmark items, to be looked for in training rows.

    Parameters
    ----------
    texts:
        The items. Those under 8 words are in it, but never found.
    threshold:
        Share of an item's grams that a row must hold (0 to 1).
    """

    def __init__(self, texts: Sequence[str], threshold: float = THRESHOLD) -> None:
        from lineage_platform.audits.near_kernel import NOT_FOUND, fill_table

        self._key = secret_key()
        self._size = len(texts)
        plain = plain_words(pl.Series(texts, dtype=pl.String))
        long_enough = (plain.str.count_matches(r"\S+") >= FEWEST_WORDS).to_numpy()
        grams = self._grams(plain).distinct()
        counts = np.where(long_enough, np.diff(grams.offsets), 0)
        values = grams.values[np.repeat(long_enough, np.diff(grams.offsets))]
        self._distinct, numbers, holders = np.unique(values, return_inverse=True, return_counts=True)
        self._item_grams = numbers.astype(np.int64)
        self._item_offsets = _offsets(counts)
        self._needed = np.ceil(threshold * counts - 1e-9).astype(np.int64)
        self._counts = counts
        self._rare_offsets, self._rare_items = self._rare(holders)
        slots = _power_of_two(2 * len(self._distinct) + 1)
        self._slots, self._keys = np.full(slots, NOT_FOUND, np.int64), np.zeros(slots, np.uint64)
        self._bits = np.zeros(_power_of_two(len(self._distinct) // 4 + 1), np.uint64)
        fill_table(self._distinct, self._slots, self._keys, self._bits)

    def search(self, batches: Iterable[Batch], threads: int) -> list[NearMatch]:
        """The items that stand in the rows, in the order of their numbers; the hashes say so, the texts are not asked.

        Parameters
        ----------
        batches:
            The training rows; each place occurs once.
        threads:
            How many to use.
        """
        if not len(self._distinct):
            return []
        probes = self._probes(threads)

        def look(batch: Batch) -> None:
            grams = self._grams(plain_words(batch.texts))
            probe = probes.get()
            self._find(grams, batch.places, probe)
            probes.put(probe)

        for _ in in_order(look, batches, threads):
            pass
        total = probes.get()
        for _ in range(threads - 1):
            total.add(probes.get())
        return [
            NearMatch(item, int(total.best_place[item]), float(total.best[item] / self._counts[item]), int(rows))
            for item, rows in enumerate(total.rows)
            if rows
        ]

    def holders(self, batches: Iterable[Batch], threads: int) -> Iterator[tuple[Batch, list[tuple[int, int]]]]:
        """The rows that hold enough of an item, batch by batch: each by its number in the batch, with the item of which
        it holds most. As in :meth:`search`, the hashes say so.
        """
        if not len(self._distinct):
            return
        probes = self._probes(threads)

        def look(batch: Batch) -> tuple[Batch, list[tuple[int, int]]]:
            probe = probes.get()
            items = self._find(self._grams(plain_words(batch.texts)), batch.places, probe)
            probes.put(probe)
            rows = np.flatnonzero(items >= 0)
            return batch, list(zip(rows.tolist(), items[rows].tolist(), strict=True))

        yield from in_order(look, batches, threads)

    def _probes(self, threads: int) -> SimpleQueue[_Probe]:
        """One for each thread."""
        probes: SimpleQueue[_Probe] = SimpleQueue()
        for _ in range(threads):
            probes.put(_Probe(self._size, len(self._distinct)))
        return probes

    def _grams(self, plain: pl.Series) -> Shingles:
        return shingles(plain, GRAM, key=self._key, threads=1)

    def _rare(self, holders: I64) -> tuple[I64, I64]:
        """For each gram the items of which it is one of the rarest: so many that one of them must be in a match."""
        items = np.repeat(np.arange(self._size), self._counts)
        order = np.lexsort((self._item_grams, holders[self._item_grams], items))
        rank = np.arange(len(items)) - np.repeat(self._item_offsets[:-1], self._counts)
        chosen = order[rank < (self._counts - self._needed + 1)[items]]
        grams, owners = self._item_grams[chosen], items[chosen]
        by_gram = np.argsort(grams, kind="stable")
        return _offsets(np.bincount(grams, minlength=len(holders))), owners[by_gram].astype(np.int64)

    def _find(self, grams: Shingles, places: I64, probe: _Probe) -> I64:
        """Look for the items in some rows; returns for each row the item of which it holds most, -1 for none."""
        from lineage_platform.audits.near_kernel import NOT_FOUND, find_items

        row_item = np.full(len(places), NOT_FOUND, np.int64)

        find_items(
            grams.values,
            grams.offsets,
            places,
            self._slots,
            self._keys,
            self._bits,
            self._rare_offsets,
            self._rare_items,
            self._item_offsets,
            self._item_grams,
            self._needed,
            probe.gram_seen,
            probe.item_seen,
            probe.best,
            probe.best_place,
            probe.rows,
            row_item,
        )
        return row_item


def confirmed(item: str, row: str, threshold: float = THRESHOLD) -> float | None:
    """The share of the item's word 5-grams in the row, counted on the words; None under the threshold."""
    words_of_item, words_of_row = (text.split() for text in plain_words(pl.Series([item, row])))
    wanted, there = _runs(words_of_item), _runs(words_of_row)
    if len(words_of_item) < FEWEST_WORDS or not wanted:
        return None
    share = len(wanted & there) / len(wanted)
    return share if share >= threshold else None


def options_kept(item: str, row: str) -> float | None:
    """The share of the item's answer options whose words are in the row; None for an item without options."""
    options = split_options(item).options
    if not options:
        return None
    *plain, text = (f" {' '.join(words.split())} " for words in plain_words(pl.Series([*options, row])))
    return sum(option in text for option in plain) / len(options)


def plain_words(texts: pl.Series) -> pl.Series:
    """The texts as they are compared: NFKC, lower case, neither punctuation nor invisible characters."""
    from lineage_platform.samples.shingles import folded

    return folded(texts).str.replace_all(r"[^\w\s]|\p{Cf}", "")


class _Probe:
    """What one thread has found so far."""

    def __init__(self, items: int, grams: int) -> None:
        self.gram_seen = np.full(grams, -1, np.int64)
        self.item_seen = np.full(items, -1, np.int64)
        self.best = np.zeros(items, np.int64)
        self.best_place = np.full(items, np.iinfo(np.int64).max, np.int64)
        self.rows = np.zeros(items, np.int64)

    def add(self, other: _Probe) -> None:
        """Take over what another thread found."""
        better = (other.best > self.best) | ((other.best == self.best) & (other.best_place < self.best_place))
        self.best = np.where(better, other.best, self.best)
        self.best_place = np.where(better, other.best_place, self.best_place)
        self.rows += other.rows


def _names_an_item(question: Question, common: Mapping[str, int]) -> bool:
    if not question.options:
        return True
    words = _folded_words(question)
    return len(words.split()) >= FEWEST_WORDS and common[words] == 1


def _folded_words(question: Question) -> str:
    return " ".join(str(plain_words(pl.Series([question.stem]))[0]).split())


def _runs(words: Sequence[str]) -> set[tuple[str, ...]]:
    return {tuple(words[at : at + GRAM]) for at in range(len(words) - GRAM + 1)}


def _offsets(counts: I64) -> I64:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def _power_of_two(least: int) -> int:
    return 1 << max(6, (least - 1).bit_length())
