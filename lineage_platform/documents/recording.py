"""Keeping what the web answers in a hub folder, for offline and repeatable runs."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from lineage_platform.documents.encodings import decode
from lineage_platform.documents.web import Fetched, Web, page_names
from lineage_platform.errors import FetchRefused
from lineage_platform.files import write_whole

MAX_NAME = 200


class RecordingWeb:
    """A web that writes each document it passes on into a hub folder, where ``FolderWeb`` finds it.

    Parameters
    ----------
    web:
        Who answers.
    to:
        The hub folder.
    """

    def __init__(self, web: Web, to: Path) -> None:
        self._web = web
        self._to = to

    def repository(self, owner: str, name: str) -> Fetched:
        """See :meth:`lineage_platform.documents.web.Web.repository`; writes ``README.md``."""
        return self._keep(self._web.repository(owner, name), "github", owner, name, "README.md")

    def paper(self, arxiv_id: str) -> Fetched:
        """See :meth:`lineage_platform.documents.web.Web.paper`; writes ``paper.txt``, of a PDF its text."""
        fetched = self._web.paper(arxiv_id)
        if fetched.body.startswith(b"%PDF-"):
            from lineage_platform.documents.papers import extract_text

            fetched = replace(fetched, body=extract_text(fetched.body).encode("utf-8"), media_type="text/plain")
        described = json.dumps(dict(fetched.metadata), indent=1, ensure_ascii=False, sort_keys=True)
        kept = self._keep(fetched, "arxiv", *arxiv_id.split("/"), "paper.txt")
        write_whole(self._to.joinpath("arxiv", *arxiv_id.split("/"), "metadata.json"), described.encode("utf-8"))
        return kept

    def page(self, url: str) -> Fetched:
        """See :meth:`lineage_platform.documents.web.Web.page`; writes ``PATH.html``."""
        return self._keep(self._web.page(url), "web", *page_names(url))

    def _keep(self, fetched: Fetched, *names: str) -> Fetched:
        """Write the document, in UTF-8 as a folder declares no encoding."""
        for name in names:
            if name in ("", ".", "..") or len(name) > MAX_NAME or {"/", "\\", "\0"} & set(name):
                raise FetchRefused(f"{fetched.url} cannot be kept: {name[:MAX_NAME]!r} is no file name")
        body = fetched.body
        if fetched.charset and not body.startswith(b"%PDF-"):
            body = decode(body, fetched.charset).text.encode("utf-8")
        write_whole(self._to.joinpath(*names), body)
        return replace(fetched, body=body, charset="")
