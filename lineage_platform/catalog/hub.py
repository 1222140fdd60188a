"""What the platform needs of a hub: the one protocol that the live Hub, a hub folder and the sample share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from lineage_platform.records import DatasetInfo

MAX_CARD_BYTES = 4 << 20  # a longer card is unreadable, never cut: what it says at the end could matter


@dataclass(frozen=True)
class HubQuery:
    """Which of a hub's datasets are meant.

    Parameters
    ----------
    author:
        Those of one organisation or person; empty: of anybody.
    tag:
        Those that bear one of the hub's tags, as ``math`` or ``language:en``; empty: with any.
    limit:
        So many at most.
    """

    author: str = ""
    tag: str = ""
    limit: int = 100


class Hub(Protocol):
    """A place that knows datasets.

    Attributes
    ----------
    name:
        Short, safe for a file name, one per set of answers: ``live``, ``sample``, ``folder-<name>-<hash>``. Records
        traced from differently named hubs never mix.
    label:
        What every output over this hub must say (``sample data: ...``); empty for real data.
    folder:
        The hub folder whose ``github/``, ``arxiv/`` and ``web/`` answer for the rest of the web; None for the live Hub.
    """

    name: str
    label: str
    folder: Path | None

    def info(self, dataset_id: str) -> DatasetInfo:
        """What the hub says of a dataset; ``.id`` of the answer is canonical (redirects followed).

        Raises
        ------
        InvalidDatasetId
            The string cannot be an id.
        DatasetNotFound, DatasetGated
            The hub's answer.
        HubUnavailable, BrokenRecord
            No usable answer; asking later may work (or, for a folder, mending the file).
        """
        ...

    def card(self, info: DatasetInfo) -> bytes | None:
        """The README at ``info.sha`` as stored, or None when the dataset has none.

        Raises
        ------
        UnreadableDocument
            The card is larger than ``MAX_CARD_BYTES``.
        DatasetGated, HubUnavailable, BrokenRecord
            As for :meth:`info`.
        """
        ...

    def search(self, words: str, limit: int = 20) -> Sequence[str]:
        """Canonical ids whose names match ``words``, best first; at most ``limit``.

        Raises
        ------
        HubUnavailable
            No usable answer.
        """
        ...

    def listed(self, query: HubQuery) -> Sequence[str]:
        """Canonical ids of the datasets that a query means: what is most sought after at present comes first.

        Raises
        ------
        HubUnavailable
            The hub cannot answer now.
        """
        ...
