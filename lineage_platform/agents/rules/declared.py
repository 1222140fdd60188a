"""Sources that need no reading of prose: metadata, and calls that load data where its making is shown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lineage_platform.agents.interface import Subject
from lineage_platform.agents.rules.finding import NAME, version
from lineage_platform.agents.rules.naming import key
from lineage_platform.catalog import ids
from lineage_platform.documents.reading import Reading, Span
from lineage_platform.errors import InvalidDatasetId
from lineage_platform.records import Relation, Statement

_KEYS = ("source_datasets", "datasets", "base_datasets", "source_dataset", "derived_from")
_NONE = frozenset({"original", "extended", "none", "unknown", "n/a", "other", "custom"})
_CALL = re.compile(r"\bload_dataset\(\s*(?:path\s*=\s*)?[\"']([\w.-]+(?:/[\w.-]+)?)[\"'][^\n]*")


def declared(subject: Subject, document: Reading) -> Sequence[Statement]:
    """What a document declares: ``source_datasets`` and its like in the front matter, each quoted from its block."""
    found: dict[str, Statement] = {}
    for name in _names(document):
        place = _place(document, name)
        if place is not None and key(name) not in {key(own) for own in (subject.name, *subject.also_known_as)}:
            found.setdefault(key(name), _statement(document, name, place))
    return tuple(found.values())


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
    match = re.search(rf"[^\n]*(?<![\w-]){re.escape(name)}(?![\w-])[^\n]*", document.text[: max(end, 0)])
    if match is None:
        return None
    start = match.start() + len(match[0]) - len(match[0].lstrip())
    return Span(start, match.start() + len(match[0].rstrip()))


def _statement(document: Reading, name: str, place: Span) -> Statement:
    return Statement(
        mention=name,
        relation=Relation.DIRECT_INCLUSION,
        confidence=0.95,
        quote=document.text[place.start : place.end],
        quote_offset=place.start,
        document_id=document.document.document_id,
        said_by=f"{NAME}/{version()}",
        link=f"https://huggingface.co/datasets/{name}",
    )
