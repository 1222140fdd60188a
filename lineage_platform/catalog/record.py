"""Keeping what a hub answers as a hub folder, for offline and repeatable runs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock

from lineage_platform.catalog.answers import answer_json
from lineage_platform.catalog.folder import LABEL
from lineage_platform.catalog.hub import Hub, HubQuery
from lineage_platform.catalog.tables import read_pairs
from lineage_platform.errors import LineageError
from lineage_platform.files import write_whole
from lineage_platform.records import DatasetInfo


class RecordingHub:
    """A hub that writes each answer it passes on into a hub folder: whatever a trace reads can then be traced again.

    Parameters
    ----------
    hub:
        Who answers.
    to:
        The hub folder; made where it does not exist, added to where it does.
    """

    def __init__(self, hub: Hub, to: Path) -> None:
        self.name = hub.name
        self.label = hub.label
        self.folder = hub.folder
        self._hub = hub
        self._to = to
        self._granted: set[str] = set()
        self._lock = Lock()
        (to / "datasets").mkdir(parents=True, exist_ok=True)
        if hub.label:
            write_whole(to / LABEL, f"{hub.label}\n".encode())

    def info(self, dataset_id: str) -> DatasetInfo:
        """See :meth:`lineage_platform.catalog.hub.Hub.info`; writes ``info.json``, a redirect into ``aliases.tsv``."""
        info = self._hub.info(dataset_id)
        self._write(info)
        if dataset_id.lower() != info.id.lower():
            self._alias(dataset_id, info.id)
        return info

    def card(self, info: DatasetInfo) -> bytes | None:
        """See :meth:`lineage_platform.catalog.hub.Hub.card`; writes ``README.md``."""
        card = self._hub.card(info)
        self._granted.add(info.id)
        self._write(info)
        if card is not None:
            write_whole(self._place(info) / "README.md", card)
        return card

    def search(self, words: str, limit: int = 20) -> Sequence[str]:
        """See :meth:`lineage_platform.catalog.hub.Hub.search`; describes each hit, so that the folder finds it."""
        hits = self._hub.search(words, limit)
        for dataset_id in hits:
            with suppress(LineageError):
                self.info(dataset_id)
        return hits

    def listed(self, query: HubQuery) -> Sequence[str]:
        """See :meth:`lineage_platform.catalog.hub.Hub.listed`; nothing is kept of it but what is traced of it."""
        return self._hub.listed(query)

    def _place(self, info: DatasetInfo) -> Path:
        return self._to / "datasets" / info.id

    def _write(self, info: DatasetInfo) -> None:
        """Describe the dataset as it is for the folder's readers: what was shown to us is open to them."""
        info = info.model_copy(update={"private": False, "gated": info.gated and info.id not in self._granted})
        text = json.dumps(answer_json(info), indent=1, ensure_ascii=False, sort_keys=True)
        write_whole(self._place(info) / "info.json", text.encode("utf-8") + b"\n")

    def _alias(self, old: str, new: str) -> None:
        path = self._to / "aliases.tsv"
        with self._lock:
            rows = dict(read_pairs(path)) | {old: new}
            lines = ["alias\tdataset_id", *(f"{alias}\t{target}" for alias, target in sorted(rows.items()))]
            write_whole(path, "\n".join(lines).encode("utf-8") + b"\n")
