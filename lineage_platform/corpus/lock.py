"""The lock of a recipe: the revisions and the content of every dataset that a build read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from lineage_platform.corpus.selection import Source
from lineage_platform.errors import LineageError
from lineage_platform.files import digest, read_record, write_record
from lineage_platform.records import Record

MOST_NAMED = 5


class LockBroken(LineageError):
    """What the recipe selects is not what its lock was written for."""

    kind = "lock_broken"


class LockedDataset(Record):
    """One dataset as it was read; ``content`` is a digest of all its rows."""

    revision: str
    content: str

    @classmethod
    def of(cls, revision: str, sources: Iterable[Source]) -> LockedDataset:
        """A dataset of these parts."""
        parts = (part for each in sources for part in (each.part, str(each.rows), each.content))
        return cls(revision=revision, content=digest(*parts))


class Lock(Record):
    """What a recipe was built from: the digest scheme, the roots, and what they were compared with."""

    scheme: str
    roots: dict[str, LockedDataset]
    benchmarks: dict[str, LockedDataset]


def lock_path(recipe: Path) -> Path:
    """Where a recipe's lock lies: beside it, under its name."""
    return recipe.with_suffix(".lock")


def read_lock(path: Path) -> Lock | None:
    """The lock at ``path``, or None if none was written yet.

    Raises
    ------
    BrokenRecord
        It is there but cannot be read.
    """
    return read_record(path, Lock)


def hold(path: Path, found: Lock, *, update: bool) -> tuple[str, ...]:
    """Compare what was found with the lock; write it where there is none, or where it is to be updated.

    Returns
    -------
    tuple[str, ...]
        What changed since the lock was written.

    Raises
    ------
    LockBroken
        Something changed and ``update`` was not asked for.
    """
    locked = read_lock(path)
    changes = differences(locked, found) if locked else ()
    if changes and not update:
        more = f"; and {len(changes) - MOST_NAMED} more" if len(changes) > MOST_NAMED else ""
        raise LockBroken(
            f"{path} was written for other data: {'; '.join(changes[:MOST_NAMED])}{more}",
            "build from what there is now: the same command with --update-lock",
        )
    if locked != found:
        write_record(path, found)
    return changes


def differences(locked: Lock, found: Lock) -> tuple[str, ...]:
    """What changed since a lock was written, a dataset each."""
    changes = [] if locked.scheme == found.scheme else [f"digests are {found.scheme}, were {locked.scheme}"]
    changes += _between("", locked.roots, found.roots)
    changes += _between("benchmark ", locked.benchmarks, found.benchmarks)
    return tuple(changes)


def _between(kind: str, old: Mapping[str, LockedDataset], new: Mapping[str, LockedDataset]) -> Iterable[str]:
    for name in sorted({*old, *new}):
        before, after = old.get(name), new.get(name)
        if before is None:
            yield f"{kind}{name} is new"
        elif after is None:
            yield f"{kind}{name} is no longer read"
        elif before.revision != after.revision:
            yield f"{kind}{name} was at revision {before.revision[:12]}, is at {after.revision[:12]}"
        elif before.content != after.content:
            yield f"{kind}{name} has other rows at the same revision"
