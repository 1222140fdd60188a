"""Near-duplicates of real rows beside datasketch, rensa, gaoya and daft: speed, memory, growth, and who is right.

Every run is a process of its own; x is the ratio to the first engine, by time and by CPU time. Timed is the whole way
from the column of texts to the rows that stay, with word 8-grams, some 128 permutations and a threshold of 0.7; for us
that includes the exact comparison of each pair, which no peer makes. Peers are used as their documentation shows:
datasketch on two processes, the others on their own threads.

Agreement compares the kept rows of the first ``--oracle`` rows with the kept rows by brute force (exact Jaccard of
every pair that shares a shingle); wrong are rows that are removed though no kept row is near them.

    pip install datasketch rensa gaoya daft
    python benchmarks/real_rows.py rows.parquet --rows 5000000
    python benchmarks/near_duplicates.py rows.parquet --rows 100000 1000000
    python benchmarks/near_duplicates.py rows.parquet --rows 100000 1000000 5000000 --engines lineage
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

if TYPE_CHECKING:
    from datasketch import LeanMinHash

SIZE, THRESHOLD, BANDS, WIDTH = 8, 0.7, 25, 5
Kept = NDArray[np.bool_]


def lineage(texts: pl.Series) -> Kept:
    from lineage_platform.corpus.near_duplicates import near_duplicates

    return flags(len(texts), near_duplicates(texts).removed["row"].to_numpy())


def datasketch(texts: pl.Series) -> Kept:
    """MinHash in two processes, then one index: a row that the index knows a near one of is left out."""
    from datasketch import MinHashLSH

    index = MinHashLSH(threshold=THRESHOLD, num_perm=128)
    kept = np.ones(len(texts), np.bool_)
    with get_context("spawn").Pool(2) as pool:
        slices = (texts[at : at + 2000].to_list() for at in range(0, len(texts), 2000))
        row = 0
        for signatures in pool.imap(datasketch_signatures, slices):
            for minhash in signatures:
                if index.query(minhash):
                    kept[row] = False
                else:
                    index.insert(row, minhash)
                row += 1
    return kept


def datasketch_signatures(texts: list[str]) -> list[LeanMinHash]:
    from datasketch import LeanMinHash, MinHash

    tokens = ([gram.encode() for gram in grams(text)] for text in texts)
    return [LeanMinHash(minhash) for minhash in MinHash.bulk(tokens, num_perm=128)]


def rensa(texts: pl.Series) -> Kept:
    """Its own deduplicator: keeps a row unless the estimate of its similarity to a kept one reaches the threshold."""
    from rensa import RMinHashDeduplicator

    index = RMinHashDeduplicator(threshold=THRESHOLD, num_perm=128, use_lsh=True)
    kept: list[bool] = []
    for at in range(0, len(texts), 10_000):
        rows = texts[at : at + 10_000].to_list()
        kept += index.add_pairs([(str(at + offset), grams(text)) for offset, text in enumerate(rows)])
    return np.array(kept)


def gaoya(texts: pl.Series) -> Kept:
    """Every row into the index, then every row asked for; a row with an earlier kept one among its answers goes."""
    from gaoya.minhash import MinHashStringIndex

    index = MinHashStringIndex(32, THRESHOLD, BANDS, WIDTH, None, "word", True, (SIZE, SIZE), "vec")
    rows = texts.to_list()
    index.par_bulk_insert_docs(list(range(len(rows))), rows)
    kept = np.ones(len(rows), np.bool_)
    for at in range(0, len(rows), 10_000):
        for offset, near in enumerate(index.par_bulk_query(rows[at : at + 10_000])):
            kept[at + offset] = not any(other < at + offset and kept[other] for other in near)
    return kept


def daft(texts: pl.Series) -> Kept:
    """Its expression for the signatures, polars for the bands: a row that shares a band with an earlier one goes."""
    import daft as engine
    from daft.functions import minhash

    frame = engine.from_arrow(pl.DataFrame({"text": texts.str.to_lowercase()}).to_arrow())
    made = frame.select(minhash(engine.col("text"), num_hashes=128, ngram_size=SIZE).alias("m")).to_arrow()
    signatures = made["m"].combine_chunks().flatten().to_numpy().reshape(len(texts), 128)
    kept = np.ones(len(texts), np.bool_)
    for band in range(BANDS):
        part = np.ascontiguousarray(signatures[:, band * WIDTH : (band + 1) * WIDTH])
        kept &= pl.DataFrame(part).select(pl.struct(pl.all()).is_first_distinct()).to_series().to_numpy()
    return kept


ENGINES: dict[str, Callable[[pl.Series], Kept]] = {
    engine.__name__: engine for engine in (lineage, datasketch, gaoya, rensa, daft)
}


def grams(text: str) -> list[str]:
    words = unicodedata.normalize("NFKC", text).lower().split()
    return [" ".join(words[at : at + SIZE]) for at in range(max(len(words) - SIZE, 0) + 1)]


def flags(rows: int, removed: NDArray[np.int64]) -> Kept:
    kept = np.ones(rows, np.bool_)
    kept[removed] = False
    return kept


def by_brute_force(texts: list[str]) -> list[dict[int, float]]:
    """For each row the earlier rows that are near it: exact, on the words, through every shingle they share."""
    holders: dict[str, list[int]] = defaultdict(list)
    sizes: list[int] = []
    near: list[dict[int, float]] = []
    for row, text in enumerate(texts):
        mine = set(grams(text))
        shared = Counter(other for gram in mine for other in holders[gram])
        jaccard = {other: count / (len(mine) + sizes[other] - count) for other, count in shared.items()}
        near.append({other: value for other, value in jaccard.items() if value >= THRESHOLD})
        sizes.append(len(mine))
        for gram in mine:
            holders[gram].append(row)
    return near


def right_and_wrong(kept: Kept, near: list[dict[int, float]]) -> tuple[float, int]:
    """Agreement of the kept rows with the greedy ones, and how many removed rows are near none that is kept."""
    greedy = np.ones(len(near), np.bool_)
    for row, others in enumerate(near):
        greedy[row] = not any(greedy[other] for other in others)
    kept = kept[: len(near)]
    wrong = sum(not kept[row] and not any(kept[other] for other in others) for row, others in enumerate(near))
    return float((kept & greedy).sum() / (kept | greedy).sum()), wrong


def cpu_seconds() -> float:
    """Of this process, its threads and its children that have ended; true on a busy machine, too."""
    return sum(os.times()[:4])


def memory(line: str) -> int:
    """KiB of this process; of its children, nothing."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.split(f"{line}:")[1].split()[0])


