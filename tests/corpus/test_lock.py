"""A recipe that is locked builds from what it was locked to, or says what changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from lineage_platform.corpus.lock import Lock, LockBroken, LockedDataset, hold, lock_path, read_lock
from lineage_platform.errors import BrokenRecord


def lock(scheme: str = "xxh3", benchmarks: dict[str, LockedDataset] | None = None, **roots: str) -> Lock:
    locked = {f"a/{name}": LockedDataset(revision=value, content=f"c-{value}") for name, value in roots.items()}
    return Lock(scheme=scheme, roots=locked, benchmarks=benchmarks or {})


def test_the_first_build_writes_the_lock_beside_the_recipe(tmp_path: Path) -> None:
    path = lock_path(tmp_path / "recipe.yaml")
    assert path == tmp_path / "recipe.lock"
    assert hold(path, lock(one="1"), update=False) == ()
    assert read_lock(path) == lock(one="1")


def test_the_same_data_holds_and_leaves_the_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "recipe.lock"
    hold(path, lock(one="1"), update=False)
    before = path.stat().st_mtime_ns
    assert hold(path, lock(one="1"), update=False) == ()
    assert path.stat().st_mtime_ns == before


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (lock(one="2"), "a/one was at revision 1, is at 2"),
        (lock(one="1", two="1"), "a/two is new"),
        (lock(), "a/one is no longer read"),
        (lock("blake3", one="1"), "digests are blake3, were xxh3"),
        (lock(one="1", benchmarks={"b/c": LockedDataset(revision="1", content="1")}), "benchmark b/c is new"),
        (
            Lock(scheme="xxh3", roots={"a/one": LockedDataset(revision="1", content="other")}, benchmarks={}),
            "a/one has other rows at the same revision",
        ),
    ],
)
def test_a_change_is_refused_by_name_and_leaves_the_lock_as_it_was(tmp_path: Path, found: Lock, said: str) -> None:
    path = tmp_path / "recipe.lock"
    hold(path, lock(one="1"), update=False)
    with pytest.raises(LockBroken, match=said) as failure:
        hold(path, found, update=False)
    assert "--update-lock" in failure.value.hint
    assert read_lock(path) == lock(one="1")


def test_a_change_that_was_asked_for_is_told_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "recipe.lock"
    hold(path, lock(one="1"), update=False)
    assert hold(path, lock(one="2"), update=True) == ("a/one was at revision 1, is at 2",)
    assert read_lock(path) == lock(one="2")


def test_many_changes_are_named_in_part(tmp_path: Path) -> None:
    path = tmp_path / "recipe.lock"
    hold(path, lock(), update=False)
    with pytest.raises(LockBroken, match="and 3 more"):
        hold(path, lock(**{f"n{number}": "1" for number in range(8)}), update=False)


def test_a_broken_lock_is_named(tmp_path: Path) -> None:
    path = tmp_path / "recipe.lock"
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(BrokenRecord, match=r"recipe\.lock"):
        hold(path, lock(), update=True)
