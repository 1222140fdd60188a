"""Near-duplicates against brute force on real rows: who stays, which pairs the bands miss, and the curve as a plot.

python benchmarks/near_duplicates_recall.py ../shared/realdata --plot docs/near_duplicates.svg
"""

from __future__ import annotations

import argparse
import random
import unicodedata
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lineage_platform.corpus.minhash import Banding, band_keys
from lineage_platform.corpus.near_duplicates import near_duplicates
from lineage_platform.samples.fields_file import FieldsTable
from lineage_platform.samples.reading import read_triplets

SIZE, THRESHOLD = 8, 0.7
BANDINGS = (Banding(25, 5), Banding(21, 6), Banding(32, 4))


def real_rows(folder: Path, count: int) -> list[str]:
    """Instruction, input and output of some rows of all files, as one text each."""
    table = FieldsTable.read(folder / "FIELDS.tsv")
    texts: list[str] = []
    for path in sorted(folder.glob("*.gz")):
        for frame in read_triplets(path, table.of_file(path)):
            texts += frame.select(pl.concat_str("instruction", "input", "output", separator="\n")).to_series().to_list()
    return random.Random(0).sample(texts, count)


def grams(text: str) -> set[tuple[str, ...]]:
    words = unicodedata.normalize("NFKC", text).lower().split()
    return {tuple(words[at : at + SIZE]) for at in range(max(len(words) - SIZE, 0) + 1)}


def all_pairs(texts: list[str]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Every pair of rows that shares a shingle and its exact Jaccard similarity, by the later row, then the earlier."""
    holders: dict[tuple[str, ...], list[int]] = defaultdict(list)
    sizes: list[int] = []
    later, earlier, similarity = [], [], []
    for row, text in enumerate(texts):
        mine = grams(text)
        shared = Counter(other for gram in mine for other in holders[gram])
        for other in sorted(shared):
            later.append(row)
            earlier.append(other)
            similarity.append(shared[other] / (len(mine) + sizes[other] - shared[other]))
        sizes.append(len(mine))
        for gram in mine:
            holders[gram].append(row)
    return np.array(later), np.array(earlier), np.array(similarity)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--plot", type=Path)
    options = parser.parse_args()
    texts = real_rows(options.folder, options.rows)
    later, earlier, similarity = all_pairs(texts)
    near = similarity >= THRESHOLD
    print(f"{len(texts):,} rows, {len(near):,} pairs that share a shingle, {near.sum():,} of them near")
    exact = dict(zip(zip(later.tolist(), earlier.tolist(), strict=True), similarity.tolist(), strict=True))
    greedy = np.ones(len(texts), np.bool_)
    for row, other in zip(later[near], earlier[near], strict=True):
        greedy[row] &= not greedy[other]
    shares = {}
    for banding in BANDINGS:
        found = near_duplicates(pl.Series(texts), banding=banding)
        kept = np.zeros(len(texts), np.bool_)
        kept[found.kept.to_numpy()] = True
        confirmed = sum(exact.get((row, other)) == value for row, other, _, value in found.removed.iter_rows())
        keys = band_keys(pl.Series(texts), SIZE, banding, 2)
        shares[banding] = (keys[:, later] == keys[:, earlier]).any(axis=0)
        print(
            f"{banding.bands} x {banding.rows}: kept rows agree {(kept & greedy).sum() / (kept | greedy).sum():.4f}, "
            f"{confirmed:,} of {found.removed.height:,} removals confirmed, "
            f"pair recall {shares[banding][near].mean():.4f}, bands alone right {near[shares[banding]].mean():.1%}"
        )
    if options.plot:
        draw(options.plot, similarity, shares)


def draw(path: Path, similarity: NDArray[np.float64], shares: dict[Banding, NDArray[np.bool_]]) -> None:
    """The probability of sharing a band over the similarity: as measured (dots) and as computed (lines)."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    mpl.rcParams["svg.hashsalt"] = "lineage"
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.add_subplot(xlabel="exact Jaccard similarity of two rows", ylabel="share of pairs that meet")
    edges = np.linspace(0, 1, 41)
    bins = np.digitize(similarity, edges[1:-1])
    curve = np.linspace(0, 1, 101)
    for banding, color in zip(BANDINGS, ("tab:blue", "tab:orange", "tab:gray"), strict=True):
        counts = np.bincount(bins, minlength=40)
        enough = counts >= 30
        middle = np.bincount(bins, similarity, minlength=40)[enough] / counts[enough]
        share = np.bincount(bins, shares[banding], minlength=40)[enough] / counts[enough]
        axes.plot(curve, [banding.probability(each) for each in curve], color=color, linewidth=1)
        axes.plot(middle, share, "o", color=color, markersize=3.5, label=f"{banding.bands} bands of {banding.rows}")
    axes.axvline(THRESHOLD, color="black", linewidth=0.8, linestyle="--")
    axes.legend(frameon=False)
    figure.savefig(path, metadata={"Date": None})


if __name__ == "__main__":
    main()
