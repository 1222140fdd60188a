"""Step 2 of a trace: one record and one body per document, fetched once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any

from lineage_platform.catalog.hub import Hub
from lineage_platform.concurrency import Once
from lineage_platform.documents.addresses import Address, ArxivPaper, Repository, kind_of, locate
from lineage_platform.documents.cleaning import card_fault, reading, too_long
from lineage_platform.documents.encodings import decode
from lineage_platform.documents.reading import Reading
from lineage_platform.documents.web import Fetched, Web
from lineage_platform.errors import (
    BrokenRecord,
    DatasetGated,
    DatasetNotFound,
    DocumentMissing,
    FetchRefused,
    HubUnavailable,
    LineageError,
    UnreadableDocument,
)
from lineage_platform.files import ContentStore, digest, read_record, safe_name, write_record
from lineage_platform.records import DatasetInfo, Document, DocumentKind, DocumentOutcome, Link

MAX_METADATA = 5_000  # characters kept of each thing that is known of a document

_OUTCOMES: dict[type[LineageError], DocumentOutcome] = {
    DatasetGated: DocumentOutcome.REFUSED,
    DatasetNotFound: DocumentOutcome.MISSING,
    DocumentMissing: DocumentOutcome.MISSING,
    FetchRefused: DocumentOutcome.REFUSED,
    UnreadableDocument: DocumentOutcome.UNREADABLE,
}


class Library:
    """The documents of one hub, from any number of threads. What is wrong with a document is its outcome.

    Parameters
    ----------
    hub:
        Gives the cards.
    web:
        Gives everything else.
    root:
        Records lie in its ``documents/``.
    content:
        Where bodies and texts go.
    refresh:
        Ask again for documents already on disk.
    """

    def __init__(self, hub: Hub, web: Web, root: Path, content: ContentStore, refresh: bool = False) -> None:
        self.hub = hub
        self.web = web
        self.refresh = refresh
        self.fetched = 0
        self._folder = root / "documents"
        self._content = content
        self._once: Once[str, Document] = Once()
        self._counting = Lock()

    def card(self, info: DatasetInfo) -> Document:
        """The dataset's card, once for each commit (of a hub folder: for each text that its author gave it)."""
        url = f"https://huggingface.co/datasets/{info.id}"

        def fetch() -> Fetched:
            body = self.hub.card(info)
            if body is None:
                raise DocumentMissing(f"{info.id} has no card")
            return Fetched(url, url, body, "text/markdown", revision=info.sha or None)

        return self._document(f"{url}@{info.sha}:{info.card_digest or ''}", url, DocumentKind.CARD, fetch)

    def card_body(self, info: DatasetInfo) -> bytes | None:
        """The bytes of the dataset's card, None where it has none that can be read.

        Raises
        ------
        DatasetGated, HubUnavailable
            As :meth:`lineage_platform.catalog.hub.Hub.card`.
        """
        document = self.card(info)
        if document.outcome is DocumentOutcome.REFUSED:
            raise DatasetGated(document.detail)
        if document.outcome is DocumentOutcome.FAILED:
            raise HubUnavailable(document.detail)
        return self._content.get(document.body_digest) if document.body_digest else None

    def open(self, link: Link) -> Document:
        """The document that a link leads to; links to one repository or paper open the same one."""
        try:
            address = locate(link.url)
        except FetchRefused as error:
            return _unread(link.url, link.kind, error)
        kind = kind_of(address, link.kind)
        return self._document(f"{kind}:{address.url}", address.url, kind, lambda: self._fetch(address))

    def read(self, document: Document) -> Reading:
        """Open a fetched document.

        Raises
        ------
        UnreadableDocument
            It was not fetched.
        BrokenRecord
            Its stored text is damaged.
        """
        if document.text_digest is None:
            raise UnreadableDocument(f"{document.url} was not read: {document.outcome}. {document.detail}")
        return reading(document, self._content.get(document.text_digest).decode("utf-8"))

    def _fetch(self, address: Address) -> Fetched:
        if isinstance(address, Repository):
            return self.web.repository(address.owner, address.name)
        if isinstance(address, ArxivPaper):
            return self.web.paper(address.arxiv_id)
        return self.web.page(address.url)

    def _document(self, key: str, url: str, kind: DocumentKind, fetch: Callable[[], Fetched]) -> Document:
        """The stored document, or the one made now."""

        def make() -> Document:
            path = self._folder / f"{safe_name(key)}.json"
            stored = self._stored(path)
            if stored and not self.refresh and stored.outcome is not DocumentOutcome.FAILED:
                return stored
            document = self._made(url, kind, fetch)
            with self._counting:
                self.fetched += document.body_digest is not None
            write_record(path, document)
            return document

        return self._once.get(key, make)

    def _stored(self, path: Path) -> Document | None:
        """The stored record, unless it or its text is damaged: then the document is fetched anew."""
        try:
            document = read_record(path, Document)
        except BrokenRecord:
            return None
        whole = document is None or not document.text_digest or self._content.path(document.text_digest).exists()
        return document if whole else None

    def _made(self, url: str, kind: DocumentKind, fetch: Callable[[], Fetched]) -> Document:
        try:
            fetched = fetch()
        except LineageError as error:
            return _unread(url, kind, error)
        common: dict[str, Any] = {
            "url": url,
            "kind": kind,
            "media_type": fetched.media_type,
            "revision": fetched.revision,
            "fetched_at": datetime.now(UTC),
            "body_digest": self._content.put(fetched.body),
            "metadata": _described(fetched),
        }
        try:
            text, note = _text(fetched)
        except UnreadableDocument as error:
            return Document(document_id=_id(url, ""), outcome=DocumentOutcome.UNREADABLE, detail=_line(error), **common)
        if not text.strip():
            return Document(document_id=_id(url, ""), outcome=DocumentOutcome.EMPTY, detail="it is empty", **common)
        fault = card_fault(text) if kind is DocumentKind.CARD else ""
        text_digest = self._content.put(text.encode("utf-8", "replace"))
        return Document(
            document_id=_id(url, text_digest),
            outcome=DocumentOutcome.FETCHED,
            text_digest=text_digest,
            detail="; ".join(filter(None, [note, fault, too_long(text)])),
            **common,
        )


def _text(fetched: Fetched) -> tuple[str, str]:
    """The stored text of a body, and what is to be said of it."""
    if fetched.media_type == "application/pdf" or fetched.body.startswith(b"%PDF-"):
        from lineage_platform.documents.papers import extract_text

        return extract_text(fetched.body), ""
    return decode(fetched.body, fetched.charset)


def _unread(url: str, kind: DocumentKind, error: LineageError) -> Document:
    outcome = next((found for cause, found in _OUTCOMES.items() if isinstance(error, cause)), DocumentOutcome.FAILED)
    return Document(document_id=_id(url, ""), kind=kind, url=url, outcome=outcome, detail=_line(error))


def _line(error: LineageError) -> str:
    return " ".join(f"{error.message}. {error.hint}".rstrip(". ").split())


def _id(url: str, text_digest: str) -> str:
    return digest(url, text_digest)[:16]


def _described(fetched: Fetched) -> Mapping[str, str]:
    """What is known of a document beside its text, in bounded strings."""
    moved = {"final_url": fetched.final_url} if fetched.final_url != fetched.url else {}
    known = {str(key)[:100]: value[:MAX_METADATA] for key, value in fetched.metadata.items() if isinstance(value, str)}
    return {**dict(list(known.items())[:20]), **moved}
