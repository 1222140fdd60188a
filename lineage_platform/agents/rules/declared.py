"""Sources that need no reading of prose: metadata, and calls that load data in code that makes the subject."""

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
_PUSH = re.compile(r"\bpush_to_hub\(\s*(?:repo_id\s*=\s*)?[\"']([\w./-]+)[\"']")
_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})[ \t]*(\S?)", re.MULTILINE)
_MODEL = re.compile(r"\b(?:v?LLM|TextGeneration|InferenceClient|OpenAI)\(|\.(?:generate|chat|completions\.create)\(")
_HEADING = re.compile(r"^[ \t]{0,3}#{1,6}[ \t]+(.*?)[ \t#]*$", re.MULTILINE)


def declared(subject: Subject, document: Reading) -> Sequence[Statement]:
    """What a document declares: sources named in its front matter, and loaded by code that makes the data.

    Each is quoted from the line that names it.
    """
    names = (subject.name, *subject.also_known_as)
    own = {name.lower() for name in names} | {key(name) for name in names if "/" not in name}
    found: dict[str, Statement] = {}
    for name in _names(document):
        place = _place(document, name)
        if place is not None and name.lower() not in own:
            found.setdefault(key(name), _statement(document, name, place, 0.95, Relation.DIRECT_INCLUSION))
    for name, place, relation in _loaded(subject, document):
        if name.lower() not in own:
            found.setdefault(key(name), _statement(document, name, place, 0.8, relation))
    return tuple(found.values())


def _loaded(subject: Subject, document: Reading) -> Iterator[tuple[str, Span, Relation]]:
    """Datasets loaded by code that saves the subject, or that stands under a heading about sources or making.

    Code that saves data under other names only shows how those were made.
    """
    shown = set(_HEADING.findall(document.clean.text))  # a comment in code looks like a heading, but is not shown
    headings = [(match.start(), match[1]) for match in _HEADING.finditer(document.text) if match[1] in shown]
    starts = [start for start, _ in headings]
    subjects = {key(name) for name in (subject.name, *subject.also_known_as)}
    for start, end, is_code in _stretches(document.text):
        code = document.text[start:end] if is_code else ""
        saved = {key(name) for name in _PUSH.findall(code)}
        answered = saved and _MODEL.search(code)
        for match in _CALL.finditer(document.text, start, end):
            last = bisect_left(starts, match.start()) - 1
            hidden = any(low < match.end() and high > match.start() for low, high in document.hidden)
            makes = saved & subjects or (not saved and last >= 0 and shows_making(headings[last][1]))
            if makes and not hidden:
                relation = Relation.COT_DISTILLATION if answered else Relation.DIRECT_INCLUSION
                yield match[1], _line(document.text, Span(*match.span())), relation


def _stretches(text: str) -> Iterator[tuple[int, int, bool]]:
    """The text cut at its code fences, and which parts are code."""
    start, fence = 0, ""
    for match in _FENCE.finditer(text):
        if not fence or (match[1].startswith(fence) and not match[2]):
            yield start, match.start(), bool(fence)
            start, fence = match.end(), "" if fence else match[1]
    yield start, len(text), bool(fence)


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


def _statement(document: Reading, name: str, place: Span, confidence: float, relation: Relation) -> Statement:
    return Statement(
        mention=name,
        relation=relation,
        confidence=confidence,
        quote=document.text[place.start : place.end],
        quote_offset=place.start,
        document_id=document.document.document_id,
        said_by=f"{NAME}/{version()}",
        link=f"https://huggingface.co/datasets/{name}",
    )
