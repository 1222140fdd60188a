"""The recipe of ``words.tsv``: in how many texts of the sample hub each common word occurs.

    python -m lineage_platform.corpus.static_recipe

Texts are the distinct strings in the rows of the sample hub and the paragraphs of its cards, papers and pages; all of
them were written for this project. The first line, with no word, is their number.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from lineage_platform.corpus.static_model import WORDS, words
from lineage_platform.files import write_whole

SAMPLE_HUB = Path(__file__).parents[1] / "sample_hub"
LEAST_SHARE = 0.005  # rarer words weigh as much as unknown ones


def word_table(root: Path = SAMPLE_HUB) -> bytes:
    """The table: a word and its number of texts a line, common words first, then in the order of their letters."""
    texts = set(_texts(root))
    counts = Counter(word for text in texts for word in set(words(text)))
    common = [(word, count) for word, count in counts.items() if count >= LEAST_SHARE * len(texts)]
    lines = [("", len(texts)), *sorted(common, key=lambda entry: (-entry[1], entry[0]))]
    return "".join(f"{word}\t{count}\n" for word, count in lines).encode("utf-8")


def _texts(root: Path) -> Iterator[str]:
    for path in sorted(root.rglob("*")):
        if path.name.endswith((".jsonl", ".jsonl.gz")):
            opened = gzip.open if path.suffix == ".gz" else open
            with opened(path, "rt", encoding="utf-8") as lines:
                for line in lines:
                    yield from _strings(json.loads(line))
        elif path.suffix in {".md", ".txt"} and path.is_file():
            yield from path.read_text(encoding="utf-8", errors="replace").split("\n\n")


def _strings(value: object) -> Iterator[str]:
    """Every string in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _strings(item)


if __name__ == "__main__":
    write_whole(WORDS, word_table())