def measure(engine: str, path: Path, rows: int, to: Path) -> None:
    """In a process of its own: run one engine once and write what it took and what it kept."""
    texts = pl.read_parquet(path, n_rows=rows)["text"]
    ENGINES[engine](texts[:1000])
    Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")  # forget the peak so far
    before = memory("VmRSS")
    started, worked = time.perf_counter(), cpu_seconds()
    kept = ENGINES[engine](texts)
    seconds, cpu = time.perf_counter() - started, cpu_seconds() - worked
    used = memory("VmHWM") - before
    np.save(to.with_suffix(".npy"), kept)
    to.write_text(json.dumps({"seconds": seconds, "cpu": cpu, "mib": used / 1024, "kept": int(kept.sum())}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=list(ENGINES))
    parser.add_argument("--oracle", type=int, default=20_000, help="rows that are also judged by brute force")
    parser.add_argument("--measure", nargs=2, metavar=("ENGINE", "TO"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        measure(options.measure[0], options.file, options.rows[0], Path(options.measure[1]))
        return
    near = by_brute_force(pl.read_parquet(options.file, n_rows=options.oracle)["text"].to_list())
    print(f"{'engine':12}{'rows':>10}{'seconds':>9}{'rows/s':>9}{'x':>6}{'CPU s':>8}{'x':>6}", end="")
    print(f"{'MiB':>8}{'agrees':>9}{'wrong':>7}{'kept':>11}")
    for rows in options.rows:
        ours = None
        for engine in options.engines:
            with TemporaryDirectory() as folder:
                to = Path(folder) / "measured.json"
                command = [
                    sys.executable,
                    __file__,
                    str(options.file),
                    "--rows",
                    str(rows),
                    "--measure",
                    engine,
                    str(to),
                ]
                subprocess.run(command, check=True)
                told, kept = json.loads(to.read_text()), np.load(to.with_suffix(".npy"))
            ours = ours or told
            agreement, wrong = right_and_wrong(kept, near)
            print(
                f"{engine:12}{rows:10,}{told['seconds']:9.1f}{rows / told['seconds']:9,.0f}"
                f"{told['seconds'] / ours['seconds']:6.1f}{told['cpu']:8.1f}{told['cpu'] / ours['cpu']:6.1f}"
                f"{told['mib']:8,.0f}{agreement:9.4f}{wrong:7,}{told['kept']:11,}",
                flush=True,
            )


if __name__ == "__main__":
    main()
