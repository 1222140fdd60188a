"""From bytes to text, whatever encoding they are in."""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

from lineage_platform.errors import UnreadableDocument

GUESS_BYTES = 65_536
FEWEST = 16  # bytes beyond ASCII that a guess needs

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_DECLARED = re.compile(rb"<meta[^<>]{0,200}?charset\s*=\s*[\"']?([A-Za-z0-9_-]{1,40})", re.IGNORECASE)
_COMMON = ("cp1252", "cp1251", "koi8_r", "gb18030", "big5", "shift_jis", "euc_jp", "euc_kr", "utf_16")  # of web pages
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


class Decoded(NamedTuple):
    """Text, and what is to be said of its encoding (empty for UTF-8)."""

    text: str
    note: str = ""


def decode(data: bytes, charset: str = "") -> Decoded:
    """Decode a document.

    Parameters
    ----------
    data:
        Its bytes.
    charset:
        What its server declared, if it did.

    Raises
    ------
    UnreadableDocument
        The bytes are no text.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark) and (text := _try(data, encoding)) is not None:
            return Decoded(text, "" if encoding == "utf-8-sig" else "not UTF-8: read as utf-16")
    if (text := _try(data, "utf-8")) is not None and not _is_binary(data):
        return Decoded(text)
    if _is_binary(data):
        raise UnreadableDocument("it is binary data, not text")
    for encoding in (charset, _declared(data), _guessed(data)):
        if encoding and (text := _try(data, encoding)) is not None:
            return Decoded(text, f"not UTF-8: read as {encoding.lower()}")
    return Decoded(data.decode("latin-1"), "not UTF-8: read as latin-1, no encoding fits")


def _try(data: bytes, encoding: str) -> str | None:
    """The text in this encoding, or None where it does not fit or is none (``zip`` is a codec, too)."""
    try:
        return data.decode(encoding)
    except (UnicodeError, LookupError, ValueError):
        return None


def _is_binary(data: bytes) -> bool:
    """Whether bytes hold more than a few control characters, as no text does."""
    head = data[:GUESS_BYTES]
    return b"\x00" in head or len(_BINARY.findall(head)) * 200 > len(head)


def _declared(data: bytes) -> str:
    match = _DECLARED.search(data[:4096])
    return match[1].decode("ascii") if match else ""


def _guessed(data: bytes) -> str:
    """The encoding that fits best; what holds too few letters to tell is taken as most such texts are."""
    from charset_normalizer import from_bytes

    if sum(byte > 127 for byte in data[:GUESS_BYTES]) < FEWEST:
        return "cp1252"
    best = from_bytes(data[:GUESS_BYTES], cp_isolation=list(_COMMON)).best()
    return best.encoding if best else ""
