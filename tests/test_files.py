"""Files of the data home appear whole or not at all, and no id leaves or collides in it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage_platform.errors import BrokenRecord
from lineage_platform.files import (
    ContentStore,
    RecordStore,
    digest,
    read_record,
    safe_name,
    write_record,
    write_whole,
)
from lineage_platform.records import Outcome, Validation

texts = st.text(max_size=400)


def validation(dataset_id: str) -> Validation:
    return Validation(dataset_id=dataset_id, requested=dataset_id, input_digest="x", outcome=Outcome.NOT_FOUND)


@given(texts)
def test_a_safe_name_is_one_short_plain_path_component(identifier: str) -> None:
    name = safe_name(identifier)
    assert len(name) <= 90
    assert Path(name).name == name
    assert not set(name) - set("abcdefghijklmnopqrstuvwxyz0123456789._-~")
    assert not name.startswith(".")


@given(texts, texts)
def test_different_ids_never_share_a_file_even_where_names_ignore_case(one: str, other: str) -> None:
    assert (safe_name(one).lower() == safe_name(other).lower()) == (one == other)


@pytest.mark.parametrize("identifier", ["../../x", "/etc/passwd", "a" * 300, "org/..", "a\x00b", ".", ""])
def test_hostile_ids_stay_inside_the_store(tmp_path: Path, identifier: str) -> None:
    store = RecordStore(tmp_path)
    store.write(identifier, validation(identifier))
    assert store.path(identifier, "validation").resolve().is_relative_to(tmp_path.resolve())
    assert store.read(identifier, Validation) == validation(identifier)


def test_ids_that_differ_only_in_case_are_two_records(tmp_path: Path) -> None:
    store = RecordStore(tmp_path)
    store.write("org/Name", validation("org/Name"))
    store.write("org/name", validation("org/name"))
    assert [record.dataset_id for record in store.all(Validation)] == sorted(
        ["org/Name", "org/name"], key=lambda name: safe_name(name)
    )


@given(st.lists(st.one_of(texts, st.binary(max_size=50)), max_size=4))
def test_a_digest_keeps_parts_apart(parts: list[str | bytes]) -> None:
    joined = digest(*parts, "")
    assert joined != digest(*parts)
    assert digest("ab", "c") != digest("a", "bc")


def test_a_file_is_as_open_to_others_as_the_user_lets_new_files_be(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_whole(tmp_path / "record.json", b"new")
    finally:
        os.umask(before)
    assert (tmp_path / "record.json").stat().st_mode & 0o777 == 0o640


def test_a_failed_write_leaves_the_old_file_and_no_litter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "record.json"
    write_whole(target, b"old")

    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space"):
        write_whole(target, b"new")
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["record.json"]


@given(st.binary(max_size=1000))
def test_stored_bodies_come_back_under_their_digest(data: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        store = ContentStore(Path(folder))
        assert store.get(store.put(data)) == data
        assert store.put(data) == store.put(data)


def test_a_damaged_body_is_named_and_never_returned(tmp_path: Path) -> None:
    store = ContentStore(tmp_path)
    key = store.put(b"body")
    store.path(key).write_bytes(b"other")
    with pytest.raises(BrokenRecord, match=key):
        store.get(key)
    with pytest.raises(BrokenRecord, match="f" * 64):
        store.get("f" * 64)


def test_a_broken_record_names_its_file_and_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "validation.json"
    path.write_text('{"dataset_id": 1', encoding="utf-8")
    with pytest.raises(BrokenRecord) as error:
        read_record(path, Validation)
    assert str(path) in error.value.message
    assert str(path) in error.value.hint


def test_a_record_survives_the_disk(tmp_path: Path) -> None:
    write_record(tmp_path / "a" / "v.json", validation("org/name"))
    assert read_record(tmp_path / "a" / "v.json", Validation) == validation("org/name")
    assert read_record(tmp_path / "missing.json", Validation) is None
