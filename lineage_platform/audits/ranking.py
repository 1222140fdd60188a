"""Lineage first: which training sets are likely to hold items of which benchmark, before any row is read."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lineage_platform.audits.lineage import Lineage

SHARED_ANCESTOR = 0.1
"""Likelihood of a pair that only has ancestors in common, beside 1 for a benchmark that is a direct source."""


@dataclass(frozen=True)
class Likely:
    """A pair that lineage makes likely.

    Parameters
    ----------
    train, benchmark:
        Dataset ids.
    likelihood:
        1 for a direct source, less the further upstream the benchmark is.
    why:
        In words.
    """

    train: str
    benchmark: str
    likelihood: float
    why: str


def rank(
    lineage: Lineage,
    trains: Sequence[str],
    benchmarks: Sequence[str],
    known: Iterable[tuple[str, str]] = (),
) -> tuple[Likely, ...]:
    """The pairs worth reading rows for, the likeliest first, ties by name.

    A benchmark upstream of a training set can have come down to it; so can one that stands in something upstream,
    as measured before; and what has ancestors in common with a benchmark may hold the same items. Edges that wait for
    review count here: the rows say more of them than anything else.

    Parameters
    ----------
    lineage:
        What was made from what.
    trains, benchmarks:
        Ids of those to pair.
    known:
        (training set, benchmark) pairs in which leaks were found before.
    """
    carriers: dict[str, set[str]] = {}
    for train, benchmark in known:
        carriers.setdefault(benchmark, set()).add(train)
    above = {benchmark: lineage.ancestors(benchmark) for benchmark in set(benchmarks)}
    found = []
    for train in trains:
        steps = _steps_up(lineage, train)
        for benchmark in set(benchmarks) - {train}:
            judged = _judge(benchmark, steps, carriers.get(benchmark, set()), above[benchmark])
            if judged is not None:
                found.append(Likely(train, benchmark, *judged))
    return tuple(sorted(found, key=lambda pair: (-pair.likelihood, pair.train, pair.benchmark)))


def _judge(
    benchmark: str, steps: dict[str, int], carriers: set[str], above: frozenset[str]
) -> tuple[float, str] | None:
    if benchmark in steps:
        return 1 / steps[benchmark], "is upstream" if steps[benchmark] > 1 else "is a source"
    reached = sorted((steps[carrier], carrier) for carrier in carriers if carrier in steps)
    if reached:
        distance, carrier = reached[0]
        return 1 / (1 + distance), f"stands in {carrier}, which is upstream"
    common = above & steps.keys()
    if common:
        nearest = min(common, key=lambda name: (steps[name], name))
        return SHARED_ANCESTOR / (1 + steps[nearest]), f"also comes from {nearest}"
    return None


def _steps_up(lineage: Lineage, dataset_id: str) -> dict[str, int]:
    """Everything that documents put upstream, with the fewest edges to it."""
    steps = {dataset_id: 0}
    waiting = deque([dataset_id])
    while waiting:
        current = waiting.popleft()
        for source in sorted(lineage.stated(current)):
            if source not in steps:
                steps[source] = steps[current] + 1
                waiting.append(source)
    del steps[dataset_id]
    return steps
