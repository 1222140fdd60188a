"""Corpora, datasets and files side by side: what is measured is their instructions, all or a known share of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from lineage_platform.corpus.comparing import Comparison, FileInstructions, ShardInstructions, find_instructions
from lineage_platform.corpus.diversity import NoDiversity
from lineage_platform.corpus.static_model import StaticModel
from lineage_platform.errors import UsageError
from lineage_platform.samples.digests import DEFAULT_SCHEME
from lineage_platform.samples.reading import BadRow, read_triplets
from lineage_platform.samples.row_files import RowFile, Source
from lineage_platform.samples.shards import ShardStore
from tests.corpus.published import corpus_folder

pytestmark = pytest.mark.usefixtures("rows_parsed_here")


class Recorder:
    """Embeds by the static model and keeps what it was asked."""

    name, revision = "recorder", ""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.texts += texts
        return StaticModel().embed(texts)


def rows_file(path: Path, number: int, word: str = "apple") -> Path:
    rows = [{"instruction": f"{word} {row} tell me", "output": f"answer {row}"} for row in range(number)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def store(tmp_path: Path) -> ShardStore:
    """Two parts of ``acme/set``, of three and two rows, the second one a half of what there is."""
    store = ShardStore(tmp_path / "shards")
    for part, number in (("one", 3), ("two", 2)):
        path = rows_file(tmp_path / f"{part}.jsonl", number, part)
        source = Source("acme/set", (RowFile(str(path), path.stat().st_size, path),), part, "r")
        store.write(read_triplets(source), DEFAULT_SCHEME)
    return store


def test_instructions_of_a_file_are_embedded_and_nothing_else(tmp_path: Path, store: ShardStore) -> None:
    model = Recorder()
    found = find_instructions(str(rows_file(tmp_path / "rows.jsonl", 4)), store)
    row = Comparison(model).row(found)
    assert model.texts == [f"apple {number} tell me" for number in range(4)]
    assert (row.dataset, row.model, row.sampled, row.diversity.rows) == (found.name, "recorder", 1.0, 4)


def test_a_corpus_folder_is_its_corpus_and_not_what_was_removed(tmp_path: Path, store: ShardStore) -> None:
    model = Recorder()
    found = find_instructions(str(corpus_folder(tmp_path / "roots")), store)
    assert (found.name, found.rows) == ("roots", 3)
    Comparison(model).row(found)
    assert model.texts == ["instruction 0", "instruction 1", "instruction 2"]


def test_a_dataset_is_all_its_parts_and_one_part_is_one(store: ShardStore) -> None:
    model = Recorder()
    row = Comparison(model).row(find_instructions("acme/set", store))
    assert row.dataset == "acme/set"
    assert model.texts == [*(f"one {n} tell me" for n in range(3)), *(f"two {n} tell me" for n in range(2))]
    part = find_instructions("acme/set#two", store)
    assert (part.name, part.rows) == ("acme/set#two", 2)


def test_the_share_of_a_sampled_dataset_counts_its_parts_by_their_rows(store: ShardStore) -> None:
    one, two = store.parts("acme/set")
    half = ShardInstructions("acme/set", store, [one, two.model_copy(update={"sampled": 0.5})])
    assert half.sampled == pytest.approx(5 / 7)
    assert Comparison(StaticModel()).row(half).sampled == pytest.approx(5 / 7)


def test_a_random_choice_of_rows_is_the_same_for_a_seed_and_says_its_share(tmp_path: Path, store: ShardStore) -> None:
    path = str(rows_file(tmp_path / "rows.jsonl", 50))
    chosen = []
    for seed in (1, 1, 2):
        model = Recorder()
        row = Comparison(model, seed=seed, most_rows=10).row(find_instructions(path, store))
        assert row.sampled == pytest.approx(0.2)
        chosen.append(model.texts)
    assert chosen[0] == chosen[1] != chosen[2]
    assert chosen[0] == sorted(chosen[0], key=lambda text: int(text.split()[1]))
    assert Comparison(Recorder(), most_rows=80).row(find_instructions(path, store)).sampled == 1


def test_both_engines_give_the_same_figures(store: ShardStore) -> None:
    found = [
        Comparison(StaticModel(), engine).row(find_instructions("acme/set", store))
        for engine in ("streamed", "reference")
    ]
    assert found[0].diversity.vendi == pytest.approx(found[1].diversity.vendi, rel=1e-4)
    assert found[0].diversity.centroid_distance == pytest.approx(found[1].diversity.centroid_distance, abs=1e-5)


def test_progress_is_told_in_rows(store: ShardStore) -> None:
    seen: list[int] = []
    Comparison(StaticModel()).row(find_instructions("acme/set", store), seen.append)
    assert sum(seen) == 5


@pytest.mark.parametrize("name", ["acme/other", "acme/set#three", "nowhere.jsonl"])
def test_what_is_neither_a_file_nor_read_is_named_with_the_way_to_it(store: ShardStore, name: str) -> None:
    with pytest.raises(UsageError, match=name) as failure:
        find_instructions(name, store)
    assert f"lineage rows {name}" in failure.value.hint


def test_a_bad_row_is_an_error_unless_bad_rows_are_left_out(tmp_path: Path, store: ShardStore) -> None:
    path = rows_file(tmp_path / "rows.jsonl", 3)
    path.write_text(path.read_text() + "{broken\n")
    with pytest.raises(BadRow):
        Comparison(StaticModel()).row(find_instructions(str(path), store))
    left = Comparison(StaticModel()).row(find_instructions(str(path), store, skip_bad_rows=True))
    assert left.diversity.rows == 3


def test_an_empty_corpus_has_no_diversity(tmp_path: Path) -> None:
    class Nothing(FileInstructions):
        def __iter__(self):  # type: ignore[no-untyped-def]
            return iter(())

    with pytest.raises(NoDiversity):
        Comparison(StaticModel()).row(Nothing("nothing", read_triplets(rows_file(tmp_path / "x.jsonl", 1)), 0))


def test_rows_of_every_known_file_can_be_measured(tmp_path: Path, store: ShardStore) -> None:
    frame = pl.DataFrame({"question": ["one thing", "another thing"], "answer": ["a", "b"]})
    frame.write_parquet(tmp_path / "rows.parquet")
    frame.write_csv(tmp_path / "rows.csv")
    for name in ("rows.parquet", "rows.csv"):
        assert Comparison(StaticModel()).row(find_instructions(str(tmp_path / name), store)).diversity.rows == 2
