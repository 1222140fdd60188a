"""Role four: a dataset's profile, from its own metadata, its card and the make-up of its sources."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from lineage_platform.agents.interface import Subject
from lineage_platform.agents.rules.blocks import Kind, units
from lineage_platform.agents.rules.mentions import masked
from lineage_platform.agents.rules.naming import Household, key
from lineage_platform.agents.rules.sections import Section, section
from lineage_platform.documents.reading import Reading
from lineage_platform.records import Domain, Profile, Relation, Statement

MAX_SUMMARY = 300
MIN_WORDS = 5  # a shorter "sentence" is a label or a bar of links
_DOMAINS = {
    Domain.MATH: re.compile(
        r"math|\bgsm-?\d*k?|\baime\b|\bamc\b|algebra|geometry|olympiad|theorem|arithmetic|numina|calculus|\baops\b",
        re.I,
    ),
    Domain.CODE: re.compile(
        r"\bcod(?:e|er|ing|ex)\b|code[-_]|[-_]code|codes\b|program(?:s|ming|mer)|python|\bsql\b|software|algorithmic"
        r"|competitive-programming|leetcode|codeforces|\bswe\b|\bapps\b|commit",
        re.I,
    ),
    Domain.SCIENCE: re.compile(
        r"scien(?:ce|tific)|physics|chemistry|biology|medical|medicine|biomed|\bstem\b|clinical|pubmed|textbook", re.I
    ),
    Domain.GENERAL: re.compile(
        r"instruct\b|instruct(?:ion)?(?:s|[- ](?:tuning|following))|\bchat\b|conversation|dialog|general|preference"
        r"|assistant"
        r"|alpaca|sharegpt|feedback|creative|role-?play",
        re.I,
    ),
}
_SYNTHETIC = re.compile(
    r"\b(?:synthetic\w*|machine-generated|(?:gpt|llm|model|ai|chatgpt|claude|gpt-4)[- ]generated|generated (?:by|with"
    r"|using|from) (?:\w+[- ]?){0,3}(?:gpt|llm|model|claude|llama|qwen|deepseek|gemini|mistral|text-davinci))",
    re.I,
)
_HUMAN = re.compile(
    r"\b(?:human[- ](?:written|annotated|generated|authored|labell?ed|curated)|crowd-?sourc\w+|hand[- ](?:written"
    r"|curated|crafted|picked)|expert[- ](?:written|generated|annotated)|written by (?:\w+ ){0,3}(?:people|humans"
    r"|employees|annotators|experts|volunteers|writers|teachers))\b",
    re.I,
)
_CONSTRUCTION = {
    Relation.DIRECT_INCLUSION: "collected from existing datasets",
    Relation.COT_DISTILLATION: "existing questions answered anew by a model",
    Relation.SEMANTIC_EVOLUTION: "existing items rewritten",
    Relation.SYNTHETIC_GENERATION: "generated from seeds",
    Relation.STRUCTURED_FUSION: "items of several sources combined",
}


def profile(subject: Subject, card: Reading | None, statements: Sequence[Statement]) -> Profile:
    """The profile; what nothing tells stays empty."""
    return Profile(
        summary=_summary(subject, card) if card else "",
        domains=_domains(subject, card, statements),
        construction=_construction(statements),
        origin=_origin(subject, card) if card else "",
        licence=_licence(subject, card),
    )


def _summary(subject: Subject, card: Reading) -> str:
    """Of the first sentences the one that speaks of the subject, else the first, on one line."""
    own, opening = Household(subject, card).own, list(islice(_openings(card), 3))
    for sentence in opening:
        words = {key(word) for word in re.findall(r"[\w.+-]+", sentence)}
        if words & own or re.search(r"\b(?:data ?set|corpus|benchmark|this (?:data|collection))\b", sentence, re.I):
            return sentence
    return opening[0] if opening else ""


def _openings(card: Reading) -> Iterator[str]:
    """Sentences of running text, neither quoted nor in a section about something else."""
    for unit in units(card):
        text = card.clean.text[unit.span.start : unit.span.end]
        sentence = _line(text)
        running = unit.kind is Kind.SENTENCE and len(sentence.split()) >= MIN_WORDS and not text.startswith(">")
        if running and section(unit.headings) is not Section.OTHER:
            yield sentence


def _line(text: str) -> str:
    words = " ".join(re.sub(r"^\W*>\s*|[\[\]]|\(\s*\)", " ", masked(text)).split())
    line = re.sub(r" (?=[.,;:!?](?:\s|$))", "", words)
    return line if len(line) <= MAX_SUMMARY else f"{line[: MAX_SUMMARY - 1].rsplit(' ', 1)[0]}…"


def _domains(subject: Subject, card: Reading | None, statements: Sequence[Statement]) -> tuple[Domain, ...]:
    """By name and tags; where these say nothing, by the sources' names, then by the summary."""
    declared = [
        subject.name,
        *subject.also_known_as,
        *(subject.info.tags if subject.info else ()),
        *_values(card, "tags"),
    ]
    for texts in (declared, [statement.mention for statement in statements], [_summary(subject, card)] if card else []):
        counts = Counter(domain for domain, pattern in _DOMAINS.items() for text in texts if pattern.search(text))
        if counts:
            enough = max(counts.values()) / 4
            return tuple(domain for domain in Domain if counts[domain] and counts[domain] >= enough)
    return (Domain.UNCLASSIFIED,)


def _construction(statements: Sequence[Statement]) -> str:
    counts = Counter(statement.relation for statement in statements)
    return "; ".join(_CONSTRUCTION[relation] for relation, _ in counts.most_common(3))


def _origin(subject: Subject, card: Reading) -> str:
    text = " ".join(sentence for sentence in _telling(card))
    tags = " ".join(
        [
            *(subject.info.tags if subject.info else ()),
            *_values(card, "tags"),
            *_values(card, "annotations_creators"),
            *_values(card, "language_creators"),
        ]
    )
    synthetic = bool(_SYNTHETIC.search(text) or re.search(r"\bsynthetic\b|machine-generated", tags))
    human = bool(_HUMAN.search(text) or re.search(r"crowdsourced|expert-generated|\bhuman\b", tags))
    return "mixed" if synthetic and human else "synthetic" if synthetic else "human" if human else ""


def _telling(card: Reading) -> Iterator[str]:
    for unit in units(card):
        if unit.kind is not Kind.ROW and section(unit.headings) is not Section.OTHER:
            yield masked(card.clean.text[unit.span.start : unit.span.end])


def _licence(subject: Subject, card: Reading | None) -> str:
    declared = list(_values(card, "license")) or list(_values(card, "licence"))
    return ", ".join(declared or (subject.info.tagged("license") if subject.info else ()))


def _values(card: Reading | None, field: str) -> Iterable[str]:
    """A front matter field's strings, however it is written."""
    value = card.front_matter.get(field) if card else None
    return [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, str)]
