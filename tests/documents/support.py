"""Sentences for the tests of this room."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from lineage_platform.documents.cleaning import reading
from lineage_platform.documents.reading import Reading
from lineage_platform.records import Document, DocumentKind, DocumentOutcome


def document(kind: DocumentKind = DocumentKind.CARD, media_type: str = "text/markdown") -> Document:
    return Document(
        document_id="d", kind=kind, url="https://x.example/", outcome=DocumentOutcome.FETCHED, media_type=media_type
    )


def card(text: str) -> Reading:
    return reading(document(), text)


def readme(text: str) -> Reading:
    return reading(document(DocumentKind.REPOSITORY), text)


def page(text: str) -> Reading:
    return reading(document(DocumentKind.BLOG, "text/html"), text)


def paper(text: str) -> Reading:
    return reading(document(DocumentKind.PAPER, "text/plain"), text)


def shown(read: Reading) -> str:
    """The clean text, white space apart."""
    return " ".join(read.clean.text.split())


def hidden(read: Reading) -> list[str]:
    return [read.text[start:end] for start, end in read.hidden]


def stored_behind(read: Reading, words: str) -> str:
    """The stored text behind words of the clean text."""
    start = read.clean.text.index(words)
    span = read.clean.stored_span(start, start + len(words))
    return read.text[span.start : span.end]


def make_certificate(folder: Path, *hosts: str) -> tuple[Path, Path]:
    """A key and a certificate of its own for some hosts."""
    if not shutil.which("openssl"):
        pytest.skip("needs the openssl command to make a certificate")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={hosts[0]}"]
    names = ["-addext", "subjectAltName=" + ",".join(f"DNS:{host}" for host in hosts)]
    subprocess.run([*command, *names, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return key, certificate
