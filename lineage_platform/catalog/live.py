"""The live Hub, through huggingface_hub: its token, endpoint, home and offline variables hold here too."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlencode

import httpx2
from huggingface_hub import HfApi, cached_assets_path, hf_hub_url
from huggingface_hub.errors import (
    DisabledRepoError,
    GatedRepoError,
    HfHubHTTPError,
    OfflineModeIsEnabled,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.utils import build_hf_headers, get_session, hf_raise_for_status  # type: ignore[attr-defined]
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential
from tenacity.stop import stop_base

from lineage_platform.catalog.answers import Answer
from lineage_platform.catalog.folder import rank
from lineage_platform.catalog.hub import MAX_CARD_BYTES, HubQuery
from lineage_platform.catalog.ids import parse_dataset_id
from lineage_platform.catalog.rate import RateLimit
from lineage_platform.concurrency import Once
from lineage_platform.errors import DatasetGated, DatasetNotFound, HubUnavailable, LineageError, UnreadableDocument
from lineage_platform.files import safe_name, write_whole
from lineage_platform.records import DatasetInfo

PUBLIC_ENDPOINT = "https://huggingface.co"
LIBRARY = "lineage-platform"
PROPERTIES = ["sha", "createdAt", "lastModified", "downloads", "likes", "tags", "gated", "private"]
SEARCH_PAGE = 100
BROKEN_BODY = (ValueError, LookupError, TypeError, AttributeError)  # what parsing half an answer raises

T = TypeVar("T")


@dataclass(frozen=True)
class Patience:
    """How hard to try.

    Parameters
    ----------
    timeout:
        Seconds without a byte after which a request has failed.
    card_seconds:
        Seconds that one card may take in all.
    attempts:
        Requests per answer: the first one and its repetitions.
    longest_wait:
        Seconds; a server that asks to wait longer ends the attempt.
    backoff:
        Seconds; the bound of the random wait after the first failure, doubled for each further one, at most 30.
    per_second, burst:
        The rate that all threads share.
    """

    timeout: float = 20.0
    card_seconds: float = 120.0
    attempts: int = 5
    longest_wait: float = 300.0
    backoff: float = 1.0
    per_second: float = 10.0
    burst: int = 20


class LiveHub:
    """The Hub itself, or the mirror that ``HF_ENDPOINT`` names.

    Each dataset is described by one request per run; cards are kept on disk by commit. The token (``HF_TOKEN``, or that
    of ``hf auth login``) goes to the endpoint alone: the client drops it when a redirect leads to another host.

    Parameters
    ----------
    endpoint:
        Base URL; by default ``HF_ENDPOINT``, else the public Hub.
    cache:
        Folder for cards; by default one under ``HF_HOME``.
    patience:
        Timeouts, repetitions, rate.
    """

    name = "live"
    label = ""
    folder: Path | None = None

    def __init__(
        self, endpoint: str | None = None, *, cache: Path | None = None, patience: Patience | None = None
    ) -> None:
        self.endpoint = (endpoint or os.environ.get("HF_ENDPOINT") or PUBLIC_ENDPOINT).rstrip("/")
        self._cache = cache or cached_assets_path(LIBRARY, "cards")
        self._patience = patience or Patience()
        self._api = HfApi(endpoint=self.endpoint, library_name=LIBRARY)
        self._rate = RateLimit(self._patience.per_second, self._patience.burst)
        self._infos: Once[str, DatasetInfo | LineageError] = Once()

    def info(self, dataset_id: str) -> DatasetInfo:
        """See :meth:`lineage_platform.catalog.hub.Hub.info`."""
        wanted = parse_dataset_id(dataset_id)
        found = self._infos.get(wanted.lower(), lambda: self._describe(wanted))
        if isinstance(found, LineageError):
            raise type(found)(found.message, found.hint)
        self._infos.get(found.id.lower(), lambda: found)
        return found

    def card(self, info: DatasetInfo) -> bytes | None:
        """See :meth:`lineage_platform.catalog.hub.Hub.card`."""
        kept = self._cache / safe_name(f"{self.endpoint}/{info.id}@{info.sha}")
        if info.sha and kept.is_file():
            return kept.read_bytes()
        body = self.ask(f"the card of {info.id}", info.id, lambda: self._download(info))
        if info.sha and body is not None:
            write_whole(kept, body)
        return body

    def search(self, words: str, limit: int = 20) -> Sequence[str]:
        """See :meth:`lineage_platform.catalog.hub.Hub.search`: the Hub's hits whose names contain the words."""

        params = {"search": words, "sort": "downloads", "limit": str(SEARCH_PAGE)}
        return rank(words, self._ids(f"a search for {words!r}", words, params), limit)

    def listed(self, query: HubQuery) -> Sequence[str]:
        """See :meth:`lineage_platform.catalog.hub.Hub.listed`: by the Hub's own figure of what trends."""
        given = {"author": query.author, "filter": query.tag}
        params = {"sort": "trendingScore", "limit": str(query.limit)} | {k: v for k, v in given.items() if v}
        return self._ids("a list of datasets", query.author or query.tag, params)

    def _ids(self, what: str, about: str, params: dict[str, str]) -> list[str]:
        """The ids in the Hub's answer to one request for datasets."""

        def request() -> list[str]:
            hits = self.get(f"{self.endpoint}/api/datasets?{urlencode(params)}").json()
            return [parse_dataset_id(hit["id"]) for hit in hits]

        return self.ask(what, about, request)

    def _describe(self, dataset_id: str) -> DatasetInfo | LineageError:
        """The Hub's description, or its final word that there is none to be had."""

        def request() -> DatasetInfo:
            found = self._api.dataset_info(dataset_id, timeout=self._patience.timeout, expand=PROPERTIES)  # type: ignore[arg-type]
            return Answer.model_validate(vars(found)).info(parse_dataset_id(found.id))

        try:
            return self.ask(dataset_id, dataset_id, request)
        except (DatasetNotFound, DatasetGated) as error:
            return error

    def _download(self, info: DatasetInfo) -> bytes | None:
        url = hf_hub_url(info.id, "README.md", repo_type="dataset", revision=info.sha or "main", endpoint=self.endpoint)
        headers = build_hf_headers(library_name=LIBRARY)
        deadline = time.monotonic() + self._patience.card_seconds
        with get_session().stream("GET", url, headers=headers, timeout=self._patience.timeout) as response:
            try:
                hf_raise_for_status(response)
            except RemoteEntryNotFoundError:
                return None
            except HfHubHTTPError as error:
                if response.status_code == 404 and not response.headers.get("X-Error-Code"):
                    return None
                if response.status_code in {401, 403} or (info.gated and isinstance(error, RepositoryNotFoundError)):
                    raise self._gated(info.id) from error
                raise
            body = bytearray()
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > MAX_CARD_BYTES:
                    raise UnreadableDocument(f"the card of {info.id} is larger than {MAX_CARD_BYTES >> 20} MiB")
                if time.monotonic() > deadline:
                    raise httpx2.ReadTimeout(f"not read within {self._patience.card_seconds:g} s")
            return bytes(body)

    def get(self, url: str, **headers: str) -> httpx2.Response:
        """One request to the endpoint, unrepeated, for :meth:`ask`; an answer that is none is raised.

        Raises
        ------
        ValueError
            The address is not the endpoint's: it is not told the token.
        """
        if not url.startswith(f"{self.endpoint}/"):
            raise ValueError(f"{url} is not of {self.endpoint}")
        asked = build_hf_headers(library_name=LIBRARY) | headers
        response = get_session().get(url, headers=asked, timeout=self._patience.timeout)
        hf_raise_for_status(response)
        return response

    def ask(self, what: str, dataset_id: str, request: Callable[[], T]) -> T:
        """The answer to one request, repeated while the failure may pass; every failure becomes one of ours.

        Parameters
        ----------
        what:
            The thing asked for, for messages.
        dataset_id:
            The dataset that it is of.

        Raises
        ------
        DatasetNotFound, DatasetGated, HubUnavailable
            The Hub's answer, or that it gave none.
        """

        def attempt() -> T:
            self._rate.acquire()
            return request()

        retrying = Retrying(
            retry=retry_if_exception(_may_pass),
            stop=stop_after_attempt(self._patience.attempts) | _asks_too_much(self._patience.longest_wait),
            wait=self._wait,
            reraise=True,
        )
        try:
            return retrying(attempt)
        except LineageError:
            raise
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, *BROKEN_BODY) as error:
            raise self._translated(error, what, dataset_id) from error

    def _wait(self, state: RetryCallState) -> float:
        """Seconds until the next attempt. A wait that the server asks for holds all threads back.

        One beyond our patience holds back nobody: it is asked for before it is known that there is no next attempt.
        """
        asked = _retry_after(_failure(state))
        if asked is not None and asked <= self._patience.longest_wait:
            self._rate.pause(asked)
            return 0
        return wait_random_exponential(multiplier=self._patience.backoff, max=30)(state)

    def _translated(self, error: Exception, what: str, dataset_id: str) -> LineageError:
        if isinstance(error, GatedRepoError):
            return self._gated(dataset_id)
        if isinstance(error, DisabledRepoError):
            return DatasetNotFound(f"{dataset_id} has been disabled by the Hub")
        if isinstance(error, OfflineModeIsEnabled):
            return HubUnavailable(f"{what} was not asked for: HF_HUB_OFFLINE is set", "unset it, or name a hub folder")
        if isinstance(error, RevisionNotFoundError):
            return HubUnavailable(f"{dataset_id} changed while it was being read", "trace it again")
        if isinstance(error, HfHubHTTPError):
            return self._refused(error.response, isinstance(error, RepositoryNotFoundError), what, dataset_id)
        if isinstance(error, httpx2.HTTPError):
            return HubUnavailable(f"{self.endpoint} gave no answer for {what}: {_brief(error)}", "trace it again later")
        return HubUnavailable(
            f"{self.endpoint} gave a broken answer for {what}: {_brief(error)}", "trace it again later"
        )

    def _refused(self, response: httpx2.Response, no_repository: bool, what: str, dataset_id: str) -> LineageError:
        """What a status code of the Hub means; without a token it answers 401 for whatever it will not show."""
        status = response.status_code
        if status == 401 and "Invalid credentials" in response.headers.get("X-Error-Message", ""):
            return HubUnavailable(f"{self.endpoint} refuses the token", "mend HF_TOKEN, or unset it")
        if no_repository or status in {401, 404, 410}:
            hint = "if it is private, set HF_TOKEN to a token that may read it"
            return DatasetNotFound(f"{self.endpoint} has no dataset {dataset_id}", hint)
        if status == 403:
            return self._gated(dataset_id)
        if status == 429:
            return HubUnavailable(f"{self.endpoint} limits requests: {what} was refused", "wait, or set HF_TOKEN")
        return HubUnavailable(f"{self.endpoint} answers {status} for {what}", "trace it again later")

    def _gated(self, dataset_id: str) -> DatasetGated:
        page = f"{self.endpoint}/datasets/{dataset_id}"
        return DatasetGated(f"{dataset_id} is gated", f"ask for access at {page}, then set HF_TOKEN")


