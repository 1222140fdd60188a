"""Effective release dates, and how dates of mixed precision compare.

A date is the earlier of the Hub's creation date and the date of the dataset's *own* paper; a paper that the card merely
cites says nothing. The Hub's creation dates begin on its first day, which therefore means "then or earlier".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lineage_platform.catalog.papers import own_papers
from lineage_platform.records import DatasetInfo, ReleaseDate

HUB_EPOCH = "2022-03-02"


def effective_release(info: DatasetInfo, card_text: str) -> tuple[ReleaseDate | None, tuple[ReleaseDate, ...]]:
    """When a dataset was released, as far as its Hub entry and its card tell.

    Parameters
    ----------
    info:
        What the hub says of it.
    card_text:
        Its README, decoded; empty when there is none.

    Returns
    -------
    tuple
        The effective date, None when nothing tells, and every date found, each with its origin.
    """
    dates = tuple(_dates(info, card_text))
    return min(dates, key=_latest, default=None), dates


def is_younger(source: ReleaseDate | None, target: ReleaseDate | None) -> bool:
    """Whether ``source`` was released in a month that is certainly later than ``target``'s.

    False when either is unknown, and when all that is known of the source is the Hub's first day.
    """
    if source is None or target is None or source.origin == "hub_epoch":
        return False
    return _month(source, first=True) > _month(target, first=False)


def released_before(release: ReleaseDate | None, year: int) -> bool:
    """Whether the dataset was certainly released before the first day of ``year``."""
    return release is not None and int(release.value[:4]) < year


def _dates(info: DatasetInfo, card_text: str) -> Iterator[ReleaseDate]:
    created = re.match(r"\d{4}-(?:0[1-9]|1[0-2])-\d\d", info.created_at or "")
    if created:
        yield ReleaseDate(value=created[0], origin="hub_epoch" if created[0] == HUB_EPOCH else "hub")
    for paper in own_papers(info, card_text):
        yield ReleaseDate(value=paper.date, origin=f"paper:{paper.source}")


def _latest(date: ReleaseDate) -> tuple[str, int]:
    """Sort key: the last month it can mean, and of equal ones the more precise first."""
    return _month(date, first=False), -len(date.value)


def _month(date: ReleaseDate, *, first: bool) -> str:
    """The first or the last month (``YYYY-MM``) that a date can mean."""
    return date.value[:7] if len(date.value) >= 7 else f"{date.value}-{'01' if first else '12'}"
