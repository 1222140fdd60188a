"""Role one: links in a card that lead to the dataset's own repository, paper or blog; never to cited work."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from lineage_platform.agents.interface import Subject
from lineage_platform.agents.rules import entries, prose
from lineage_platform.agents.rules.blocks import Kind, Unit, sentences, units
from lineage_platform.agents.rules.mentions import LINK, URL, masked
from lineage_platform.agents.rules.naming import Household, key
from lineage_platform.agents.rules.sections import Section, section
from lineage_platform.catalog import ids
from lineage_platform.catalog.papers import own_papers
from lineage_platform.documents.reading import Reading, Span
from lineage_platform.records import DatasetInfo, DocumentKind, Link

MAX_LINKS = 6
_DESCRIBED = re.compile(
    r"\b(?:described|documented|detailed|explained|told|written|found|available|see|refer|details?|more (?:information"
    r"|about)|everything about|how (?:\w+ ){1,6}(?:was|were|is) (?:made|built|created|generated))\b",
    re.IGNORECASE,
)
_LABELS = {
    DocumentKind.REPOSITORY: re.compile(
        r"\b(?:code|github|git|repo(?:sitory)?|source code|project|generat\w+ (?:code|script)s?|scripts?)\b", re.I
    ),
    DocumentKind.PAPER: re.compile(r"\b(?:paper|arxiv|report|preprint|publication|article)\b", re.I),
    DocumentKind.BLOG: re.compile(
        r"\b(?:blog(?:[- ]?post)?|home ?page|project (?:page|site)|web ?site|announcement|post|write-?up|page)\b", re.I
    ),
}
_CITED = re.compile(
    r"\b(?:inspired by|thanks?|acknowledge|based on|follow(?:s|ing)|evaluat\w+|compar\w+|baseline|benchmark|trained "
    r"(?:on|with|using)|fine-?tuned?|harness|leaderboard|recipe|method of|using|with the help|proposed (?:in|by)|used "
    r"in .{0,30}'s|generators? of"
    r"|from|source|licen[sc]e)\b",
    re.IGNORECASE,
)
_NOT_PAGES = re.compile(
    r"(?:^|\.)(?:huggingface\.co|hf\.co|hf-mirror\.com|twitter\.com|x\.com|youtube\.com|youtu\.be|discord\.\w+"
    r"|shields\.io|colab\.research\.google\.com|creativecommons\.org|opensource\.org|apache\.org|wikipedia\.org"
    r"|linkedin\.com|wandb\.ai|modelscope\.cn"
    r"|doi\.org|semanticscholar\.org|paperswithcode\.com|kaggle\.com)$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class _Place:
    """A link with the words around it."""

    url: str
    label: str
    before: str
    span: Span
    unit: Unit


def own_links(subject: Subject, card: Reading) -> tuple[Link, ...]:
    """Links to the subject's own documents, best first, at most ``MAX_LINKS``, one per address."""
    scored: dict[str, tuple[float, Link]] = {}
    for score, link in [*_papers(subject, card), *_by_words(subject, card)]:
        address = ids.off_hub_id(link.url)
        if score > 0 and (address not in scored or scored[address][0] < score):
            scored[address] = (score, link)
    ranked = sorted(scored.values(), key=lambda entry: -entry[0])
    return tuple(link for _, link in ranked[:MAX_LINKS])


def _papers(subject: Subject, card: Reading) -> Iterator[tuple[float, Link]]:
    """Papers that tags, BibTeX and the words of the card bind to the subject."""
    shown = "".join(c for i, c in _visible(card))
    for paper in own_papers(subject.info or DatasetInfo(id=subject.name), shown):
        identifier = paper.source.removeprefix("arxiv:")
        if paper.source.startswith("arxiv:"):
            place = card.text.find(identifier)
            quote = (
                card.text[card.text.rfind("\n", 0, place) + 1 : place + len(identifier)].strip() if place >= 0 else ""
            )
            yield 1.5, Link(url=f"https://arxiv.org/abs/{identifier}", kind=DocumentKind.PAPER, quote=quote[-300:])


