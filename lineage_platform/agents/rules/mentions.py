"""Names in a text that may stand for data: links, Hub ids, and words that look like proper names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import lru_cache

from lineage_platform.agents.rules import lexicon
from lineage_platform.agents.rules.patterns import alternatives
from lineage_platform.catalog import ids
from lineage_platform.documents.reading import Span

LINK = re.compile(r"\[([^\[\]]*)\]\(\s*<?([^()\s<>]*(?:\([^()\s]*\)[^()\s]*)?)>?(?:[ \t]+\"[^\"\n]*\")?[ \t]*\)")
URL = re.compile(r"https?://[^\s<>()\[\]{}\"'`|\\^]+[^\s<>()\[\]{}\"'`|\\^.,;:!?*_]")
_ID = re.compile(r"(?<![\w./@:-])([A-Za-z0-9][\w.-]{1,60})/([A-Za-z0-9][\w.-]{2,90}[\w])(?![\w/])")
_WORD = re.compile(r"(?<![\w/.@-])[^\W_][\w+.'’-]*(?<![.'’-])(?![\w/])")
_MAX_WORDS = 6  # of a name
_DATA_AFTER = re.compile(
    r"\s*(?:\([^()]{0,40}\)|\[[^\[\]]{0,12}\])?\s*(?:[\w-]+ )?"
    rf"(?:corpus|corpora|benchmarks?|collection|(?:train|test|dev)\w* set|competitions?|dumps?"
    rf"|{alternatives('terms', 'things')})\b",
    re.IGNORECASE,
)
_CALLED_DATASET = re.compile(r"\s*(?:data ?sets?|corpus|[\w-]*data)\b", re.IGNORECASE)
_PART_OF_IT = re.compile(r" \((?:up to|before|until|through|since|\d{4} ?[-–]) ?[^()]{0,30}\)")
_MODEL_AFTER = re.compile(
    r"\s*(?:models?|LLMs?|checkpoints?|APIs?|tokenizer|architecture|weights|embeddings?|series|family|framework"
    r"|toolkit|library|"
    r"pipeline|methods?|approach(?:es)?|algorithm|techniques?|harness|scripts?|repo(?:sitory)?|codebase|employees"
    r"|annotators|team|"
    r"users|license|licence|format|style|tool(?:s|kit)?|leaderboard|package|paper|engine|server)\b",
    re.IGNORECASE,
)
_CITED = re.compile(
    r"\((?:[^()]{0,120}\bet al\b[^()]{0,200}|[A-Z][\w'-]+(?:,? (?:and|&) [A-Z][\w'-]+)?,? (?:19"
    r"|20)\d\d[a-z]?(?:;[^()]{0,200})?)\)"
    r"|\[\d{1,3}(?:[,–-] ?\d{1,3})*\]|\b[A-Z][\w'-]+ et al\.?,? ?\(?(?:19|20)\d\d[a-z]?\)?"
)


_FORMULA = re.compile(r"\$[^$\n]{1,80}\$")
_FILE = re.compile(r".*\.(?:py|sh|md|json|jsonl|txt|ya?ml|csv|ipynb|parquet|zip)", re.IGNORECASE)
_BEFORE_ADDRESS = re.compile(r"\s*(?:(?:data ?set|corpus|benchmark|data)s?)?\s*(?:at|from)?[\s(:–-]*", re.I)


class Form(Enum):
    """What a name rests on, strongest first."""

    HUB = "a link to a Hub dataset"
    LINK = "a link elsewhere"
    ID = "the form of a Hub id"
    NAME = "a proper name"


@dataclass(frozen=True)
class Mention:
    """A name that may stand for data.

    Parameters
    ----------
    name, span:
        As written, and where (with its link, if any), relative to the text searched.
    form, link:
        What it rests on.
    called_data:
        Whether the words after it call it data.
    """

    name: str
    span: Span
    form: Form
    link: str | None = None
    called_data: bool = False

    @property
    def is_benchmark(self) -> bool:
        """Whether it is a well-known evaluation set."""
        return lexicon.is_benchmark(self.name)


@lru_cache(maxsize=256)
def masked(text: str) -> str:
    """The text with addresses, brackets and emphasis blanked, at the same length: what a reader reads as words."""

    def blank_link(match: re.Match[str]) -> str:
        label = match[1]
        return " " + label + " " * (len(match[0]) - len(label) - 1)

    shown = LINK.sub(blank_link, text)
    for noise in (URL, _CITED, _FORMULA):
        shown = noise.sub(lambda match: " " * len(match[0]), shown)
    return re.sub(r"\*|`|(?<!\w)_+|_+(?!\w)|\u00a0|[\n\r\t]", lambda match: " " * len(match[0]), shown)


@lru_cache(maxsize=256)
def mentions(text: str) -> Sequence[Mention]:
    """What may be data in a text, in order, without models, tools and ordinary words."""
    shown, found = masked(text), []
    taken = bytearray(len(text))
    for mention in [*_linked(text, shown), *_addresses(text), *_ids(shown), *_names(shown)]:
        if not any(taken[mention.span.start : mention.span.end]):
            taken[mention.span.start : mention.span.end] = b"\x01" * (mention.span.end - mention.span.start)
            found.append(mention)
    found = _with_addresses(sorted(found, key=lambda mention: mention.span), shown)
    return tuple(mention for mention in found if _may_be_data(mention, shown))


def _with_addresses(found: list[Mention], shown: str) -> list[Mention]:
    """A name and the bare address right behind it are one mention."""
    joined: list[Mention] = []
    for mention in found:
        before = joined[-1] if joined else None
        bare = mention.link is not None and mention.span.end - mention.span.start == len(mention.link)
        if bare and before and before.link is None:
            between = shown[before.span.end : mention.span.start]
            if len(between) < 30 and _BEFORE_ADDRESS.fullmatch(between):
                hub = Form.HUB if mention.form is Form.HUB else Form.LINK
                joined[-1] = replace(
                    before, span=Span(before.span.start, mention.span.end), form=hub, link=mention.link
                )
                continue
        joined.append(mention)
    return joined


def _linked(text: str, shown: str) -> Iterator[Mention]:
    for match in LINK.finditer(text):
        span, label, target = Span(*match.span()), _label(match[1]), match[2]
        hub = ids.hub_dataset(target)
        if hub:
            yield Mention(label if _is_name(label) else hub[0], span, Form.HUB, target)
        elif _ID.fullmatch(target) and _is_name(label) and not _FILE.fullmatch(target):
            yield Mention(target if _is_last_part(label, target) else label, span, Form.ID)
        elif target.startswith(("http://", "https://")):
            yield Mention(label, span, Form.LINK, target, bool(_DATA_AFTER.match(shown, match.end())))
        else:  # a relative link is a part of the same repository
            yield Mention("", span, Form.LINK, target)


def _is_last_part(label: str, identifier: str) -> bool:
    return ids.normalise_name(label) == ids.normalise_name(identifier.rsplit("/", 1)[-1])


def _addresses(text: str) -> Iterator[Mention]:
    for match in URL.finditer(text):
        hub = ids.hub_dataset(match[0])
        name = hub[0] if hub else _site(ids.off_hub_id(match[0]).split(":", 1)[-1])
        yield Mention(name, Span(*match.span()), Form.HUB if hub else Form.LINK, match[0])


def _ids(shown: str) -> Iterator[Mention]:
    for match in _ID.finditer(shown):
        written_so = any(c.isdigit() or c.isupper() or c in "-_" for c in match[2])
        if written_so and not re.fullmatch(r"[\d./-]+", match[0]) and not _FILE.fullmatch(match[0]):
            called = bool(_DATA_AFTER.match(shown, match.end()))
            yield Mention(match[0], Span(*match.span()), Form.ID, None, called)


def _names(shown: str) -> Iterator[Mention]:
    for run in _capitalised(shown):
        while len(run) > 1 and (lexicon.is_ordinary(run[0][0]) or run[0][0].isdigit()):
            run = run[1:]
        start, end = run[0].start(), run[-1].end()
        name = re.sub(r"(?:'s|’s)$", "", shown[start:end])
        end = start + len(name)
        if part := _PART_OF_IT.match(shown, end):
            name, end = name + part[0], part.end()
        if not re.fullmatch(r"v?\d[\d.,]*[A-Za-z]?", name):
            yield Mention(name, Span(start, end), Form.NAME, None, bool(_DATA_AFTER.match(shown, end)))


def _capitalised(shown: str) -> Iterator[list[re.Match[str]]]:
    """Runs of words that look like parts of a name, at most ``_MAX_WORDS`` in each."""
    run: list[re.Match[str]] = []
    for word in _WORD.finditer(shown):
        adjoins = bool(run) and shown[run[-1].end() : word.start()] in (" ", " & ") and len(run) < _MAX_WORDS
        if not _is_part(word[0]) or not adjoins:
            if run:
                yield run
            run = []
        if _is_part(word[0]):
            run.append(word)
    if run:
        yield run


def _is_part(word: str) -> bool:
    """Whether a word is written as names are: a capital letter or a digit in it, or several parts."""
    return any(c.isupper() or c.isdigit() for c in word) or ("_" in word)


def _site(path: str) -> str:
    """A web site goes by its host's name without the ending; anything deeper by its path."""
    return path if "/" in path else path.removesuffix(".com").removesuffix(".org").removesuffix(".net")


