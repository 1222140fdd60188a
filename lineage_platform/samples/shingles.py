"""Word n-grams of a column of texts as 64-bit hashes: what near-duplicates and near matches are made of.

Words are the white-space split of the NFKC, lower-cased text. A text with fewer words than a shingle has is one shingle
(an empty text too). Each word is hashed with SipHash-1-3 under a 128-bit key, and a shingle is the sum of its words'
hashes, each times an odd factor that follows from the key. Under the public key the values never change, so they can be
kept and compared; but whoever knows a key can make two texts collide. Under a key drawn at random (:func:`secret_key`),
two different shingles collide with a probability of about 2**-60, however they were written.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lineage_platform.concurrency import in_order

PUBLIC_KEY = bytes(16)
CHUNK_ROWS = 8_192
CHUNK_BYTES = 2 << 20
SPACES_OF_NFKC = "[\u0085\u1680\u2028\u2029]"
PUNCTUATION = r"[\p{P}\p{S}]"


@dataclass(frozen=True)
class Shingles:
    """The shingles of some rows: those of row ``i`` are ``values[offsets[i]:offsets[i + 1]]``.

    Parameters
    ----------
    values:
        Hashes of all rows, one row behind the other, in the order of the text.
    offsets:
        Where each row begins, and the end of the last.
    """

    values: NDArray[np.uint64]
    offsets: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def row(self, at: int) -> NDArray[np.uint64]:
        """The shingles of one row."""
        return self.values[self.offsets[at] : self.offsets[at + 1]]

    def distinct(self) -> Shingles:
        """The same as sets: each row sorted, without repetition."""
        from lineage_platform.samples.shingle_kernel import distinct_rows

        values, offsets = np.empty_like(self.values), np.zeros_like(self.offsets)
        distinct_rows(self.values, self.offsets, values, offsets)
        return Shingles(values[: offsets[-1]].copy(), offsets)


def secret_key() -> bytes:
    """A key that nobody who wrote a text can have known."""
    return secrets.token_bytes(16)


def shingles(
    texts: pl.Series, size: int, *, key: bytes = PUBLIC_KEY, strip_punctuation: bool = False, threads: int | None = None
) -> Shingles:
    """The word n-grams of every text, hashed; a missing text counts as empty.

    Parameters
    ----------
    texts:
        The rows (an Arrow column: ``polars.Series(column)`` takes it as it is).
    size:
        Words in a shingle.
    key:
        16 bytes; see the module.
    strip_punctuation:
        Take punctuation and symbols out of the text first.
    threads:
        How many to use; the result does not depend on it. Default: one per core.
    """
    chunks = list(shingle_chunks(texts, size, key=key, strip_punctuation=strip_punctuation, threads=threads))
    ends = np.cumsum([0, *(chunk.offsets[-1] for chunk in chunks)])
    starts = [chunk.offsets[:-1] + end for chunk, end in zip(chunks, ends, strict=False)]
    values = [chunk.values for chunk in chunks] or [np.empty(0, np.uint64)]
    return Shingles(np.concatenate(values), np.concatenate([*starts, ends[-1:]]).astype(np.int64))


def shingle_chunks(
    texts: pl.Series, size: int, *, key: bytes = PUBLIC_KEY, strip_punctuation: bool = False, threads: int | None = None
) -> Iterator[Shingles]:
    """As :func:`shingles`, some thousand rows at a time, so that not all need fit into memory."""

    def of_chunk(rows: slice) -> Shingles:
        chunk = texts[rows]
        return shingle(chunk.str.replace_all(PUNCTUATION, "") if strip_punctuation else chunk, size, key)

    return in_order(of_chunk, chunks_of(byte_lengths(texts)), threads or os.cpu_count() or 1)


def chunks_of(lengths: NDArray[np.integer[Any]]) -> list[slice]:
    """Consecutive slices of at most some thousand texts and some megabytes (or one text), given their bytes."""
    ends = np.cumsum(lengths, dtype=np.int64)
    cuts, first = [], 0
    while first < len(ends):
        before = int(ends[first - 1]) if first else 0
        last = int(np.searchsorted(ends, before + CHUNK_BYTES, "right"))
        last = min(max(last, first + 1), first + CHUNK_ROWS)
        cuts.append(slice(first, last))
        first = last
    return cuts


def byte_lengths(texts: pl.Series) -> NDArray[np.uint32]:
    """Bytes of each text; a missing one has none."""
    return texts.str.len_bytes().fill_null(0).to_numpy()


def shingle(texts: pl.Series, size: int, key: bytes) -> Shingles:
    """The word n-grams of a few texts, in this thread."""
    from lineage_platform.samples.shingle_kernel import shingle_rows

    column = folded(texts).to_arrow()
    if not len(column):
        return Shingles(np.empty(0, np.uint64), np.zeros(1, np.int64))
    bounds = np.frombuffer(column.buffers()[1], np.int64)[column.offset : column.offset + len(column) + 1]
    text = np.zeros(int(bounds[-1]) + 8, np.uint8)
    if bounds[-1]:
        text[:-8] = np.frombuffer(column.buffers()[2], np.uint8)[: bounds[-1]]
    blocks = np.ndarray((len(text) - 7,), "<u8", text, strides=(1,))
    most = int(bounds[-1] - bounds[0]) // 2 + len(column)
    values, offsets = np.empty(most, np.uint64), np.zeros(len(column) + 1, np.int64)
    shingle_rows(text, blocks, bounds, np.frombuffer(key, "<u8"), _factors(key, size), values, offsets)
    return Shingles(values[: offsets[-1]].copy(), offsets)


def folded(texts: pl.Series) -> pl.Series:
    """The texts in NFKC and lower case, white space in ASCII, None as empty; what is in ASCII skips the slow part."""
    texts = texts.cast(pl.String).fill_null("")
    foreign = (texts.str.len_bytes() != texts.str.len_chars()).arg_true()
    if len(foreign):
        normal = texts.gather(foreign).str.normalize("NFKC").str.replace_all(SPACES_OF_NFKC, " ")
        texts = texts.scatter(foreign, normal)
    return texts.str.to_lowercase()


def _factors(key: bytes, size: int) -> NDArray[np.uint64]:
    """One odd 64-bit factor for each place in a shingle, and one for its number of words."""
    digest = hashlib.shake_128(key).digest(8 * (size + 1))
    return np.frombuffer(digest, "<u8") | np.uint64(1)
