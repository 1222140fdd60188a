"""Rows on the live Hub: its own conversion to Parquet first, then whatever plain files the dataset has."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import PurePosixPath

from huggingface_hub import hf_hub_url

from lineage_platform.catalog.live import LIBRARY, LiveHub
from lineage_platform.records import DatasetInfo
from lineage_platform.samples.row_files import RowFile, Source

CONVERTED = "refs/convert/parquet"

_PARTIAL = "partial-"  # begins the name of a split of which the Hub converted the first gigabytes only
_NO_ROWS = frozenset({"dataset_infos.json", "dataset_dict.json", "state.json", "config.json"})
_AHEAD = 4 << 20  # bytes fetched at once at least: small ranges are asked for one after another
_SPLIT = re.compile(r"(?:^|[-_.])(train|test|validation|valid|val|dev|eval)(?=[-_.]|$)")


def live_sources(hub: LiveHub, info: DatasetInfo) -> list[Source]:
    """The parts of a dataset: its configs and splits, or its folders and splits where the Hub has not converted it.

    A level that has one value only is left out of a part's name: a dataset of one config and one split is one part.
    """
    repository = _Repository(hub, info.id)
    commit = repository.commit(CONVERTED)
    converted = repository.files(commit) if commit else []
    if converted and not any(PurePosixPath(file.name).parent.name.startswith(_PARTIAL) for file in converted):
        return _parts(info.id, f"parquet:{commit}", ((PurePosixPath(file.name).parts[:-1], file) for file in converted))
    own = [file for file in repository.files(info.sha) if PurePosixPath(file.name).name not in _NO_ROWS]
    if own or not commit:
        return _parts(info.id, info.sha, ((_levels(file.name), file) for file in own))
    return _parts(info.id, f"parquet:{commit}", ((PurePosixPath(file.name).parts[:-1], file) for file in converted))


def _parts(dataset_id: str, revision: str, files: Iterable[tuple[Sequence[str], RowFile]]) -> list[Source]:
    """One source for the files of each place."""
    places: dict[tuple[str, ...], list[RowFile]] = defaultdict(list)
    for levels, file in files:
        places[tuple(levels)].append(file)
    depth = max(map(len, places), default=0)
    padded = {levels: (*levels, *[""] * (depth - len(levels))) for levels in places}
    telling = [at for at in range(depth) if len({levels[at] for levels in padded.values()}) > 1]
    named = {"/".join(filter(None, (padded[levels][at] for at in telling))): levels for levels in places}
    return [
        Source(dataset_id, tuple(sorted(places[levels], key=lambda file: file.name)), part, revision)
        for part, levels in sorted(named.items())
    ]


def _levels(name: str) -> tuple[str, ...]:
    """Folder and split of a file that a person named; the folder ``data`` says nothing."""
    path = PurePosixPath(name)
    split = _SPLIT.search(path.name.lower())
    folders = path.parts[1:-1] if path.parts[0] == "data" else path.parts[:-1]
    return ("/".join(folders), split[1] if split else "")


class _Repository:
    """The files of one dataset at a commit.

    They are listed and read by requests of our own: the client's lists and files wait by themselves for as long as the
    Hub tells them to, and be it an hour for each of five attempts.
    """

    def __init__(self, hub: LiveHub, dataset_id: str) -> None:
        self._hub, self._id = hub, dataset_id

    def commit(self, revision: str) -> str | None:
        """The commit that a revision names; None if there is no such revision."""
        from huggingface_hub import HfApi
        from huggingface_hub.errors import RevisionNotFoundError

        api = HfApi(endpoint=self._hub.endpoint, library_name=LIBRARY)

        def request() -> str | None:
            try:
                return api.dataset_info(self._id, revision=revision).sha
            except RevisionNotFoundError:
                return None

        return self._hub.ask(f"{self._id} at {revision}", self._id, request)

    def files(self, commit: str) -> list[RowFile]:
        """Its files of formats that are read.

        Raises
        ------
        DatasetNotFound, DatasetGated, HubUnavailable
            The Hub's answer, or that it gave none.
        """
        listed = sorted(self._listed(commit))
        opened = partial(_HubFile, self._hub, self._id, commit=commit)
        files = (RowFile(name, size, open=partial(opened, name, size), oid=oid) for name, size, oid in listed)
        return [file for file in files if file.format]

    def _listed(self, commit: str) -> Iterator[tuple[str, int, str]]:
        """Name, size and git object of every file at a commit, page by page."""
        url = f"{self._hub.endpoint}/api/datasets/{self._id}/tree/{commit}?recursive=true&expand=false"
        while url:
            listed, url = self._hub.ask(f"the files of {self._id}", self._id, partial(self._page, url))
            yield from listed

    def _page(self, url: str) -> tuple[list[tuple[str, int, str]], str]:
        """One page of them, and where the next is, if there is one."""
        page = self._hub.get(url)
        # The object of a large file is its pointer, which holds the SHA-256 of the file itself.
        files = [(each["path"], each["size"], each["oid"]) for each in page.json() if each["type"] == "file"]
        return files, page.links.get("next", {}).get("url", "")


class _HubFile:
    """A file on the Hub, read in ranges; a range is asked for again while that may help."""

    def __init__(self, hub: LiveHub, dataset_id: str, name: str, size: int, *, commit: str) -> None:
        self._hub, self._id, self._name, self._size = hub, dataset_id, name, size
        self._url = hf_hub_url(dataset_id, name, repo_type="dataset", revision=commit, endpoint=hub.endpoint)
        self._at, self._first, self._held = 0, 0, b""

    def __enter__(self) -> _HubFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._held = b""

    def seek(self, offset: int) -> None:
        """Go to this byte."""
        self._at = offset

    def read(self, length: int) -> bytes:
        """So many bytes from there, fewer at the end."""
        end = min(self._at + length, self._size)
        if not self._first <= self._at <= end <= self._first + len(self._held):
            last = min(max(end, self._at + _AHEAD), self._size)
            request = partial(self._range, self._at, last)
            self._first, self._held = self._at, self._hub.ask(f"{self._id}/{self._name}", self._id, request)
        data = self._held[self._at - self._first : end - self._first]
        self._at = end
        return data

    def _range(self, first: int, end: int) -> bytes:
        if first >= end:
            return b""
        data: bytes = self._hub.get(self._url, range=f"bytes={first}-{end - 1}").content
        if len(data) != end - first:
            raise ValueError(f"{len(data)} bytes came for {end - first}")
        return data
