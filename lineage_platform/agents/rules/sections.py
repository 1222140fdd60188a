"""What a heading promises of the text under it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum
from functools import lru_cache

from lineage_platform.agents.rules.patterns import pattern

_SOURCES, _MAKING, _OTHER = (pattern("headings", name) for name in ("sources", "making", "other"))
_CREDITS, _NEVER_SOURCES, _NEVER_MAKING = (
    pattern("headings", name) for name in ("credits", "never_sources", "never_making")
)
_ACT = re.compile(r"\b(?:curation|creation|construction|collection|generation|synthesis|recipe|mix)\b", re.IGNORECASE)
MAX_TITLE = 70  # characters: a longer heading is a sentence, and promises nothing by its words


class Section(Enum):
    """What the text under a heading is about."""

    SOURCES = "what the data was taken from"
    MAKING = "how the data was made"
    NEUTRAL = "nothing in particular"
    CREDITS = "thanks and licences"
    OTHER = "evaluation, training, use, news, related work"


def section(headings: Sequence[str]) -> Section:
    """What a unit's headings, outermost first, promise: the innermost that promises anything decides.

    Under a heading about sources or about something else, a part named after data or its making stays a part of that.
    """
    current = Section.NEUTRAL
    for verdict in map(_heading, headings):
        if verdict is Section.NEUTRAL or (verdict is Section.MAKING and current in (Section.OTHER, Section.SOURCES)):
            continue
        current = verdict
    return current


def shows_making(heading: str) -> bool:
    """Whether a heading names sources of data or the act of making it, rather than the data alone."""
    place = _heading(heading)
    return place is Section.SOURCES or (place is Section.MAKING and _ACT.search(heading) is not None)


@lru_cache(maxsize=4096)
def _heading(text: str) -> Section:
    plain = re.sub(r"[*_`#]+|\]\([^()]*\)|\[", "", text).strip()
    if len(plain) > MAX_TITLE:
        return Section.NEUTRAL
    if _SOURCES.search(plain) and not _NEVER_SOURCES.search(plain):
        return Section.SOURCES
    if _CREDITS.search(plain):
        return Section.CREDITS
    if _MAKING.search(plain) and not _NEVER_MAKING.search(plain):
        return Section.MAKING
    return Section.OTHER if _OTHER.search(plain) else Section.NEUTRAL
