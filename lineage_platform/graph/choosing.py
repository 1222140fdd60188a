"""Names that no rule can bind, put before a model: candidates found, looked up, scored, and what backs a choice."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import islice

from lineage_platform.agents.interface import Chooser, Name, Offered, Subject
from lineage_platform.catalog.ids import normalise_name
from lineage_platform.documents.reading import Reading, Span
from lineage_platform.graph.evidence import occurrences
from lineage_platform.graph.quotes import names, passage, visible
from lineage_platform.graph.resolution import OFF_HUB_NAME, Resolver, bare_name, linked_dataset, similarity
from lineage_platform.records import DatasetInfo, Mention, NameChoice, Statement

# Candidates offered for one name: each costs the hub a question.
MOST_OFFERED = 8
# Datasets that a search of the web may propose for it.
MOST_FOUND = 4
# What speaks for a candidate, beside its name (0 to 1); the weights add up to 1.
NAME, ORGANISATION, DATE, SIZE, DOMAIN = 0.5, 0.25, 0.1, 0.1, 0.05
UNKNOWN = 0.5
LONGEST_PASSAGE = 1500
_SIZE = re.compile(r"(?<![\w.])(\d+(?:[.,]\d+)*)\s*([kKmM])?(?![\w%])")
_SIZE_TAG = re.compile(r"(?:n<|>)?(\d+)([KMBT]?)(?:<n<(\d+)([KMBT]))?")
_FACTOR = {"": 1, "k": 1e3, "m": 1e6, "b": 1e9, "t": 1e12}
_DOMAIN_WORDS = {"math": ("math", "maths", "mathematics"), "code": ("code", "coding", "programming")}


def choose_names(
    chooser: Chooser,
    subject: Subject,
    statements: Iterable[Statement],
    readings: Mapping[str, Reading],
    resolver: Resolver,
    said_by: str,
) -> tuple[NameChoice, ...]:
    """Have agents choose for every name that the rules of resolution leave open; each name is asked about once.

    A name that no dataset on the hub resembles is put before them only where a search of the web finds some.

    Parameters
    ----------
    chooser, said_by:
        Who chooses, and under what name.
    subject:
        The dataset whose documents were read.
    statements, readings:
        What was read in them, and the documents, by ``document_id``.
    resolver:
        Finds and looks up candidates.

    Raises
    ------
    HubUnavailable
        A candidate could not be looked up.
    """
    choices: dict[str, NameChoice] = {}
    asked: set[str] = set()
    for statement in statements:
        reading = readings.get(statement.document_id)
        key = name_key(statement.mention)
        if reading is None or key in asked:
            continue
        mention = resolver.resolve(subject.name, statement, reading)
        if mention.chosen_id is not None and mention.method != OFF_HUB_NAME:
            continue
        asked.add(key)
        found = _verified(chooser.searching(subject, statement.mention), resolver)
        if mention.method == OFF_HUB_NAME and not found:
            continue
        linked = (linked_dataset(mention.mention, each) for each in readings.values())
        ids = [*filter(None, linked), *found, *(candidate.id for candidate in mention.candidates)]
        shown = _around(statement, reading)
        offered = _offered(ids, mention.mention, shown, subject, resolver)
        if offered:
            chosen = chooser.choosing(subject, Name(statement.mention, shown, offered))
            choices[key] = NameChoice(mention=key, chosen_id=chosen, said_by=said_by)
    return tuple(choices.values())


def name_key(mention: str) -> str:
    """The form under which a choice is kept."""
    return normalise_name(bare_name(mention))


def backed(chosen: str, mention: Mention, reading: Reading) -> bool:
    """Whether the document itself speaks for a model's choice: it names this candidate's organisation and no rival's.

    Only a candidate that bears exactly the name can be backed; a near name is for people.
    """
    known = dict.fromkeys([*(candidate.id for candidate in mention.candidates), chosen])
    bearers = [each for each in known if name_key(each.split("/")[-1]) == name_key(mention.mention)]
    if chosen not in bearers:
        return False
    shown = visible(reading.text, Span(0, len(reading.text)), reading.hidden)
    return [bearer for bearer in bearers if names(shown, bearer.split("/")[0])] == [chosen]


def _verified(found: Iterable[str], resolver: Resolver) -> tuple[str, ...]:
    """The datasets among the first that a search of the web proposes, by the hub's ids."""
    described = map(resolver.described, islice(found, MOST_FOUND))
    return tuple(info.id for info in described if info is not None)


