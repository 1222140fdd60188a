"""The four roles, played by language models; what they say is checked by code before it becomes a record."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeVar

from lineage_platform.agents.interface import Name, Subject
from lineage_platform.agents.llm.calling import Caller, Question
from lineage_platform.agents.llm.models import Role, Task
from lineage_platform.agents.llm.prompts import prompt
from lineage_platform.agents.llm.quotes import Quotable, stored_range
from lineage_platform.agents.llm.schemas import (
    MAX_NAME,
    ChoiceItem,
    FoundItem,
    LinkItem,
    PassageItem,
    ProfileItem,
    StatementItem,
)
from lineage_platform.agents.llm.windows import OPENING, SHORT, batches, merged, paragraph, windows
from lineage_platform.catalog.ids import hub_dataset
from lineage_platform.documents.reading import Reading, Span
from lineage_platform.files import digest
from lineage_platform.records import Domain, Link, Profile, Statement

A = TypeVar("A")
B = TypeVar("B")

# Changes whenever the code below would make other records of the same answers.
CODE_VERSION = "1"
# Windows of one document that are asked about at the same time (each provider has its own bound besides).
WIDTH = 8
CARD_SHOWN = 24_000
METADATA_SHOWN = 3_000
GAP = "\n\n[...]\n\n"


@dataclass
class ModelAgents:
    """The model agents.

    Parameters
    ----------
    caller:
        Asks the models.
    declared:
        Reads what a card's metadata and its explicit links and calls declare, without a model: free, deterministic, and
        a witness of its own.
    declared_version:
        Its version.
    """

    caller: Caller
    declared: Callable[[Subject, Reading], Sequence[Statement]]
    declared_version: str
    name: str = "llm"
    version: str = field(init=False)

    def __post_init__(self) -> None:
        models = self.caller.settings.roles
        tasks = self.caller.settings.tasks()
        parts = (f"{prompt(task).version} {models[task.role].model} {models[task.role].parameters}" for task in tasks)
        self.version = digest(CODE_VERSION, self.declared_version, *parts)[:12]

    def sourcing(self, subject: Subject, card: Reading) -> Sequence[Link]:
        """Links in the card that the model takes for the subject's own documents; only addresses that stand in it."""
        material = f"{_metadata(subject, card)}\n\n{card.clean.text[:CARD_SHOWN]}"
        links: dict[str, Link] = {}
        for item in self.caller.ask(_question(Task.SOURCING, subject, card, material), LinkItem):
            if (url := address_in(card.text, item.url)) is not None:
                links.setdefault(url, Link(url=url, kind=item.kind, quote=_verbatim(card, item.quote)[0]))
        return tuple(links.values())

    def extracting(self, subject: Subject, document: Reading) -> Sequence[Span]:
        """The opening and the passages the model marks, as whole paragraphs; all of a short document, unasked."""
        text = document.clean.text
        if len(text) <= SHORT:
            return (Span(0, len(text)),) if text.strip() else ()

        def marked(window: Span) -> list[Span]:
            shown = text[window.start : window.end]
            items = self.caller.ask(_question(Task.EXTRACTING, subject, document, shown), PassageItem)
            there = Quotable(shown)
            found = (next(there.find(item.text), None) for item in items)
            return [Span(place.start + window.start, place.end + window.start) for place in found if place is not None]

        passages = [paragraph(text, place) for places in _each(marked, windows(text)) for place in places]
        opening = Span(0, next(iter(windows(text, OPENING, 0))).end)
        return merged([opening, *passages], text)

    def tracing(self, subject: Subject, document: Reading, passages: Sequence[Span]) -> Sequence[Statement]:
        """What is declared, then what the model states, each quote a range of the stored text where it was found."""
        text = document.clean.text

        def stated(batch: Sequence[Span]) -> tuple[StatementItem, ...]:
            material = GAP.join(text[start:end] for start, end in batch)
            return self.caller.ask(_question(Task.TRACING, subject, document, material), StatementItem)

        said_by = f"{self.name}/{self.caller.settings.roles[Role.TRACING].model}/{prompt(Task.TRACING).version}"
        statements = dict.fromkeys(self.declared(subject, document))
        for items in _each(stated, batches(passages, text)):
            statements |= dict.fromkeys(_statement(item, document, said_by) for item in items)
        return tuple(statements)

    def aggregation(self, subject: Subject, card: Reading | None, statements: Sequence[Statement]) -> Profile:
        """The model's profile; a licence that the metadata declares stands above what the model says."""
        if card is None and not statements:
            return Profile()
        sources = sorted({f"- {s.mention} ({s.relation}{', a benchmark' * s.is_benchmark})" for s in statements})
        material = "\n\n".join(
            [
                _metadata(subject, card),
                "Sources:\n" + ("\n".join(sources) or "none known"),
                card.clean.text[:CARD_SHOWN] if card else "",
            ]
        )
        items = self.caller.ask(_question(Task.AGGREGATION, subject, card, material), ProfileItem)
        return _profile(items[0], _declared_licence(subject, card)) if items else Profile()

    def choosing(self, subject: Subject, name: Name) -> str | None:
        """The candidate that the model takes the name to stand for; only one of those that were offered."""
        offered = "\n".join(f"- {candidate.id}: {candidate.known}" for candidate in name.candidates)
        material = f"Name: {name.mention}\n\nPassage: {name.passage}\n\nCandidates:\n{offered}"
        items = self.caller.ask(Question(Task.CHOOSING, subject.name, {}, material), ChoiceItem)
        ids = {candidate.id for candidate in name.candidates}
        return next((item.id for item in items[:1] if item.id in ids), None)

    def searching(self, subject: Subject, mention: str) -> Sequence[str]:
        """Datasets that the model finds on the web for a name, if it may search there.

        It is shown the name alone, and not the passage: nothing that a document says goes into a search.
        """
        if Task.SEARCHING not in self.caller.settings.tasks():
            return ()
        items = self.caller.ask(Question(Task.SEARCHING, subject.name, {}, f"Name: {mention[:MAX_NAME]}"), FoundItem)
        addressed = ((item.id, hub_dataset(item.id)) for item in items)
        return tuple(dict.fromkeys(dataset[0] if dataset else written for written, dataset in addressed))

    def describe(self) -> str:
        """Which model plays which role, in one line."""
        roles = self.caller.settings.roles
        return "model agents: " + ", ".join(f"{role} by {roles[role].player}" for role in Role)


