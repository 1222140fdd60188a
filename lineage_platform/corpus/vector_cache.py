"""Vectors on disk by the digest of their text: segments of two NumPy files, found whole or not at all.

``<folder>/<model>/<segment>.vectors.npy`` is written first, ``<segment>.keys.npy`` last, and a segment is there when
its keys are. Keys are held in memory, 24 bytes a text; vectors are read through a memory map. When many small segments
have come together, the next to open them writes large ones, and deletes the small ones only then: whoever opens the
folder meanwhile, and whatever is killed, each vector is there at least once.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lineage_platform.errors import BrokenRecord
from lineage_platform.files import digest, safe_name, write_whole

if TYPE_CHECKING:
    from lineage_platform.corpus.embedding import Embedder

Keys = NDArray[np.bytes_]
MOST_SMALL_SEGMENTS = 64
LARGE_BYTES = 64 << 20  # of vectors: such a segment is left as it is
_KEY_BYTES = 16


class Segment(NamedTuple):
    """Some vectors on disk, and the keys of their texts."""

    name: str
    keys: Keys
    vectors: NDArray[np.float32]


class CachedEmbedder:
    """An embedder that embeds each text once, over all runs.

    Parameters
    ----------
    embedder:
        The one that is asked for what is not on disk.
    root:
        Folder of the vectors of all models.
    """

    def __init__(self, embedder: Embedder, root: Path) -> None:
        self._embedder = embedder
        self.name, self.revision = embedder.name, embedder.revision
        self._store = VectorStore(root / safe_name(f"{self.name}@{self.revision}"))

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of the texts; those that were not known are on disk when this returns.

        Raises
        ------
        BrokenRecord
            A file of vectors cannot be read.
        """
        keys = np.array([_key(text) for text in texts], f"S{_KEY_BYTES}")
        different, first, back = np.unique(keys, return_index=True, return_inverse=True)
        missing = self._store.places(different) < 0
        if missing.any():
            found = self._embedder.embed([texts[at] for at in first[missing]])
            self._store.add(different[missing], found)
        return self._store.vectors(self._store.places(different))[back]


class VectorStore:
    """The vectors of one model.

    Parameters
    ----------
    folder:
        Where its segments lie; it is made when the first is added.

    Raises
    ------
    BrokenRecord
        A segment cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._take_in_all()
        if self._merge():
            self._take_in_all()

    def places(self, keys: Keys) -> NDArray[np.int64]:
        """Where the vector of each key is; -1 for those that are not there."""
        if not len(self._keys):
            return np.full(len(keys), -1)
        at = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        return np.where(self._keys[at] == keys, self._places[at], -1)

    def vectors(self, places: NDArray[np.int64]) -> NDArray[np.float32]:
        """The vectors at places that :meth:`places` gave."""
        found = np.empty((len(places), self._segments[0].shape[1]), np.float32)
        segments = np.searchsorted(self._starts, places, side="right") - 1
        for segment in np.unique(segments):
            here = segments == segment
            found[here] = self._segments[segment][places[here] - self._starts[segment]]
        return found

    def add(self, keys: Keys, vectors: NDArray[np.float32]) -> None:
        """Write a segment; its name follows from its keys, so that two processes that write the same write one."""
        name = self._write(keys, vectors)
        self._take_in([Segment(name, keys, _read(self._vectors_path(name)))])

    def _write(self, keys: Keys, vectors: NDArray[np.float32]) -> str:
        name = digest(keys.tobytes())[:32]
        write_whole(self._vectors_path(name), _npy(vectors))
        write_whole(self._keys_path(name), _npy(keys))
        return name

    def _merge(self) -> bool:
        """Write few large segments in place of many small ones; False where there is nothing to do."""
        small = [segment for segment in self._on_disk() if segment.vectors.nbytes < LARGE_BYTES]
        if len(small) <= MOST_SMALL_SEGMENTS:
            return False
        for group in _groups(small):
            keys, first = np.unique(np.concatenate([segment.keys for segment in group]), return_index=True)
            written = self._write(keys, np.concatenate([segment.vectors for segment in group])[first])
            for name in {segment.name for segment in group} - {written}:
                self._keys_path(name).unlink(missing_ok=True)
                self._vectors_path(name).unlink(missing_ok=True)
        return True

    def _on_disk(self) -> list[Segment]:
        """Every segment; one that another process merges into another meanwhile is looked for there."""
        while True:
            paths = sorted(self._folder.glob("*.keys.npy"))
            names = [path.name.removesuffix(".keys.npy") for path in paths]
            try:
                return [Segment(name, _read(self._keys_path(name)), _read(self._vectors_path(name))) for name in names]
            except BrokenRecord:
                if all(path.exists() for path in paths):
                    raise

    def _take_in_all(self) -> None:
        self._segments: list[NDArray[np.float32]] = []
        self._starts = np.zeros(1, np.int64)
        self._keys: Keys = np.empty(0, f"S{_KEY_BYTES}")
        self._places = np.empty(0, np.int64)
        self._take_in(self._on_disk())

    def _take_in(self, segments: Sequence[Segment]) -> None:
        for _, keys, vectors in segments:
            known = self._segments[0].shape[1:] if self._segments else vectors.shape[1:]
            if len(keys) != len(vectors) or vectors.ndim != 2 or vectors.shape[1:] != known:
                raise BrokenRecord(f"vectors in {self._folder} do not fit together", f"delete {self._folder}")
            self._segments.append(vectors)
            self._starts = np.append(self._starts, self._starts[-1] + len(vectors))
        added = [segment.keys for segment in segments]
        total = self._starts[-1]
        places = np.arange(total - sum(map(len, added)), total)
        keys = np.concatenate([self._keys, *added])
        order = np.argsort(keys, kind="stable")
        self._keys, self._places = keys[order], np.concatenate([self._places, places])[order]

    def _keys_path(self, name: str) -> Path:
        return self._folder / f"{name}.keys.npy"

    def _vectors_path(self, name: str) -> Path:
        return self._folder / f"{name}.vectors.npy"


def _groups(segments: Sequence[Segment]) -> Iterator[list[Segment]]:
    """Segments that make a large one together, each as small as memory can hold twice."""
    group: list[Segment] = []
    for segment in segments:
        group.append(segment)
        if sum(each.vectors.nbytes for each in group) >= LARGE_BYTES:
            yield group
            group = []
    if group:
        yield group


def _key(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_KEY_BYTES).digest()


def _npy(array: NDArray[Any]) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()


def _read(path: Path) -> NDArray[Any]:
    try:
        found: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError) as error:
        raise BrokenRecord(f"{path} holds no vectors: {error}", f"delete {path}") from error
    return found
