"""The SQL of the room counts what counting by hand counts."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lineage_platform.samples.digests import with_digests
from lineage_platform.samples.engine import DuckDBEngine

WORD = st.sampled_from(["a", "A", " a", "b", ""])
TRIPLETS = st.lists(st.tuples(WORD, WORD, WORD), max_size=25)


def keep(path: Path, triplets: list[tuple[str, str, str]]) -> list[str]:
    frame = pl.DataFrame(triplets, dict.fromkeys(("instruction", "input", "output"), pl.String), orient="row")
    with_digests(frame).with_row_index("row").write_parquet(path)
    return [str(path)]


def folded(triplets: list[tuple[str, str, str]], width: int) -> set[tuple[str, ...]]:
    return {tuple(text.lower().strip() for text in triplet[:width]) for triplet in triplets}


@given(one=TRIPLETS, other=TRIPLETS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_counts_and_intersections_are_those_of_sets(
    tmp_path: Path, one: list[tuple[str, str, str]], other: list[tuple[str, str, str]]
) -> None:
    a, b = keep(tmp_path / "a.parquet", one), keep(tmp_path / "b.parquet", other)
    engine = DuckDBEngine()
    assert engine.ask("counts", {"digests": a}) == [
        {
            "row_count": len(one),
            "distinct_triplets": len(set(one)),
            "distinct_queries": len({triplet[:2] for triplet in one}),
            "distinct_triplets_normalised": len(folded(one, 3)),
            "distinct_queries_normalised": len(folded(one, 2)),
        }
    ]
    assert engine.ask("shared", {"a": a, "b": b}) == [
        {
            "shared_triplets": len(set(one) & set(other)),
            "shared_queries": len({triplet[:2] for triplet in one} & {triplet[:2] for triplet in other}),
            "shared_queries_normalised": len(folded(one, 2) & folded(other, 2)),
        }
    ]


def test_a_table_may_be_many_files(tmp_path: Path) -> None:
    files = [*keep(tmp_path / "a.parquet", [("x", "", "1")]), *keep(tmp_path / "b.parquet", [("x", "", "2")])]
    (found,) = DuckDBEngine().ask("counts", {"digests": files})
    assert (found["row_count"], found["distinct_queries"]) == (2, 1)


def test_sorting_more_than_fits_into_memory_goes_through_the_disk(tmp_path: Path) -> None:
    size = 1_500_000
    numbers = pl.Series("row", range(size))
    frame = pl.DataFrame({"row": numbers, "query_hi": numbers.hash().reinterpret(signed=True), "query_lo": numbers})
    frame.write_parquet(tmp_path / "a.parquet")
    DuckDBEngine("60MB", threads=1).write(
        "sorted", {"digests": [str(tmp_path / "a.parquet")]}, str(tmp_path / "b.parquet")
    )
    made = pl.read_parquet(tmp_path / "b.parquet")
    assert made.height == size
    assert made["query_hi"].is_sorted()


def test_a_question_that_is_not_there_is_a_fault() -> None:
    with pytest.raises(FileNotFoundError):
        DuckDBEngine().ask("unheard_of", {})
