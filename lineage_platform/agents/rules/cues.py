"""Verbs of derivation, and what speaks against them: evaluation, training of models, negation, comparison."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

_THINGS = (
    r"(?:data(?:sets?)?|samples?|examples?|entries|rows|records|instances|items|pairs|questions?|problems?|prompts?"
    r"|instructions?"
    r"|quer(?:y|ies)|tasks?|dialog(?:ue)?s?|conversations?|responses?|solutions?|answers?|passages?|articles?|texts?"
    r"|documents?"
    r"|paragraphs?|sentences?|trajectories|traces|subsets?|splits?|snippets?|exercises|puzzles|materials?|content"
    r"|seeds?|tokens"
    r"|statements?|theorems|code|functions|files|posts|threads|exams|captions|stories|recipes|pages)"
)
_MADE = (
    r"(?:derived|sampled|sub-?sampled|collected|sourced|drawn|taken|extracted|selected|curated|obtained|gathered"
    r"|compiled|aggregated|adapted"
    r"|adopted|translated|distilled|generated|synthesi[sz]ed|constructed|created|built|assembled|crawled|scraped"
    r"|filtered|retrieved"
    r"|borrowed|merged|combined|mixed|picked|chosen|pulled|converted|reformatted|rewritten|rephrased|augmented|evolved"
    r"|expanded"
    r"|bootstrapped|inherited|re-?used|harvested|mined|originat(?:ed?|es|ing)|com(?:e|es|ing)|came|stem(?:s|med|ming)?"
    r"|made|produced"
    r"|prepared|downloaded|acquired|transformed|modified|annotated|split|cut|distill|recast|repurposed|forked|derive"
    r"|collect|sample|gather"
    r"|curate|source|select|extract|draw|take|obtain|choose|pick|scrape|crawl|retrieve|collecting|sampling|gathering"
    r"|curating|sourcing"
    r"|selecting|extracting|drawing|taking|scraping|crawling|scraped|reus(?:e|ing)|deriving|filter|filtering"
    r"|compil(?:e|ing)|mining)"
)
_TRANSFORM = (
    r"(?:translat|rewrit|rephras|reformat|paraphras|augment|evol[v]|expand|extend|distill|filter|clean|dedup(?:licat)?"
    r"|sampl"
    r"|sub-?sampl|convert|re-?annotat|re-?label|re-?generat|reus|re-?format|combin|merg|mix|concatenat|aggregat"
    r"|unif[yi]|blend|integrat"
    r"|leverag|incorporat|curat|collect|adapt|bootstrap|recast|repurpos|process|regenerat|refin|enrich|synthesi[sz])"
)
_STRONG = (
    rf"\b{_MADE}\b(?:,? (?:and|or|then) \w+){{0,2}}(?: (?!not\b)\w+){{0,3}}? (?:from|out of|off of)\b",
    r"\b(?:is|are|was|were|be) (?:\w+ )?(?:based|built|constructed|founded) (?:up)?on\b",
    r"\b(?:based|built|building|builds?) (?:primarily |mainly |largely |entirely |directly |heavily )?(?:up)?on(?: "
    r"top of)?\b",
    rf"\b(?:\d[\d.,]*[kKmM]?\+? (?:[\w-]+ ){{0,4}}|[Pp]assages |[Ss]amples |[Pp]rompts |[Qq]uestions |[Pp]roblems "
    rf"){_THINGS}? ?from\b",
    r"\b(?:sub-?set|version|variant|super-?set|extension|translation|portion|split|mix|mixture|combination|collection"
    r"|union|blend|merge[r]?"
    r"|fusion|copy|fork|sample|re-?upload|rewrite|conversion|adaptation|mirror|part|half|third|rows|slice|selection"
    r"|refinement)s? (?:\(.{0,30}?\) )?of\b",
    r"\b(?:consists? of|composed of|compris(?:es?|ed|ing)(?: of)?|made up of|contains? (?:data|samples|questions"
    r"|problems|prompts"
    r"|instructions|examples) from|consisting of)\b",
    r"\bseed(?:s|ed)?(?: (?:data(?:set)?s?|prompts?|instructions?|questions?|problems?|tasks?|corpus|set))? (?:with|by"
    r"|from|of|include|are|is|:)\b",
    r"\b(?:start(?:s|ed|ing)?|initiali[sz]ed|begin|began|beginning|seeding) (?:with|from)\b",
    r"\b(?:seed|source|parent|upstream|underlying|raw) (?:data ?sets?|data|corpora|corpus|prompts|instructions"
    r"|questions|problems)"
    r"(?: \w+){0,3}?(?::| (?:is|are|include|includes|comes? from)\b)",
    r"\b(?:(?:data ?set|data|prompt|question|problem|instruction)s?|sources) (?:mainly |mostly |primarily |also |then "
    r")?(?:includes?|comes? from|are|cover)\b",
)
_ACTIVE = (
    rf"\b(?:we|by|and|then|to|which|that|authors?|first|it) (?:\w+ ){{0,2}}?{_TRANSFORM}(?:e|es|ed|ing|y|ies|ied|ting"
    rf"|t)?\b"
    rf"|(?:^|[.:;*•-] ){_TRANSFORM}(?:e|es|ed|ing|y|ies|ied|t)?\b|\bevolves?\b|\bcombin(?:es|ing)\b|\bmerg(?:es|ing)\b"
    rf"|\baugments?\b|\bextends?\b"
    rf"|\bturbo-charged version\b|\bincorporat(?:es|ing)\b|\baggregat(?:es|ing)\b",
    r"\b(?:us(?:e|es|ed|ing)|leverag(?:e|es|ed|ing)|employ(?:s|ed|ing)?|utili[sz](?:e|es|ed|ing)|adopt(?:s|ed|ing)?"
    r"|tak(?:e|es|ing)|took)\b",
)
_AGAINST = (
    r"\b(?:pre-?|re-?|mid-?|post-?)?(?:train(?:ed|ing|s)?|fine-?tun(?:e|ed|ing|es)|tuned|tuning|sft(?:ed)?"
    r"|align(?:ed)?|optimi[sz]ed)"
    r"(?: \w+){0,3}? (?:on|with|using|from|over|via|by)\b",
    r"\b(?:train|fine-?tune|finetuning|training|reproduce|replicate|run|inference|infer|load|install|deploy|serve"
    r"|download|execute|launch) (?:the |our |a |on |with )?\b",
    r"\b(?:evaluat(?:e|ed|es|ing|ion)|test(?:ed|ing)?|benchmark(?:ed|ing)?|assess(?:ed|ing)?|measur(?:e|ed|ing)"
    r"|scor(?:e|es|ed|ing)|validat(?:e|ed|ing)"
    r"|verif(?:y|ied)|experiments?|performance|accuracy|results?|improvements?|gains?|generali[sz]\w+|ablat\w+"
    r"|achiev\w+|outperform\w*|surpass\w*"
    r"|exceed\w*|beats?|match(?:es|ed|ing)?|compar(?:e|ed|es|ing|able|ison)s?(?: (?:to|with|against))?|versus|vs\.?"
    r"|state-of-the-art|sota|leaderboard"
    r"|competitive|superior|better|worse|larger|higher|lower|best|rank(?:s|ed|ing)?|than|unlike|contrary|whereas"
    r"|while)\b",
    r"\b(?:decontaminat\w+|de-?contaminate|contaminat\w+|overlap\w*|leak\w*|removed?|removing|exclud\w+|excluding"
    r"|except|without|rather than|instead of"
    r"|no longer|not|never|none|nothing|neither|nor|isn't|aren't|wasn't|weren't|doesn't|don't|didn't|cannot|avoid\w*"
    r"|differs? from|different from)\b",
    r"\b(?:inspir(?:ed|ation)|similar to|akin to|analogous|follow(?:s|ed|ing)? (?!datasets?\b|sources?\b|data\b"
    r"|public\b|table|list|parts?\b)(?:the )?|motivated"
    r"|thank\w*|acknowledg\w+|grateful\w*|appreciat\w+|credit\w*|cite[ds]?|citing|refer(?:red|ring|s)? to|see"
    r"|check(?: out)?|licen[sc]ed?|copyright|contact|courtesy)\b",
    r"\b(?:generated|annotated|written|answered|labell?ed|verified|judged|rated|graded|scored|produced|created"
    r"|synthesi[sz]ed|curated|prompted|prompting"
    r"|powered|hosted|developed|maintained|proposed|introduced|released|provided|published) (?:\w+ )?(?:by|with|using"
    r"|via|through|in|on|at|under)\b",
    r"\b(?:using|with|via|through|by) (?:the )?(?=(?:[\w.-]+ ){0,3}(?:models?|API|pipeline|framework|method|toolkit"
    r"|library|LLMs?|algorithm|script|code|tool)\b)",
    r"\b(?:to train|to fine-?tune|to evaluate|for training|for evaluat\w+|for fine-?tuning|used (?:to train|for "
    r"training|to evaluate|for evaluation)|can be used|will be used)\b",
    r"\b(?:release[ds]?|releasing|announc\w+|introduc\w+|present(?:s|ed)?|open-?sourc(?:e[ds]?|ing)|available (?:at"
    r"|on)|upload(?:ed)?|host(?:s|ed)?|accepted)\b",
)


class Stance(Enum):
    """What a cue says of the names behind it."""

    FROM = "data was taken from them"
    WITH = "data was made by working on them"
    AGAINST = "they are something else"


@dataclass(frozen=True)
class Cue:
    """Words that govern the names behind them, by position in the text searched."""

    start: int
    end: int
    stance: Stance
    words: str


_STANCES = (
    (Stance.AGAINST, re.compile("|".join(_AGAINST), re.IGNORECASE)),
    (Stance.FROM, re.compile("|".join(_STRONG), re.IGNORECASE)),
    (Stance.WITH, re.compile("|".join(_ACTIVE), re.IGNORECASE)),
)
# Names in front of these are sources: "X was translated into", "X serves as seed".
BACKWARD = re.compile(
    r"\b(?:is|are|was|were|been|being)(?: (?:then|also|first|further|subsequently|each|all|directly|both))?(?: "
    r"\w+ly)? (?:used as (?:the |our |a )?(?:seeds?|source|basis|starting|base"
    r"|initial|input|prompts?|foundation|raw)|(?:translated|rewritten|rephrased|evolved|converted|merged|combined"
    r"|included|mixed|augmented|expanded|incorporated|sampled|filtered"
    r"|paraphrased|reformatted|distilled|concatenated|integrated|reused|re-?labell?ed|turned) (?:in(?:to)?|to|as|by"
    r"|with|together|for|using|here|and)\b)"
    r"|\b(?:serves?|served|acts?|acted) as (?:the |our |a )?(?:seeds?|source|basis|base|starting|foundation|initial)"
    r"|\bas (?:the |our |a )?(?:initial )?(?:seeds?|seed (?:data|prompts|questions|instructions|corpus|set)|(?:data "
    r")?sources?|source data(?:set)?s?|starting points?|raw data)\b",
    re.IGNORECASE,
)


def cues(shown: str) -> Iterator[Cue]:
    """The cues of a masked sentence, in order of their end."""
    found = [
        Cue(match.start(), match.end(), stance, match[0].lower())
        for stance, pattern in _STANCES
        for match in pattern.finditer(shown)
        if match[0].strip()
    ]
    return iter(sorted(found, key=lambda cue: (cue.end, cue.stance is Stance.AGAINST)))