def _label(text: str) -> str:
    return re.sub(r"[*`~]+|^\W*🤗\W*|^[^\w(]+|[^\w)+]+$", "", text).strip()


def _is_name(label: str) -> bool:
    return 2 <= len(label) <= 100 and not label.startswith("http") and not _GENERIC.fullmatch(label)


_GENERIC = re.compile(
    r"(?:the |our |its |their |this |hf |hugging ?face |🤗|full |original |raw |training |here|link|click|new )*"
    r"(?:here|link|links|data ?sets?|data|download|hugging ?face|hf|hub|repo|repository|github|source|paper|card|page"
    r"|website|code|this|hf link|dataset card|data card|modelscope)?"
    r"(?: (?:link|hub|repo|dataset|page|here))*\W*",
    re.IGNORECASE,
)


def _may_be_data(mention: Mention, shown: str) -> bool:
    name = mention.name
    if mention.form is Form.HUB:
        return True
    if not any(c.isalpha() for c in name) or len(name) < 2 or len(name) > 100 or _GENERIC.fullmatch(name):
        return False
    if lexicon.is_ordinary(name) and not (mention.is_benchmark and mention.called_data):
        return lexicon.is_benchmark(name)
    if mention.link and _leads_elsewhere(mention.link):
        return False
    after = mention.span.end
    if _MODEL_AFTER.match(shown, after):
        return False
    if _MODEL_AFTER.fullmatch(name.rsplit(" ", 1)[-1]):
        return False
    if mention.form is Form.NAME and not mention.called_data and re.fullmatch(r"[a-z]+(?:_[a-z]+)+|[A-Za-z]{2}", name):
        return False  # a folder, a column, a variable
    return not lexicon.is_model(name) or bool(_CALLED_DATASET.match(shown, after))


def _leads_elsewhere(link: str) -> bool:
    """Whether a link is to a model, a demo, a file of the same repository: never to data."""
    match = re.match(r"https?://(?:www\.)?(huggingface\.co|hf\.co|hf-mirror\.com)/([^/?#]+)", link)
    if match:
        return match[2] != "datasets"
    return not link.startswith(("http://", "https://")) or bool(
        re.match(
            r"https?://(?:x\.com|twitter\.com|(?:www\.)?youtube\.com|youtu\.be|discord\.\w+|colab\.|img\.shields)", link
        )
    )
