"""Digests of triplets and queries: 128 bits each, exact and over normalised text.

An encoding is unambiguous because it has fields of fixed width only: for each text its length in bytes and its own
128-bit hash, and the digest is the hash of these. So long texts are read once, whatever is made of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
import polars_hash  # noqa: F401 - gives polars its hashes

from lineage_platform.errors import LineageError, UsageError
from lineage_platform.settings import Rows

Words = np.ndarray[tuple[int, int], np.dtype[np.uint64]]
"""One hash a row, as its lower and its higher 64 bits."""

FIELDS = ("instruction", "input", "output")
DIGESTS = ("triplet", "query", "triplet_norm", "query_norm")
COLUMNS = tuple(f"{digest}_{half}" for digest in DIGESTS for half in ("hi", "lo"))
DEFAULT_SCHEME = Rows.scheme


class SchemeMismatch(LineageError):
    """Digests of two schemes say nothing about each other."""

    kind = "scheme_mismatch"


@dataclass(frozen=True)
class Scheme:
    """A way to make digests; a change of its result is a new version, and so a new name.

    Parameters
    ----------
    name:
        With a version.
    hash:
        The 128-bit hash of each value of a text or binary column.
    """

    name: str
    hash: Callable[[pl.Series], Words]


def _xxh3(texts: pl.Series) -> Words:
    whole = _hashed(texts, lambda column: column.nchash.xxh3_128())
    return _words(whole, whole // (1 << 64))


def _blake3(texts: pl.Series) -> Words:
    """The first 128 of the 256 bits."""
    hexadecimal = _hashed(texts, lambda column: column.chash.blake3())
    halves = (hexadecimal.str.slice(at, 16).str.to_integer(base=16, dtype=pl.UInt64) for at in (16, 0))
    return _words(*halves)


def _hashed(texts: pl.Series, made: Callable[[Any], pl.Expr]) -> pl.Series:
    return texts.to_frame("text").select(made(pl.col("text"))).to_series()


def _words(low: pl.Series, high: pl.Series) -> Words:
    halves = [half.cast(pl.UInt64, wrap_numerical=True).to_numpy() for half in (low, high)]
    return np.ascontiguousarray(np.stack(halves, axis=1))


SCHEMES: Mapping[str, Scheme] = {
    scheme.name: scheme for scheme in (Scheme(DEFAULT_SCHEME, _xxh3), Scheme("blake3-128/1", _blake3))
}


def scheme_named(name: str) -> Scheme:
    """The scheme of this name.

    Raises
    ------
    UsageError
        There is none.
    """
    if name not in SCHEMES:
        raise UsageError(f"there is no digest scheme {name!r}", f"schemes: {', '.join(SCHEMES)}")
    return SCHEMES[name]


def one_scheme(schemes: Mapping[str, str]) -> str:
    """The scheme that all have in common.

    Parameters
    ----------
    schemes:
        The scheme of each dataset or part, by its name.

    Raises
    ------
    SchemeMismatch
        They have more than one: nothing that is counted across them would mean anything.
    """
    holders = {scheme: name for name, scheme in schemes.items()}
    if len(holders) > 1:
        held = "; ".join(f"{name}: {scheme}" for scheme, name in sorted(holders.items()))
        raise SchemeMismatch(
            f"digests of different schemes cannot be compared ({held})", "lineage rows ID... --rebuild"
        )
    return next(iter(holders), DEFAULT_SCHEME)


def normalised(texts: pl.Expr) -> pl.Expr:
    """Texts as the looser comparison sees them: NFKC, lower case, white space collapsed, ends stripped.

    Text that is ASCII is NFKC already, and text with single spaces only is collapsed: both are most of what there is,
    and finding that out costs a tenth of doing it anyway.
    """
    foreign = pl.when(texts.str.len_bytes() != texts.str.len_chars()).then(texts)
    lower = pl.coalesce(foreign.str.normalize("NFKC"), texts).str.to_lowercase()
    spaced = pl.when(lower.str.contains(r"\s\s|[^\S ]")).then(lower)
    return pl.coalesce(spaced.str.replace_all(r"\s\s+|[^\S ]", " "), lower).str.strip_chars()


def with_digests(frame: pl.DataFrame, scheme: str = DEFAULT_SCHEME) -> pl.DataFrame:
    """The frame with eight more columns: two signed 64-bit integers (``_hi``, ``_lo``) for each digest.

    ``triplet`` is over instruction, input and output, ``query`` over the first two; ``triplet_norm`` and
    ``query_norm`` are over the normalised texts. Signed, because Spark knows no other integers.

    Raises
    ------
    UsageError
        There is no such scheme.
    """
    exact = exact_digests(frame, scheme)
    loose = exact_digests(frame.select(normalised(pl.col(field)) for field in FIELDS), scheme)
    return frame.with_columns(*exact, *(column.alias(column.name.replace("_", "_norm_")) for column in loose))


def exact_digests(frame: pl.DataFrame, scheme: str = DEFAULT_SCHEME) -> list[pl.Series]:
    """The digests of triplet and query, as four columns, over the texts as they are."""
    hashed = scheme_named(scheme).hash
    encoded = [_encoded(frame[field], hashed) for field in FIELDS]
    digests = {"triplet": hashed(_records(encoded)), "query": hashed(_records(encoded[:2]))}
    return [
        pl.Series(f"{name}_{half}", words[:, at].view(np.int64))
        for name, words in digests.items()
        for half, at in (("hi", 1), ("lo", 0))
    ]


def _encoded(texts: pl.Series, hashed: Callable[[pl.Series], Words]) -> Words:
    """Length and hash of each text: 24 bytes."""
    lengths = texts.str.len_bytes().cast(pl.UInt64).to_numpy()
    return np.column_stack([lengths, hashed(texts)])


def _records(fields: Sequence[Words]) -> pl.Series:
    """The encodings of some fields beside each other, as one binary value a row."""
    import pyarrow as pa

    joined = np.ascontiguousarray(np.hstack(fields), dtype="<u8")
    width = joined.shape[1] * joined.itemsize
    values = pa.Array.from_buffers(pa.binary(width), len(joined), [None, pa.py_buffer(joined)])
    return pl.Series(pl.from_arrow(values))
