"""Text that is safe to show: what documents and hubs say is printed, never obeyed."""

from __future__ import annotations

import re
import unicodedata

# Escape sequences of terminals: CSI (colours, cursor), OSC and other strings (titles, links), two-character ones.
_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[^\s]?"
)

_JOINTS = re.compile(r"(?<=[\w\"])[-/_.,:#]+(?=[\w\"])")


def plain(value: object) -> str:
    """``value`` as one line: no terminal escapes, no control, invisible or direction-changing characters."""
    return " ".join("".join(map(_shown, _ESCAPES.sub("", str(value)))).split())


def _shown(character: str) -> str:
    category = unicodedata.category(character)
    if character.isspace():
        return " "
    if category == "Cs":
        return "\N{REPLACEMENT CHARACTER}"
    return "" if category in {"Cc", "Cf"} else character


def shortened(text: str, length: int) -> str:
    """``text`` in at most ``length`` characters, the cut marked."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def folded(text: str, width: int) -> list[str]:
    """``text`` in lines of at most ``width`` characters, cut at spaces, else at the joints of names, else anywhere."""
    lines = []
    while len(text) > width:
        line = text[: width + 1]
        at = line.rfind(" ")
        if at <= 0:
            at = max((joint.end() for joint in _JOINTS.finditer(line)), default=width)
        lines.append(text[:at].rstrip(" "))
        text = text[at:].lstrip(" ")
    return [*lines, text]


def count(number: int, noun: str, plural: str = "") -> str:
    """``1 dataset``, ``2,000 datasets``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
