"""Texts as vectors: by the project's static model or by sentence-transformers, each text embedded once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

AUTO = "auto"
STATIC = "static"
DEFAULT_MODEL = "sentence-transformers/all-MiniLM-L6-v2"
PAPER_MODEL = "Qwen/Qwen3-Embedding-8B"
BLOCK_TEXTS = 1_024  # embedded, cached and measured together: what a kill can cost


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


def open_embedder(
    model: str, *, cache: Path | None = None, device: str | None = None, batch: int | None = None
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
        For trained models; see :class:`lineage_platform.corpus.trained_model.TrainedModel`.

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
    from lineage_platform.corpus.trained_model import TrainedModel

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
