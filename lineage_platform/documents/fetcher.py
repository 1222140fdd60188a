"""The only way to the web: public hosts, bounded in size, time and redirects, and no credential ever sent."""

from __future__ import annotations

import ssl
import time
import zlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from threading import BoundedSemaphore, Lock
from urllib.parse import urljoin

import httpcore2
import httpx2
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

from lineage_platform.documents.connection import PinnedBackend
from lineage_platform.documents.guard import MAX_URL, Resolver, checked_host, system_resolver
from lineage_platform.documents.web import Fetched
from lineage_platform.errors import DocumentMissing, FetchFailed, FetchRefused

PART_BYTES = 65_536

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})
_HEADERS = (
    ("User-Agent", "lineage-platform (dataset documentation)"),
    ("Accept", "text/html,text/markdown,text/plain,application/pdf;q=0.9,*/*;q=0.5"),
    ("Accept-Encoding", "gzip"),
    ("Connection", "close"),
)


@dataclass(frozen=True)
class FetchLimits:
    """Bounds of one fetch.

    Parameters
    ----------
    max_bytes:
        Of a body, as sent and as decompressed.
    seconds:
        For one attempt, redirects included.
    redirects:
        That are followed.
    attempts:
        When the host is busy or broken.
    max_wait:
        Longest wait between attempts, in seconds; a host that asks for a longer one is not asked again now.
    per_host:
        Connections to one host at a time.
    """

    max_bytes: int = 20_000_000
    seconds: float = 60.0
    redirects: int = 5
    attempts: int = 3
    max_wait: float = 30.0
    per_host: int = 4


class _TryAgain(FetchFailed):
    """A failure that may pass within seconds; ``wait`` is what the host asked for, None if nothing."""

    def __init__(self, message: str, wait: float | None = None) -> None:
        super().__init__(message, "trace again later")
        self.wait = wait


@dataclass(frozen=True)
class _Answer:
    """One response, its body read."""

    status: int
    headers: httpx2.Headers
    body: bytes


