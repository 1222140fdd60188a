"""Sources that a sentence states with a verb of derivation."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from lineage_platform.agents.rules.cues import BEHIND, Cue, Stance, cues
from lineage_platform.agents.rules.mentions import Form, Mention, masked, mentions
from lineage_platform.agents.rules.patterns import pattern

_DATA, _OTHER, _BREAK = pattern("subjects", "data"), pattern("subjects", "other"), pattern("subjects", "break")
_NEW_CLAUSE = pattern("subjects", "new_clause")
_TO_MAKE, _DOUBT = pattern("cues", "to_make"), pattern("cues", "doubt")
_PUT, _IS_PUT = pattern("cues", "put"), pattern("cues", "is_put")
_INTO = re.compile(r"\s*(?:in|into|to)\s+(?:the |our )?", re.IGNORECASE)
_NEGATION = re.compile(
    r"\b(?:not|never|no|nothing|none|nor|without|neither|\w+n['’]t|rather than|instead of)\b[^,;]*$", re.IGNORECASE
)
_GLUE = re.compile(
    r"[\s,/&+|()\"'“”‘’.–-]*(?:and|or|as well as|plus|with|including|such as|like|e\.g\.|namely|along with|together "
    r"with"
    r"|the|etc)?"
    r"[\s,&+()\"'“”:.–-]*"
)
_USE = re.compile(
    r"(?:re-?|pre-?|fine-?|mid-?|post-?)?(?:train|tun|load|run|evaluat|test|download|infer|reproduc|install|sft|align)"
)
NEAR = 15  # characters between a use and what is used
MAX_GAP = 110  # characters between a verb and the first name it governs
MAX_BETWEEN = 70  # between two names of one row
MAX_SUBJECT_GAP = 25  # between a subject and its verb
MAX_OBJECT = 60  # the same for a transitive verb and its object


def sources(sentence: str, is_own: Callable[[Mention], bool]) -> Iterator[tuple[Mention, float]]:
    """The names in a sentence that it states as sources, with a confidence.

    Each name is governed by the nearest words of derivation or against it before it; names in a row share what governs
    the first; where the sentence speaks of a model, code, evaluation or another's data, nothing is stated.

    Parameters
    ----------
    sentence:
        Cleaned text.
    is_own:
        Whether a name belongs to the makers of the data that is traced.
    """
    shown = masked(sentence)
    if _DOUBT.search(shown) or shown.rstrip().endswith("?"):
        return
    found, governing = mentions(sentence), cues(shown)
    yielded: set[int] = set()
    for run in _runs(found, shown):
        cue = next((cue for cue in reversed(governing) if cue.end <= run[0].span.start + 1), None)
        if cue is None or _is_used(governing, cue):
            continue
        subject = _subject(found, governing, cue, shown)
        if (subject is None or is_own(subject)) and (confidence := _confidence(cue, run, shown)):
            yielded |= {mention.span.start for mention in run}
            yield from ((_site(mention, found, cue), _by_form(mention, confidence)) for mention in run)
    put = [(mention, 0.8) for mention in _put_into_own(found, shown, is_own)]
    for mention, confidence in [*put, *((mention, 0.7) for mention in _before_verbs(found, shown))]:
        if mention.span.start not in yielded:
            yielded.add(mention.span.start)
            yield mention, _by_form(mention, confidence)


def _site(mention: Mention, found: Sequence[Mention], cue: Cue) -> Mention:
    """A bare address goes by the name that the sentence gives it: "X problems were taken from http://x.example"."""
    bare = mention.form is Form.LINK and mention.link and len(mention.link) == mention.span.end - mention.span.start
    named = next((m for m in found if m.form is Form.NAME and m.called_data and m.span.end <= cue.start), None)
    return replace(mention, name=named.name) if bare and named else mention


def _before_verbs(found: Sequence[Mention], shown: str) -> Iterator[Mention]:
    """Names that a verb behind them makes sources: "X was translated into"."""
    for match in BEHIND.finditer(shown):
        runs = _runs([mention for mention in found if mention.span.end <= match.start()], shown)
        gap = shown[runs[-1][-1].span.end : match.start()] if runs else ""
        if not runs or len(gap.split()) > 2 or _OTHER.search(gap):
            continue
        if not _negated(gap + match[0]) and not _negated(shown[: runs[-1][0].span.start]):
            yield from runs[-1]


def _put_into_own(found: Sequence[Mention], shown: str, is_own: Callable[[Mention], bool]) -> Iterator[Mention]:
    """Names said to be put into the data itself: "we include X and Y in OURS", "all of X is added to OURS"."""
    runs = _runs(found, shown)
    for run, target in pairwise(runs):
        before = shown[: run[0].span.start]
        verb = next(reversed(list(_PUT.finditer(before))), None)
        between = shown[run[-1].span.end : target[0].span.start]
        active = verb and _INTO.fullmatch(between) and not _breaks(before[verb.end() :])
        if not is_own(target[0]) or not (active or _IS_PUT.fullmatch(between.strip())):
            continue
        if not _negated(before[: verb.end()] if active and verb else before):
            yield from run


def _breaks(gap: str) -> bool:
    return len(gap.strip()) > MAX_OBJECT or bool(_BREAK.search(gap) or _OTHER.search(gap))


def _is_used(governing: Sequence[Cue], cue: Cue) -> bool:
    """Whether what the cue says is the object of a use: "load the data from", "fine-tuned on all, mixing in"."""
    uses = [
        other
        for other in governing
        if other.stance is Stance.AGAINST and other.end <= cue.start and _USE.match(other.words)
    ]
    return bool(uses) and (cue.stance is Stance.WITH or cue.start - uses[-1].end < NEAR)


def _subject(found: Sequence[Mention], governing: Sequence[Cue], cue: Cue, shown: str) -> Mention | None:
    """The name right before the verb, if the sentence is about it: "X is derived from" tells of X, not of us."""
    before = [mention for mention in found if mention.span.end <= cue.start]
    if not before or before[-1].called_data:
        return None
    if any(other.end <= before[-1].span.start and other.stance is Stance.FROM for other in governing):
        return None
    between = shown[before[-1].span.end : cue.start]
    return (
        before[-1]
        if len(between) < MAX_SUBJECT_GAP and not re.search(r"[,;:.|]|\b(?:and|we|our|it|this)\b", between)
        else None
    )


def _runs(found: Sequence[Mention], shown: str) -> list[list[Mention]]:
    """Names that stand in a row, parted by commas and the like."""
    runs: list[list[Mention]] = []
    for mention in found:
        between = shown[runs[-1][-1].span.end : mention.span.start] if runs else ""
        if runs and len(between.strip()) <= MAX_BETWEEN and _is_glue(between):
            runs[-1].append(mention)
        else:
            runs.append([mention])
    return runs


def _is_glue(between: str) -> bool:
    if _GLUE.fullmatch(between):
        return True
    bare = re.sub(r"\([^()]*\)", " ", between)
    return bool(re.search(r"[,&+/]|\band\b|\bas well as\b", bare)) and not _BREAK.search(bare) and not cues(bare)


def _confidence(cue: Cue, run: Sequence[Mention], shown: str) -> float:
    """How sure it is that a cue makes the names behind it sources; 0 for not at all."""
    gap = shown[cue.end : run[0].span.start]
    before, after = shown[: cue.start], shown[run[-1].span.end :]
    if cue.stance is Stance.AGAINST or _negated(before[-40:]) or _speaks_of_other(before, cue):
        return 0.0
    if cue.stance is Stance.FROM:
        broken = ";" in gap or _NEW_CLAUSE.search(gap)
        return 0.0 if len(gap.strip()) > MAX_GAP or broken else 0.8
    if len(gap.strip()) > MAX_OBJECT or _BREAK.search(gap) or _OTHER.search(gap) or ":" in gap:
        return 0.0
    if re.search(r"(?:us|leverag|employ|utili[sz]|adopt|tak)(?:es?|ed|ing)$|took$", cue.words):
        return 0.65 if _TO_MAKE.search(after[:120]) and not _OTHER.search(after[:60]) else 0.0
    data = any(mention.form is Form.HUB or mention.called_data for mention in run)
    return 0.65 if data or _DATA.search(gap) or len(run) > 1 else 0.0


def _negated(words: str) -> bool:
    return bool(
        re.search(
            r"\b(?:not|never|no|nothing|none|nor|without|neither|\w+n['’]t|rather than|instead of)\b[^,;]*$",
            words,
            re.I,
        )
    )


def _speaks_of_other(before: str, cue: Cue) -> bool:
    """Whether what was derived is a model, code or the like: the nearest such word before the verb decides."""
    clause = re.split(r"[;:]|, (?:and|but|while) ", before)[-1]
    data = max((match.end() for match in _DATA.finditer(clause)), default=-1)
    other = max((match.end() for match in _OTHER.finditer(clause)), default=-1)
    return other > data and not _DATA.search(re.sub(r"\bwe\b", "", cue.words))


def _by_form(mention: Mention, confidence: float) -> float:
    """More for a link to a dataset, less for a bare name."""
    named = 0.0 if mention.called_data else -0.05
    step = {Form.HUB: 0.15, Form.LINK: 0.05, Form.ID: 0.1, Form.NAME: named}[mention.form]
    return round(min(confidence + step, 0.95), 2)
