"""A small embedding model of the project's own: no download, no torch, the same vectors everywhere.

A word's vector is the sum of pseudo-random signs for the word and for its character n-grams, so that words that are
spelled alike lie close; all digits count as one. A text's vector is the sum of its words' vectors, weighted by how rare
a word is in the texts of the sample hub (``words.tsv``, made by :mod:`lineage_platform.corpus.static_recipe`), at unit
length. It sees spelling, not meaning: good for comparing datasets with one another, never for comparing with figures
of a trained model.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from hashlib import blake2b
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

NAME = "static: project's own, not comparable with model embeddings"
WORDS = Path(__file__).with_name("words.tsv")
DIMENSIONS = 256
GRAM_SIZES = (3, 4, 5)
_WORD = re.compile(r"\w{1,24}")


class StaticModel:
    """The model as an embedder; see :class:`lineage_platform.corpus.embedding.Embedder`."""

    name = NAME
    revision = ""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of unit length, texts x 256; each depends on its own text alone."""
        from lineage_platform.corpus.static_kernel import weighted_sums

        counted = [Counter(words(text) or [""]) for text in texts]
        vocabulary = _numbered(word for text in counted for word in text)
        places = np.array([vocabulary[word] for text in counted for word in text], np.int64)
        times = np.array([times for text in counted for times in text.values()], np.float32)
        counts = np.array([len(text) for text in counted], np.int64)
        sums = weighted_sums(word_vectors(list(vocabulary)), places, 1 + np.log(times), counts)
        vectors: NDArray[np.float32] = sums / np.linalg.norm(sums, axis=1, keepdims=True)
        return vectors


def words(text: str) -> list[str]:
    """The words of a text, NFKC and lower-cased, each digit a 0."""
    return _WORD.findall(re.sub(r"\d", "0", unicodedata.normalize("NFKC", text).lower()))


def word_vectors(vocabulary: Sequence[str]) -> NDArray[np.float32]:
    """One vector per word, as long as the word weighs: half of it for the word, half for its n-grams together."""
    from lineage_platform.corpus.static_kernel import weighted_sums

    features = [[f"<{word}>", *_grams(word)] for word in vocabulary]
    numbered = _numbered(feature for each in features for feature in each)
    places = np.array([numbered[feature] for each in features for feature in each], np.int64)
    counts = np.array([len(each) for each in features], np.int64)
    shares = [share for each in features for share in (1.0, *[1 / math.sqrt(len(each) - 1)] * (len(each) - 1))]
    weights = np.repeat([weight(word) for word in vocabulary], counts) * shares / math.sqrt(2 * DIMENSIONS)
    return weighted_sums(_signs(list(numbered)), places, weights.astype(np.float32), counts)


def _numbered(names: Iterable[str]) -> dict[str, int]:
    """Each name once, with its place."""
    return {name: place for place, name in enumerate(dict.fromkeys(names))}


def _grams(word: str) -> list[str]:
    """Character n-grams of the word between its boundaries, marked so that none equals a whole word."""
    bounded = f"^{word}$"
    return [bounded[at : at + size] for size in GRAM_SIZES for at in range(len(bounded) - size + 1)] or [bounded]


def _signs(features: Sequence[str]) -> NDArray[np.int8]:
    """A row of -1 and 1 for each feature, drawn from its digest."""
    digests = b"".join(
        blake2b(feature.encode("utf-8", "surrogatepass"), digest_size=32).digest() for feature in features
    )
    bits = np.unpackbits(np.frombuffer(digests, np.uint8).reshape(len(features), DIMENSIONS // 8), axis=1)
    return bits.astype(np.int8) * 2 - 1


def weight(word: str) -> float:
    """How much a word says, above 0 for one that every text has and 1 for one that few have."""
    return _weights().get(word, 1.0)


@cache
def _weights() -> dict[str, float]:
    """The weights of common words: log(texts / texts that have it), relative to the rarest word in the table."""
    lines = (line.split("\t") for line in WORDS.read_text(encoding="utf-8").splitlines())
    counts = {word: int(count) for word, count in lines}
    texts = counts.pop("")
    rarest = math.log((texts + 1) / (min(counts.values()) + 0.5))
    return {word: math.log((texts + 1) / (count + 0.5)) / rarest for word, count in counts.items()}
