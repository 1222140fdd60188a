"""How fast and in how much memory Vendi score and centroid distance are computed, beside vendi-score.

Vectors (low rank plus noise, 32-bit, made at random with a fixed seed) are written to a file and read from it block by
block. Each engine runs in a process of its own, so that peak memory is its own; the reference needs all vectors at
once, and is given what vendi-score calls the dual form, its fastest. The machine's matrix-multiply speed is measured in
the same run. What makes the vectors is measured by embedding.py.

    python benchmarks/diversity.py --rows 250000 1000000 --dimensions 384
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lineage_platform.corpus.diversity import BLOCK_ROWS, ENGINES

REPOSITORY = Path(__file__).resolve().parent.parent
RANK = 48
Block = NDArray[np.float32]


@dataclass(frozen=True)
class Figures:
    """What one engine took and found."""

    seconds: float
    peak_gb: float
    vendi: float
    centroid_distance: float


def main() -> None:
    """Run the benchmark, or (``--child``) one engine of it."""
    arguments = parse()
    if arguments.child:
        run_engine(arguments.child, arguments.file, arguments.dimensions)
        return
    with tempfile.TemporaryDirectory(dir=arguments.scratch) as name:
        file = Path(name) / "vectors"
        for rows in arguments.rows:
            generate(file, rows, arguments.dimensions)
            compare(file, rows, arguments.dimensions)


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[250_000, 1_000_000])
    parser.add_argument("--dimensions", type=int, default=384)
    parser.add_argument("--scratch", type=Path, help="folder for the vectors (1.5 GB a million rows)")
    parser.add_argument("--child", choices=list(ENGINES), help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def generate(file: Path, rows: int, dimensions: int) -> None:
    """Write the vectors, a block at a time."""
    random = np.random.default_rng(11)
    directions = random.normal(size=(RANK, dimensions)).astype(np.float32) / np.arange(1, RANK + 1)[:, None] ** 0.5
    with file.open("wb") as out:
        for start in range(0, rows, BLOCK_ROWS):
            size = min(BLOCK_ROWS, rows - start)
            weights = random.standard_normal((size, RANK), np.float32) + 0.2
            noise = random.standard_normal((size, dimensions), np.float32)
            out.write((weights @ directions.astype(np.float32) + 0.3 * noise).tobytes())


def blocks(file: Path, dimensions: int) -> Iterator[Block]:
    """Read them back, a block at a time."""
    with file.open("rb") as vectors:
        while data := vectors.read(BLOCK_ROWS * dimensions * 4):
            yield np.frombuffer(data, np.float32).reshape(-1, dimensions)


def run_engine(engine: str, file: Path, dimensions: int) -> None:
    """One engine over the file; its figures on standard output."""
    started = time.perf_counter()
    found = ENGINES[engine](blocks(file, dimensions), seed=0)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(json.dumps([seconds, peak, found.vendi, found.centroid_distance]))


def measure(engine: str, file: Path, dimensions: int) -> Figures:
    """One engine in a process of its own."""
    command = [sys.executable, __file__, "--child", engine, "--file", str(file), "--dimensions", str(dimensions)]
    path = os.pathsep.join([str(REPOSITORY), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=environment, check=True)
    return Figures(*json.loads(done.stdout))


def multiply_speed(dimensions: int) -> float:
    """Floating-point operations a second of the product that a Gram matrix is, best of ten."""
    one = np.random.default_rng(1).standard_normal((BLOCK_ROWS, dimensions), np.float32)
    other = one.copy()  # of the same array, numpy would compute half of the product and mirror it
    best = float("inf")
    for _ in range(10):
        started = time.perf_counter()
        one.T @ other
        best = min(best, time.perf_counter() - started)
    return 2 * BLOCK_ROWS * dimensions**2 / best


def compare(file: Path, rows: int, dimensions: int) -> None:
    """Both engines over the same vectors."""
    speed = multiply_speed(dimensions)
    ours, reference = (measure(engine, file, dimensions) for engine in ("streamed", "reference"))
    share = 2 * rows * dimensions**2 / ours.seconds / speed
    print(f"{rows:,} x {dimensions}, 32-bit; matrix multiply {speed / 1e9:.0f} GFLOP/s")
    for name, found in (("streamed, with intervals", ours), ("vendi-score, dual form", reference)):
        print(f"  {name:26}{found.seconds:8.2f} s{found.peak_gb:8.2f} GB peak   Vendi {found.vendi:.6f}", end="")
        print(f"   centroid distance {found.centroid_distance:.6f}")
    print(f"  times faster {reference.seconds / ours.seconds:.1f}; {share:.0%} of the matrix-multiply speed, as if the")
    print(f"  whole product were computed; Vendi differs by {abs(ours.vendi - reference.vendi):.1e}")


if __name__ == "__main__":
    main()
