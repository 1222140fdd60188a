"""From a name in a document to an id: links first, then the same organisation, then an exact name, then review."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import islice

from rapidfuzz import fuzz

from lineage_platform.catalog.aliases import registry
from lineage_platform.catalog.hub import Hub
from lineage_platform.catalog.ids import hub_dataset, name_id, normalise_name, off_hub_id, parse_dataset_id
from lineage_platform.concurrency import Once
from lineage_platform.documents.reading import Reading
from lineage_platform.errors import BrokenRecord, DatasetGated, DatasetNotFound, InvalidDatasetId
from lineage_platform.graph.evidence import MAX_OCCURRENCES, occurrences
from lineage_platform.graph.quotes import beside
from lineage_platform.records import Candidate, DatasetInfo, Mention, Statement

LINK = "link"
LINKED_NAME = "linked_name"
WRITTEN_ID = "id"
SAME_ORGANISATION = "same_organisation"
ALIAS = "alias"
EXACT_NAME = "exact_name"
OFF_HUB_NAME = "name"
UNKNOWN_LINK = "unknown_link"
CHOSEN = "model_choice"
PROPOSED = "model_proposal"
AMBIGUOUS = "ambiguous"
NEAR_NAME = "near_name"

# What a way of resolving leaves of a statement's confidence.
CONFIDENCE_KEPT = {
    LINK: 1.0,
    LINKED_NAME: 0.97,
    WRITTEN_ID: 0.98,
    SAME_ORGANISATION: 0.95,
    ALIAS: 0.95,
    EXACT_NAME: 0.85,
    OFF_HUB_NAME: 0.9,
    CHOSEN: 0.85,
    PROPOSED: 0.6,
    UNKNOWN_LINK: 0.6,
    AMBIGUOUS: 0.6,
    NEAR_NAME: 0.6,
}
# Ways of resolving that a person has to confirm, and what is asked of them.
REVIEW_REASON = {
    UNKNOWN_LINK: "the link leads to a dataset that the hub does not know",
    PROPOSED: "a model chose it among datasets of this or a near name, and nothing else speaks for it",
    AMBIGUOUS: "several datasets bear this name",
    NEAR_NAME: "no dataset bears exactly this name, but some come near",
}
# Names this similar may be one name in two spellings; below it they are different names.
NEAR = 0.9
ORGANISATION_WEIGHT = 0.2

_GENERIC = frozenset({"dataset", "datasets", "data", "corpus", "benchmark"})
_WRITTEN_ID = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)
_MARKDOWN_LINK = re.compile(r"(?<!!)\[([^\[\]]{1,300})\]\(\s*<?([^\s()<>]+(?:\([^\s()]*\)[^\s()<>]*)*)>?[^()]{0,200}\)")
_HTML_LINK = re.compile(r"<a\b[^>]{0,300}?href\s*=\s*[\"']?([^\s\"'>]+)[^>]*>(.{1,300}?)</a>", re.I | re.S)


class Resolver:
    """Resolves names against one hub; each id and each search is asked for at most once.

    Parameters
    ----------
    hub:
        Where datasets are looked up.
    """

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._aliases = registry()
        self._ids: Once[str, str | None] = Once()
        self._described: Once[str, DatasetInfo | None] = Once()
        self._searches: Once[str, tuple[str, ...]] = Once()

    def resolve(self, subject: str, statement: Statement, reading: Reading | None = None) -> Mention:
        """What a statement's mention stands for, with every candidate.

        Parameters
        ----------
        subject:
            Id of the dataset whose document it is.
        statement:
            Its mention, and the link beside it if the reader saw one.
        reading:
            The document, to find a link around the mention when the statement has none.

        Raises
        ------
        HubUnavailable
            The hub cannot answer now.
        """
        link = own_link(statement, reading)
        mention = statement.mention.strip()
        if link is None and "://" in mention:
            link = mention
        if link:
            return self._by_link(subject, mention, link)
        elsewhere = linked_dataset(mention, reading) if reading else None
        known = self.canonical(elsewhere) if elsewhere else None
        return _chosen(subject, mention, known, LINKED_NAME) if known else self._by_name(subject, mention)

    def canonical(self, dataset_id: str) -> str | None:
        """The hub's id for a dataset, or None if it knows none of this name.

        A dataset whose content is out of reach (gated, a broken record) is known all the same.

        Raises
        ------
        HubUnavailable
            The hub cannot answer now.
        """
        try:
            parsed = parse_dataset_id(dataset_id)
        except InvalidDatasetId:
            return None
        return self._ids.get(parsed, lambda: self._ask(parsed))

    def described(self, dataset_id: str) -> DatasetInfo | None:
        """What the hub says of a dataset; None if it knows none of this name or cannot describe it.

        Raises
        ------
        HubUnavailable
            The hub cannot answer now.
        """
        return self._described.get(dataset_id, lambda: self._describe(dataset_id))

    def _describe(self, dataset_id: str) -> DatasetInfo | None:
        try:
            return self._hub.info(dataset_id)
        except (DatasetNotFound, InvalidDatasetId, DatasetGated, BrokenRecord):
            return None

    def _ask(self, dataset_id: str) -> str | None:
        try:
            return self._hub.info(dataset_id).id
        except (DatasetNotFound, InvalidDatasetId):
            return None
        except (DatasetGated, BrokenRecord):
            return dataset_id

    def _search(self, words: str) -> tuple[str, ...]:
        return self._searches.get(words, lambda: tuple(self._hub.search(words)))

    def _by_link(self, subject: str, mention: str, link: str) -> Mention:
        on_hub = hub_dataset(link)
        if on_hub:
            written, part = on_hub
            known = self.canonical(written)
            moved = None if known else self._registered(written)
            if moved:
                return _chosen(subject, mention, moved, ALIAS, link=link, part=part)
            return _chosen(subject, mention, known or written, LINK if known else UNKNOWN_LINK, link=link, part=part)
        address = off_hub_id(link)
        alias = self._registered(address, mention, bare_name(mention))
        if alias:
            return _chosen(subject, mention, alias, ALIAS, link=link)
        owner = address.removeprefix("github:").split("/")[0] if address.startswith("github:") else ""
        beside_repository = next(self._in_organisation(owner, mention), None) if owner else None
        if beside_repository:
            return _chosen(subject, mention, beside_repository, SAME_ORGANISATION, link=link)
        return _chosen(subject, mention, address, LINK, link=link)

    def _by_name(self, subject: str, mention: str) -> Mention:
        written = self.canonical(mention) if _WRITTEN_ID.fullmatch(mention) else None
        if written:
            return _chosen(subject, mention, written, WRITTEN_ID)
        own = sorted(set(self._in_organisation(_organisation(subject), mention)))
        if len(own) == 1:
            return _chosen(subject, mention, own[0], SAME_ORGANISATION)
        alias = self._registered(mention, bare_name(mention))
        if alias:
            return _chosen(subject, mention, alias, ALIAS)
        hits = self._search(bare_name(mention)) if normalise_name(mention) else ()
        exact = own or [hit for hit in hits if _same_name(hit, mention)]
        if len(exact) == 1:
            return _chosen(subject, mention, exact[0], EXACT_NAME, others=hits)
        near = [hit for hit in hits if similarity(hit, mention) >= NEAR]
        method = AMBIGUOUS if exact else NEAR_NAME if near else OFF_HUB_NAME
        return _unmatched(subject, mention, method, [*exact, *hits])

    def _registered(self, *forms: str) -> str | None:
        """The hub's id behind an alias row for one of the forms."""
        for form in forms:
            for key in (form, normalise_name(form)):
                known = self.canonical(self._aliases[key]) if key in self._aliases else None
                if known:
                    return known
        return None

    def _in_organisation(self, organisation: str, mention: str) -> Iterator[str]:
        """Datasets of the organisation that bear the mention's name."""
        forms = (mention.split(), bare_name(mention).split())
        for name in dict.fromkeys(glue.join(words) for words in forms for glue in "-_"):
            known = self.canonical(f"{organisation}/{name}") if organisation and name and "/" not in name else None
            if known:
                yield known


