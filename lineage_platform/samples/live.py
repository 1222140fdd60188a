"""Rows on the live Hub: its own conversion to Parquet first, then whatever plain files the dataset has."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from lineage_platform.catalog.live import LIBRARY, LiveHub
from lineage_platform.errors import DatasetNotFound
from lineage_platform.records import DatasetInfo
from lineage_platform.samples.row_files import RowFile, Source

if TYPE_CHECKING:
    from huggingface_hub import HfFileSystem

CONVERTED = "refs/convert/parquet"

_PARTIAL = "partial-"  # begins the name of a split of which the Hub converted the first gigabytes only
_NO_ROWS = frozenset({"dataset_infos.json", "dataset_dict.json", "state.json", "config.json"})
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
    """The files of one dataset at a commit."""

    def __init__(self, hub: LiveHub, dataset_id: str) -> None:
        self._hub, self._id = hub, dataset_id
        self._root = f"datasets/{dataset_id}"

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
        system = self._system()
        listed: dict[str, dict[str, Any]] = self._hub.ask(
            f"the files of {self._id}", self._id, partial(self._listed, system, commit)
        )
        found = []
        for path, about in sorted(listed.items()):
            name = re.sub(rf"^{re.escape(self._root)}(?:@[^/]+)?/", "", path)
            opened = partial(_HubFile, self._hub, self._id, system, name, commit, about["size"])
            file = RowFile(name, about["size"], open=opened)
            if about["type"] == "file" and file.format:
                found.append(file)
        return found

    def _listed(self, system: HfFileSystem, commit: str) -> dict[str, Any]:
        try:
            found: dict[str, Any] = system.find(self._root, detail=True, revision=commit)  # type: ignore[assignment]
        except FileNotFoundError as error:
            raise DatasetNotFound(f"{self._hub.endpoint} has no files of {self._id} at {commit}") from error
        return found

    def _system(self) -> HfFileSystem:
        from huggingface_hub import HfFileSystem

        return HfFileSystem(endpoint=self._hub.endpoint, skip_instance_cache=True)


class _HubFile:
    """A file on the Hub, read in ranges; a range is asked for again while that may help."""

    def __init__(self, hub: LiveHub, dataset_id: str, system: HfFileSystem, name: str, commit: str, size: int) -> None:
        self._hub, self._id, self._name, self._at = hub, dataset_id, name, 0
        path = f"datasets/{dataset_id}/{name}"
        self._file = hub.ask(
            f"{dataset_id}/{name}", dataset_id, lambda: system.open(path, "rb", revision=commit, size=size)
        )

    def __enter__(self) -> _HubFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def seek(self, offset: int) -> None:
        """Go to this byte."""
        self._at = offset

    def read(self, length: int) -> bytes:
        """So many bytes from there."""

        def request() -> bytes:
            self._file.seek(self._at)
            return bytes(self._file.read(length))

        data = self._hub.ask(f"{self._id}/{self._name}", self._id, request)
        self._at += len(data)
        return data
