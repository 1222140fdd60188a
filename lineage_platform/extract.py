"""The sources that one document states: no data home, and no hub unless one is given."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lineage_platform import graph
from lineage_platform.agents.interface import Agents, Subject
from lineage_platform.catalog.aliases import registry
from lineage_platform.catalog.hub import Hub
from lineage_platform.catalog.ids import hub_dataset, normalise_name, off_hub_id, parse_dataset_id
from lineage_platform.documents.cleaning import reading
from lineage_platform.documents.encodings import decode
from lineage_platform.documents.reading import Reading
from lineage_platform.errors import InvalidDatasetId, UnreadableDocument, UsageError
from lineage_platform.records import Document, DocumentKind, DocumentOutcome, Relation, Statement

if TYPE_CHECKING:
    from lineage_platform.graph.resolution import Resolver

MAX_BYTES = 64 << 20
PAGE_ENDINGS = {".html", ".htm", ".xhtml"}
PAPER_ENDINGS = {".txt", ".text"}


@dataclass(frozen=True)
class StatedSource:
    """A source as one document states it.

    Parameters
    ----------
    mention:
        The name as written.
    id:
        What it stands for: by a link, an id in the text, the registry of names, or the hub; None when unknown.
    relation, confidence:
        How it was used, and how sure the reader is (0 to 1).
    evidence:
        The quote.
    verified:
        Whether the quote stands in the document, visibly, and names the source.
    reason:
        Why it does not count; empty when it does.
    """

    mention: str
    id: str | None
    relation: Relation
    confidence: float
    evidence: str
    verified: bool
    reason: str = ""


@dataclass(frozen=True)
class DocumentSources:
    """What one document says of a dataset's sources.

    Parameters
    ----------
    document, target:
        What was read, and the dataset whose sources were sought.
    sources:
        Those that count, one entry each, in the order of the document.
    rejected:
        Statements that do not count, each with the reason.
    """

    document: str
    target: str
    sources: tuple[StatedSource, ...]
    rejected: tuple[StatedSource, ...]


def extract(path: Path, target: str, agents: Agents, hub: Hub | None = None) -> DocumentSources:
    """Read one document for the sources of a dataset.

    Parameters
    ----------
    path:
        A README, card, page, text or PDF.
    target:
        The dataset: a Hub id or a plain name.
    agents:
        Who reads.
    hub:
        Looks names up; without one, ids come from links, ids in the text, and the registry of names alone.

    Raises
    ------
    UsageError
        There is no such file.
    UnreadableDocument
        It is not a document.
    HubUnavailable
        The hub cannot answer now.
    """
    document = open_document(path)
    subject = Subject(target)
    resolver = graph.Resolver(hub) if hub else None
    judged = [
        _judge(statement, target, document, resolver)
        for statement in agents.tracing(subject, document, agents.extracting(subject, document))
    ]
    return DocumentSources(
        document=str(path),
        target=target,
        sources=_one_each(source for source in judged if not source.reason),
        rejected=tuple(source for source in judged if source.reason),
    )


def open_document(path: Path) -> Reading:
    """The file as agents see it: what it is, is told from its place in a hub folder, its ending, its beginning.

    Raises
    ------
    UsageError
        There is no such file.
    UnreadableDocument
        It is too large, or holds no text.
    """
    if not path.is_file():
        raise UsageError(f"there is no file {path}", "name a README, card, page, text or PDF")
    if path.stat().st_size > MAX_BYTES:
        raise UnreadableDocument(f"{path} is larger than {MAX_BYTES >> 20} MiB")
    body = path.read_bytes()
    try:
        text = _text(body)
    except UnreadableDocument as error:
        raise UnreadableDocument(f"{path}: {error.message}", error.hint) from error
    kind, url = _from_hub_folder(path) or (_kind(path, body, text), path.absolute().as_uri())
    document = Document(
        document_id=str(path),
        kind=kind,
        url=url,
        outcome=DocumentOutcome.FETCHED,
        media_type="text/html" if path.suffix.lower() in PAGE_ENDINGS else "",
    )
    return reading(document, text)


def _text(body: bytes) -> str:
    if body.startswith(b"%PDF-"):
        from lineage_platform.documents.papers import extract_text

        return extract_text(body)
    return decode(body).text


def _from_hub_folder(path: Path) -> tuple[DocumentKind, str] | None:
    """Whose README it is, where it lies as in a hub folder: that tells the makers' own names from others'."""
    place, owner, name, file = ("", "", "", *path.absolute().parts)[-4:]
    if file != "README.md":
        return None
    if place == "github":
        return DocumentKind.REPOSITORY, f"https://github.com/{owner}/{name}"
    if place == "datasets":
        return DocumentKind.CARD, f"https://huggingface.co/datasets/{owner}/{name}"
    return None


def _kind(path: Path, body: bytes, text: str) -> DocumentKind:
    """A PDF or plain text is a paper; of Markdown, what begins with front matter is a card."""
    if path.suffix.lower() in PAGE_ENDINGS:
        return DocumentKind.BLOG
    if body.startswith(b"%PDF-") or path.suffix.lower() in PAPER_ENDINGS:
        return DocumentKind.PAPER
    return DocumentKind.CARD if text.startswith(("---\n", "---\r\n")) else DocumentKind.REPOSITORY


def _judge(statement: Statement, target: str, document: Reading, resolver: Resolver | None) -> StatedSource:
    from lineage_platform.graph.evidence import check

    found = resolver.resolve(target, statement, document).chosen_id if resolver else _written_id(statement, document)
    evidence = check(statement, document, (target,))
    reason = evidence.reason
    if not reason and target in (found, statement.mention):
        reason = "the name stands for the dataset itself"
    return StatedSource(
        mention=statement.mention,
        id=found,
        relation=statement.relation,
        confidence=statement.confidence,
        evidence=statement.quote,
        verified=evidence.verified,
        reason=reason,
    )


def _written_id(statement: Statement, document: Reading) -> str | None:
    """The id that the document itself gives, by a link or in so many words, or that the registry has for the name."""
    from lineage_platform.graph.resolution import linked_dataset, own_link

    mention = statement.mention.strip()
    link = own_link(statement, document)
    if link:
        on_hub = hub_dataset(link)
        address = off_hub_id(link)
        return on_hub[0] if on_hub else registry().get(address, address)
    elsewhere = linked_dataset(mention, document)
    if elsewhere:
        return elsewhere
    if "/" in mention:
        try:
            return parse_dataset_id(mention)
        except InvalidDatasetId:
            return None
    return registry().get(normalise_name(mention))


def _one_each(sources: Iterable[StatedSource]) -> tuple[StatedSource, ...]:
    """The most confident statement of each source, at the place of the first."""
    best: dict[str, StatedSource] = {}
    for source in sources:
        key = source.id or normalise_name(source.mention)
        if key not in best or source.confidence > best[key].confidence:
            best[key] = source
    return tuple(best.values())
