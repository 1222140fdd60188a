"""A hub in a folder: recorded, written by hand, or the embedded sample."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property, lru_cache
from pathlib import Path

from pydantic import ValidationError

from lineage_platform.catalog.answers import Answer, reason
from lineage_platform.catalog.hub import MAX_CARD_BYTES, HubQuery
from lineage_platform.catalog.ids import is_dataset_id, normalise_name, parse_dataset_id
from lineage_platform.catalog.tables import read_pairs
from lineage_platform.errors import (
    BrokenRecord,
    DatasetGated,
    DatasetNotFound,
    LineageError,
    UnreadableDocument,
    UsageError,
)
from lineage_platform.records import DatasetInfo

MAX_INFO_BYTES = 1 << 20
LABEL, MAX_LABEL_BYTES = "label.txt", 200  # what every output over the folder must say, where it must say anything


class FolderHub:
    """The layout of docs/interchange.md as a hub: ``datasets/ORG/NAME/info.json``, ``README.md``, ``aliases.tsv``.

    It answers as the Hub answers a caller without a grant: a gated dataset is described but its card is withheld, a
    private one is not there. Ids are found in any case, aliases lead to the id they name, no path leaves the folder.

    Parameters
    ----------
    folder:
        The hub folder.
    name:
        Overrides the name made from the folder's path.
    label:
        What every output over this hub must say.

    Raises
    ------
    UsageError
        The folder has no ``datasets/``.
    BrokenRecord
        A line of ``aliases.tsv`` is not an alias and an id.
    """

    def __init__(self, folder: Path, name: str | None = None, label: str = "") -> None:
        self.folder: Path | None = folder.resolve()
        self._root = self.folder
        if not (self._root / "datasets").is_dir():
            raise UsageError(
                f"{folder} is not a hub folder: it holds no datasets/ORG/NAME/info.json",
                "--hub takes live, sample, or a folder that `lineage hub record ID... --to DIR` wrote",
            )
        self.name = name or _name(self._root)
        self.label = label or self._label()
        self._aliases = {alias.lower(): target for alias, target in read_pairs(self._root / "aliases.tsv")}

    def info(self, dataset_id: str) -> DatasetInfo:
        """See :meth:`lineage_platform.catalog.hub.Hub.info`."""
        canonical = self._canonical(parse_dataset_id(dataset_id))
        path = self._root / "datasets" / canonical / "info.json"
        data = self._read(path, MAX_INFO_BYTES)
        if data is None:
            raise BrokenRecord(f"{path} is missing", f"write it, or delete {path.parent}")
        try:
            answer = Answer.model_validate_json(data)
        except ValidationError as error:
            raise BrokenRecord(f"{path} is no dataset description: {reason(error)}") from error
        if answer.id is not None and answer.id.lower() != canonical.lower():
            raise BrokenRecord(
                f"{path} describes {answer.id!r}, not {canonical}", "move it, or add a row to aliases.tsv"
            )
        if answer.private:
            raise DatasetNotFound(f"{canonical} is private on the hub {self.name!r}")
        info = answer.info(canonical)
        card = None if info.gated else self._read(path.with_name("README.md"), MAX_CARD_BYTES)
        return info.model_copy(update={"card_digest": hashlib.sha256(card).hexdigest() if card is not None else None})

    def card(self, info: DatasetInfo) -> bytes | None:
        """See :meth:`lineage_platform.catalog.hub.Hub.card`."""
        if info.gated:
            raise DatasetGated(f"{info.id} is gated", "record it anew with a token that has been granted access")
        path = self._root / "datasets" / self._canonical(parse_dataset_id(info.id)) / "README.md"
        data = self._read(path, MAX_CARD_BYTES)
        if data is not None and len(data) > MAX_CARD_BYTES:
            raise UnreadableDocument(f"the card of {info.id} is larger than {MAX_CARD_BYTES >> 20} MiB")
        return data

    def search(self, words: str, limit: int = 20) -> Sequence[str]:
        """See :meth:`lineage_platform.catalog.hub.Hub.search`: equal names first, then names that contain the words."""
        return rank(words, (name for names in self._ids.values() for name in names), limit)

    def listed(self, query: HubQuery) -> Sequence[str]:
        """See :meth:`lineage_platform.catalog.hub.Hub.listed`: most downloaded first, broken descriptions left out."""
        found: list[tuple[int, str]] = []
        for dataset_id in (name for names in self._ids.values() for name in names):
            if query.author.lower() not in ("", dataset_id.split("/")[0].lower()):
                continue
            with suppress(LineageError):
                info = self.info(dataset_id)
                if query.tag in ("", *info.tags):
                    found.append((-(info.downloads or 0), info.id))
        return [dataset_id for _, dataset_id in sorted(found)[: query.limit]]

    def _canonical(self, dataset_id: str) -> str:
        """The folder's spelling of an id, aliases followed: as on the Hub, an old name never answers for itself."""
        wanted, seen = dataset_id, set[str]()
        while wanted.lower() in self._aliases and wanted.lower() not in seen:
            seen.add(wanted.lower())
            wanted = self._aliases[wanted.lower()]
        found = self._ids.get(wanted.lower(), [])
        if wanted in found or len(found) == 1:
            return wanted if wanted in found else found[0]
        if found:
            raise BrokenRecord(f"{self._root} holds ids that differ only in case: {', '.join(found)}")
        raise DatasetNotFound(f"the hub {self.name!r} has no dataset {dataset_id}", "--hub live asks the real Hub")

    @cached_property
    def _ids(self) -> Mapping[str, list[str]]:
        """Canonical ids of the folder by their lower-case form."""
        ids: dict[str, list[str]] = defaultdict(list)
        for path in sorted((self._root / "datasets").glob("*/*/")):
            dataset_id = f"{path.parent.name}/{path.name}"
            if is_dataset_id(dataset_id) and dataset_id.lower() not in self._aliases:
                ids[dataset_id.lower()].append(dataset_id)
        return dict(ids)

    def _label(self) -> str:
        said = self._read(self._root / LABEL, MAX_LABEL_BYTES) or b""
        return " ".join(said.decode("utf-8", "replace").split())

    def _read(self, path: Path, limit: int) -> bytes | None:
        """At most ``limit + 1`` bytes of a file inside the folder, None where there is none."""
        try:
            real = path.resolve()
            if not real.is_relative_to(self._root):
                raise BrokenRecord(f"{path} leads out of the hub folder to {real}", f"delete {path}")
            with real.open("rb") as file:
                return file.read(limit + 1)
        except FileNotFoundError:
            return None
        except (OSError, RuntimeError) as error:  # RuntimeError: a loop of links
            raise BrokenRecord(f"{path} cannot be read: {error}") from error


def rank(words: str, ids: Iterable[str], limit: int) -> list[str]:
    """Those of ``ids`` whose names match ``words``, best first: equal, then beginning with, then containing them."""
    wanted = normalise_name(words)
    matches = []
    for dataset_id in ids:
        name, whole = _forms(dataset_id)
        if wanted and wanted in whole:
            matches.append((wanted not in (name, whole), not name.startswith(wanted), len(whole), dataset_id))
    return [match[-1] for match in sorted(matches)[:limit]]


@lru_cache(maxsize=1 << 16)
def _forms(dataset_id: str) -> tuple[str, str]:
    """The name and the whole id, for comparing."""
    return normalise_name(dataset_id.rsplit("/", 1)[-1]), normalise_name(dataset_id)


def _name(folder: Path) -> str:
    slug = re.sub(r"[^a-z0-9]+", "-", folder.name.lower()).strip("-")[:40] or "hub"
    return f"folder-{slug}-{hashlib.sha256(str(folder).encode('utf-8', 'surrogateescape')).hexdigest()[:8]}"
