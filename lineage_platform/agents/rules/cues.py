"""Words of derivation in a sentence, and words against it, in the order in which they govern what follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from lineage_platform.agents.rules.patterns import pattern

BEHIND = pattern("cues", "behind")


class Stance(Enum):
    """What a cue says of the names behind it."""

    FROM = "data was taken from them"
    WITH = "data was made by working on them"
    AGAINST = "they are something else"


_PATTERNS = {
    Stance.FROM: pattern("cues", "from"),
    Stance.WITH: pattern("cues", "with"),
    Stance.AGAINST: pattern("cues", "against"),
}


@dataclass(frozen=True)
class Cue:
    """Words that govern the names behind them, by position in the text searched."""

    start: int
    end: int
    stance: Stance
    words: str


def cues(shown: str) -> Sequence[Cue]:
    """The cues of a masked sentence by where they end; of two that overlap, only that of derivation stays.

    "Trained on samples from" is both: what is trained on was sampled all the same.
    """
    found = [
        Cue(match.start(), match.end(), stance, " ".join(match[0].lower().split()))
        for stance, words in _PATTERNS.items()
        for match in words.finditer(shown)
    ]
    derived = [cue for cue in found if cue.stance is Stance.FROM]
    kept = [cue for cue in found if cue.stance is Stance.FROM or not any(_overlap(cue, other) for other in derived)]
    return sorted(kept, key=lambda cue: (cue.end, cue.stance is Stance.AGAINST))


def _overlap(one: Cue, other: Cue) -> bool:
    return one.start < other.end and other.start < one.end
