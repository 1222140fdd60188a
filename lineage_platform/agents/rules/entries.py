"""Sources that stand one by one in a list or a table about what the data is made of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from enum import Enum

from lineage_platform.agents.rules import lexicon
from lineage_platform.agents.rules.blocks import Kind, Unit
from lineage_platform.agents.rules.cues import Stance, cues
from lineage_platform.agents.rules.mentions import Form, Mention, masked, mentions
from lineage_platform.agents.rules.patterns import pattern
from lineage_platform.agents.rules.sections import Section, section, shows_making
from lineage_platform.documents.reading import Span

_NAMES, _AMOUNTS, _MEASURES = (pattern("tables", name) for name in ("names", "amounts", "measures"))
_TOTALS, _ANNOUNCE = pattern("tables", "totals"), pattern("tables", "announce")
_LABEL = re.compile(r"(?:\*\*|__)[^*\n]{1,60}:(?:\*\*|__)")
_BY_FORM = {Form.HUB: 0.9, Form.LINK: 0.8, Form.ID: 0.8, Form.NAME: 0.7}
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_BULLET = re.compile(r"[ \t]*(?:>[ \t]*)*(?:[-*+•●–]|\d{1,3}[.)])[ \t]+")
_NAMED = re.compile(r"(?:[\w.+'’&-]+(?: |$)){1,7}")


def sources(unit: Unit, text: str) -> Iterator[tuple[Mention, float]]:
    """Sources in a unit that stands where sources are listed, with a confidence."""
    if unit.kind is Kind.SENTENCE:
        yield from _of_sentence(unit, text)
    elif unit.kind is Kind.ITEM:
        yield from _of_item(unit, text)
    else:
        yield from _of_row(unit, text)


class Promise(Enum):
    """What introduces a list or table says of its entries."""

    SOURCES = "they are sources"
    LIKELY = "they have to do with how the data was made"
    NOTHING = "nothing"


def promise(unit: Unit) -> Promise:
    """What the sentence before a list or table, or else its heading, promises."""
    place, lead = section(unit.headings), masked(unit.lead).rstrip()
    if place is Section.OTHER:
        return Promise.NOTHING
    if _announces(lead) or _announces(_SENTENCE_END.split(lead)[-1]):
        return Promise.SOURCES
    stances = [cue.stance for cue in cues(lead)]
    if place is Section.SOURCES and Stance.AGAINST not in stances:
        return Promise.SOURCES
    made = any(map(shows_making, unit.headings[-2:]))
    return Promise.LIKELY if place is Section.SOURCES or (place is Section.MAKING and made) else Promise.NOTHING


def _announces(words: str) -> bool:
    """Whether words before a list say first of all that data was taken from what is listed."""
    found = cues(words)
    first = next((cue.stance for cue in found if cue.stance is not Stance.WITH), None)
    listed = words.endswith((":", "：")) or _ANNOUNCE.search(words) or (found and found[-1].end == len(words))
    return first is Stance.FROM and bool(listed)


def _of_sentence(unit: Unit, text: str) -> Iterator[tuple[Mention, float]]:
    """Links to datasets in the text under a heading of sources, where no word speaks against them."""
    if section(unit.headings) is Section.SOURCES:
        content = text[unit.span.start : unit.span.end]
        against = [cue.start for cue in cues(masked(content)) if cue.stance is Stance.AGAINST]
        hubs = (mention for mention in mentions(content) if mention.form is Form.HUB)
        yield from ((mention, 0.8) for mention in hubs if not against or mention.span.start < against[0])


def _of_item(unit: Unit, text: str) -> Iterator[tuple[Mention, float]]:
    promised = promise(unit)
    if promised is Promise.NOTHING:
        return
    content = text[unit.span.start : unit.span.end]
    start = match.end() if (match := _BULLET.match(content)) else 0
    found = mentions(content)
    hubs = [mention for mention in found if mention.form is Form.HUB]
    first = found[0] if found and _opens(content, start, found[0]) else None
    if promised is Promise.SOURCES and hubs:
        yield from ((mention, 0.9) for mention in hubs)
    elif first and _stands_alone(content, first) and not (first.form is Form.NAME and _LABEL.match(content, start)):
        if promised is Promise.SOURCES and (first.form is not Form.NAME or _tells(unit)):
            yield first, _BY_FORM[first.form]
        elif first.form is Form.HUB:
            yield first, 0.75


def is_entry(content: str, is_own: Callable[[Mention], bool]) -> bool:
    """Whether a list item is the name of others' data with a remark: the remark tells of that data."""
    start = match.end() if (match := _BULLET.match(content)) else 0
    hubs = [mention for mention in mentions(content) if mention.form in (Form.HUB, Form.ID)]
    first = hubs[0] if hubs and _opens(content, start, hubs[0]) else None
    return first is not None and _stands_alone(content, first) and not is_own(first)


