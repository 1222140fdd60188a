"""Digests of triplets and queries: 128 bits each, exact and over normalised text.

An encoding is unambiguous because it has fields of fixed width only: for each text its length in bytes and its own
128-bit hash, and the digest is the hash of these. So long texts are read once, whatever is made of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
import polars_hash  # noqa: F401 - gives polars its hashes

from lineage_platform.errors import LineageError, UsageError
from lineage_platform.settings import Rows

Halves = tuple[pl.Series, pl.Series]
"""The lower and the higher 64 bits of 128-bit hashes."""

Encoded = np.ndarray[tuple[int, int, int], np.dtype[np.uint64]]
"""Rows, fields, and three numbers for each: its length and the halves of its hash."""

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
        The hash of each value of a text or binary column.
    halves:
        Its 128 bits, from what ``hash`` gave.
    """

    name: str
    hash: Callable[[Any], pl.Expr]
    halves: Callable[[pl.Series], Halves]


def _of_numbers(hashes: pl.Series) -> Halves:
    return hashes.cast(pl.UInt64, wrap_numerical=True), (hashes // (1 << 64)).cast(pl.UInt64)


def _of_hexadecimal(hashes: pl.Series) -> Halves:
    """The first 128 of the 256 bits."""
    high, low = (hashes.str.slice(at, 16).str.to_integer(base=16, dtype=pl.UInt64) for at in (0, 16))
    return low, high


SCHEMES: Mapping[str, Scheme] = {
    scheme.name: scheme
    for scheme in (
        Scheme(DEFAULT_SCHEME, lambda column: column.nchash.xxh3_128(), _of_numbers),
        Scheme("blake3-128/1", lambda column: column.chash.blake3(), _of_hexadecimal),
    )
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
    made_by = scheme_named(scheme)
    triplets = _encoded(frame, made_by)
    queries = np.ascontiguousarray(triplets[:, :-1])
    records = pl.DataFrame({"triplet": _binary(triplets), "query": _binary(queries)})
    return [
        half.reinterpret(signed=True).alias(f"{digest.name}_{place}")
        for digest in _hashed(records, made_by)
        for place, half in zip(("hi", "lo"), reversed(made_by.halves(digest)), strict=True)
    ]


def _hashed(columns: pl.DataFrame, scheme: Scheme) -> list[pl.Series]:
    """The hashes of some columns, which are made at the same time."""
    return columns.select(scheme.hash(pl.col(name)) for name in columns.columns).get_columns()


def _encoded(frame: pl.DataFrame, scheme: Scheme) -> Encoded:
    """Length and hash of each text: three numbers a field."""
    texts = frame.select(FIELDS)
    encoded = np.empty((frame.height, len(FIELDS), 3), "<u8")
    for at, (text, hashes) in enumerate(zip(texts, _hashed(texts, scheme), strict=True)):
        for place, numbers in enumerate((text.str.len_bytes(), *scheme.halves(hashes))):
            encoded[:, at, place] = numbers.to_numpy()
    return encoded


def _binary(encoded: Encoded) -> pl.Series:
    """The fields of each row as one binary value."""
    import pyarrow as pa

    width = math.prod(encoded.shape[1:]) * encoded.itemsize
    values = pa.Array.from_buffers(pa.binary(width), len(encoded), [None, pa.py_buffer(encoded)])
    return pl.Series(pl.from_arrow(values))
