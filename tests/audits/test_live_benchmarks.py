"""Benchmarks as the live Hub has them: the registry's parts and columns find the questions and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from lineage_platform.audits.benchmarks import read_benchmarks
from lineage_platform.audits.rows import RowSet, Shelf
from lineage_platform.catalog.live import LiveHub, Patience
from lineage_platform.measurements import MeasurementStore
from lineage_platform.samples.building import ShardBuilder
from lineage_platform.samples.digests import DEFAULT_SCHEME
from lineage_platform.samples.shards import ShardStore
from tests.samples.rows import write_rows
from tests.servers.hub import LoopbackHub
from tests.support import write_dataset

HASTE = Patience(timeout=5, attempts=2, backoff=0.01, per_second=1000, burst=1000)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackHub]:
    for name in ("HF_TOKEN", "HF_HUB_OFFLINE", "HF_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")
    with LoopbackHub(tmp_path / "hub") as server:
        yield server


def publish(server: LoopbackHub, dataset_id: str, parts: dict[str, list[dict[str, str]]]) -> None:
    write_dataset(server.folder, dataset_id, "# Benchmark")
    for part, rows in parts.items():
        write_rows(server.folder / "datasets" / dataset_id / "converted" / part / "0000.parquet", rows)


def questions(server: LoopbackHub, name: str) -> Sequence[str]:
    """Read the dataset of a benchmark, and what the benchmark holds of it."""
    registry = read_benchmarks()
    (benchmark,) = registry.find(name)
    home = server.folder.parent
    store = ShardStore(home / "shards")
    hub = LiveHub(server.url, cache=home / "cards", patience=HASTE)
    builder = ShardBuilder(hub, store, MeasurementStore(home), DEFAULT_SCHEME, published=registry.fields)
    list(builder.build(benchmark.dataset_id))
    shelf = Shelf(store)
    rows = shelf.benchmark(benchmark)
    return texts(shelf, rows) if rows else ()


def texts(shelf: Shelf, rows: RowSet) -> Sequence[str]:
    return [text for batch in shelf.batches(rows) for text in batch.texts]


def asked(*names: str) -> list[dict[str, str]]:
    return [{"question": f"{name}?", "answer": "1"} for name in names]


@pytest.mark.parametrize(
    "parts",
    [
        {"main/train": asked("a"), "main/test": asked("b"), "socratic/train": asked("c"), "socratic/test": asked("d")},
        {"main/train": asked("a"), "main/test": asked("b")},
    ],
)
def test_the_test_split_is_the_benchmark_however_many_configs_there_are(
    server: LoopbackHub, parts: dict[str, list[dict[str, str]]]
) -> None:
    publish(server, "openai/gsm8k", parts)
    assert [text.split()[0] for text in questions(server, "GSM8K")] == ["b?"]


def test_a_benchmark_of_one_config_and_one_split_is_its_whole_dataset(server: LoopbackHub) -> None:
    publish(server, "HuggingFaceH4/MATH-500", {"default/test": [{"problem": "p?", "solution": "s", "answer": "2"}]})
    assert [text.split() for text in questions(server, "MATH-500")] == [["p?", "s"]]


def test_columns_of_the_registry_reach_the_reader(server: LoopbackHub) -> None:
    rows = [{"question_title": "t", "question_content": "sort it?", "starter_code": "def"}]
    publish(server, "livecodebench/code_generation_lite", {"default/test": rows})
    assert [text.split() for text in questions(server, "LiveCodeBench")] == [["sort", "it?"]]
