"""Where documents outside the Hub come from: the web itself, or the folder that answers for it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from lineage_platform.catalog.hub import Hub
from lineage_platform.errors import DocumentMissing, FetchRefused, UnreadableDocument

MAX_FOLDER_BYTES = 50_000_000


@dataclass(frozen=True)
class Fetched:
    """A body as it came.

    Parameters
    ----------
    url, final_url:
        The address asked for, and the one that answered.
    body:
        Its bytes, decompressed.
    media_type:
        As declared, without parameters, in lower case.
    charset:
        The declared encoding, if any.
    revision:
        What identifies this version of it (an ETag, a commit), if anything does.
    metadata:
        What else is known of the document (of a paper: title, date of publication, abstract).
    """

    url: str
    final_url: str
    body: bytes
    media_type: str
    charset: str = ""
    revision: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)


class Web(Protocol):
    """Everything outside the Hub.

    Each method raises FetchRefused (a private address, too large), DocumentMissing (nothing there), FetchFailed (not
    this time) or UnreadableDocument.
    """

    def repository(self, owner: str, name: str) -> Fetched:
        """The README of a GitHub repository."""
        ...

    def paper(self, arxiv_id: str) -> Fetched:
        """A paper of arXiv: a PDF or its text, with its metadata."""
        ...

    def page(self, url: str) -> Fetched:
        """Whatever lies at an address."""
        ...


def open_web(hub: Hub) -> Web:
    """The web that belongs to a hub: its folder where it has one, so that traces of it repeat, else the real one."""
    if hub.folder is not None:
        return FolderWeb(hub.folder)
    from lineage_platform.documents.live import LiveWeb

    return LiveWeb()


class FolderWeb:
    """The part of a hub folder that answers for the web.

    Parameters
    ----------
    folder:
        Holds ``github/OWNER/REPO/README.md``, ``arxiv/ID/metadata.json`` and ``paper.txt``, ``web/HOST/PATH.html``.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def repository(self, owner: str, name: str) -> Fetched:
        """See :meth:`Web.repository`; owner and name in any case, as on GitHub."""
        url = f"https://github.com/{owner}/{name}"
        readme = self._find(url, "github", owner, name, "README.md")
        return Fetched(url, url, self._read(readme, url), "text/markdown")

    def paper(self, arxiv_id: str) -> Fetched:
        """See :meth:`Web.paper`; an old id's slash is a folder."""
        url = f"https://arxiv.org/abs/{arxiv_id}"
        text = self._read(self._find(url, "arxiv", *arxiv_id.split("/"), "paper.txt"), url)
        described = self._find(url, "arxiv", *arxiv_id.split("/"), "metadata.json")
        try:
            metadata = json.loads(self._read(described, url))
        except (ValueError, RecursionError) as error:
            raise UnreadableDocument(f"{url}: {described} is not JSON: {error}") from error
        if not isinstance(metadata, dict):
            raise UnreadableDocument(f"{url}: {described} is not a JSON object")
        return Fetched(url, url, text, "text/plain", metadata=metadata)

    def page(self, url: str) -> Fetched:
        """See :meth:`Web.page`: ``https://HOST/PATH`` is ``web/HOST/PATH.html``, ``https://HOST/`` is its ``index``."""
        found = self._find(url, "web", *page_names(url))
        return Fetched(url, url, self._read(found, url), "text/html")

    def _find(self, url: str, *names: str) -> Path:
        """The file under these names, whatever their case; links out of the folder are not followed."""
        path = self.folder
        for name in names:
            if name in ("", ".", "..") or len(name) > 200 or any(character in name for character in "/\\\0"):
                raise FetchRefused(f"{url} names no file of {self.folder}")
            path = path / name if (path / name).exists() else _any_case(path, name)
        if not path.is_file():
            raise DocumentMissing(f"{url} is not in {self.folder}", f"put it at {Path(*names)} of that folder")
        if not path.resolve().is_relative_to(self.folder.resolve()):
            raise FetchRefused(f"{url} leads out of {self.folder}")
        return path

    def _read(self, path: Path, url: str) -> bytes:
        try:
            if path.stat().st_size > MAX_FOLDER_BYTES:
                raise FetchRefused(f"{url}: {path} is larger than {MAX_FOLDER_BYTES:,} bytes")
            return path.read_bytes()
        except OSError as error:
            raise UnreadableDocument(f"{url}: {path} cannot be read: {error.strerror}") from error


def page_names(url: str) -> tuple[str, ...]:
    """Where a page lies in a hub folder's ``web/``: its host, the folders of its path, the file."""
    address = urlsplit(url)
    segments = [unquote(segment) for segment in address.path.split("/") if segment] or ["index"]
    last = segments[-1] if segments[-1].lower().endswith((".html", ".htm")) else f"{segments[-1]}.html"
    return (address.hostname or "", *segments[:-1], last)


def _any_case(folder: Path, name: str) -> Path:
    """The entry of a folder that equals a name without case, or the path where it would be."""
    entries = sorted(folder.iterdir()) if folder.is_dir() else []
    return next((entry for entry in entries if entry.name.lower() == name.lower()), folder / name)