def _offered(ids: Iterable[str], mention: str, shown: str, subject: Subject, resolver: Resolver) -> tuple[Offered, ...]:
    """Candidates that the hub knows, of those that the documents link, the web or the hub finds; best first."""
    found = {}
    for dataset_id in list(dict.fromkeys(ids))[:MOST_OFFERED]:
        info = resolver.described(dataset_id)
        if info is not None and info.id != subject.name:
            found[info.id] = info
    ranked = sorted(found.values(), key=lambda info: (-score(info, mention, subject, shown), info.id))
    return tuple(Offered(info.id, _known(info)) for info in ranked)


def score(info: DatasetInfo, mention: str, subject: Subject, shown: str) -> float:
    """How well a dataset fits a name in its passage, 0 to 1: by name, organisation, date, size, domain."""
    organisation = info.id.split("/")[0]
    own = organisation == subject.name.split("/")[0]
    older = UNKNOWN
    if subject.info and subject.info.created_at and info.created_at:
        older = float(info.created_at[:7] <= subject.info.created_at[:7])
    return (
        NAME * similarity(info.id, mention)
        + ORGANISATION * (1.0 if own or names(shown, organisation) else 0.0)
        + DATE * older
        + SIZE * _size_fits(info, shown)
        + DOMAIN * _domain_fits(info, shown)
    )


def _size_fits(info: DatasetInfo, shown: str) -> float:
    """Whether one of the numbers beside the name lies in the range of rows that the hub states."""
    stated = [float(n.replace(",", "")) * _FACTOR[f.lower()] for n, f in _SIZE.findall(shown) if n.count(".") < 2]
    ranges = [_SIZE_TAG.fullmatch(tag) for tag in info.tagged("size_categories")]
    bounds = [match for match in ranges if match]
    if not stated or not bounds:
        return UNKNOWN
    return float(any(_within(number, match) for number in stated if number >= 100 for match in bounds))


def _within(number: float, match: re.Match[str]) -> bool:
    low = float(match[1]) * _FACTOR[match[2].lower()]
    if match[3]:
        return low <= number <= float(match[3]) * _FACTOR[match[4].lower()]
    return number < low if match[0].startswith("n<") else number > low


def _domain_fits(info: DatasetInfo, shown: str) -> float:
    told = {domain for domain, forms in _DOMAIN_WORDS.items() if any(names(shown, form) for form in forms)}
    tagged = {domain for domain, forms in _DOMAIN_WORDS.items() if set(forms) & {tag.lower() for tag in info.tags}}
    return float(bool(told & tagged)) if told and tagged else UNKNOWN


def _known(info: DatasetInfo) -> str:
    """What the hub says of a candidate that helps to tell it from others."""
    size = ", ".join(info.tagged("size_categories"))
    tags = [tag for tag in info.tags if ":" not in tag][:8]
    parts = [f"created {info.created_at[:10]}" if info.created_at else "", size and f"{size} rows", ", ".join(tags)]
    return "; ".join(filter(None, parts)) or "nothing more is known"


def _around(statement: Statement, reading: Reading) -> str:
    """The passage of a statement, as a reader sees it."""
    place = next(occurrences(statement, reading), None)
    if place is None:
        return statement.quote[:LONGEST_PASSAGE]
    return visible(reading.text, passage(reading.text, place), reading.hidden)[:LONGEST_PASSAGE]
