"""The data home on disk: whole files or none, safe names, bodies by their digest."""

from __future__ import annotations

import errno
import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

from pydantic import BaseModel, ValidationError

from lineage_platform.errors import BrokenRecord

R = TypeVar("R", bound=BaseModel)


DISK_REFUSES = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})
"""Errors of the disk itself: whatever is written next fails, too."""


def digest(*parts: str | bytes) -> str:
    """SHA-256 (hex) over the parts and their lengths, so that no two different lists of parts collide."""
    hasher = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        hasher.update(len(data).to_bytes(8, "little"))
        hasher.update(data)
    return hasher.hexdigest()


def write_whole(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path`` so that a reader, or a crash, sees the old file or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.parent / f".{uuid4().hex}.part"  # not of tempfile's making: those are for their owner alone
    try:
        with temporary.open("xb") as file:
            file.write(data)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def safe_name(identifier: str) -> str:
    """A file name for any id: readable, at most 90 characters, unique even where file names ignore case."""
    readable = re.sub(r"[^a-z0-9._-]+", "_", identifier.lower().replace("/", "--")).strip(".")[:64]
    return f"{readable}~{hashlib.sha256(identifier.encode('utf-8', 'surrogatepass')).hexdigest()[:20]}"


def write_record(path: Path, record: BaseModel) -> None:
    """Store one record as JSON, whole."""
    write_whole(path, record.model_dump_json(indent=1).encode("utf-8") + b"\n")


def read_record(path: Path, kind: type[R]) -> R | None:
    """The record stored at ``path``, or None if there is none.

    Raises
    ------
    BrokenRecord
        The file is there but does not hold a ``kind``.
    """
    try:
        return kind.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except (ValidationError, OSError) as error:
        reason = str(error).splitlines()[0]
        raise BrokenRecord(f"{path} does not hold a {kind.__name__} record: {reason}", f"delete {path}") from error


class ContentStore:
    """Bodies keyed by the SHA-256 of their bytes.

    Parameters
    ----------
    root:
        Folder that holds the bodies, two characters of the digest deep.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, key: str) -> Path:
        """Where the body with this digest lies or would lie."""
        return self.root / key[:2] / key

    def put(self, data: bytes) -> str:
        """Store ``data`` and return its digest (64 hex characters)."""
        key = hashlib.sha256(data).hexdigest()
        if not self.path(key).exists():
            write_whole(self.path(key), data)
        return key

    def get(self, key: str) -> bytes:
        """The body with this digest.

        Raises
        ------
        BrokenRecord
            The body is missing, or its bytes no longer match its digest.
        """
        try:
            data = self.path(key).read_bytes()
        except OSError as error:
            raise BrokenRecord(f"stored body {key} cannot be read: {error}", "trace again with --refresh") from error
        if hashlib.sha256(data).hexdigest() != key:
            raise BrokenRecord(f"{self.path(key)} is damaged", f"delete it and trace again: rm {self.path(key)}")
        return data


class Home:
    """Layout of the data home. Everything under it can be deleted and rebuilt.

    Parameters
    ----------
    root:
        The folder (setting ``LINEAGE_HOME``).
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.content = ContentStore(root / "store")
        self.graph = root / "graph.duckdb"

    def hub_folder(self, hub_name: str) -> Path:
        """Where everything read from one hub lies, so that sample and real records never mix."""
        return self.root / "hubs" / hub_name

    def shards(self, hub_name: str) -> Path:
        """Where the digests and texts of one hub's rows lie."""
        return self.hub_folder(hub_name) / "shards"

    @property
    def vectors(self) -> Path:
        """Where the vectors of embedded texts lie, by model and text."""
        return self.root / "vectors"

    def corpora_stages(self, hub_name: str) -> Path:
        """Where the stages of all corpora of one hub lie, a folder each."""
        return self.hub_folder(hub_name) / "corpora"

    def corpus_stages(self, hub_name: str, corpus: str) -> Path:
        """Where the stages of a corpus of one hub lie."""
        return self.corpora_stages(hub_name) / corpus

    def corpus(self, corpus: str) -> Path:
        """Where a corpus lies, unless it was asked for elsewhere."""
        return self.root / "corpora" / corpus

    def records(self, hub_name: str) -> RecordStore:
        """The records of datasets traced from one hub."""
        return RecordStore(self.hub_folder(hub_name))


class RecordStore:
    """One folder of JSON records per dataset, for one hub of a data home.

    Layout: ``<home>/hubs/<hub>/datasets/<safe id>/<stage>.json``.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, dataset_id: str, stage: str) -> Path:
        """Where the record of one stage of one dataset lies or would lie."""
        return self.root / "datasets" / safe_name(dataset_id) / f"{stage}.json"

    def read(self, dataset_id: str, kind: type[R]) -> R | None:
        """The dataset's record of this kind, or None.

        Raises
        ------
        BrokenRecord
            The record is there but cannot be read.
        """
        return read_record(self.path(dataset_id, kind.__name__.lower()), kind)

    def write(self, dataset_id: str, record: BaseModel) -> None:
        """Store the dataset's record of its kind, whole."""
        write_record(self.path(dataset_id, type(record).__name__.lower()), record)

    def confirm(self, dataset_id: str, kind: type[BaseModel]) -> None:
        """Note that the stored record was found to hold just now: the time of its file says when."""
        os.utime(self.path(dataset_id, kind.__name__.lower()))

    def doubt(self, dataset_id: str, kind: type[BaseModel]) -> None:
        """Note that what follows from the stored record was left undone: it counts as confirmed at the epoch."""
        path = self.path(dataset_id, kind.__name__.lower())
        if path.exists():
            os.utime(path, (0, 0))

    def confirmed_at(self, dataset_id: str, kind: type[BaseModel]) -> float:
        """When the record was last written or confirmed, in seconds since the epoch; 0 if there is none."""
        try:
            return self.path(dataset_id, kind.__name__.lower()).stat().st_mtime
        except FileNotFoundError:
            return 0.0

    def delete(self, dataset_id: str, kind: type[BaseModel]) -> None:
        """Forget the dataset's record of this kind."""
        self.path(dataset_id, kind.__name__.lower()).unlink(missing_ok=True)

    def all(self, kind: type[R]) -> Iterator[R]:
        """Every stored record of this kind, in a stable order."""
        for path in sorted((self.root / "datasets").glob(f"*/{kind.__name__.lower()}.json")):
            record = read_record(path, kind)
            if record is not None:
                yield record
