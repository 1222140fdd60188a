"""Write real texts as rows: the paragraphs of whatever lies in some folders, and more rows made of their halves.

    python benchmarks/real_rows.py ROWS.parquet --rows 1000000 [FOLDER...]

Without folders it reads this environment's installed packages (documentation, comments, code) and, where it is there,
../shared. Paragraphs of 20 to 400 words count, each once, but near ones as they are: licences, boilerplate, versions
of a file. If there are fewer than asked for, further rows join the first half of one paragraph and the second half of
another. The order is shuffled, always in the same way.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path

import polars as pl

SUFFIXES = {".py", ".pyi", ".md", ".rst", ".txt", ".h", ".hpp", ".gz"}
SHARED = Path(__file__).resolve().parents[2] / "shared"


def strings(value: object) -> Iterator[str]:
    """Every text in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from strings(item)


def texts(path: Path) -> Iterator[str]:
    try:
        if path.suffix != ".gz":
            yield from path.read_text(encoding="utf-8").split("\n\n")
        elif ".json" in path.name:
            body = gzip.decompress(path.read_bytes()).decode("utf-8")
            lines = [body] if path.name.endswith(".json.gz") else body.splitlines()
            for line in filter(None, lines):
                yield from strings(json.loads(line))
    except (OSError, ValueError):
        return


def paragraphs(folders: Iterable[Path]) -> list[str]:
    found: dict[str, None] = {}
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix in SUFFIXES and path.is_file():
                found.update((text, None) for text in texts(path) if 20 <= len(text.split()) <= 400)
    return list(found)


def rows(pool: list[str], count: int) -> Iterator[str]:
    picker = random.Random(0)
    picker.shuffle(pool)
    yield from pool[:count]
    for _ in range(count - len(pool)):
        first, second = picker.choice(pool).split(), picker.choice(pool).split()
        yield " ".join(first[: len(first) // 2] + second[len(second) // 2 :])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("to", type=Path)
    parser.add_argument("folders", type=Path, nargs="*")
    parser.add_argument("--rows", type=int, default=1_000_000)
    options = parser.parse_args()
    pool = paragraphs(options.folders or [SHARED, Path(sysconfig.get_path("purelib"))])
    frame = pl.DataFrame({"text": rows(pool, options.rows)}, schema={"text": pl.String})
    frame.write_parquet(options.to)
    size = frame["text"].str.len_bytes().mean()
    print(f"{frame.height:,} rows, {len(pool):,} distinct paragraphs, {size:.0f} bytes each")


if __name__ == "__main__":
    main()
