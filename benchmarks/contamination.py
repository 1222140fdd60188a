"""Injected leaks: how many copies of benchmark items are found, by how they were altered; false hits; speed and memory.

    python benchmarks/contamination.py [--rows N] [--realdata DIR]

Items and rows are real where the folder of real data lies beside the project, else made of the sample hub's texts. Each
altered copy goes into a training row of its own. The plain way that the last table compares with keeps a Python set of
word 5-grams per item and looks every gram of every row up.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import resource
import time
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import polars as pl

from lineage_platform.audits.near import FEWEST_WORDS, GRAM, THRESHOLD, Batch, NearIndex, compared_part, plain_words
from lineage_platform.audits.options import split_options
from lineage_platform.samples.digests import normalised

BATCH = 8_192
FILLER = (
    "Work through the following task with care and write down every step before the result is given at the end .",
    "When all of this is done , check the result once more and say in one sentence why it must be right .",
)
LETTERS = "ABCDEFGH"

Alteration = Callable[[str, random.Random], str]


def verbatim(text: str, _: random.Random) -> str:
    return text


def rewrapped(text: str, dice: random.Random) -> str:
    """Line breaks elsewhere, and white space doubled here and there."""
    return "".join(dice.choice((" ", "\n", "  ", "\t")) + word for word in text.split()).strip()


def case(text: str, dice: random.Random) -> str:
    return dice.choice((text.upper(), text.lower(), text.title()))


def embedded(text: str, _: random.Random) -> str:
    return f"{FILLER[0]}\n\n{text}\n\n{FILLER[1]}"


def punctuation(text: str, dice: random.Random) -> str:
    """Marks dropped or exchanged; what stands between two letters or digits is dropped only."""
    out = []
    for at, each in enumerate(text):
        inside = 0 < at < len(text) - 1 and text[at - 1].isalnum() and text[at + 1].isalnum()
        mark = unicodedata.category(each)[0] in "PS"
        out.append(each if not mark or dice.random() < 0.5 else "" if inside else dice.choice(("", ";", "!", "…")))
    return "".join(out)


def unicode_variants(text: str, dice: random.Random) -> str:
    """Full-width letters, decomposed accents, curly quotes, no-break spaces, invisible characters."""
    out = []
    for each in unicodedata.normalize("NFD", text):
        kind = dice.random()
        if each.isascii() and each.isalnum() and kind < 0.2:
            out.append(chr(ord(each) + 0xFEE0))
        elif each == " " and kind < 0.3:
            out.append("\u00a0")
        elif each in "'\"":
            out.append("\u2019")
        else:
            out.append(each + ("\u200b" if each.isalpha() and kind > 0.97 else ""))
    return "".join(out)


def with_options(text: str, dice: random.Random) -> str:
    """The item as a question with four answers."""
    return text + "".join(f"\n({letter}) {dice.randrange(10_000)} of them" for letter in LETTERS[:4])


def other_options(text: str, dice: random.Random) -> str:
    """The same question with other answers, marked otherwise."""
    stem = split_options(text).stem
    return stem + "".join(f"\n{letter}. about {dice.randrange(10_000)} in all" for letter in LETTERS[:5])


ALTERATIONS: dict[str, Alteration] = {
    "verbatim": verbatim,
    "re-wrapped": rewrapped,
    "case": case,
    "embedded in filler": embedded,
    "punctuation": punctuation,
    "unicode": unicode_variants,
    "options only": other_options,
}


def found(items: Sequence[str], rows: Sequence[str], threads: int = 2) -> dict[str, set[int]]:
    """Items found in rows, by the normalised comparison and by containment."""
    folded = pl.DataFrame({"text": list(rows)}).select(normalised(pl.col("text"))).to_series()
    wanted = pl.DataFrame({"text": list(items)}).select(normalised(pl.col("text"))).to_series()
    known = set(folded)
    near = NearIndex(compared_part(items)).search(batches(rows), threads)
    return {"normalised": {at for at, text in enumerate(wanted) if text in known}, "near": {each.item for each in near}}


def batches(rows: Sequence[str]) -> Iterator[Batch]:
    for start in range(0, len(rows), BATCH):
        part = pl.Series(rows[start : start + BATCH], dtype=pl.String)
        yield Batch(np.arange(start, start + len(part)), part)


def recall(items: Sequence[str], seed: int = 0) -> dict[str, tuple[float, float, float]]:
    """Share of altered items found, by alteration: normalised; near or normalised; the latter of long enough items."""
    dice = random.Random(seed)
    shares = {}
    for name, alter in ALTERATIONS.items():
        originals = [with_options(item, dice) for item in items] if name == "options only" else list(items)
        hits = found(originals, [alter(item, dice) for item in originals])
        either = hits["normalised"] | hits["near"]
        long = {at for at, item in enumerate(items) if len(plain_words(pl.Series([item]))[0].split()) >= FEWEST_WORDS}
        shares[name] = (
            len(hits["normalised"]) / len(items),
            len(either) / len(items),
            len(either & long) / max(1, len(long)),
        )
    return shares


def plain_way(items: Sequence[str], rows: Sequence[str]) -> set[int]:
    """What a short script does: Python sets of 5-grams."""

    def grams(text: str) -> set[tuple[str, ...]]:
        words = "".join(each for each in text.lower() if each.isalnum() or each.isspace()).split()
        return {tuple(words[at : at + GRAM]) for at in range(len(words) - GRAM + 1)}

    of_items = [grams(item) for item in items]
    holders = defaultdict(list)
    for number, each in enumerate(of_items):
        for gram in each:
            holders[gram].append(number)
    hits = set()
    for row in rows:
        counts = Counter(number for gram in grams(row) for number in holders.get(gram, ()))
        hits |= {number for number, count in counts.items() if count >= THRESHOLD * len(of_items[number])}
    return hits


def texts_of(folder: Path, names: Sequence[str]) -> list[str]:
    """Questions of the real files."""
    texts = []
    for name in names:
        with gzip.open(folder / name, "rt", encoding="utf-8") as file:
            whole = file.read()
        rows = json.loads(whole) if ".json." in name else [json.loads(line) for line in whole.splitlines()]
        keys = ("question", "Question", "problem", "problem_text", "instruction")
        texts += [f"{next(row[key] for key in keys if key in row)} {row.get('input') or ''}".strip() for row in rows]
    return texts


def material(folder: Path) -> tuple[dict[str, list[str]], list[str]]:
    """Benchmark items by name, and rows of training sets that no benchmark is in."""
    if not folder.is_dir():
        from tests.sample_hub import brute_force

        items = {
            name: [" ".join(query) for query in sorted(brute_force.queries(name))] for name in brute_force.BENCHMARKS
        }
        rows = [row[0] for name in ("openai/gsm8k", "tatsu-lab/alpaca") for row in brute_force.triplets()[name]]
        return items, rows
    items = {
        "GSM8K test": texts_of(folder, ["gsm8k_test.jsonl.gz"]),
        "MATH test": texts_of(folder, ["math_test.jsonl.gz"]),
        "TheoremQA": texts_of(folder, ["theoremqa_test.json.gz"]),
        "SciBench": texts_of(folder, ["scibench.jsonl.gz"]),
    }
    disjoint = ["gsm8k_train.jsonl.gz", "adc_toolformer_dedupe_only.json.gz", "gpteacher_codegen.json.gz"]
    return items, texts_of(folder, [*disjoint, "alpaca_en_demo.json.gz"])


def table(title: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    print(f"\n{title}\n")
    print(" | ".join(head))
    for row in rows:
        print(" | ".join(f"{cell:.4f}" if isinstance(cell, float) else str(cell) for cell in row))


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--plain-rows", type=int, default=50_000, help="rows for the plain way, which is then scaled")
    parser.add_argument("--realdata", type=Path, default=Path("../shared/realdata"))
    arguments = parser.parse_args()
    items, disjoint = material(arguments.realdata)
    together = [text for each in items.values() for text in dict.fromkeys(each)]
    rates = recall(together)
    head = ("alteration", "normalised", "near or normalised", "the same, items of 8 words or more")
    table(f"recall, {len(together)} items", head, [(name, *shares) for name, shares in rates.items()])
    false = [
        (name, len(set(each)), len(hits := found(each, disjoint)["near"]), len(hits) / len(set(each)))
        for name, each in items.items()
    ]
    table(f"false hits on {len(disjoint)} disjoint rows", ("benchmark", "items", "hits", "rate"), false)
    rows = [disjoint[at % len(disjoint)] for at in range(arguments.rows)]
    index = NearIndex(compared_part(together))
    index.search(batches(rows[:1000]), 1)  # compiled before the clock runs
    before, started = peak_mb(), time.perf_counter()
    index.search(batches(rows), os.cpu_count() or 1)
    ours = time.perf_counter() - started
    megabytes = sum(map(len, rows)) / 1e6
    grown = peak_mb() - before
    started = time.perf_counter()
    plain_way(together, rows[: arguments.plain_rows])
    plain = (time.perf_counter() - started) * len(rows) / arguments.plain_rows
    head = ("way", "seconds", "rows/s", "MB/s", "peak memory grew by MB")
    table(
        f"search of {len(together)} items in {len(rows):,} rows",
        head,
        [
            ("near index", ours, int(len(rows) / ours), int(megabytes / ours), int(grown)),
            (
                f"Python sets (from {arguments.plain_rows:,} rows)",
                plain,
                int(len(rows) / plain),
                int(megabytes / plain),
                "",
            ),
        ],
    )
    print(f"\nratio {plain / ours:.1f}")


if __name__ == "__main__":
    main()
