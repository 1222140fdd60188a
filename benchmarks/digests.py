"""Digests of rows made from real texts beside what people use, and counting them: speed, memory, growth.

Every run is a process of its own. Timed is the way from a Parquet file on disk to the digests of triplet and query in
memory; ``read alone`` and ``C loop`` are bounds: reading the file, and xxh3 over the bytes of its texts, each hashed
once, with nothing made of it. Seconds are wall-clock, the best of ``--repeat``, and cpu those of all threads in that
run; x and cpu x are the ratios to ``C loop``.

Counting (``--counting``) makes digests out of nothing, a tenth of them twice, and counts the distinct ones and those
that two sets share with a limit on memory; with ``--peers`` beside polars, pandas and Python sets.

    pip install datasets pandas xxhash
    python benchmarks/digests.py --rows 1000000 5000000
    python benchmarks/digests.py --counting 5000000 --peers
    python benchmarks/digests.py --counting 100000000 --memory 2GB
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

FIELDS = ("instruction", "input", "output")
REAL = Path(os.environ.get("LINEAGE_REAL_DATA") or Path(__file__).resolve().parents[2] / "shared") / "realdata"
SLOW = {"datasets.map", "pandas", "Python loop"}
SLOW_ROWS = 1_000_000
TINY = "tiny.parquet"


# The rows ------------------------------------------------------------------------------------------------------------


def texts() -> pl.DataFrame:
    """Triplets of the real files; invented ones where these are absent."""
    if not REAL.is_dir():
        rng = random.Random(1)
        words = ["".join(rng.choices("abcdefghij", k=rng.randint(2, 9))) for _ in range(5000)]
        rows = [[" ".join(rng.choices(words, k=k)) for k in (60, 3, 80)] for _ in range(20_000)]
        return pl.DataFrame(rows, list(FIELDS), orient="row")
    from lineage_platform.samples.fields_file import FieldsTable
    from lineage_platform.samples.reading import read_triplets

    stated = FieldsTable.read(REAL / "FIELDS.tsv")
    files = sorted(REAL.glob("*.gz"))
    return pl.concat(frame.select(FIELDS) for file in files for frame in read_triplets(file, stated.of_file(file)))


def write_rows(path: Path, rows: int) -> None:
    """So many rows: the real ones over and over, every second time round with a number of their own."""
    base = texts()
    times = rows // base.height + 1
    frames = []
    for number in range(times):
        mark = pl.lit(f" ({number})" if number % 2 else "")
        frames.append(base.with_columns(pl.concat_str("instruction", mark)))
    pl.concat(frames).head(rows).write_parquet(path, row_group_size=100_000)


# The ways to digest them ---------------------------------------------------------------------------------------------


def groups(path: Path) -> Iterator[pl.DataFrame]:
    """The file in batches, as every streaming way reads it."""
    import pyarrow.parquet as pq

    for batch in pq.ParquetFile(path).iter_batches(100_000):
        yield pl.DataFrame(pl.from_arrow(batch))


def read_alone(path: Path) -> Any:
    return sum(frame.height for frame in groups(path))


def c_loop(path: Path) -> Any:
    import polars_hash  # noqa: F401

    hashes = [pl.col(field).nchash.xxh3_128() for field in FIELDS]  # type: ignore[attr-defined]
    return [frame.select(hashes) for frame in groups(path)]


def exact(path: Path) -> Any:
    from lineage_platform.samples.digests import exact_digests

    return [exact_digests(frame) for frame in groups(path)]


def exact_blake3(path: Path) -> Any:
    from lineage_platform.samples.digests import exact_digests

    return [exact_digests(frame, "blake3-128/1") for frame in groups(path)]


def both(path: Path) -> Any:
    from lineage_platform.samples.digests import COLUMNS, with_digests

    return [with_digests(frame).select(COLUMNS) for frame in groups(path)]


def hashed(*fields: str) -> bytes:
    data = [field.encode() for field in fields]
    return hashlib.md5(b"".join(len(each).to_bytes(8, "little") for each in data) + b"".join(data)).digest()


def python_loop(path: Path) -> Any:
    return [[(hashed(*row), hashed(*row[:2])) for row in frame.select(FIELDS).iter_rows()] for frame in groups(path)]


def in_pandas(path: Path) -> Any:
    import pandas as pd

    frame = pd.read_parquet(path)
    frame["triplet"] = frame.apply(lambda row: hashed(row["instruction"], row["input"], row["output"]), axis=1)
    frame["query"] = frame.apply(lambda row: hashed(row["instruction"], row["input"]), axis=1)
    return frame


def datasets_map(path: Path) -> Any:
    from datasets import Dataset, disable_caching, disable_progress_bars

    disable_caching()
    disable_progress_bars()

    def digests(row: dict[str, str]) -> dict[str, bytes]:
        return {
            "triplet": hashed(row["instruction"], row["input"], row["output"]),
            "query": hashed(row["instruction"], row["input"]),
        }

    with TemporaryDirectory() as cache:
        return Dataset.from_parquet(str(path), cache_dir=cache).map(digests).num_rows


WAYS: dict[str, Callable[[Path], Any]] = {
    "read alone": read_alone,
    "C loop": c_loop,
    "exact pair": exact,
    "exact pair, blake3": exact_blake3,
    "exact and normalised": both,
    "Python loop": python_loop,
    "pandas": in_pandas,
    "datasets.map": datasets_map,
}


# Counting ------------------------------------------------------------------------------------------------------------


def write_digests(path: Path, rows: int, start: int) -> None:
    """Digests of the numbers from ``start`` on, each tenth one twice, in files of five million."""
    import numpy as np

    from lineage_platform.samples.digests import COLUMNS

    path.mkdir()
    for at in range(0, rows, 5_000_000):
        numbers = np.arange(start + at, start + min(at + 5_000_000, rows))
        numbers[numbers % 10 == 0] += 1
        hashes = {name: pl.Series(numbers).hash(seed).reinterpret(signed=True) for seed, name in enumerate(COLUMNS)}
        pl.DataFrame({"row": np.arange(at, at + len(numbers)), **hashes}).write_parquet(path / f"{at:012}.parquet")


def files(path: Path) -> list[str]:
    return sorted(map(str, path.glob("*.parquet")))


def counted(memory: str, query: str, **folders: Path) -> Any:
    from lineage_platform.samples.engines import DuckDBEngine, sources

    return DuckDBEngine(memory).rows(query, **{name: sources(name, files(path)) for name, path in folders.items()})


def duckdb_distinct(folder: Path, memory: str) -> Any:
    return counted(memory, "distinct_queries", digests=folder / "a")


def duckdb_counts(folder: Path, memory: str) -> Any:
    return counted(memory, "counts", digests=folder / "a")


def duckdb_shared(folder: Path, memory: str) -> Any:
    return counted(memory, "shared", a=folder / "a", b=folder / "b")


def polars_distinct(folder: Path, _: str) -> Any:
    return pl.scan_parquet(files(folder / "a")).select(pl.struct("query_hi", "query_lo").n_unique()).collect().item()


def pandas_distinct(folder: Path, _: str) -> Any:
    import pandas as pd

    frame = pd.concat(pd.read_parquet(file, columns=["query_hi", "query_lo"]) for file in files(folder / "a"))
    return len(frame.drop_duplicates())


def python_set(folder: Path, _: str) -> Any:
    frames = (pl.read_parquet(file, columns=["query_hi", "query_lo"]) for file in files(folder / "a"))
    return len({row for frame in frames for row in frame.iter_rows()})


COUNTS: dict[str, Callable[[Path, str], Any]] = {
    "DuckDB, distinct queries": duckdb_distinct,
    "DuckDB, all four counts": duckdb_counts,
    "DuckDB, all three intersections": duckdb_shared,
    "polars, distinct queries": polars_distinct,
    "pandas, distinct queries": pandas_distinct,
    "Python set, distinct queries": python_set,
}


# Measuring -----------------------------------------------------------------------------------------------------------


def measure(arguments: list[str], repeat: int = 1) -> tuple[float, float, float]:
    """Best seconds, the processor's in that run, and highest MiB of a way, in processes of its own."""
    answers = []
    for _ in range(repeat):
        done = subprocess.run([sys.executable, __file__, *arguments], capture_output=True, text=True, check=False)
        if done.returncode:
            print(done.stderr[-500:], file=sys.stderr)
            return float("nan"), float("nan"), float("nan")
        answers.append(json.loads(done.stdout.splitlines()[-1]))
    return *min(answers)[:2], max(peak for _, _, peak in answers)