def link_around(statement: Statement, reading: Reading) -> str | None:
    """The address of a link in the quote's sentence, item or row whose label is the mention."""
    quote = next(occurrences(statement, reading), None)
    if quote is None:
        return None
    for span in (quote, *beside(reading.text, quote)[:1]):
        text = reading.text[span.start : span.end]
        labelled = [(m[1], m[2]) for m in _MARKDOWN_LINK.finditer(text)]
        labelled += [(m[2], m[1]) for m in _HTML_LINK.finditer(text)]
        for label, address in labelled:
            if address.startswith(("https://", "http://")) and _is_label(label, statement.mention):
                return address
    return None


def own_link(statement: Statement, reading: Reading | None) -> str | None:
    """The address that belongs to a statement's name: given by its reader, or found around the name.

    An address that a reader gives must stand beside the quote, itself or as the id that it leads to, or be a reference
    defined apart: one that stands elsewhere in the document may be another dataset's.
    """
    if reading is None:
        return statement.link
    around = link_around(statement, reading)
    if statement.link is None or around:
        return around or statement.link
    quotes = islice(occurrences(statement, reading), MAX_OCCURRENCES)
    places = (span for quote in quotes for span in (quote, *beside(reading.text, quote)))
    on_hub = hub_dataset(statement.link)
    forms = (statement.link, on_hub[0]) if on_hub else (statement.link,)
    if any(_holds(reading.text[span.start : span.end], form) for span in places for form in forms):
        return statement.link
    return statement.link if _is_defined(statement, reading) else None


def _holds(text: str, address: str) -> bool:
    """Whether an address or id stands in a text whole, an address with or without its scheme."""
    bare = re.sub(r"^https?://", "", address.strip()).rstrip("/")
    return re.search(rf"(?<![\w.@-]){re.escape(bare)}(?![\w-]|[/.?=&%#][\w-])", text, re.IGNORECASE) is not None


