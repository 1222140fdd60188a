"""How a source was used, from the words around it (the five relations of the paper, section 7.3)."""

from __future__ import annotations

import re
from functools import lru_cache

from lineage_platform.records import Relation

_FUSED = re.compile(
    r"\b(?:fus(?:e|ed|ing|ion)|compos(?:e|ed|ing) (?:pairs|two|several|multiple)|interleav\w+|splic\w+|concatenat\w+ "
    r"(?:pairs|two|several|problems|questions)|combin\w+ (?:pairs|two|each|problems|questions) (?:of|from|with"
    r"|into))\b",
    re.IGNORECASE,
)
_EVOLVED = re.compile(
    r"\b(?:evolv\w+|evolution|(?:using|with|via|through|by|apply\w*) (?:\w+ ){0,2}evol-instruct"
    r"|re-?writ\w+|re-?wrote"
    r"|re-?phras\w+|paraphras\w+|augment\w+|mutat\w+"
    r"|complexif\w+|harder versions?|back-?translat\w+|refin(?:e|ed|ing)|turbo-charged|reformulat\w+)\b",
    re.IGNORECASE,
)
_SYNTHETIC = re.compile(
    r"\b(?:seed(?:s|ed|ing)?|synthes\w+|synthetic\w*|self-instruct|self-chat|generat(?:e|ed|es|ing|ion) (?:\w+ "
    r"){0,4}?(?:from|based on|given|conditioned)|inspired by snippets|dialog(?:ue)?s? from|bootstrapp\w+"
    r"|brainstorm\w*)\b",
    re.IGNORECASE,
)
_QUESTIONS = re.compile(r"\b(?:questions?|prompts?|problems?|instructions?|queries|tasks)\b", re.IGNORECASE)
_ANSWERS = (
    r"(?:responses?|solutions?|reasoning traces|traces|answers?|completions?|outputs?|chains?[- ]of[- ]thought"
    r"|CoTs?|rationales?|trajectories|explanations?)"
)
_ANSWERED = re.compile(
    rf"\b{_ANSWERS}\b(?: \w+){{0,5}}? (?:generated|distilled|produced|collected|sampled|obtained|written|created"
    rf"|synthesi[sz]ed|re-?generated)(?: \w+){{0,4}}? (?:by|from|with|using|via|through)\b"
    rf"|\b(?:generat\w+|distill?\w*|collect\w*|sampl\w+|obtain\w*|produc\w+|synthesi[sz]\w+|prompt\w*) (?:\w+ "
    rf"){{0,4}}?{_ANSWERS}\b(?: \w+){{0,4}}? (?:from|with|using|by|via)\b"
    r"|\bdistill?(?:ed|ing|ation|s)? (?:\w+ ){0,3}?from\b|\b(?:CoT|R1|reasoning|knowledge)[- ]distill\w+|\breasoning "
    r"traces (?:generated|from|by)\b",
    re.IGNORECASE,
)


@lru_cache(maxsize=64)
def relation(passage: str, surroundings: str, default: Relation = Relation.DIRECT_INCLUSION) -> Relation:
    """The relation that a passage states.

    Parameters
    ----------
    passage:
        The sentence, item or row with what introduces it.
    surroundings:
        The passage with what stands near it in the same document, where the answers' origin may be told.
    default:
        What it is when nothing is said.

    Notes
    -----
    Ties as in the paper: questions kept and answered anew by a teacher are distillation; questions rewritten are
    evolution; questions made new from seeds or texts are synthesis; a plain collection is inclusion, and only items
    made by combining items of several sources are fusion.
    """
    passage, surroundings = " ".join(passage.split()), " ".join(surroundings.split())
    if _FUSED.search(passage):
        return Relation.STRUCTURED_FUSION
    if _EVOLVED.search(passage):
        return Relation.SEMANTIC_EVOLUTION
    if _ANSWERED.search(passage):
        return Relation.COT_DISTILLATION
    if _SYNTHETIC.search(passage):
        return Relation.SYNTHETIC_GENERATION
    if _QUESTIONS.search(passage) and _ANSWERED.search(surroundings):
        return Relation.COT_DISTILLATION
    return default
