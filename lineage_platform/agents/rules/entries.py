"""Sources that stand one by one in a list or a table about what the data is made of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lineage_platform.agents.rules import lexicon
from lineage_platform.agents.rules.blocks import Kind, Unit
from lineage_platform.agents.rules.cues import Stance, cues
from lineage_platform.agents.rules.mentions import Form, Mention, masked, mentions
from lineage_platform.agents.rules.sections import Section, announces, section
from lineage_platform.documents.reading import Span

_NAMES = re.compile(
    r"(?:raw |source |original |seed |base |public |data |training |parent |upstream |sub-?|component |sft |rl "
    r")*(?:data ?sets?|sources?|corpus|corpora|collections?|data|origins?|subsets?)(?: ?names?| ids?)?\W*",
    re.IGNORECASE,
)
_AMOUNTS = re.compile(
    r"#|\b(?:num(?:ber)?s?|counts?|size|samples|rows|examples|quantity|amount|tokens|instances|percent\w*|ratio"
    r"|proportion|weight(?:ing)?|share|entries|problems|questions|instructions|prompts|licen[sc]e)\b|%|数量",
    re.IGNORECASE,
)
_MEASURES = re.compile(
    r"\b(?:models?|scores?|acc(?:uracy)?|pass ?@|win[- ]?rate|avg|average|check-?points?|param\w*|base ?lines?"
    r"|methods?|metrics?|hyper\w*|evaluat\w*|benchmarks?|performance|f1|rouge|bleu|elo|trained|backbone|release date"
    r"|setup|repo|baseline)\b",
    re.IGNORECASE,
)
_TOTALS = re.compile(
    r"(?:sum|total|summary|overall|all|average|avg|others?|misc\w*|mix(?:ed|ture)?|selected .*|our .*|ours?|-+|n/?a"
    r"|none|new|unknown|self-.*|synthetic|human.*)\W*",
    re.IGNORECASE,
)
_NAMED = re.compile(r"(?:[\w.+'’&-]+(?: |$)){1,7}")


def sources(unit: Unit, text: str) -> Iterator[tuple[Mention, float]]:
    """Sources in a list item or table row whose list or table is about what the data is made of, with a confidence."""
    if unit.kind is Kind.ITEM:
        yield from _of_item(unit, text)
    elif unit.kind is Kind.ROW:
        yield from _of_row(unit, text)


def promised(unit: Unit) -> bool:
    """Whether what introduces a list or table, or the heading, says that its entries are sources."""
    place = section(unit.headings)
    lead = masked(unit.lead)
    stance = [cue.stance for cue in cues(lead)]
    if unit.lead and announces(unit.lead) and stance:
        return stance[-1] is not Stance.AGAINST and Stance.FROM in stance and place is not Section.OTHER
    return place is Section.SOURCES


def _of_item(unit: Unit, text: str) -> Iterator[tuple[Mention, float]]:
    if not promised(unit):
        return
    content = text[unit.span.start : unit.span.end]
    body = re.match(r"[ \t]*(?:>[ \t]*)*(?:[-*+•●–]|\d{1,3}[.)])[ \t]+", content)
    start = body.end() if body else 0
    found = mentions(content)
    hubs = [mention for mention in found if mention.form is Form.HUB]
    if hubs:
        yield from ((mention, 0.9) for mention in hubs)
    elif (
        found and not masked(content)[start : found[0].span.start].strip(" \"'(:") and _stands_alone(content, found[0])
    ):
        yield found[0], 0.8 if found[0].link or found[0].form is Form.ID else 0.7


def _stands_alone(content: str, mention: Mention) -> bool:
    """Whether a name is an entry, followed by nothing or a remark, rather than the beginning of a sentence."""
    after = masked(content)[mention.span.end :]
    return not after.strip() or bool(
        re.match(r"\s*(?:[-–—:,(\[|/.;]|(?:data ?sets?|data|corpus|by|from|and)\b|\d)", after)
    )


def _of_row(unit: Unit, text: str) -> Iterator[tuple[Mention, float]]:
    column = _column(unit)
    if column is None or column >= len(unit.cells):
        return
    cell = unit.cells[column]
    content = text[cell.start : cell.end]
    shift = cell.start - unit.span.start
    if _TOTALS.fullmatch(masked(content).strip()):
        return
    found = [m for m in mentions(content) if m.form is not Form.NAME]
    if not found:
        whole = _whole(content)
        found = [whole] if whole else []
    for mention in found:
        yield (
            _shifted(mention, shift),
            0.9 if mention.form is Form.HUB else 0.8 if mention.form is not Form.NAME else 0.7,
        )


def _column(unit: Unit) -> int | None:
    """The column that names the sources, if the table is about what the data is made of."""
    place = section(unit.headings)
    if place is Section.OTHER or any(_MEASURES.search(name) or lexicon.is_benchmark(name) for name in unit.header):
        return None
    columns = [i for i, name in enumerate(unit.header) if _NAMES.fullmatch(name)]
    if not columns:
        return None
    amounts = any(_AMOUNTS.search(name) for i, name in enumerate(unit.header) if i not in columns)
    if promised(unit) or (amounts and place in (Section.MAKING, Section.NEUTRAL, Section.CREDITS)):
        named = [i for i in columns if re.search(r"source|origin|raw", unit.header[i], re.IGNORECASE)]
        return min(named or columns) if promised(unit) or not named else named[0]
    return None


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


def _shifted(mention: Mention, by: int) -> Mention:
    return Mention(
        mention.name,
        Span(mention.span.start + by, mention.span.end + by),
        mention.form,
        mention.link,
        mention.called_data,
    )


def names_column(header: Sequence[str]) -> bool:
    """Whether a table has a column of names of data."""
    return any(_NAMES.fullmatch(name) for name in header)