def _visible(card: Reading) -> Iterator[tuple[int, str]]:
    position = 0
    for start, end in [*card.hidden, Span(len(card.text), len(card.text))]:
        if start > position:
            yield position, card.text[position:start]
        position = max(position, end)


def _by_words(subject: Subject, card: Reading) -> Iterator[tuple[float, Link]]:
    """Repositories and pages that the words around a link, or its name, call the subject's own."""
    household = Household(subject, card)
    for unit in units(card):
        for place in _links(unit, card.clean.text):
            kind = _kind(place)
            if kind is DocumentKind.REPOSITORY or kind is DocumentKind.BLOG:
                score = _score(place, kind, household)
                yield score, Link(url=place.url, kind=kind, quote=_quote(card, place.span))


def _links(unit: Unit, text: str) -> Iterator[_Place]:
    content = text[unit.span.start : unit.span.end]
    shown, end = masked(content), 0
    cited = _sources(unit, text)
    for match in re.finditer(f"{LINK.pattern}|{URL.pattern}", content):
        url = (match[2] or match[0]).strip()
        before = shown[max(end, match.start() - 90) : match.start()]
        end = match.end()
        if url.startswith(("http://", "https://")) and ids.off_hub_id(url) not in cited:
            yield _Place(url, match[1] or "", before, Span(*match.span()), unit)


def _sources(unit: Unit, text: str) -> set[str]:
    """Addresses that the unit states as sources: work that was used, not the subject's own."""
    content = text[unit.span.start : unit.span.end]
    found = [mention for mention, _ in entries.sources(unit, text)]
    if unit.kind is not Kind.ROW:
        for span in sentences(content, Span(0, len(content))):
            found += [mention for mention, _ in prose.sources(content[span.start : span.end], lambda _: True)]
    return {ids.off_hub_id(mention.link) for mention in found if mention.link}


def _kind(place: _Place) -> DocumentKind | None:
    address = ids.off_hub_id(place.url)
    if address.startswith("github:"):
        return DocumentKind.REPOSITORY
    if address.startswith("arxiv:"):
        return DocumentKind.PAPER
    parts = urlsplit(place.url)
    if _NOT_PAGES.search(parts.hostname or "") and not re.match(r"/blog/", parts.path):
        return None
    return (
        None
        if re.search(r"\.(?:png|jpe?g|gif|svg|zip|gz|json|jsonl|csv|parquet)$", parts.path, re.I)
        else DocumentKind.BLOG
    )


def _score(place: _Place, kind: DocumentKind, household: Household) -> float:
    """How surely a link is the subject's own; not above 0 for no."""
    label = _LABELS[kind]
    words = masked(f"{place.before} {place.label}")
    score = 0.0
    if (label.search(place.label) and len(place.label) < 40) or re.search(
        rf"(?:{label.pattern})[^.!?\w]*(?:is |are |at |here |on github |:)*\W*$", place.before, re.IGNORECASE
    ):
        score += 0.6
    if _DESCRIBED.search(words):
        score += 0.5
    if kind is DocumentKind.REPOSITORY:
        score += _kinship(place.url, household)
    if _CITED.search(words):
        score -= 0.7
    if section(place.unit.headings) in (Section.OTHER, Section.CREDITS, Section.SOURCES):
        score -= 0.4
    return score - (0.5 if kind is DocumentKind.BLOG else 0.4)


def _kinship(url: str, household: Household) -> float:
    """How far a repository's owner and name are the subject's."""
    owner, name = ids.off_hub_id(url).removeprefix("github:").split("/")[:2]
    own, repository = max(household.own, key=len, default=""), key(name)
    alike = bool(repository) and (repository in own or own in repository) and min(len(own), len(repository)) >= 4
    flat = {re.sub(r"[^a-z0-9]", "", account) for account in household.owners}
    return (0.6 if alike else 0.0) + (0.5 if re.sub(r"[^a-z0-9]", "", owner) in flat else 0.0)


def _quote(card: Reading, span: Span) -> str:
    return card.text[slice(*card.clean.stored_span(*span))]
