"""What a name is not: evidence against, never a list of the data to find.

Models, tools and organisations stand beside data in every card and are no sources of it; a benchmark's name marks a
source as one, where something else says that it is a source.
"""

from __future__ import annotations

import re

from lineage_platform.agents.rules.patterns import alternatives

_MODEL = re.compile(rf"(?:the )?(?:{alternatives('names', 'models')})", re.IGNORECASE)
_SIZED = re.compile(
    r"(?:^|[-_ ])\d+(?:\.\d+)?[bB](?:$|[-_ ])|[-_ ](?:instruct|chat|base|gguf|awq|gptq|lora|ckpt)$", re.IGNORECASE
)
_ORDINARY = re.compile(
    rf"(?:{'|'.join(alternatives('names', kind) for kind in ('tools', 'organisations', 'common'))})(?:'s|’s)?",
    re.IGNORECASE,
)
_BENCHMARK = re.compile(
    rf"(?:{alternatives('names', 'benchmarks')})(?:[ -](?:dataset|benchmark|(?:train(?:ing)?|test)(?: set| split)?))?",
    re.IGNORECASE,
)
_IN_CAPITALS = frozenset({"MATH"})  # a name only when written so


def is_model(name: str) -> bool:
    """Whether a name is one of a language model: of a known family, or with a size in it."""
    short = name.rsplit("/", 1)[-1]
    return bool(_MODEL.match(short) or _MODEL.match(name) or _SIZED.search(short))


def is_benchmark(name: str) -> bool:
    """Whether a name is one of a well-known evaluation set."""
    short = name.rsplit("/", 1)[-1].strip()
    return short in _IN_CAPITALS or bool(_BENCHMARK.fullmatch(short))


def is_ordinary(name: str) -> bool:
    """Whether a name is a tool, a method, an organisation or an ordinary word."""
    return name.strip() not in _IN_CAPITALS and bool(_ORDINARY.fullmatch(name.strip()))
