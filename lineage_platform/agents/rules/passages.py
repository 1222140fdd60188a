"""Role two: the parts of a document that bear on how data was made."""

from __future__ import annotations

from collections.abc import Sequence

from lineage_platform.agents.rules.blocks import Kind, units
from lineage_platform.agents.rules.cues import Stance, cues
from lineage_platform.agents.rules.mentions import masked
from lineage_platform.agents.rules.sections import Section, section
from lineage_platform.documents.reading import Reading, Span

SHORT = 30_000  # characters: a document that is read whole
OPENING = 3_000


def passages(document: Reading) -> Sequence[Span]:
    """Ranges of the cleaned text, in order and apart; all of a short document."""
    text = document.clean.text
    if not text.strip():
        return ()
    if len(text) <= SHORT:
        return (Span(0, len(text)),)
    found = [Span(0, OPENING)]
    for unit in units(document):
        place = section(unit.headings)
        if place in (Section.SOURCES, Section.MAKING) or (
            place is not Section.OTHER and unit.kind is not Kind.ROW and _derives(text[unit.span.start : unit.span.end])
        ):
            found.append(unit.span)
    return tuple(_merged(found))


def _derives(sentence: str) -> bool:
    return any(cue.stance is Stance.FROM for cue in cues(masked(sentence)))


def _merged(found: Sequence[Span]) -> list[Span]:
    merged: list[Span] = []
    for span in sorted(found):
        if merged and span.start <= merged[-1].end + 2:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return merged
