"""The version of a data home: one number for all that lies in it, and the numbered steps that bring an older one up.

``version.json`` says which steps were taken, when, and by which release. A step is taken under the home's lock and
written down when it is done: killed in between, it is taken again, so each step must bear being done twice. Whatever
is only cheaper to keep than to make anew (extractions, shards, answers, vectors, stages of a corpus) carries the digest
of what it was made from instead: a release that reads it differently makes it anew, without a step.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock
from pydantic import BaseModel, ConfigDict

from lineage_platform import __version__
from lineage_platform.errors import BrokenRecord, LineageError
from lineage_platform.files import read_record, write_record

FILE_NAME = "version.json"


class NewerHome(LineageError):
    """A data home that a newer release has changed."""

    kind = "newer_home"


class Step(BaseModel):
    """A step that was taken; what later releases add to it is not read."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    version: int
    what: str
    release: str
    taken_at: datetime


class HomeVersion(BaseModel):
    """The steps that a home has taken, in order."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    steps: tuple[Step, ...] = ()

    @property
    def number(self) -> int:
        """The version: 0 of a home from before there were versions."""
        return self.steps[-1].version if self.steps else 0


@dataclass(frozen=True)
class Migration:
    """What a version changes in a home.

    Parameters
    ----------
    version:
        One more than the one before.
    what:
        In a few words.
    change:
        Given the home's folder, which may be empty; done twice it does no more than once.
    """

    version: int
    what: str
    change: Callable[[Path], None]


def _nothing(_home: Path) -> None:
    """The first version is what was there before versions were written down."""


MIGRATIONS = (Migration(1, "the version is written down", _nothing),)


def check(home: Path, migrations: Sequence[Migration] = MIGRATIONS) -> HomeVersion:
    """The version of a home that this release may work on.

    Raises
    ------
    NewerHome
        A newer release has changed it.
    BrokenRecord
        What it says of its version cannot be read.
    """
    path = home / FILE_NAME
    try:
        found = (read_record(path, HomeVersion) if home.is_dir() else None) or HomeVersion()
    except BrokenRecord as error:
        raise BrokenRecord(error.message, f"put {path} back from a copy of the home") from error
    latest = migrations[-1].version
    if found.number > latest:
        by = found.steps[-1].release
        raise NewerHome(
            f"the data home {home} was changed by lineage-platform {by} (version {found.number}); "
            f"this is {__version__}, which knows versions up to {latest}",
            f"pip install 'lineage-platform>={by}', or set LINEAGE_HOME to another folder",
        )
    return found


def bring_up_to_date(home: Path, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Take the steps that a home lacks, before anything is written into it; it is made where there is none.

    Raises
    ------
    NewerHome, BrokenRecord
        As :func:`check`.
    """
    if check(home, migrations).number == migrations[-1].version:
        return
    home.mkdir(parents=True, exist_ok=True)
    with FileLock(home / ".version.lock"):
        found = check(home, migrations)
        for migration in migrations:
            if migration.version > found.number:
                migration.change(home)
                step = Step(
                    version=migration.version, what=migration.what, release=__version__, taken_at=datetime.now(UTC)
                )
                found = HomeVersion(steps=(*found.steps, step))
                write_record(home / FILE_NAME, found)
