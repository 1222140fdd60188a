"""A shard is whole or not there, and is found again with everything that was said of it."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from uuid import uuid4

import polars as pl
import pytest

from lineage_platform.errors import BrokenRecord
from lineage_platform.measurements import Part
from lineage_platform.samples.checking import wrong_counts, wrong_digests
from lineage_platform.samples.digests import COLUMNS, DEFAULT_SCHEME, with_digests
from lineage_platform.samples.parsing import Bounds
from lineage_platform.samples.reading import BadRow, TripletRows
from lineage_platform.samples.row_files import RowFile, Source
from lineage_platform.samples.shards import Shard, ShardStore, key
from lineage_platform.samples.triplets import Fields
from tests.samples.rows import write_rows

ROWS = [{"question": f"q{n % 80}", "answer": f"a{n % 90}"} for n in range(100)]
LOUD = [{"question": "What?", "answer": "a"}, {"question": "what? ", "answer": "A"}]


def stream(path: Path, rows: list[dict[str, str]] = ROWS, part: str = "", revision: str = "1") -> TripletRows:
    write_rows(path, rows)
    return TripletRows(Source("org/name", (RowFile(path.name, path.stat().st_size, path),), part, revision))


@pytest.fixture(params=["folder", "url"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ShardStore:
    return ShardStore(tmp_path / "shards" if request.param == "folder" else f"memory://{uuid4().hex}/shards")


def test_a_shard_is_found_again_with_its_figures(store: ShardStore, tmp_path: Path) -> None:
    written = store.write(stream(tmp_path / "a.jsonl"), DEFAULT_SCHEME)
    assert store.parts("org/name") == store.all() == [written]
    assert store.read("org/name") == written
    assert (written.rows, written.distinct_queries, written.distinct_triplets) == (100, 80, 100)
    assert (written.shape, written.instruction, written.output) == ("question_answer", "question", "answer")
    assert written.files == ("a.jsonl",)


def test_no_shard_is_no_error(store: ShardStore) -> None:
    assert store.parts("org/name") == store.all() == []
    assert store.read("org/name") is None
    store.delete("org/name", "")


def test_parts_are_apart_and_one_can_be_forgotten(store: ShardStore, tmp_path: Path) -> None:
    for part in ("b", "a"):
        store.write(stream(tmp_path / "a.jsonl", part=part), DEFAULT_SCHEME)
    assert [shard.name for shard in store.parts("org/name")] == ["org/name#a", "org/name#b"]
    store.delete("org/name", "a")
    assert [shard.part for shard in store.all()] == ["b"]


def test_digests_are_sorted_and_are_those_of_the_texts(tmp_path: Path) -> None:
    store = ShardStore(tmp_path / "shards")
    shard = store.write(stream(tmp_path / "a.jsonl"), DEFAULT_SCHEME)
    digests, texts = pl.read_parquet(store.digests_path(shard)), pl.read_parquet(store.texts_path(shard))
    assert digests.columns == ["row", *COLUMNS]
    assert digests.equals(digests.sort("query_hi", "query_lo", "row"))
    assert texts.columns == ["row", "instruction", "input", "output", "rest"]
    assert texts["row"].to_list() == list(range(100))
    assert with_digests(texts).select("row", *COLUMNS).equals(digests.sort("row"))


def test_normalised_figures_are_counted_apart(tmp_path: Path) -> None:
    shard = ShardStore(tmp_path / "shards").write(stream(tmp_path / "a.jsonl", LOUD), DEFAULT_SCHEME)
    assert (shard.distinct_queries, shard.distinct_queries_normalised) == (2, 1)
    assert (shard.distinct_triplets, shard.distinct_triplets_normalised) == (2, 1)


def test_a_new_shard_takes_the_place_of_the_old(store: ShardStore, tmp_path: Path) -> None:
    store.write(stream(tmp_path / "a.jsonl"), DEFAULT_SCHEME)
    newer = store.write(stream(tmp_path / "b.jsonl", ROWS[:7], revision="2"), "blake3-128/1")
    assert store.all() == [newer]
    assert (newer.rows, newer.revision, newer.scheme) == (7, "2", "blake3-128/1")


def test_a_shard_is_carried_over_to_another_revision_unless_it_was_made_anew_meanwhile(
    store: ShardStore, tmp_path: Path
) -> None:
    first = store.write(stream(tmp_path / "a.jsonl"), DEFAULT_SCHEME)
    later = stream(tmp_path / "a.jsonl", revision="2")
    carried = store.carry_over(first, later, DEFAULT_SCHEME)
    assert carried == store.read("org/name") == store.write(later, DEFAULT_SCHEME)
    anew = store.write(stream(tmp_path / "a.jsonl", ROWS[:7], revision="3"), DEFAULT_SCHEME)
    assert store.carry_over(carried, later, DEFAULT_SCHEME) == anew == store.read("org/name")


def test_a_reading_that_fails_leaves_the_old_shard_and_nothing_else(tmp_path: Path) -> None:
    store = ShardStore(tmp_path / "shards")
    before = store.write(stream(tmp_path / "a.jsonl"), DEFAULT_SCHEME)
    files = sorted((tmp_path / "shards").rglob("*"))
    broken = stream(tmp_path / "b.jsonl", [*ROWS, {"question": "", "answer": ""}])
    with pytest.raises(BadRow):
        store.write(broken, DEFAULT_SCHEME)
    assert store.all() == [before]
    assert sorted((tmp_path / "shards").rglob("*")) == files


def test_a_folder_without_its_record_is_no_shard(tmp_path: Path) -> None:
    store = ShardStore(tmp_path / "shards")
    shard = store.write(stream(tmp_path / "a.jsonl"), DEFAULT_SCHEME)
    record = Path(store.digests_path(shard)).with_name("shard.json")
    record.write_text("{")
    with pytest.raises(BrokenRecord, match=r"shard\.json"):
        store.all()
    record.unlink()
    assert store.all() == []


def test_ids_that_differ_only_in_case_do_not_meet(store: ShardStore, tmp_path: Path) -> None:
    rows = stream(tmp_path / "a.jsonl")
    store.write(rows, DEFAULT_SCHEME)
    other = Source("Org/Name", rows.source.files, "../../x", "1")
    store.write(TripletRows(other), DEFAULT_SCHEME)
    assert [shard.name for shard in store.all()] == ["Org/Name#../../x", "org/name"]


def test_the_key_changes_with_whatever_changes_the_rows(tmp_path: Path) -> None:
    rows = stream(tmp_path / "a.jsonl")
    others = [
        key(stream(tmp_path / "a.jsonl", revision="2"), DEFAULT_SCHEME),
        key(rows, "blake3-128/1"),
        key(TripletRows(rows.source, Fields("given", "answer")), DEFAULT_SCHEME),
        key(TripletRows(rows.source, bounds=Bounds(most_rows=5)), DEFAULT_SCHEME),
    ]
    assert len({key(rows, DEFAULT_SCHEME), *others}) == 5
    assert key(TripletRows(rows.source, bounds=Bounds(seconds=5)), DEFAULT_SCHEME) == key(rows, DEFAULT_SCHEME)


def test_a_shard_is_measured_as_a_part(tmp_path: Path) -> None:
    shard = ShardStore(tmp_path / "shards").write(stream(tmp_path / "a.jsonl"), DEFAULT_SCHEME)
    part = shard.measured()
    assert part.outcome == "read"
    shared = Shard.model_fields.keys() & Part.model_fields.keys()
    assert shared >= {"rows", "scheme", "shape", "sampled", "distinct_queries_normalised"}
    assert all(getattr(part, name) == getattr(shard, name) for name in shared)


def test_the_sketch_of_a_small_part_holds_all_of_it(store: ShardStore, tmp_path: Path) -> None:
    sketch = store.sketch(store.write(stream(tmp_path / "a.jsonl"), DEFAULT_SCHEME))
    assert sketch.complete
    assert len(sketch.hashes) == sketch.queries == 80


def test_writers_of_the_same_shard_take_turns_in_putting_it_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, rename, ready = ShardStore(tmp_path / "shards"), Path.rename, Barrier(4)

    def slowly(path: Path, target: Path) -> Path:
        time.sleep(0.01)
        return rename(path, target)

    def place(number: int) -> None:
        made = tmp_path / "shards" / f".part-{number}"
        made.mkdir(parents=True)
        (made / "shard.json").write_text(str(number))
        ready.wait()
        store._place(made, f"{tmp_path}/shards/name/whole")

    monkeypatch.setattr(Path, "rename", slowly)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(place, range(4)))
    assert [path.name for path in (tmp_path / "shards/name").iterdir()] == ["whole"]
    assert (tmp_path / "shards/name/whole/shard.json").read_text() in "0123"


def test_a_folder_that_is_gone_once_it_is_listed_holds_no_shard(store: ShardStore, tmp_path: Path) -> None:
    written = store.write(stream(tmp_path / "a.jsonl"), DEFAULT_SCHEME)
    listed = [f"{store._path}/.part-gone", *store._files.ls(store._path, detail=False)]
    assert [shard for folder in listed for shard in store._in(folder)] == [written]


def test_shards_are_checked_wherever_they_lie(store: ShardStore, tmp_path: Path) -> None:
    written = store.write(stream(tmp_path / "a.jsonl"), DEFAULT_SCHEME)
    assert not [*wrong_counts(store, [written]), *wrong_digests(store, [written])]
    with store._files.open(store.digests_path(written), "wb") as file:
        file.write(b"no Parquet")
    found = [*wrong_counts(store, [written]), *wrong_digests(store, [written])]
    assert [fault.shard for fault in found] == ["org/name"] * 2
    assert all("cannot be read" in fault.detail for fault in found)
