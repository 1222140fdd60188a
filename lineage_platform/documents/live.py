"""The real web: GitHub's READMEs, arXiv's papers, and pages, all through the one guarded fetcher."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import quote

from lineage_platform.documents.fetcher import GuardedFetcher
from lineage_platform.documents.web import Fetched
from lineage_platform.errors import DocumentMissing, FetchFailed, UnreadableDocument

if TYPE_CHECKING:
    import arxiv  # type: ignore[import-untyped]

ARXIV_SECONDS = 3.0  # arXiv asks for no more than one request in this time

_READMES = ("README.md", "readme.md", "README.rst", "README", "README.txt", "Readme.md")
_MEDIA_TYPES = {"md": "text/markdown", "rst": "text/x-rst"}
_PLAIN_NAME = re.compile(r"[\w.-]{1,100}", re.ASCII)


class LiveWeb:
    """The web as it is now.

    Parameters
    ----------
    fetcher:
        Opens every address; one with the usual limits when None.
    arxiv_seconds:
        Least time between two requests to arXiv.
    """

    def __init__(self, fetcher: GuardedFetcher | None = None, arxiv_seconds: float = ARXIV_SECONDS) -> None:
        self._fetcher = fetcher or GuardedFetcher()
        self._pace = _Pace(arxiv_seconds)

    def repository(self, owner: str, name: str) -> Fetched:
        """See :meth:`lineage_platform.documents.web.Web.repository`: the README of the default branch."""
        url = f"https://github.com/{owner}/{name}"
        if not _PLAIN_NAME.fullmatch(owner) or not _PLAIN_NAME.fullmatch(name):
            raise DocumentMissing(f"{url} cannot be a repository")
        for readme in _READMES:
            try:
                fetched = self._fetcher.get(f"https://raw.githubusercontent.com/{owner}/{name}/HEAD/{readme}")
            except DocumentMissing:
                continue
            return replace(fetched, url=url, media_type=_MEDIA_TYPES.get(readme[-3:].strip("."), "text/plain"))
        raise DocumentMissing(f"{url} is not there, is private, or has no README")

    def paper(self, arxiv_id: str) -> Fetched:
        """See :meth:`lineage_platform.documents.web.Web.paper`: the newest version's PDF, and what arXiv's API says."""
        url = f"https://arxiv.org/abs/{arxiv_id}"
        metadata = self._metadata(arxiv_id)
        with self._pace:
            fetched = self._fetcher.get(f"https://arxiv.org/pdf/{quote(arxiv_id, safe='/')}")
        if not fetched.body.startswith(b"%PDF-"):
            raise UnreadableDocument(f"{fetched.final_url} is not a PDF")
        return replace(fetched, url=url, media_type="application/pdf", metadata=metadata)

    def page(self, url: str) -> Fetched:
        """See :meth:`lineage_platform.documents.web.Web.page`."""
        return self._fetcher.get(url)

    def _metadata(self, arxiv_id: str) -> Mapping[str, str]:
        """Title, date and abstract of a paper.

        Raises
        ------
        DocumentMissing
            arXiv knows no such paper.
        FetchFailed
            Its answer cannot be read.
        """
        import arxiv

        with self._pace:
            try:
                found = next(self._client.results(arxiv.Search(id_list=[arxiv_id], max_results=1)), None)
            except (arxiv.ArxivError, ValueError, KeyError, AttributeError) as error:
                raise FetchFailed(f"arXiv's answer on {arxiv_id} cannot be read: {error}") from error
        if found is None:
            raise DocumentMissing(f"arXiv knows no paper {arxiv_id}")
        return {
            "id": arxiv_id,
            "title": " ".join(found.title.split()),
            "published": found.published.isoformat(),
            "summary": " ".join(found.summary.split()),
        }

    @cached_property
    def _client(self) -> arxiv.Client:
        """arXiv's client, whose requests go through the guarded fetcher; pace and retries are ours."""
        import arxiv

        client = arxiv.Client(page_size=1, delay_seconds=0.0, num_retries=0)
        client._session = _GuardedSession(self._fetcher)
        return client


@dataclass(frozen=True)
class _FeedAnswer:
    """What arXiv's client reads of a response."""

    content: bytes
    status_code: int = 200


class _GuardedSession:
    """What arXiv's client uses of a session."""

    def __init__(self, fetcher: GuardedFetcher) -> None:
        self._fetcher = fetcher

    def get(self, url: str, headers: Mapping[str, str]) -> _FeedAnswer:  # noqa: ARG002 - the fetcher sends its own
        return _FeedAnswer(self._fetcher.get(url).body)


class _Pace:
    """Lets one thread at a time in, and none sooner than some seconds after the last one left."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lock = Lock()
        self._free_at = 0.0

    def __enter__(self) -> None:
        self._lock.acquire()
        time.sleep(max(self._free_at - time.monotonic(), 0.0))

    def __exit__(self, *_: object) -> None:
        self._free_at = time.monotonic() + self._seconds
        self._lock.release()
