"""Which papers are a dataset's own, as against merely cited, and the month each appeared.

The Hub tags a card with every arXiv link it holds, so a tag alone proves little: a single one counts unless the card
cites it as other people's work; of several, those count that an entry or a link of the card binds to this dataset.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from lineage_platform.catalog.bibtex import Entry, entries
from lineage_platform.catalog.ids import normalise_name, parse_arxiv_id
from lineage_platform.records import DatasetInfo

MAX_LINKS = 500  # arXiv links of one card that are looked at

_ARXIV = re.compile(
    r"(?:arxiv\.org/(?:abs|pdf|html)/|ar5iv(?:\.labs\.arxiv)?\.org/(?:abs|html)/|huggingface\.co/papers/|hf\.co/papers/"
    r"|doi\.org/10\.48550/arxiv\.|\barxiv:\s?)(\d{4}\.\d{4,5}|[a-z][a-z-]{1,12}(?:\.[a-z]{2})?/\d{7})",
    re.IGNORECASE,
)
_OWN = re.compile(
    r"\b(?:our|this dataset'?s|the accompanying|the dataset'?s) (?:\w+ )?(?:paper|preprint|report|work)\b"
    r"|^[\s>*#|-]*(?:read (?:the|our) )?(?:arxiv |research )?(?:paper|preprint|technical report)s?\s*\**\s*[:|]"
    r"|\b(?:dataset|data|it) (?:is|was|were|has been) (?:introduced|presented|released|described) (?:in|with)\b"
    r"|\b(?:cite|citing) (?:us|our)\b",
    re.IGNORECASE,
)
_CITED = re.compile(
    r"\b(?:based on|follow(?:s|ing|ed)?|inspired|proposed|described in|implement\w*|deriv\w*|adapt\w*|evaluat\w*"
    r"|baselines?|compar\w*|method\w*|originally|introduced (?:in|by)|using|uses?|used|model|models|trained|subset|from"
    r"|see also|thanks?|original|built (?:on|with|from)|generated (?:with|by)|et al)\b",
    re.IGNORECASE,
)
_CITED_HEADING = re.compile(
    r"\b(?:references?|related|acknowledge?ments?|evaluation|baselines?|results?|benchmarks?|sources?|models?)\b", re.I
)
_GENERIC_WORD = re.compile(
    r"an?|the|of|for|[kmbvt]|data(?:sets?)?|sft|rl|train(?:ing)?|preview|verified|mixture|set|full|en|rc"
)
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec"


@dataclass(frozen=True)
class Paper:
    """One of a dataset's own papers.

    Parameters
    ----------
    date:
        ``YYYY-MM``, or ``YYYY`` where the entry gives only a year.
    source:
        ``arxiv:ID`` or ``bibtex:KEY``.
    """

    date: str
    source: str


def own_papers(info: DatasetInfo, card_text: str) -> tuple[Paper, ...]:
    """The papers that describe this dataset, as far as its tags and its card tell; never a cited one."""
    cited_entries = tuple(entries(card_text))
    naming = tuple(entry for entry in cited_entries if _names(entry.fields.get("title", ""), entry.key, info.id))
    tagged = list(dict.fromkeys(filter(None, map(parse_arxiv_id, info.tagged("arxiv")))))
    own = {paper: True for entry in naming for paper in _arxiv_ids(_entry_text(entry))[:1]}
    prose = _without(card_text, cited_entries)
    verdicts = _verdicts(prose, info.id)
    foreign = {paper for entry in cited_entries if entry not in naming for paper in _arxiv_ids(_entry_text(entry))}
    own |= {paper: True for paper, verdict in verdicts.items() if verdict and paper not in foreign}
    if len(tagged) == 1 and verdicts.get(tagged[0], True):
        own[tagged[0]] = True
    dated = [Paper(date, f"arxiv:{paper}") for paper in own if (date := arxiv_month(paper))]
    return (*dated, *(paper for entry in naming if not _arxiv_ids(_entry_text(entry)) for paper in _dated(entry)))


def arxiv_month(paper: str) -> str | None:
    """The month (``YYYY-MM``) in which an arXiv id was given out: ids begin with its year and month (since 1991)."""
    digits = paper.rsplit("/", 1)[-1][:4]
    year, month = int(digits[:2]), int(digits[2:])
    century = 1900 if "/" in paper and year >= 91 else 2000
    return f"{century + year}-{month:02d}" if 1 <= month <= 12 else None


def _arxiv_ids(text: str) -> list[str]:
    return list(dict.fromkeys(match[1].lower() for match in _ARXIV.finditer(text)))


def _entry_text(entry: Entry) -> str:
    """The fields of an entry in which its own arXiv id can stand, an ``eprint`` marked as one."""
    eprint = parse_arxiv_id(entry.fields.get("eprint", ""))
    own = ("journal", "url", "doi", "note", "howpublished", "booktitle", "volume", "publisher")
    return " ".join([f"arxiv:{eprint}" if eprint else "", *(entry.fields.get(field, "") for field in own)])


def _without(text: str, cited: Sequence[Entry]) -> str:
    """The text with its BibTeX entries blanked."""
    for entry in cited:
        text = f"{text[: entry.start]}{' ' * (entry.end - entry.start)}{text[entry.end :]}"
    return text


def _verdicts(prose: str, dataset_id: str) -> dict[str, bool]:
    """Papers linked in running text: True where a line says it is the dataset's own, False where all lines cite it.

    A paper that is linked without a word about it has no verdict.
    """
    found: dict[str, bool] = {}
    for match in islice(_ARXIV.finditer(prose), MAX_LINKS):
        start, end = prose.rfind("\n", 0, match.start()) + 1, prose.find("\n", match.end())
        before = prose[max(start, match.start() - 300) : match.start()]
        after = prose[match.start() : min(end if end >= 0 else len(prose), match.start() + 240)]
        verdict = _verdict(before, after, _heading(prose, match.start()), dataset_id)
        if verdict is not None:
            found[match[1].lower()] = found.get(match[1].lower(), False) or verdict
    return found


def _heading(text: str, position: int) -> str:
    """The last heading above a position."""
    start = text.rfind("\n#", 0, position) + 1
    return text[start : start + 200].split("\n", 1)[0] if text[start : start + 1] == "#" else ""


def _verdict(before: str, after: str, heading: str, dataset_id: str) -> bool | None:
    """What the words around one link say of the paper; see :func:`_verdicts`."""
    label = re.search(r"\[([^\]]{1,200})\]\([^)]{0,200}$", before)
    if _OWN.search(before + after) or (label and _names(label[1], "", dataset_id)):
        return True
    return False if _CITED.search(before + after) or _CITED_HEADING.search(heading) else None


def _names(title: str, key: str, dataset_id: str) -> bool:
    """Whether a title or citation key names this dataset, and not one that it was made from.

    The part of a title before its colon is the dataset's name, sizes and versions aside; or the title holds the name
    as written; or the key holds it.
    """
    name = dataset_id.rsplit("/", 1)[-1]
    core = _core(name)
    if not core:
        return False
    if core == _core(re.split(r":| - | – ", title, maxsplit=1)[0]):
        return True
    if len(name) < 4 or re.fullmatch(r"[a-z]+", name):  # a plain word stands in many titles and keys
        return normalise_name(name) == normalise_name(key)
    if f" {_spaced(name)} " in f" {_spaced(title)} ":
        return True
    joined = "".join(core)
    return normalise_name(name) in normalise_name(key) or (len(joined) >= 6 and joined in normalise_name(key))


def _core(name: str) -> tuple[str, ...]:
    """The words of a name without sizes, versions and generic words: ``OpenThoughts3-1.2M`` is ``(openthoughts,)``."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name).casefold() if not unicodedata.combining(c))
    return tuple(word for word in re.findall(r"[^\W\d_]+", plain) if not _GENERIC_WORD.fullmatch(word))


def _spaced(text: str) -> str:
    return " ".join(re.split(r"[\W_]+", text))


def _dated(entry: Entry) -> Iterator[Paper]:
    """The date that an entry without an arXiv id gives."""
    year = re.search(r"\b(19|20)\d\d\b", entry.fields.get("year", "") or entry.fields.get("date", ""))
    if year:
        month = entry.fields.get("month", "").lower()[:3]
        number = int(month) if month.isdecimal() else _MONTHS.find(month) // 4 + 1 if len(month) == 3 else 0
        date = f"{year[0]}-{number:02d}" if 1 <= number <= 12 else year[0]
        yield Paper(date, f"bibtex:{entry.key[:80]}")
