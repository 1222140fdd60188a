"""Measurements are kept whole, one file a record, and found again by their identity."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lineage_platform.errors import BrokenRecord
from lineage_platform.measurements import Contamination, CorpusSource, MeasurementStore, Part


def part(dataset_id: str, name: str, rows: int = 1) -> Part:
    return Part(dataset_id=dataset_id, part=name, outcome="read", rows=rows)


def test_a_record_is_found_by_its_identity_and_replaces_the_earlier_one(tmp_path: Path) -> None:
    store = MeasurementStore(tmp_path)
    store.write(part("a/b", "train", rows=1))
    store.write(part("a/b", "train", rows=2))
    store.write(part("a/b", "test", rows=3))
    found = store.read(Part, "a/b", "train")
    assert found is not None
    assert found.rows == 2
    assert sorted(record.rows for record in store.all(Part)) == [2, 3]


def test_kinds_do_not_mix_and_a_deleted_record_is_gone(tmp_path: Path) -> None:
    store = MeasurementStore(tmp_path)
    store.write(CorpusSource(corpus="mix", dataset_id="a/b", rows=2, kept=1, removed={"duplicate": 1}))
    assert store.read(Contamination, "mix", "a/b") is None
    store.delete(CorpusSource, "mix", "a/b")
    assert list(store.all(CorpusSource)) == []


def test_a_damaged_record_is_named(tmp_path: Path) -> None:
    store = MeasurementStore(tmp_path)
    store.write(part("a/b", ""))
    path = store.path(Part, "a/b", "")
    path.write_text("{")
    with pytest.raises(BrokenRecord, match=path.name):
        list(store.all(Part))


@given(st.lists(st.text("aB./ é", min_size=1, max_size=70), min_size=1, max_size=4), st.sampled_from(["", "train"]))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_records_of_one_id_are_found_without_the_others(tmp_path: Path, ids: list[str], name: str) -> None:
    store = MeasurementStore(tmp_path / str(hash((*ids, name))))
    for dataset_id in ids:
        store.write(part(dataset_id, name))
    for dataset_id in ids:
        assert list(store.of(Part, dataset_id)) == [part(dataset_id, name)]


def test_a_damaged_record_of_another_id_is_in_nobodys_way(tmp_path: Path) -> None:
    store = MeasurementStore(tmp_path)
    store.write(part("a/b", ""))
    store.write(part("c/d", ""))
    store.path(Part, "c/d", "").write_text("{")
    assert list(store.of(Part, "a/b")) == [part("a/b", "")]
