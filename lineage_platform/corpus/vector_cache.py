"""Vectors on disk by the digest of their text: segments of two NumPy files, found whole or not at all.

``<folder>/<model>/<segment>.vectors.npy`` is written first, ``<segment>.keys.npy`` last, and a segment is there when
its keys are. Keys are held in memory, 24 bytes a text; vectors are read through a memory map.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lineage_platform.errors import BrokenRecord
from lineage_platform.files import digest, safe_name, write_whole

if TYPE_CHECKING:
    from lineage_platform.corpus.embedding import Embedder

Keys = NDArray[np.bytes_]
_KEY_BYTES = 16


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
        self._segments: list[NDArray[np.float32]] = []
        self._starts = np.zeros(1, np.int64)
        self._keys: Keys = np.empty(0, f"S{_KEY_BYTES}")
        self._places = np.empty(0, np.int64)
        paths = sorted(folder.glob("*.keys.npy"))
        self._take_in([(_read(path), _read(self._vectors_path(path.name.removesuffix(".keys.npy")))) for path in paths])

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
        name = digest(keys.tobytes())[:32]
        write_whole(self._vectors_path(name), _npy(vectors))
        write_whole(self._folder / f"{name}.keys.npy", _npy(keys))
        self._take_in([(keys, _read(self._vectors_path(name)))])

    def _take_in(self, segments: Sequence[tuple[Keys, NDArray[np.float32]]]) -> None:
        for keys, vectors in segments:
            known = self._segments[0].shape[1:] if self._segments else vectors.shape[1:]
            if len(keys) != len(vectors) or vectors.ndim != 2 or vectors.shape[1:] != known:
                raise BrokenRecord(f"vectors in {self._folder} do not fit together", f"delete {self._folder}")
            self._segments.append(vectors)
            self._starts = np.append(self._starts, self._starts[-1] + len(vectors))
        added = [keys for keys, _ in segments]
        total = self._starts[-1]
        places = np.arange(total - sum(map(len, added)), total)
        keys = np.concatenate([self._keys, *added])
        order = np.argsort(keys, kind="stable")
        self._keys, self._places = keys[order], np.concatenate([self._places, places])[order]

    def _vectors_path(self, name: str) -> Path:
        return self._folder / f"{name}.vectors.npy"


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
