"""Role three: the sources that a document states, each with its relation, confidence and quote."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from lineage_platform.agents.interface import Subject
from lineage_platform.agents.rules import entries, prose
from lineage_platform.agents.rules.blocks import Kind, Unit, sentences, units
from lineage_platform.agents.rules.declared import declared
from lineage_platform.agents.rules.finding import Finding, statement
from lineage_platform.agents.rules.mentions import Form, Mention, masked, mentions
from lineage_platform.agents.rules.naming import Household, key
from lineage_platform.agents.rules.relation import relation
from lineage_platform.agents.rules.sections import Section, section
from lineage_platform.documents.reading import Reading, Span
from lineage_platform.records import Statement

NEAR = 1500  # characters around a passage in which the answers' origin may be told


def trace(subject: Subject, document: Reading, passages: Sequence[Span]) -> tuple[Statement, ...]:
    """Statements in order of position; one per source and dataset spoken of, the surest."""
    found: dict[tuple[str, str | None], Statement] = {(key(s.mention), None): s for s in declared(subject, document)}
    for finding in _Tracer(subject, document).findings(passages):
        made = statement(finding, document)
        if made:
            place = (key(made.mention), made.about)
            if place not in found or made.confidence > found[place].confidence:
                found[place] = made
    return tuple(sorted(found.values(), key=lambda made: (made.quote_offset or 0, made.mention)))


@dataclass(frozen=True)
class _Tracer:
    subject: Subject
    document: Reading

    @cached_property
    def names(self) -> Household:
        return Household(self.subject, self.document)

    def findings(self, passages: Sequence[Span]) -> Iterator[Finding]:
        ordered = sorted(passages)
        starts = [start for start, _ in ordered]
        for unit in units(self.document):
            last = (
                bisect_left(starts, unit.span.end) - 1
            )  # the passages do not overlap: only the last can hold the unit
            if last >= 0 and ordered[last].end > unit.span.start:
                yield from self._of_unit(unit)

    def _of_unit(self, unit: Unit) -> Iterator[Finding]:
        text, place = self.document.clean.text, section(unit.headings)
        for mention, confidence in entries.sources(unit, text):
            if not self.names.is_kin(mention):
                yield from self._finding(unit, unit.span, mention, confidence, unit.lead)
        if unit.kind is Kind.ROW or place is Section.OTHER:
            return
        if unit.kind is Kind.ITEM and entries.is_entry(text[unit.span.start : unit.span.end], self._is_ours):
            return
        for span in sentences(text, unit.span) if unit.kind is Kind.ITEM else (unit.span,):
            for mention, confidence in prose.sources(text[span.start : span.end], self._is_ours):
                shifted = _moved(mention, span.start - unit.span.start)
                yield from self._finding(unit, span, shifted, confidence, text[span.start : span.end])

    def _is_ours(self, mention: Mention) -> bool:
        return self.names.is_self(mention) or self.names.is_kin(mention)

    def _finding(self, unit: Unit, passage: Span, mention: Mention, confidence: float, said: str) -> Iterator[Finding]:
        if self.names.is_self(mention):
            return
        if self.names.is_kin(mention) and mention.form is not Form.HUB:
            return
        text = self.document.clean.text
        near = text[max(passage.start - NEAR, 0) : passage.end + NEAR]
        yield Finding(
            _moved(mention, unit.span.start),
            passage,
            relation(masked(_unnamed(said)), masked(near)),
            confidence,
            self._about(unit, mention),
        )

    def _about(self, unit: Unit, mention: Mention) -> str | None:
        """The makers' dataset that the passage speaks of, where it names another than the subject before the source."""
        text = self.document.clean.text
        before = text[unit.span.start : unit.span.start + mention.span.start]
        for place in (before, unit.lead, *reversed(unit.headings)):
            words = {key(word) for word in re.findall(r"[\w.+-]+(?:/[\w.+-]+)?", masked(place))}
            if words & self.names.own:
                return None
            kin = next((name for form, name in self.names.siblings.items() if form in words), None)
            if kin:
                return kin
        return None


def _unnamed(passage: str) -> str:
    """A passage without the names in it: a name may hold words that say nothing here ("Evol-Instruct")."""
    for mention in reversed(mentions(passage)):
        passage = f"{passage[: mention.span.start]} X {passage[mention.span.end :]}"
    return passage


def _moved(mention: Mention, by: int) -> Mention:
    return replace(mention, span=Span(mention.span.start + by, mention.span.end + by))