class _asks_too_much(stop_base):  # noqa: N801 - named as tenacity's own conditions are
    """Stop when the server asks for a longer wait than we have patience for."""

    def __init__(self, longest: float) -> None:
        self.longest = longest

    def __call__(self, retry_state: RetryCallState) -> bool:
        return (_retry_after(_failure(retry_state)) or 0) > self.longest


def _failure(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None


def _may_pass(error: BaseException) -> bool:
    """Whether the same request may succeed later: rate limits, 5xx, timeouts, broken connections and broken bodies."""
    if isinstance(error, HfHubHTTPError):
        return error.response.status_code in {408, 425, 429} or error.response.status_code >= 500
    return isinstance(error, (httpx2.TransportError, httpx2.DecodingError, *BROKEN_BODY))


def _retry_after(error: BaseException | None) -> float | None:
    """Seconds that the server asks to wait (RFC 9110, 10.2.3: a number or a date); None when it does not ask."""
    asked = error.response.headers.get("Retry-After", "").strip() if isinstance(error, HfHubHTTPError) else ""
    if asked.isdecimal():
        return float(asked)
    try:
        return max(0.0, (parsedate_to_datetime(asked) - datetime.now(UTC)).total_seconds()) if asked else None
    except (ValueError, TypeError):
        return None


def _brief(error: Exception) -> str:
    return " ".join(f"{type(error).__name__} {error}".split())[:200]
