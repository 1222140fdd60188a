"""Rows of the live Hub, over a real server on loopback: its Parquet conversion, else plain files, never a script."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from lineage_platform.catalog.live import LiveHub, Patience
from lineage_platform.errors import DatasetGated, HubUnavailable, LineageError
from lineage_platform.measurements import MeasurementStore
from lineage_platform.samples.building import BuiltPart, ShardBuilder
from lineage_platform.samples.digests import DEFAULT_SCHEME
from lineage_platform.samples.reading import read_triplets
from lineage_platform.samples.row_files import NoRows, Source
from lineage_platform.samples.shards import ShardStore
from lineage_platform.samples.sources import row_sources
from tests.samples.rows import frame_of, write_rows
from tests.servers.hub import CONVERTED_COMMIT, LoopbackHub
from tests.support import write_dataset

ROWS = [{"question": f"q{n}", "answer": f"a{n}"} for n in range(40)]
TRIPLETS = [(f"q{n}", "", f"a{n}") for n in range(40)]
HASTE = Patience(timeout=5, attempts=2, backoff=0.01, per_second=1000, burst=1000)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackHub]:
    for name in ("HF_TOKEN", "HF_HUB_OFFLINE", "HF_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")
    write_dataset(tmp_path / "hub", "org/name", "# Name")
    with LoopbackHub(tmp_path / "hub") as server:
        yield server


def hub(server: LoopbackHub, tmp_path: Path) -> LiveHub:
    return LiveHub(server.url, cache=tmp_path / "cards", patience=HASTE)


def triplets(source: Source) -> list[tuple[str, str, str]]:
    return frame_of(read_triplets(source)).select("instruction", "input", "output").rows()


def test_the_conversion_to_parquet_comes_first(server: LoopbackHub, tmp_path: Path) -> None:
    folder = server.folder / "datasets/org/name"
    write_rows(folder / "converted/default/train/0001.parquet", ROWS[25:])
    write_rows(folder / "converted/default/train/0000.parquet", ROWS[:25])
    write_rows(folder / "train.jsonl", ROWS[:1])
    (source,) = row_sources(hub(server, tmp_path), "org/name")
    assert (source.name, source.revision) == ("org/name", f"parquet:{CONVERTED_COMMIT}")
    assert triplets(source) == TRIPLETS
    assert not server.asked("train.jsonl")


def test_configs_and_splits_are_parts_where_there_are_several(server: LoopbackHub, tmp_path: Path) -> None:
    for place in ("main/train", "main/test", "socratic/train"):
        write_rows(server.folder / f"datasets/org/name/converted/{place}/0000.parquet", ROWS)
    sources = row_sources(hub(server, tmp_path), "org/name")
    assert [source.part for source in sources] == ["main/test", "main/train", "socratic/train"]


def test_plain_files_are_read_where_there_is_no_conversion(server: LoopbackHub, tmp_path: Path) -> None:
    folder = server.folder / "datasets/org/name"
    write_rows(folder / "data/train-00000-of-00002.jsonl.gz", ROWS[:30])
    write_rows(folder / "data/train-00001-of-00002.jsonl.gz", ROWS[30:])
    write_rows(folder / "data/test.csv", ROWS[:2])
    write_rows(folder / "dataset_infos.json", [{"question": "no"}])
    (folder / "name.py").write_text("raise SystemExit('a loading script ran')")
    (folder / "rows.pkl").write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    sources = {source.part: source for source in row_sources(hub(server, tmp_path), "org/name")}
    assert {part: triplets(source) for part, source in sources.items()} == {"train": TRIPLETS, "test": TRIPLETS[:2]}
    assert not server.asked("name.py")
    assert not server.asked("rows.pkl")


def test_a_partial_conversion_gives_way_to_the_whole_files(server: LoopbackHub, tmp_path: Path) -> None:
    folder = server.folder / "datasets/org/name"
    write_rows(folder / "converted/default/partial-train/0000.parquet", ROWS[:5])
    write_rows(folder / "train.parquet", ROWS)
    (source,) = row_sources(hub(server, tmp_path), "org/name")
    assert triplets(source) == TRIPLETS


def test_only_the_columns_needed_are_fetched(server: LoopbackHub, tmp_path: Path) -> None:
    import random

    noise = random.Random(1)
    wide = [{**row, "image": noise.randbytes(200_000).hex()} for row in ROWS]
    path = server.folder / "datasets/org/name/converted/default/train/0000.parquet"
    path.parent.mkdir(parents=True)
    pl.DataFrame(wide).write_parquet(path, compression="uncompressed")
    (source,) = row_sources(hub(server, tmp_path), "org/name")
    assert triplets(source) == TRIPLETS
    ranges = [request.headers["range"] for request in server.asked("0000.parquet") if "range" in request.headers]
    fetched = sum(int(last) - int(first) for first, last in (each[6:].split("-") for each in ranges))
    assert fetched < path.stat().st_size / 2


def test_a_range_that_fails_once_is_asked_for_again(server: LoopbackHub, tmp_path: Path) -> None:
    write_rows(server.folder / "datasets/org/name/train.jsonl", ROWS)
    (source,) = row_sources(hub(server, tmp_path), "org/name")
    server.fail("train.jsonl", status=500)
    assert triplets(source) == TRIPLETS


def test_a_hub_that_goes_away_is_said(server: LoopbackHub, tmp_path: Path) -> None:
    write_rows(server.folder / "datasets/org/name/train.jsonl", ROWS)
    (source,) = row_sources(hub(server, tmp_path), "org/name")
    server.fail("train.jsonl", status=404, times=50)
    with pytest.raises(LineageError, match="org/name"):
        triplets(source)


@pytest.mark.parametrize("path", ["/revision/", "/tree/", "/resolve/"])
def test_a_hub_that_is_down_for_an_hour_is_not_waited_for(server: LoopbackHub, tmp_path: Path, path: str) -> None:
    write_rows(server.folder / "datasets/org/name/train.jsonl", ROWS)
    server.fail(path, times=1, status=503, headers={"Retry-After": "3600"})
    with pytest.raises(HubUnavailable, match="503"):
        triplets(row_sources(hub(server, tmp_path), "org/name")[0])
    assert len(server.asked(path)) == 1


def test_rows_that_cannot_be_read_again_now_stay_and_that_is_said(
    server: LoopbackHub, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_rows(server.folder / "datasets/org/name/train.jsonl", ROWS)

    def build() -> list[BuiltPart]:
        stores = {"store": ShardStore(tmp_path / "shards"), "measurements": MeasurementStore(tmp_path)}
        return list(ShardBuilder(hub(server, tmp_path), scheme=DEFAULT_SCHEME, **stores).build("org/name"))

    build()
    assert not caplog.messages
    server.fail("/tree/", status=503, headers={"Retry-After": "3600"})
    assert [(each.part.outcome, each.part.rows, each.made) for each in build()] == [("read", 40, False)]
    assert "the rows of org/name are those read before" in caplog.text


class Reader:
    """Reads ``org/name`` of the server into shards, again and again."""

    def __init__(self, server: LoopbackHub, home: Path) -> None:
        self.server, self.home, self.store = server, home, ShardStore(home / "shards")

    def read(self, scheme: str = DEFAULT_SCHEME) -> BuiltPart:
        self.server.requests.clear()
        measurements = MeasurementStore(self.home)
        (part,) = ShardBuilder(hub(self.server, self.home), self.store, measurements, scheme).build("org/name")
        assert part.shard is not None
        return part

    @property
    def downloads(self) -> int:
        return len(self.server.asked("/resolve/"))


def test_a_commit_that_leaves_the_files_of_rows_alone_costs_a_listing_and_no_download(
    server: LoopbackHub, tmp_path: Path
) -> None:
    path = server.folder / "datasets/org/name/train.jsonl"
    write_rows(path, ROWS)
    reader = Reader(server, tmp_path)
    first = reader.read()
    assert (first.made, reader.downloads > 0) == (True, True)
    write_dataset(server.folder, "org/name", "# Name, described better")
    again = reader.read()
    assert (again.made, again.part.rows, reader.downloads) == (False, 40, 0)
    assert len(server.asked("/tree/")) == 1
    elsewhere = Reader(server, tmp_path / "elsewhere").read()
    assert again.shard == elsewhere.shard == reader.store.read("org/name")  # as if it had been read now
    assert again.part == elsewhere.part
    write_rows(path, [*ROWS[1:], {"question": "q_", "answer": "a0"}])
    write_dataset(server.folder, "org/name", "# Name, with a row mended")
    mended = reader.read()
    assert (mended.made, mended.part.rows, reader.downloads > 0) == (True, 40, True)


def test_equal_files_are_read_again_where_they_are_read_otherwise(server: LoopbackHub, tmp_path: Path) -> None:
    write_rows(server.folder / "datasets/org/name/train.jsonl", ROWS)
    reader = Reader(server, tmp_path)
    reader.read()
    write_dataset(server.folder, "org/name", "# Name, described better")
    assert reader.read("blake3-128/1").made


def test_a_shard_that_knows_no_content_learns_it_without_a_download(server: LoopbackHub, tmp_path: Path) -> None:
    write_rows(server.folder / "datasets/org/name/train.jsonl", ROWS)
    reader = Reader(server, tmp_path)
    made = reader.read().shard
    assert made is not None
    assert made.content
    record = next(tmp_path.glob("shards/*/*/shard.json"))
    record.write_text(made.model_copy(update={"content": ""}).model_dump_json())
    assert (reader.read().shard, reader.downloads) == (made, 0)


def test_a_listing_goes_on_over_its_pages(server: LoopbackHub, tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        write_rows(server.folder / f"datasets/org/name/{name}/rows.jsonl", ROWS)
    server.page = 2
    assert [source.part for source in row_sources(hub(server, tmp_path), "org/name")] == ["a", "b", "c"]
    assert len(server.asked("/tree/")) > 1


def test_a_listing_that_goes_on_elsewhere_is_not_followed(server: LoopbackHub, tmp_path: Path) -> None:
    with LoopbackHub(server.folder) as other:
        more = f'<{other.url}/api/datasets/org/name/tree/1?cursor=1>; rel="next"'
        server.fail("/tree/", status=200, headers={"Link": more}, times=50)
        with pytest.raises(HubUnavailable, match="broken answer"):
            row_sources(hub(server, tmp_path), "org/name")
    assert not other.requests


def test_small_ranges_one_after_another_are_one_request(server: LoopbackHub, tmp_path: Path) -> None:
    path = server.folder / "datasets/org/name/train.jsonl"
    write_rows(path, ROWS)
    (source,) = row_sources(hub(server, tmp_path), "org/name")
    opened = source.files[0].open
    assert opened is not None
    with opened() as file:
        parts = [file.read(100) for _ in range(path.stat().st_size // 100 + 2)]
        file.seek(7)
        assert file.read(3) == path.read_bytes()[7:10]
    assert b"".join(parts) == path.read_bytes()
    assert len(server.asked("train.jsonl")) == 1


def test_gated_rows_are_not_had(server: LoopbackHub, tmp_path: Path) -> None:
    write_dataset(server.folder, "org/name", "# Name", gated="auto")
    write_rows(server.folder / "datasets/org/name/train.jsonl", ROWS)
    (source,) = row_sources(hub(server, tmp_path), "org/name")
    with pytest.raises(DatasetGated):
        triplets(source)


def test_a_dataset_without_files_has_no_rows(server: LoopbackHub, tmp_path: Path) -> None:
    with pytest.raises(NoRows, match="org/name"):
        row_sources(hub(server, tmp_path), "org/name")
