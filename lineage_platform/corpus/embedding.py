"""Texts as vectors: by the project's static model or by sentence-transformers, each text embedded once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from lineage_platform.errors import ExtraMissing, LineageError
from lineage_platform.files import digest

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

AUTO = "auto"
STATIC = "static"
DEFAULT_MODEL = "sentence-transformers/all-MiniLM-L6-v2"
PAPER_MODEL = "Qwen/Qwen3-Embedding-8B"
BATCH_TEXTS = 32
BLOCK_TEXTS = 1_024  # embedded, cached and measured together: what a kill can cost


class ModelUnavailable(LineageError):
    """An embedding model that cannot be loaded."""

    kind = "model_unavailable"


class Embedder(Protocol):
    """What turns texts into vectors.

    Attributes
    ----------
    name:
        As shown beside every figure made with it.
    revision:
        Changes when the vectors do; empty if that is not known.
    """

    @property
    def name(self) -> str:
        """Name of the model."""

    @property
    def revision(self) -> str:
        """Commit or digest of the model."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One vector per text, texts x dimensions."""


class TrainedModel:
    """A model of sentence-transformers; weights are read from safetensors alone, and no code of a model runs.

    Parameters
    ----------
    model:
        A Hub id, or a folder that holds a model.
    device:
        As torch names it (``cpu``, ``cuda:0``, ``mps``); None takes the best there is.
    batch:
        Texts at a time.

    Raises
    ------
    ExtraMissing
        sentence-transformers is not installed.
    ModelUnavailable
        The model cannot be loaded.
    """

    def __init__(self, model: str, device: str | None = None, batch: int = BATCH_TEXTS) -> None:
        folder = Path(model).expanduser()
        self._batch = batch
        self._model = _load(str(folder) if folder.is_dir() else model, device)
        self.revision = _folder_digest(folder) if folder.is_dir() else _commit(self._model)
        self.name = f"{folder.resolve().name}@{self.revision[:12]}" if folder.is_dir() else model

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors as the model gives them; a text longer than the model reads is cut by it."""
        vectors = self._model.encode(list(texts), batch_size=self._batch, show_progress_bar=False)
        return np.asarray(vectors, np.float32)


def open_embedder(
    model: str, *, cache: Path | None = None, device: str | None = None, batch: int = BATCH_TEXTS
) -> Embedder:
    """The embedder of this name.

    Parameters
    ----------
    model:
        ``static``, a Hub id or folder of a sentence-transformers model, or ``auto``: the default model where
        sentence-transformers is installed, else ``static``.
    cache:
        Folder for the vectors of trained models; None keeps none. The static model is faster than any cache.
    device, batch:
        For trained models; see :class:`TrainedModel`.

    Raises
    ------
    ExtraMissing
        sentence-transformers is needed and not installed.
    ModelUnavailable
        The model cannot be loaded.
    """
    if model == STATIC or (model == AUTO and find_spec("sentence_transformers") is None):
        from lineage_platform.corpus.static_model import StaticModel

        return StaticModel()
    trained = TrainedModel(DEFAULT_MODEL if model == AUTO else model, device, batch)
    if cache is None:
        return trained
    from lineage_platform.corpus.vector_cache import CachedEmbedder

    return CachedEmbedder(trained, cache)


def embedded(
    texts: Iterable[str], embedder: Embedder, seen: Callable[[int], None] = lambda _: None
) -> Iterator[NDArray[np.float32]]:
    """Vectors of a stream of texts, a block at a time; ``seen`` is told how many more are done."""
    rest = iter(texts)
    while block := list(islice(rest, BLOCK_TEXTS)):
        yield embedder.embed(block)
        seen(len(block))


def _load(model: str, device: str | None) -> SentenceTransformer:
    try:
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging
    except ImportError as error:
        raise ExtraMissing("sentence-transformers, which embeds with trained models,", "embeddings") from error
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        return SentenceTransformer(model, device=device, model_kwargs={"use_safetensors": True})
    except (OSError, ValueError, RuntimeError, AssertionError) as error:  # the last: a device that is not there
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ModelUnavailable(
            f"the embedding model {model} cannot be loaded: {reason}",
            "check its name, the device and the network, or use the project's own: --model static",
        ) from error


def _commit(model: Any) -> str:
    """The Hub's commit of the loaded model, as transformers keeps it."""
    config = getattr(getattr(model[0], "auto_model", None), "config", None)
    return getattr(config, "_commit_hash", None) or ""


def _folder_digest(folder: Path) -> str:
    """Digest of every file of a model."""
    parts = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        with path.open("rb") as file:
            parts += [path.relative_to(folder).as_posix(), hashlib.file_digest(file, "sha256").hexdigest()]
    return digest(*parts)