class GuardedFetcher:
    """Fetches documents of the web, from any number of threads.

    Parameters
    ----------
    resolver:
        Addresses of a host; the system's when None. Whatever it answers is checked.
    limits:
        Bounds of each fetch.
    connector:
        Opens a connection to a checked address; the system's when None.
    ssl_context:
        Whom to trust; the system's certificates when None.
    """

    def __init__(
        self,
        resolver: Resolver | None = None,
        limits: FetchLimits | None = None,
        connector: httpcore2.NetworkBackend | None = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self.limits = limits or FetchLimits()
        self._resolver = resolver or system_resolver
        self._connector = connector or httpcore2.SyncBackend()
        self._given_context = ssl_context
        self._lock = Lock()
        self._hosts: defaultdict[str, BoundedSemaphore] = defaultdict(lambda: BoundedSemaphore(self.limits.per_host))

    def get(self, url: str) -> Fetched:
        """The document at a URL.

        Raises
        ------
        FetchRefused
            The URL, or one it redirects to, is not public; or it is too large, or redirects without end.
        DocumentMissing
            The host answers that nothing is there.
        FetchFailed
            It could not be read this time.
        """
        retrying = Retrying(
            retry=retry_if_exception_type(_TryAgain),
            stop=stop_after_attempt(self.limits.attempts),
            wait=self._wait,
            reraise=True,
        )
        return retrying(self._follow, url)

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.wait if isinstance(error, _TryAgain) else None
        return asked if asked is not None else min(2.0 ** (state.attempt_number - 1), self.limits.max_wait)

    def _follow(self, url: str) -> Fetched:
        """One attempt: the URL and its redirects, each checked like the first."""
        deadline = time.monotonic() + self.limits.seconds
        current, seen = url, [url]
        while True:
            answer = self._request(current, deadline)
            if answer.status not in _REDIRECTS or "location" not in answer.headers:
                return self._fetched(url, current, answer)
            target = _join(current, answer.headers["location"])
            if target in seen:
                raise FetchRefused(f"{url} is refused: it redirects in a loop")
            if len(seen) > self.limits.redirects:
                raise FetchRefused(f"{url} is refused: it redirects more than {self.limits.redirects} times")
            if current.lower().startswith("https:") and not target.lower().startswith("https:"):
                raise FetchRefused(f"{url} is refused: it redirects from https to {target}")
            seen.append(target)
            current = target

    def _request(self, url: str, deadline: float) -> _Answer:
        """One request, to a checked address."""
        address, host = _checked(url)
        backend = PinnedBackend(self._resolver, self._connector, deadline)
        target = httpcore2.URL(
            scheme=address.scheme.encode(), host=host.encode("ascii"), port=address.port, target=address.raw_path
        )
        headers = [(b"Host", address.copy_with(host=host).netloc), *((k.encode(), v.encode()) for k, v in _HEADERS)]
        with self._lock:
            turn = self._hosts[host]
        try:
            with (
                turn,
                httpcore2.ConnectionPool(ssl_context=self._ssl_context, network_backend=backend) as pool,
                pool.stream("GET", target, headers=headers) as response,
            ):
                answered = httpx2.Headers(response.headers)
                keeps = response.status not in _REDIRECTS
                body = b"".join(self._body(url, response.iter_stream(), answered)) if keeps else b""
                return _Answer(response.status, answered, body)
        except (httpcore2.TimeoutException, httpcore2.NetworkError, httpcore2.ProtocolError, zlib.error) as error:
            reason = str(error) or type(error).__name__
            raise _TryAgain(f"{url} could not be read: {reason}") from error

    @cached_property
    def _ssl_context(self) -> ssl.SSLContext:
        return self._given_context or httpcore2.default_ssl_context()

    def _body(self, url: str, chunks: Iterator[bytes], headers: httpx2.Headers) -> Iterator[bytes]:
        """The body, decompressed; neither what is sent nor what becomes of it may pass the limit."""
        encoding = headers.get("content-encoding", "identity").strip().lower()
        if encoding not in ("identity", "", "gzip", "x-gzip"):
            raise FetchFailed(f"{url} could not be read: it is encoded as {encoding[:40]!r}, which was not asked for")
        sent = size = 0
        inflater = _Inflater() if encoding in ("gzip", "x-gzip") else None
        for chunk in chunks:
            sent += len(chunk)
            for part in inflater.parts(chunk) if inflater else (chunk,):
                size += len(part)
                if max(sent, size) > self.limits.max_bytes:
                    raise FetchRefused(f"{url} is refused: it is larger than {self.limits.max_bytes:,} bytes")
                yield part
        if inflater and sent and not inflater.complete:
            raise _TryAgain(f"{url} could not be read: its compressed body is cut short")

    def _fetched(self, url: str, final_url: str, answer: _Answer) -> Fetched:
        status = answer.status
        if status in _TRANSIENT or status >= 500:
            raise self._busy(final_url, answer)
        if status in (404, 410):
            raise DocumentMissing(f"{final_url} is not there ({status})")
        if status in (401, 403, 407, 451):
            raise FetchRefused(f"{final_url} is refused by its host ({status})")
        if not 200 <= status < 300:
            raise FetchFailed(f"{final_url} could not be read: its host answers {status}")
        media_type, _, parameters = answer.headers.get("content-type", "").partition(";")
        charset = parameters.lower().partition("charset=")[2].split(";")[0].strip(" \"'")
        revision = answer.headers.get("etag") or answer.headers.get("last-modified")
        return Fetched(
            url,
            final_url,
            answer.body,
            media_type.strip().lower()[:100],
            charset[:40],
            revision[:200] if revision else None,
        )

    def _busy(self, url: str, answer: _Answer) -> FetchFailed:
        wait = answer.headers.get("retry-after", "").strip()
        seconds = float(wait[:9]) if wait.isdecimal() and wait.isascii() else None
        if seconds is not None and seconds > self.limits.max_wait:
            return FetchFailed(f"{url} could not be read: its host asks to wait {seconds:g} s", "trace again later")
        return _TryAgain(f"{url} could not be read: its host answers {answer.status}", seconds)


class _Inflater:
    """Gzip in small parts, so that a bomb is noticed before it goes off; members in a row are one body."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(zlib.MAX_WBITS | 16)

    @property
    def complete(self) -> bool:
        return self._stream.eof

    def parts(self, data: bytes) -> Iterator[bytes]:
        part = b""
        while data or len(part) == PART_BYTES:
            if self._stream.eof and data:
                self._stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
            part = self._stream.decompress(data, PART_BYTES)
            yield part
            data = self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail


def _checked(url: str) -> tuple[httpx2.URL, str]:
    """A URL's parts and its host, if it is one that may be opened as far as its spelling tells."""
    if len(url) > MAX_URL or "\\" in url or any(c.isspace() or not c.isprintable() for c in url):
        raise FetchRefused(f"{url[:200]!r} is refused: it is no plain web address")
    try:
        address = httpx2.URL(url)
    except (httpx2.InvalidURL, ValueError) as error:
        raise FetchRefused(f"{url[:200]!r} is refused: {error}") from error
    if address.scheme not in ("http", "https"):
        raise FetchRefused(f"{url} is refused: only http and https are opened")
    if address.userinfo or b"@" in address.netloc or "@" in url.split("//", 1)[-1].split("/", 1)[0]:
        raise FetchRefused(f"{url} is refused: it holds a user name")
    host = checked_host(
        url, address.raw_host.decode("ascii"), address.port or (443 if address.scheme == "https" else 80)
    )
    return address, host


def _join(base: str, location: str) -> str:
    try:
        return urljoin(base, location).split("#", 1)[0]
    except ValueError as error:
        raise FetchRefused(f"{base} is refused: it redirects to {location[:200]!r}: {error}") from error
