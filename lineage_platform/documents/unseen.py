"""Characters that no reader sees or reads: without width, steering the direction of writing, or encoded."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lineage_platform.documents.reading import Edit, Span

_INVISIBLE = re.compile(
    r"[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff"
    r"\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]+"
    r"|[\u200c\u200d]{2,}|(?<![^\x00-\x7f])[\u200c\u200d]"  # between letters of some scripts a single joiner belongs
    r"|[\x00-\x08\x0e-\x1f\x7f]+"
)
_ENCODED = re.compile(r"[A-Za-z0-9+/]{160,}={0,2}|(?:[A-Za-z0-9+/]{60,}={0,2}\s{1,3}){3,}|(?:%[0-9A-Fa-f]{2}){60,}")


def invisible(text: str) -> Iterator[Edit]:
    """Runs of characters without a shape; what they part is shown joined."""
    return (Edit(*match.span()) for match in _INVISIBLE.finditer(text))


def encoded(text: str) -> Iterator[Span]:
    """Long runs in base64 or the like: data, or text made to be read by a machine only."""
    return (Span(*match.span()) for match in _ENCODED.finditer(text))