def _opens(content: str, start: int, mention: Mention) -> bool:
    """Whether nothing but an article and marks stands before a name."""
    before = masked(content)[start : mention.span.start].strip(" \"'(:").lower()
    return before in ("", "the")


def _tells(unit: Unit) -> bool:
    """Whether a list without links is one of sources: its introduction says so, or it has none but the heading."""
    lead = masked(unit.lead).rstrip()
    stances = [cue.stance for cue in cues(lead)]
    return Stance.AGAINST not in stances and (not lead.endswith((":", "：")) or Stance.FROM in stances)


def _stands_alone(content: str, mention: Mention) -> bool:
    """Whether a name is an entry, followed by nothing or a remark, rather than the beginning of a sentence."""
    after = masked(content)[mention.span.end :]
    return not after.strip() or bool(
        re.match(
            r"\s*(?:(?:data ?sets?|data|corpus|problems|questions|benchmark)\s*)?(?:[-–—:,(\[|.;&]|$|(?:by|from|and)\b"
            r"|\d)",
            after,
        )
    )


def _of_row(unit: Unit, text: str) -> Iterator[tuple[Mention, float]]:
    column = _column(unit.header) if section(unit.headings) is not Section.OTHER else None
    if column is None or column >= len(unit.cells):
        return
    cell = unit.cells[column]
    content = text[cell.start : cell.end]
    if _TOTALS.fullmatch(masked(content).strip(" .:")):
        return
    found = [mention for mention in mentions(content) if mention.form is not Form.NAME]
    promised = _is_taken(unit.header[column]) or promise(unit) is Promise.SOURCES
    composes = promised or (_has_amounts(unit.header, column) and section(unit.headings) is not Section.SOURCES)
    if not found and (promised or section(unit.headings) is Section.MAKING) and (whole := _whole(content)):
        found = [whole]
    for mention in found if composes else ():
        yield _moved(mention, cell.start - unit.span.start), _BY_FORM[mention.form]


def _column(header: Sequence[str]) -> int | None:
    """The column that names data in a table that is not one of models or results."""
    if any(_MEASURES.fullmatch(name) or lexicon.is_benchmark(name) for name in header):
        return None
    columns = [i for i, name in enumerate(header) if _is_taken(name)]
    columns = columns or [i for i, name in enumerate(header) if _NAMES.fullmatch(name)]
    return next(
        (i for i in columns if re.search(r"source|origin|raw", header[i], re.IGNORECASE)), min(columns, default=None)
    )


def _is_taken(name: str) -> bool:
    """Whether a column's name says that things were taken from what it holds."""
    return name.lower().endswith(" from") or any(cue.stance is Stance.FROM for cue in cues(name))


def _has_amounts(header: Sequence[str], column: int) -> bool:
    others = [name for i, name in enumerate(header) if i != column]
    return any("#" in name or "%" in name or _AMOUNTS.fullmatch(_bare(name)) for name in others)


def _bare(name: str) -> str:
    return re.sub(
        r"^(?:#|no\.?|the|total)\s*(?:of\s+)?|\s*(?:of \w+|\(.*\)|kept|used)$", "", name.strip(), flags=re.IGNORECASE
    )


def _whole(content: str) -> Mention | None:
    """A cell that is one name and nothing else."""
    shown = masked(content)
    name = shown.strip()
    if not _NAMED.fullmatch(name) or len(name) > 60 or not any(c.isalpha() for c in name):
        return None
    if lexicon.is_ordinary(name) or (name.islower() and name.isalpha()):
        return None
    start = len(shown) - len(shown.lstrip())
    return Mention(name, Span(start, start + len(name)), Form.NAME)


def _moved(mention: Mention, by: int) -> Mention:
    return Mention(
        mention.name,
        Span(mention.span.start + by, mention.span.end + by),
        mention.form,
        mention.link,
        mention.called_data,
    )
