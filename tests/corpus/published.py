"""A small corpus folder as a build leaves it, and what is said of it."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from lineage_platform.corpus.bootstrap import Interval
from lineage_platform.corpus.diversity import Diversity, DiversityRow
from lineage_platform.corpus.publishing import CorpusDescription, PublishedRoot, PublishedStage

HOSTILE = "a`b|c](javascript:x) <script>alert(1)</script>\n---\nlicense: mit\u202e --> *bold* \x1b[31m"


def corpus_folder(folder: Path, removed: bool = True) -> Path:
    """Three kept rows and two removed ones."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = {name: [f"{name} {row}" for row in range(3)] for name in ("instruction", "input", "output")}
    origin = {"dataset": ["acme/one", "acme/one", "acme/two"], "part": ["", "", "train"], "row": [0, 4, 2]}
    pq.write_table(pa.table(texts | origin), folder / "corpus.parquet")
    if removed:
        (folder / "removed").mkdir(exist_ok=True)
        table = pa.table(
            {
                "stage": ["near_unique_rows"] * 2,
                "dataset": ["acme/two"] * 2,
                "similarity": [0.71, None],
                "kept_row": [4, None],
            }
        )
        pq.write_table(table, folder / "removed" / "near_unique_rows.parquet")
    return folder


def description(**changes: object) -> CorpusDescription:
    """Of the folder above."""
    found = Diversity(3, 8, 2.345, 0.51239, Interval(2.1, 2.6), Interval(0.5, 0.52))
    plain: dict[str, object] = {
        "name": "roots",
        "recipe_digest": "0123456789abcdef" * 4,
        "roots": (
            PublishedRoot("acme/one", 5, 2, "mit", "a" * 40),
            PublishedRoot("acme/two", 9, 1, "", "", ("acme/one", "acme/two")),
            PublishedRoot("acme/three", 7, 0, "gpl-3.0"),
        ),
        "stages": (
            PublishedStage("near_unique_rows", 5, 3, {"near_duplicate": 2}, "Removes rows that say the same."),
            PublishedStage("corpus", 3, 3),
        ),
        "diversity": (DiversityRow("roots", "static", 1.0, found),),
    }
    return CorpusDescription(**{**plain, **changes})  # type: ignore[arg-type]
