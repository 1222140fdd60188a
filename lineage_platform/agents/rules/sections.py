"""What a heading promises of the text under it, and what a sentence before a list or table promises of its entries."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum

_SOURCES = re.compile(
    r"\bsources?\b(?!.{0,3}(?:code|available|license|files?))|\bprovenance\b|\borigins?\b(?!al)|\b(?:data|dataset"
    r"|corpus|training) (?:composition|mixture|mix|make-?up|ingredients)"
    r"|\b(?:composition|mixture|constituents|ingredients|components|breakdown)\b|\bwhere .{0,30}\b(?:from|come|came"
    r"|taken)\b|\bderived from\b|\bbuilt (?:from|on)\b|\bbased on\b"
    r"|\b(?:included|source|seed|raw|underlying|constituent|upstream|original|component|existing|collected|used) "
    r"(?:data ?sets?|data|corpora|collections)\b|\bdatasets? (?:used|included|collected)\b"
    r"|\bseed (?:questions|prompts|instructions|problems)\b|\bdata ?sets? list\b|数据来源|数据集?(?:组成|构成)|数据源",
    re.IGNORECASE,
)
_MAKING = re.compile(
    r"\b(?:data ?sets?|data|corpus|instruction|prompt|question|problem)s?\b.{0,25}\b(?:curation|creation|construction"
    r"|collection|generation|details?|synthesis|preparation|description|overview|processing|pipeline"
    r"|annotation|building|summary|acquisition|statistics|structure|card)\b|\b(?:curation|creation|construction"
    r"|collection|preparation|synthesis|generation) (?:process|of|rationale|pipeline|procedure|details)\b"
    r"|\bhow (?:.{0,30}\b)?(?:made|built|created|collected|generated|constructed|chosen|selected)\b|\bdata ?sets?$"
    r"|^\W*data$|\b(?:construction|curation|methodology|collection)$|数据(?:集|构建|收集|生成)",
    re.IGNORECASE,
)
_OTHER = re.compile(
    r"\b(?:news|updates?|change ?log|release notes|what's new|timeline|history|road ?map|to-?do|upcoming|milestones"
    r"|announcements?"
    r"|evaluat\w*|results?|performance|benchmark(?:s|ing)?|leader-?board|experiments?|comparison|baselines?|ablations?"
    r"|analysis|scores?|accuracy|main findings|metrics|testing"
    r"|citations?|cite|cit(?:ing|e) .*|bib ?tex|references?|bibliography|related (?:work|projects?|resources|links)"
    r"|papers|publications"
    r"|install\w*|set-?up|usage|how to use|quick ?start|getting started|requirements|dependencies|environment"
    r"|examples?|demo|inference|deploy\w*|serving|tutorial|download|loading|hardware|docker"
    r"|train(?:ing)?|fine-?tun\w*|pre-?train\w*|sft|rlhf|dpo|hyper-?parameters?|training (?:details|procedure|recipe"
    r"|setup|scripts?)|reproduc\w+"
    r"|models?|model (?:zoo|weights|release|list|card)s?|checkpoints?|weights|lora|community|downstream|who uses"
    r"|built with|projects? using|used by|applications|derivatives|other (?:\w+ )?(?:sets|datasets|work|projects"
    r"|resources)"
    r"|contact|contribut\w*|authors?|team|maintainers?|faqs?|questions?|known issues|star history|hiring|inspir\w+"
    r"|motivation|limitations?|bias(?:es)?|disclaimer|ethic\w*|intended uses?"
    r"|decontaminat\w*|contaminat\w*|leakage|评测|评估|结果|引用|更新|新闻|模型|训练|安装|使用)\b",
    re.IGNORECASE,
)
_CREDITS = re.compile(
    r"\b(?:acknowledge?ments?|credits?|thanks|licen[sc](?:e|es|ing)|terms|attribution|致谢|许可)\b", re.IGNORECASE
)
_DATA = re.compile(r"\b(?:data|data ?sets?|corpus|corpora)\b", re.IGNORECASE)


class Section(Enum):
    """What the text under a heading is about."""

    SOURCES = "what the data was taken from"
    MAKING = "how the data was made"
    NEUTRAL = "nothing in particular"
    CREDITS = "thanks and licences"
    OTHER = "evaluation, training, use, news, related work"


def section(headings: Sequence[str]) -> Section:
    """What a unit's headings, outermost first, promise: the innermost that promises anything decides.

    Under a heading of another subject a part named after data or its making stays a part of that subject, unless it
    names sources.
    """
    verdicts = [_heading(text) for text in headings[1:] or headings]
    if len(headings) > 1 and _heading(headings[0]) is Section.SOURCES:
        verdicts.insert(0, Section.SOURCES)
    current = Section.NEUTRAL
    for verdict in verdicts:
        if verdict is Section.NEUTRAL or (verdict is Section.MAKING and current in (Section.OTHER, Section.SOURCES)):
            continue
        current = verdict
    return current


def _heading(text: str) -> Section:
    plain = re.sub(r"[*_`#]+|\]\([^()]*\)|\[", "", text).strip()
    other, sources = _OTHER.search(plain), _SOURCES.search(plain)
    if sources and not re.search(r"\b(?:evaluat\w+|benchmark\w*|results?|code|model)\b", plain, re.IGNORECASE):
        return Section.SOURCES
    if _CREDITS.search(plain):
        return Section.CREDITS
    if _MAKING.search(plain) and not (
        other
        and re.search(r"\b(?:evaluat\w+|benchmark\w*|news|updates?|load\w*|download|usage|test\w*)\b", plain, re.I)
    ):
        return Section.MAKING
    if other and len(plain) < 60:
        return Section.OTHER
    return Section.NEUTRAL


_LISTS = re.compile(
    r"(?:following|below|as follows|listed|table|these|list of|:)\W*$|\b(?:following|below|as follows)\b", re.IGNORECASE
)


def announces(lead: str) -> bool:
    """Whether a sentence says that a list or table follows."""
    return bool(_LISTS.search(lead[-200:]))
