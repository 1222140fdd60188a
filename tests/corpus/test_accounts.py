"""Rows are neither lost nor invented, and a table's bytes depend on its rows alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineage_platform.corpus.accounting import CountMismatch, RootCount, Stage, balanced, follow_on
from lineage_platform.corpus.removals import Removals
from lineage_platform.corpus.rows import RowTable
from lineage_platform.corpus.selection import Root, RootKind, Source
from lineage_platform.corpus.tables import KEPT, ROW_GROUP, ROWS, write_table
from lineage_platform.records import Domain

STAGE = Stage.FILTERED_ROWS


def count(kept: int, taken: int = 10, name: str = "a/b", **removed: int) -> RootCount:
    return RootCount(dataset_id=name, input=taken, kept=kept, removed=removed)


def root(name: str, *parts: tuple[str, int]) -> Root:
    sources = tuple(Source(part=part, rows=rows, skipped_rows=0, shape="alpaca", content="") for part, rows in parts)
    return Root(
        dataset_id=name,
        kind=RootKind.LEAF,
        domains=(Domain.MATH,),
        path=(name,),
        domain=Domain.MATH,
        revision="1",
        sources=sources,
    )


def row_table(folder: Path, roots: list[Root]) -> RowTable:
    """A table in which a row's number is twice its place in its part."""
    rows = [
        (each.dataset_id, source.part, 2 * at) for each in roots for source in each.sources for at in range(source.rows)
    ]
    columns = {name: [row[at] for row in rows] for at, name in enumerate(("dataset", "part", "row"))}
    texts = {name: [f"{name} {place}" for place in range(len(rows))] for name in ("instruction", "input", "output")}
    rest = {field.name: [0] * len(rows) for field in ROWS if field.name.endswith(("_hi", "_lo"))}
    made = {"position": range(len(rows)), **columns, **texts, **rest}
    write_table(
        folder / "rows.parquet", ROWS, [pa.table({k: pa.array(v, ROWS.field(k).type) for k, v in made.items()})]
    )
    return RowTable(folder / "rows.parquet", roots)


@pytest.fixture
def rows(tmp_path: Path) -> RowTable:
    return row_table(tmp_path, [root("a/one", ("", 3)), root("b/two", ("x", 2), ("y", 1))])


def frame(**reasons: str) -> pl.DataFrame:
    positions = [int(name.removeprefix("p")) for name in reasons]
    return pl.DataFrame(
        {"position": positions, "reason": list(reasons.values())}, schema_overrides={"position": pl.Int64}
    )


def test_accounts_that_do_not_balance_stop_the_build() -> None:
    assert balanced(STAGE, "d", [count(7, short=3)]).removed == {"short": 3}
    with pytest.raises(CountMismatch, match="filtered_rows of a/b: 7 kept and 2 removed of 10"):
        balanced(STAGE, "d", [count(7, short=2)])
    with pytest.raises(CountMismatch):
        balanced(STAGE, "d", [count(12, short=-2)])


def test_a_stage_takes_in_what_the_one_before_kept() -> None:
    before = balanced(STAGE, "d", [count(7, short=3)])
    follow_on(before, balanced(Stage.EXACT_UNIQUE_ROWS, "d", [count(7, taken=7)]))
    with pytest.raises(CountMismatch, match="took in other rows of a/b than filtered_rows kept"):
        follow_on(before, balanced(Stage.EXACT_UNIQUE_ROWS, "d", [count(6, taken=6)]))
    with pytest.raises(CountMismatch):
        follow_on(before, balanced(Stage.EXACT_UNIQUE_ROWS, "d", [count(7, taken=7), count(1, taken=1, name="c/d")]))


def test_what_is_not_removed_is_kept(rows: RowTable) -> None:
    removals = Removals(STAGE, rows, np.array([0, 2, 3, 5]))
    seen: list[int] = []
    tables = list(removals.write_down([frame(p0="short"), frame(p3="long", p5="short")], seen.append))
    assert removals.kept.tolist() == [2]
    assert [each.num_rows for each in tables] == [1, 2]
    assert tables[1].select(["stage", "reason", "dataset", "part", "row"]).to_pylist() == [
        {"stage": "filtered_rows", "reason": "long", "dataset": "b/two", "part": "x", "row": 0},
        {"stage": "filtered_rows", "reason": "short", "dataset": "b/two", "part": "y", "row": 0},
    ]
    assert seen == [1, 4]
    assert [(each.input, each.kept, each.removed) for each in removals.by_root()] == [
        (2, 1, {"short": 1}),
        (2, 0, {"long": 1, "short": 1}),
    ]


@pytest.mark.parametrize(
    "frames",
    [
        [frame(p1="not taken in")],
        [frame(p9="no row at all")],
        [frame(p0="once"), frame(p0="twice")],
        [frame(p3="backwards", p2="backwards")],
    ],
)
def test_a_stage_cannot_remove_what_it_did_not_take_in_or_anything_twice(
    rows: RowTable, frames: list[pl.DataFrame]
) -> None:
    removals = Removals(STAGE, rows, np.array([0, 2, 3, 5]))
    with pytest.raises(CountMismatch, match="removes rows that it did not take in"):
        list(removals.write_down(frames, lambda done: None))


def test_positions_lead_back_to_dataset_part_and_row(rows: RowTable) -> None:
    identity = [column.to_pylist() for column in rows.identity(np.array([0, 2, 4, 5, -1]))]
    assert identity == [
        ["a/one", "a/one", "b/two", "b/two", None],
        ["", "", "x", "y", None],
        [0, 4, 2, 0, None],
    ]


@settings(max_examples=30, deadline=None)
@given(chosen=st.sets(st.integers(0, 2 * ROW_GROUP + 9)))
def test_reading_some_rows_gives_those_rows_in_order(large: RowTable, chosen: set[int]) -> None:
    positions = np.array(sorted(chosen), np.int64)
    read = [
        (int(position), text)
        for at, table in large.read(positions, ["instruction"])
        for position, text in zip(at, table.column(0).to_pylist(), strict=True)
    ]
    assert read == [(position, f"instruction {position}") for position in sorted(chosen)]


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> RowTable:
    return row_table(tmp_path_factory.mktemp("large"), [root("a/big", ("", 2 * ROW_GROUP + 10))])


@settings(max_examples=15, deadline=None)
@given(cuts=st.lists(st.integers(0, 3 * ROW_GROUP), max_size=6).map(sorted))
def test_bytes_do_not_depend_on_how_the_stream_is_cut(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[int]
) -> None:
    size, folder = 2 * ROW_GROUP + 100, tmp_path_factory.mktemp("cut")
    whole = pa.table(
        {
            "position": pa.array(range(size), pa.int64()),
            "dataset": pa.array([f"a/{at % 3}" for at in range(size)]),
            "part": pa.array([""] * size),
            "row": pa.array(range(size), pa.int64()),
        }
    )
    ends = [*cuts, size]
    pieces = [whole.slice(start, max(0, end - start)) for start, end in zip([0, *cuts], ends, strict=True)]
    write_table(folder / "cut.parquet", KEPT, pieces)
    write_table(folder / "whole.parquet", KEPT, [whole])
    assert (folder / "cut.parquet").read_bytes() == (folder / "whole.parquet").read_bytes()
    assert pq.read_metadata(folder / "cut.parquet").num_row_groups == 3


def test_an_empty_table_has_its_columns(tmp_path: Path) -> None:
    assert write_table(tmp_path / "none.parquet", KEPT, []) == 0
    assert pq.read_table(tmp_path / "none.parquet").schema.names == KEPT.names
