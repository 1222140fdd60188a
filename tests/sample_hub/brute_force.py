"""Figures of the sample rows, counted the slow and obvious way from the files themselves.

A triplet is (instruction, input, output), a query its first two, ends stripped; the looser comparison folds case and
white space; a near match is a row that holds at least 0.6 of a question's word 5-grams.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from tests.sample_hub.sample_hub_rows import SAMPLE_HUB, read

Triplet = tuple[str, str, str]
HERE = Path(__file__).resolve().parent
QUESTION_COLUMNS = ("instruction", "prompt", "query", "question", "problem", "problem_text")
ANSWER_COLUMNS = ("output", "response", "solution", "completion", "chosen", "answer")
BENCHMARKS = (
    "KbsdJames/Omni-MATH",
    "TIGER-Lab/TheoremQA",
    "xw27/scibench",
    "truthfulqa/truthful_qa",
    "PrimeIntellect/LiveCodeBench-v5",
)


def triplet(row: Mapping[str, Any]) -> Triplet:
    """One row of any shape the sample uses, as a triplet."""
    row = {name.lower(): value for name, value in row.items()}
    turns = [
        (turn.get("from", turn.get("role")), turn.get("value", turn.get("content")))
        for turn in row.get("conversations") or row.get("messages") or ()
    ]
    if turns:
        system = turns.pop(0)[1] if turns[0][0] == "system" else ""
        return turns[0][1].strip(), system.strip(), turns[1][1].strip()
    instance = row["instances"][0] if "instances" in row else row
    question = next(row[name] for name in QUESTION_COLUMNS if name in row)
    answer = next(instance[name] for name in ANSWER_COLUMNS if name in instance)
    return question.strip(), (instance.get("input") or "").strip(), answer.strip()


@cache
def triplets() -> dict[str, list[Triplet]]:
    """Every dataset with rows, its parts together."""
    found: dict[str, list[Triplet]] = {}
    for path in sorted((SAMPLE_HUB / "datasets").glob("*/*/data/**/*.*")):
        organisation, name = path.relative_to(SAMPLE_HUB / "datasets").parts[:2]
        found.setdefault(f"{organisation}/{name}", []).extend(triplet(row) for row in read(path))
    return found


def queries(dataset_id: str) -> set[tuple[str, str]]:
    """Distinct queries."""
    return {(instruction, middle) for instruction, middle, _ in triplets()[dataset_id]}


def normalised(dataset_id: str) -> set[str]:
    """Distinct queries once case and white space are folded."""
    texts = (f"{instruction} {middle}" for instruction, middle in queries(dataset_id))
    return {" ".join(unicodedata.normalize("NFKC", text).lower().split()) for text in texts}


def five_grams(text: str) -> set[tuple[str, ...]]:
    """Runs of five words, punctuation aside."""
    words = re.sub(r"[^\w\s]", "", text).split()
    return {tuple(words[start : start + 5]) for start in range(len(words) - 4)}


@cache
def five_grams_of(dataset_id: str) -> list[set[tuple[str, ...]]]:
    return [five_grams(text) for text in sorted(normalised(dataset_id))]


# Lineage -------------------------------------------------------------------------------------------------------------


@cache
def sources() -> dict[str, set[str]]:
    """Direct sources by dataset: the accepted edges of ``expected_edges.tsv``."""
    found: dict[str, set[str]] = {}
    for line in (HERE / "expected_edges.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        source, target, status = line.split("\t")[:3]
        if status == "accepted":
            found.setdefault(target, set()).add(source)
    return found


def ancestors(dataset_id: str) -> set[str]:
    """Everything upstream of a dataset."""
    found: set[str] = set()
    waiting = [dataset_id]
    while waiting:
        new = sources().get(waiting.pop(), set()) - found
        found |= new
        waiting.extend(new)
    return found


# Figures -------------------------------------------------------------------------------------------------------------


def redundancy() -> list[dict[str, Any]]:
    """Rows, distinct triplets and queries, and the redundancy rate of every dataset with rows."""
    counted = ((dataset_id, len(rows), len(set(rows))) for dataset_id, rows in sorted(triplets().items()))
    return [
        {
            "dataset": dataset_id,
            "rows": rows,
            "distinct_triplets": distinct,
            "distinct_queries": len(queries(dataset_id)),
            "rate": round(1 - distinct / rows, 6),
        }
        for dataset_id, rows, distinct in counted
    ]


def intersections() -> Iterator[dict[str, Any]]:
    """Ancestors reached through two direct sources or more whose rows are in the dataset."""
    for target, rows in sorted(triplets().items()):
        for ancestor in sorted(ancestors(target) & triplets().keys()):
            through = [s for s in sources()[target] if s == ancestor or ancestor in ancestors(s)]
            shared = Counter(rows)
            shared = Counter({row: n for row, n in shared.items() if row in set(triplets()[ancestor])})
            if len(through) > 1 and shared:
                duplicated = sum(n for n in shared.values() if n > 1)
                yield {"dataset": target, "at": ancestor, "rows": shared.total(), "duplicated_rows": duplicated}


def contamination(benchmark: str, train: str) -> dict[str, Any]:
    """Questions of a benchmark found in a training set: to the letter, normalised, and as a part of a row."""
    rows = five_grams_of(train)
    near = sum(any(len(item & row) >= 0.6 * len(item) for row in rows) for item in five_grams_of(benchmark))
    return {
        "train": train,
        "benchmark": benchmark,
        "benchmark_queries": len(queries(benchmark)),
        "matched": len(queries(benchmark) & queries(train)),
        "matched_normalised": len(normalised(benchmark) & normalised(train)),
        "matched_near": near,
    }


def leaks() -> list[dict[str, Any]]:
    """Every training set that holds anything of a benchmark."""
    pairs = ((benchmark, train) for benchmark in BENCHMARKS for train in sorted(triplets()) if train != benchmark)
    return [found for pair in pairs if (found := contamination(*pair))["matched_near"]]


def shared_queries(one: str, other: str) -> int:
    """Queries that two datasets have in common, normalised."""
    return len(normalised(one) & normalised(other))


def unrelated_overlaps() -> list[dict[str, Any]]:
    """Pairs with rows in common although neither is upstream of the other and no common ancestor has those rows."""
    found = []
    names = sorted(triplets())
    for position, one in enumerate(names):
        for other in names[position + 1 :]:
            upstream = (ancestors(one) | {one}) & (ancestors(other) | {other})
            common = normalised(one) & normalised(other)
            if common - _held_by(upstream):
                found.append({"a": one, "b": other, "shared_queries": len(common)})
    return found


def _held_by(dataset_ids: Iterable[str]) -> set[str]:
    return {query for dataset_id in dataset_ids if dataset_id in triplets() for query in normalised(dataset_id)}


def doubted_edges() -> list[dict[str, Any]]:
    """Edges whose first relation is direct inclusion and whose two ends have rows, but none in common."""
    lines = (HERE / "expected_edges.tsv").read_text(encoding="utf-8").splitlines()[1:]
    edges = (line.split("\t") for line in lines)
    return [
        {"source": source, "target": target}
        for source, target, status, relations, _ in edges
        if status == "accepted" and relations.startswith("direct_inclusion")
        if {source, target} <= triplets().keys() and not shared_queries(source, target)
    ]


@cache
def figures() -> dict[str, Any]:
    """All of it, in the form of ``expected_rows.json``."""
    return {
        "redundancy": redundancy(),
        "intersections": list(intersections()),
        "contamination": leaks(),
        "unrelated_overlaps": unrelated_overlaps(),
        "doubted_edges": doubted_edges(),
    }


if __name__ == "__main__":
    print(json.dumps(figures(), indent=1))