def _is_defined(statement: Statement, reading: Reading) -> bool:
    """Whether the address is that of a Markdown reference, which stands apart from the text that uses it."""
    bare = re.escape(re.sub(r"^https?://", "", (statement.link or "").strip()).rstrip("/"))
    return (
        re.search(rf"^[ \t]*\[[^\]\n]{{1,200}}\]:[ \t]*<?(?:https?://)?{bare}", reading.text, re.M | re.I) is not None
    )


def linked_dataset(mention: str, reading: Reading) -> str | None:
    """The one dataset to which the document links wherever it links this name; None if to none or to several."""
    targets = _linked(reading.clean.text).get(normalise_name(bare_name(mention)), frozenset())
    return next(iter(targets)) if len(targets) == 1 else None


@lru_cache(maxsize=16)
def _linked(text: str) -> Mapping[str, frozenset[str]]:
    """Hub datasets that a cleaned text links to, by the normalised name in the label."""
    found: dict[str, frozenset[str]] = {}
    for label, address in _MARKDOWN_LINK.findall(text):
        dataset, name = hub_dataset(address), normalise_name(_name(bare_name(label)))
        if dataset and name:
            found[name] = found.get(name, frozenset()) | {dataset[0]}
    return found


def _is_label(label: str, mention: str) -> bool:
    """Whether a link's label is the mention and no more ("gsm8k-fix" is not GSM8K)."""
    return normalise_name(bare_name(label)) == normalise_name(bare_name(mention)) != ""


def bare_name(mention: str) -> str:
    """A mention without the words around its name that say only what it is: "the Alpaca dataset" is "Alpaca"."""
    parts = mention.strip("*_`\"' ").split()
    if len(parts) > 1 and parts[0].lower() == "the":
        parts = parts[1:]
    if len(parts) > 1 and parts[-1].lower() in _GENERIC:
        parts = parts[:-1]
    return " ".join(parts)


def _organisation(dataset_id: str) -> str:
    return dataset_id.split("/")[0] if "/" in dataset_id and ":" not in dataset_id else ""


def _name(dataset_id: str) -> str:
    return dataset_id.split("/")[-1]


def _same_name(dataset_id: str, mention: str) -> bool:
    return normalise_name(_name(dataset_id)) in {normalise_name(mention), normalise_name(bare_name(mention))}


def bound(mention: Mention, dataset_id: str, *, is_backed: bool) -> Mention:
    """An open mention with the dataset that a model chose for it: taken where the document backs it, else proposed."""
    method = CHOSEN if is_backed else PROPOSED
    known = {candidate.id: candidate for candidate in mention.candidates}
    best = known.get(dataset_id) or Candidate(id=dataset_id, method=method, score=0.0)
    rest = [candidate for candidate in mention.candidates if candidate.id != dataset_id]
    update = {"chosen_id": dataset_id, "method": method, "score": best.score, "candidates": (best, *rest)}
    return mention.model_copy(update=update)


def similarity(dataset_id: str, mention: str) -> float:
    """Likeness of the names, 0 to 1."""
    return fuzz.ratio(normalise_name(_name(dataset_id)), normalise_name(_name(mention))) / 100


def _candidate(subject: str, mention: str, dataset_id: str, method: str) -> Candidate:
    same_organisation = _organisation(dataset_id) in {_organisation(subject), _organisation(mention)} - {""}
    score = (1 - ORGANISATION_WEIGHT) * similarity(dataset_id, mention) + ORGANISATION_WEIGHT * same_organisation
    return Candidate(id=dataset_id, method=method, score=round(score, 4))


def _chosen(
    subject: str,
    mention: str,
    dataset_id: str,
    method: str,
    *,
    link: str | None = None,
    part: str | None = None,
    others: Iterable[str] = (),
) -> Mention:
    best = _candidate(subject, mention, dataset_id, method)
    best = best.model_copy(update={"score": 1.0}) if method in (LINK, WRITTEN_ID, ALIAS) else best
    rest = (_candidate(subject, mention, other, "search") for other in others if other != dataset_id)
    return Mention(
        mention=mention,
        link=link,
        chosen_id=dataset_id,
        part=part,
        method=method,
        score=best.score,
        candidates=(best, *sorted(rest, key=lambda candidate: (-candidate.score, candidate.id))),
    )


def _unmatched(subject: str, mention: str, method: str, hits: Iterable[str]) -> Mention:
    """A name that no dataset can be given without asking; only one that resembles none is a source off the Hub."""
    found = {hit: _candidate(subject, mention, hit, "search") for hit in hits}
    return Mention(
        mention=mention,
        chosen_id=name_id(mention) if method == OFF_HUB_NAME else None,
        method=method,
        candidates=tuple(sorted(found.values(), key=lambda candidate: (-candidate.score, candidate.id))),
    )