def address_in(text: str, url: str) -> str | None:
    """``url`` with its scheme, if it stands in ``text`` as a whole address (with or without a scheme); else None."""
    bare = re.sub(r"^https?://", "", url.strip(), flags=re.IGNORECASE).rstrip("/.,;")
    if "/" not in bare or any(character.isspace() for character in bare):
        return None
    there = re.search(
        rf"(?P<scheme>https?://)?(?<![\w.@-]){re.escape(bare)}(?![\w-]|[/.?=&%#][\w-])", text, re.IGNORECASE
    )
    return (there["scheme"] or "https://").lower() + bare if there else None


def _question(task: Task, subject: Subject, document: Reading | None, material: str) -> Question:
    facts = {"Also known as": ", ".join(subject.also_known_as)}
    if document is not None:
        facts["Document"] = f"{document.document.kind} at {document.document.url}"
    return Question(task, subject.name, facts, material, (document and document.document.text_digest) or "")


def _metadata(subject: Subject, card: Reading | None) -> str:
    """What the hub and the card's metadata block say, as JSON; figures that change every day are left out."""
    info = subject.info
    known = {"tags": list(info.tags), "created_at": info.created_at} if info else {}
    declared = dict(card.front_matter) if card else {}
    declared.pop("dataset_info", None)
    text = json.dumps({**known, "metadata": declared}, default=str, ensure_ascii=False)
    return f"Metadata: {text[:METADATA_SHOWN]}"


def _statement(item: StatementItem, document: Reading, said_by: str) -> Statement:
    quote, offset = _verbatim(document, item.quote)
    return Statement(
        mention=item.source,
        relation=item.relation,
        confidence=item.confidence,
        quote=quote,
        quote_offset=offset,
        document_id=document.document.document_id,
        said_by=said_by,
        link=address_in(document.text, item.link) if item.link else None,
        about=item.about,
        is_benchmark=item.benchmark,
    )


def _verbatim(document: Reading, quote: str) -> tuple[str, int | None]:
    """The stored text that a quote was copied from and its offset; the quote as given and None if it is not there."""
    place = stored_range(document, _quotable(document.text), _quotable(document.clean.text), quote)
    if place is None:
        return quote, None
    return document.text[place.start : place.end], place.start


@lru_cache(maxsize=32)
def _quotable(text: str) -> Quotable:
    return Quotable(text)


def _profile(item: ProfileItem, licence: str) -> Profile:
    domains = [domain for domain in Domain if domain in item.domains and domain is not Domain.UNCLASSIFIED]
    return Profile(
        summary=item.summary,
        domains=tuple(domains) or (Domain.UNCLASSIFIED,),
        construction=item.construction,
        origin=item.origin,
        licence=licence or item.licence,
    )


def _declared_licence(subject: Subject, card: Reading | None) -> str:
    declared = card.front_matter.get("license") if card else None
    tagged = subject.info.tagged("license") if subject.info else ()
    values: Iterable[object] = declared if isinstance(declared, list) else [declared] if declared else tagged
    return ", ".join(map(str, values))


def _each(function: Callable[[A], B], arguments: Iterable[A]) -> Iterator[B]:
    """``function`` of every argument, in order, several at a time."""
    every = list(arguments)
    if len(every) < 2:
        yield from map(function, every)
        return
    with ThreadPoolExecutor(min(WIDTH, len(every)), thread_name_prefix="ask") as pool:
        yield from pool.map(function, every)
