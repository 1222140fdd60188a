"""Sources that need no reading of prose: metadata, and calls that load data where its making is shown."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from lineage_platform.agents.interface import Subject
from lineage_platform.agents.rules.finding import MAX_QUOTE, NAME, version
from lineage_platform.agents.rules.naming import key
from lineage_platform.agents.rules.sections import shows_making
from lineage_platform.catalog import ids
from lineage_platform.documents.reading import Reading, Span
from lineage_platform.errors import InvalidDatasetId
from lineage_platform.records import Relation, Statement

_KEYS = ("source_datasets", "datasets", "base_datasets", "source_dataset", "derived_from")
_NONE = frozenset({"original", "extended", "none", "unknown", "n/a", "other", "custom"})
_CALL = re.compile(r"\bload_dataset\(\s*(?:path\s*=\s*)?[\"']([\w.-]+/[\w.-]+)[\"']")
_HEADING = re.compile(r"^[ \t]{0,3}#{1,6}[ \t]+(.*?)[ \t#]*$", re.MULTILINE)


def declared(subject: Subject, document: Reading) -> Sequence[Statement]:
    """What a document declares: sources named in its front matter, and loaded in code that shows how the data was made.

    Each is quoted from the line that names it.
    """
    names = (subject.name, *subject.also_known_as)
    own = {name.lower() for name in names} | {key(name) for name in names if "/" not in name}
    found: dict[str, Statement] = {}
    for name in _names(document):
        place = _place(document, name)
        if place is not None and name.lower() not in own:
            found.setdefault(key(name), _statement(document, name, place, 0.95))
    for name, place in _loaded(document):
        if name.lower() not in own:
            found.setdefault(key(name), _statement(document, name, place, 0.8))
    return tuple(found.values())


def _loaded(document: Reading) -> Iterator[tuple[str, Span]]:
    """Datasets loaded by code under a heading that names sources or the making of data."""
    shown = set(_HEADING.findall(document.clean.text))  # a comment in code looks like a heading, but is not shown
    headings = [(match.start(), match[1]) for match in _HEADING.finditer(document.text) if match[1] in shown]
    starts = [start for start, _ in headings]
    for match in _CALL.finditer(document.text):
        last = bisect_left(starts, match.start()) - 1
        hidden = any(start < match.end() and end > match.start() for start, end in document.hidden)
        if last >= 0 and not hidden and shows_making(headings[last][1]):
            yield match[1], _line(document.text, Span(*match.span()))


def _names(document: Reading) -> Iterator[str]:
    for field in _KEYS:
        values = document.front_matter.get(field)
        for value in values if isinstance(values, list) else [values]:
            name = value.split("|", 1)[-1].strip() if isinstance(value, str) else ""
            if name and name.lower() not in _NONE:
                try:
                    yield ids.parse_dataset_id(name)
                except InvalidDatasetId:
                    continue


def _place(document: Reading, name: str) -> Span | None:
    """The line of the metadata block that names it."""
    end = document.text.find("\n---", 3)
    match = re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", document.text[: max(end, 0)])
    return _line(document.text, Span(*match.span())) if match else None


def _line(text: str, span: Span) -> Span:
    """The line around a range, without the white space at its ends; of a very long one the range alone."""
    start, end = text.rfind("\n", 0, span.start) + 1, text.find("\n", span.end)
    line = text[start : end if end >= 0 else len(text)]
    if len(line) > MAX_QUOTE:
        return span
    return Span(start + len(line) - len(line.lstrip()), start + len(line.rstrip()))


def _statement(document: Reading, name: str, place: Span, confidence: float) -> Statement:
    return Statement(
        mention=name,
        relation=Relation.DIRECT_INCLUSION,
        confidence=confidence,
        quote=document.text[place.start : place.end],
        quote_offset=place.start,
        document_id=document.document.document_id,
        said_by=f"{NAME}/{version()}",
        link=f"https://huggingface.co/datasets/{name}",
    )
