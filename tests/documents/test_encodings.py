"""Bytes become text in whatever encoding they are, and a reader is told when it was not UTF-8."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage_platform.documents.encodings import decode
from lineage_platform.errors import UnreadableDocument

WORDS = "Naïve façade: dérivé de données, déjà publiées à l'université."


def test_utf8_needs_no_note() -> None:
    assert decode(WORDS.encode()) == (WORDS, "")
    assert decode(b"\xef\xbb\xbf" + WORDS.encode()) == (WORDS, "")
    assert decode(b"") == ("", "")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf16_with_its_mark_is_read(encoding: str) -> None:
    mark = {"utf-16": b"", "utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}[encoding]
    assert decode(mark + WORDS.encode(encoding)) == (WORDS, "not UTF-8: read as utf-16")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (WORDS, "cp1252"),
        (WORDS, "latin-1"),
        ("Набор данных получен из открытых источников и очищен вручную.", "cp1251"),
        ("このデータセットは公開されている質問から作られました。", "shift_jis"),
    ],
)
def test_other_encodings_are_guessed(text: str, encoding: str) -> None:
    decoded = decode(text.encode(encoding))
    assert decoded.text == text
    assert decoded.note.startswith("not UTF-8: read as ")


def test_what_the_server_declares_comes_before_a_guess() -> None:
    data = "Zażółć gęślą jaźń".encode("iso-8859-2")
    assert decode(data, "ISO-8859-2") == ("Zażółć gęślą jaźń", "not UTF-8: read as iso-8859-2")
    page = b'<html><head><meta charset="iso-8859-2"></head>' + data
    assert decode(page).text.endswith("Zażółć gęślą jaźń")


@pytest.mark.parametrize("charset", ["nonsense", "zip", "base64", "rot13", "idna", "undefined", "hex", "\0", "x" * 40])
def test_a_declaration_that_is_no_encoding_is_ignored(charset: str) -> None:
    assert decode(WORDS.encode("cp1252"), charset).text == WORDS


def test_utf8_is_believed_whatever_is_declared() -> None:
    assert decode(WORDS.encode(), "latin-1") == (WORDS, "")


@pytest.mark.parametrize(
    "data", [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"PK\x03\x04\x14\0\0\0", b"\x7fELF\x02\x01\x01\0", bytes(range(32)) * 50]
)
def test_binary_data_is_no_text(data: bytes) -> None:
    with pytest.raises(UnreadableDocument, match="binary data"):
        decode(data)


@given(st.binary(max_size=500))
def test_bytes_are_text_or_unreadable_and_nothing_else(data: bytes) -> None:
    try:
        text = decode(data).text
    except UnreadableDocument:
        return
    text.encode("utf-8")


@given(st.text())
def test_text_survives_utf8(text: str) -> None:
    if "\0" not in text and not any(character < " " for character in text):
        assert decode(text.encode()).text == text.removeprefix("\ufeff")