def once(work: Callable[[], Any]) -> None:
    """In the process of its own: do it, and print seconds, those of the processor, and peak memory."""
    started, spent = time.perf_counter(), time.process_time()
    work()
    seconds, cpu = time.perf_counter() - started, time.process_time() - spent
    print(json.dumps([seconds, cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))


def digest_table(sizes: list[int], repeat: int) -> None:
    with TemporaryDirectory() as folder:
        times: dict[str, float] = {}
        bounds: dict[int, tuple[float, float]] = {}
        write_rows(Path(folder) / TINY, 1000)
        for rows in sizes:
            path = Path(folder) / f"{rows}.parquet"
            write_rows(path, rows)
            print(f"\n{rows:,} rows, {path.stat().st_size / 1e6:.0f} MB on disk")
            print(f"{'way':24}{'seconds':>10}{'cpu':>8}{'rows/s':>14}{'x':>8}{'cpu x':>8}{'peak MiB':>10}{'growth':>8}")
            for name in WAYS:
                if name in SLOW and rows > SLOW_ROWS:
                    continue
                seconds, cpu, peak = measure(["--way", name, "--file", str(path)], 1 if name in SLOW else repeat)
                if name == "C loop":
                    bounds[rows] = seconds, cpu
                bound, bound_cpu = bounds.get(rows, (float("nan"), float("nan")))
                grown = seconds / times[name] if name in times else float("nan")
                times.setdefault(name, seconds)
                times_bound = f"{seconds / bound:8.2f}{cpu / bound_cpu:8.2f}"
                timed = f"{seconds:10.2f}{cpu:8.2f}{rows / seconds:14,.0f}{times_bound}"
                print(f"{name:24}{timed}{peak:10.0f}{grown:8.2f}", flush=True)


def count_table(rows: int, memory: str, peers: bool) -> None:
    with TemporaryDirectory() as folder:
        write_digests(Path(folder) / "a", rows, 0)
        write_digests(Path(folder) / "b", rows, rows // 2)
        print(f"\n{rows:,} digests, DuckDB with {memory}")
        print(f"{'way':36}{'seconds':>10}{'cpu':>8}{'peak MiB':>10}")
        for name in COUNTS:
            if name.startswith("DuckDB") or peers:
                seconds, cpu, peak = measure(["--count", name, "--file", folder, "--memory", memory])
                print(f"{name:36}{seconds:10.2f}{cpu:8.2f}{peak:10.0f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="*", default=[])
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--counting", type=int, nargs="*", default=[])
    parser.add_argument("--memory", default="2GB")
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--count", choices=COUNTS, help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.way:
        WAYS[given.way](given.file.with_name(TINY))  # imports are not what is timed
        once(lambda: WAYS[given.way](given.file))
    elif given.count:
        once(lambda: COUNTS[given.count](given.file, given.memory))
    else:
        digest_table(given.rows, given.repeat)
        for rows in given.counting:
            count_table(rows, given.memory, given.peers)


if __name__ == "__main__":
    main()
