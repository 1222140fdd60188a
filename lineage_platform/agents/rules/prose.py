"""Sources that a sentence states with a verb of derivation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lineage_platform.agents.rules.cues import BACKWARD, Cue, Stance, cues
from lineage_platform.agents.rules.mentions import Form, Mention, masked, mentions

_DATA = re.compile(
    r"\b(?:data(?:sets?)?|datasets|corpus|corpora|benchmark|collection|sub-?sets?|questions?|problems?|prompts?"
    r"|instructions?|quer(?:y|ies)|samples?|examples?|entries|rows|pairs"
    r"|dialog(?:ue)?s?|conversations?|passages?|solutions?|traces|trajectories|responses?|tasks?|materials?|content"
    r"|records|instances|seeds?|split|texts?|articles|pool|we)\b",
    re.IGNORECASE,
)
_OTHER = re.compile(
    r"\b(?:models?|LLMs?|checkpoints?|weights|code|code-?base|scripts?|framework|librar(?:y|ies)|implementation"
    r"|evaluations?|demo|template|architecture|tokenizer|trainer|optimizer|leaderboard"
    r"|repo(?:sitory)?|project|app(?:lication)?|package|tool(?:kit)?|environment|server|website|page|figure|paper"
    r"|method|algorithm|loss|reward|adapter|agent|interface|prompt template|format|style|policy|verifier"
    r"|experiments?|system|pipeline|training|harness|assistant|chatbot|license|licence)\b",
    re.IGNORECASE,
)
_BREAK = re.compile(
    r"\b(?:which|that|who|where|when|using|by|via|through|into|then|while|because|although|but|however|so that|in "
    r"order|on|trained|evaluated|to (?!the\b)\w+|we|our|they|it|is|are|was|were|with)\b|[;:]",
    re.IGNORECASE,
)
_GLUE = re.compile(
    r"[\s,/&+|()\"'“”‘’.–-]*(?:and|or|as well as|plus|including|such as|like|e\.g\.|namely|along with|together with"
    r"|the|etc)?[\s,&+()\"'“”:.–-]*"
)
_FOR_DATA = re.compile(
    r"\b(?:as (?:the |our |an? |initial )*(?:seed|source|basis|base|raw|starting|input|foundation|prompts?|queries"
    r"|instructions|questions)\w*|to (?:build|create|construct|generate|form|produce|curate|assemble|synthesi[sz]e"
    r"|collect|compile|obtain|make|derive|prepare) (?!the model|a model)"
    r"|for (?:constructing|creating|building|generating|curating|(?:data|instruction|prompt) (?:construction"
    r"|generation|creation|synthesis)))\b",
    re.IGNORECASE,
)
_DOUBT = re.compile(
    r"\b(?:will|plan(?:s|ned)? to|going to|could|might|would|future|in progress|you can|you may|users? (?:can|may"
    r"|should)|please|if you|feel free|your own|let us know|for example, you|coming soon|todo)\b|\?\s*$",
    re.IGNORECASE,
)
MAX_GAP = 110  # characters between a verb and the first name it governs
MAX_OBJECT = 60  # the same for a transitive verb and its object


def sources(sentence: str) -> Iterator[tuple[Mention, float]]:
    """The names in a sentence that it states as sources, with a confidence.

    Each name is governed by the nearest words of derivation or against it before it; names in a row share what governs
    the first; where the sentence speaks of a model, code or evaluation rather than data, nothing is stated.
    """
    shown = masked(sentence)
    if _DOUBT.search(shown):
        return
    found, governing = mentions(sentence), list(cues(shown))
    if not found or not (governing or BACKWARD.search(shown)):
        return
    yielded: set[int] = set()
    for run in _runs(found, shown):
        cue = _governor(governing, run[0].span.start)
        confidence = _confidence(cue, run, shown) if cue else 0.0
        if confidence:
            for mention in run:
                yielded.add(mention.span.start)
                yield mention, _by_form(mention, confidence)
    for match in BACKWARD.finditer(shown):
        for run in _runs([mention for mention in found if mention.span.end <= match.start()], shown)[-1:]:
            gap = shown[run[-1].span.end : match.start()]
            if len(gap) < 50 and not _OTHER.search(gap) and not _negated(shown[run[-1].span.end : match.end()]):
                yield from ((m, _by_form(m, 0.7)) for m in run if m.span.start not in yielded)


def _runs(found: Sequence[Mention], shown: str) -> list[list[Mention]]:
    """Names that stand in a row, parted by commas and the like."""
    runs: list[list[Mention]] = []
    for mention in found:
        between = shown[runs[-1][-1].span.end : mention.span.start] if runs else ""
        if runs and len(between) <= 70 and _is_glue(between):
            runs[-1].append(mention)
        else:
            runs.append([mention])
    return runs


def _is_glue(between: str) -> bool:
    if _GLUE.fullmatch(between):
        return True
    bare = re.sub(r"\([^()]*\)", " ", between)
    return (
        bool(re.search(r"[,&+/]|\band\b|\bas well as\b", bare))
        and not _BREAK.search(bare)
        and not next(cues(bare), None)
    )


def _governor(governing: Sequence[Cue], position: int) -> Cue | None:
    before = [cue for cue in governing if cue.end <= position + 1]
    if not before:
        return None
    cue = before[-1]
    overlapping = [other for other in before if other.end > cue.start and other is not cue]
    strongest = next((other for other in overlapping if other.stance is Stance.FROM), None)
    if cue.stance is Stance.WITH and strongest:
        cue = strongest
    return cue


def _confidence(cue: Cue, run: Sequence[Mention], shown: str) -> float:
    """How sure it is that a cue makes the names behind it sources; 0 for not at all."""
    gap = shown[cue.end : run[0].span.start]
    before, after = shown[: cue.start], shown[run[-1].span.end :]
    if cue.stance is Stance.AGAINST or _negated(before[-40:]) or _subject_is_other(before, cue):
        return 0.0
    if cue.stance is Stance.FROM:
        broken = re.search(r"[;]|\b(?:using|by|via|trained|evaluated|while|but)\b", gap)
        return 0.0 if len(gap) > MAX_GAP or broken else 0.8
    if len(gap) > MAX_OBJECT or _BREAK.search(gap):
        return 0.0
    if re.match(r"us|leverag|employ|utili|adopt|tak|took", cue.words):
        return 0.65 if _FOR_DATA.search(after[:120]) and not _OTHER.search(after[:60]) else 0.0
    data = any(mention.form is Form.HUB or mention.called_data for mention in run)
    return 0.65 if data or _DATA.search(gap) or len(run) > 1 else 0.0


def _negated(words: str) -> bool:
    return bool(
        re.search(
            r"\b(?:not|never|no|nor|without|neither|isn't|aren't|wasn't|weren't|don't|didn't|doesn't|rather than"
            r"|instead of)\b[^,;]*$",
            words,
            re.I,
        )
    )


def _subject_is_other(before: str, cue: Cue) -> bool:
    """Whether what was derived is a model, code or the like: the nearest such word before the verb decides."""
    clause = re.split(r"[;]|, (?:and|but|while) ", before)[-1] or before
    data = [match.end() for match in _DATA.finditer(clause)]
    other = [match.end() for match in _OTHER.finditer(clause)]
    named = _DATA.search(cue.words.replace("we", ""))
    return bool(other) and not named and (not data or other[-1] > data[-1])


def _by_form(mention: Mention, confidence: float) -> float:
    """More for a link to a dataset, less for a bare name."""
    step = {Form.HUB: 0.15, Form.LINK: 0.05, Form.ID: 0.05, Form.NAME: 0.0 if mention.called_data else -0.1}[
        mention.form
    ]
    return round(min(confidence + step, 0.95), 2)
