"""Texts as vectors by sentence-transformers: weights are read from safetensors alone, and no code of a model runs."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lineage_platform.errors import ExtraMissing, LineageError
from lineage_platform.files import digest

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

CPU_BATCH = 32
ACCELERATOR_BATCH = 128  # beyond it, a GPU gains 5 to 10 %, and long texts take its memory
HUB_SECONDS = 10.0


class ModelUnavailable(LineageError):
    """An embedding model that cannot be loaded, or does not fit where it is to run."""

    kind = "model_unavailable"


class TrainedModel:
    """A model of sentence-transformers.

    Parameters
    ----------
    model:
        A Hub id, or a folder that holds a model. A Hub's model is loaded as it is there now; where the Hub does not
        answer, the copy on this machine is, if there is one.
    device:
        As torch names it (``cpu``, ``cuda:0``, ``mps``); None takes the best there is.
    batch:
        Texts at a time; None: 32 on a CPU, 128 elsewhere. It is halved whenever the device runs out of memory.

    Raises
    ------
    ExtraMissing
        sentence-transformers is not installed.
    ModelUnavailable
        The model cannot be loaded.
    """

    def __init__(self, model: str, device: str | None = None, batch: int | None = None) -> None:
        folder = Path(model).expanduser()
        local = folder.is_dir()
        self._model = _load(folder, device) if local else _load_from_hub(model, device)
        self._batch = batch or (CPU_BATCH if self._model.device.type == "cpu" else ACCELERATOR_BATCH)
        self.revision = _folder_digest(folder) if local else _cached_commit(model)
        self.name = f"{folder.resolve().name}@{self.revision[:12]}" if local else model

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors as the model gives them; a text longer than the model reads is cut by it.

        Raises
        ------
        ModelUnavailable
            Not even one text at a time fits into the device's memory.
        """
        import torch

        while True:
            try:
                vectors = self._model.encode(list(texts), batch_size=self._batch, show_progress_bar=False)
                return np.asarray(vectors, np.float32)
            except torch.OutOfMemoryError as error:
                if self._batch == 1:
                    raise self._too_large(texts) from error
            self._batch //= 2

    def _too_large(self, texts: Sequence[str]) -> ModelUnavailable:
        longest = max(map(len, texts))
        return ModelUnavailable(
            f"{self.name} runs out of memory on {self._model.device} with one text at a time: {longest:,} characters",
            "choose another --device, a smaller --model, or leave out the longest texts",
        )


def _load_from_hub(model: str, device: str | None) -> SentenceTransformer:
    """The model as it is now, or as it was when the Hub last answered.

    The Hub is asked one question first: each file of a model would be asked for many times over while it is away.
    """
    from httpx2 import HTTPError
    from huggingface_hub import HfApi

    try:
        HfApi().model_info(model, timeout=HUB_SECONDS)
    except (OSError, ValueError, HTTPError) as error:
        told = f"the Hub says: {_first_line(error)}"
        return _load(model, device, local_files_only=True, told=told)
    return _load(model, device)


def _load(model: Path | str, device: str | None, told: str = "", **options: Any) -> SentenceTransformer:
    try:
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging
    except ImportError as error:
        raise ExtraMissing("sentence-transformers, which embeds with trained models,", "embeddings") from error
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        return SentenceTransformer(str(model), device=device, model_kwargs={"use_safetensors": True}, **options)
    except (OSError, ValueError, RuntimeError, AssertionError) as error:  # the last: a device that is not there
        reason = f"no copy of it is on this machine, and {told}" if told else _first_line(error)
        raise ModelUnavailable(
            f"the embedding model {model} cannot be loaded: {reason}",
            "check its name, the device and the network, or use the project's own: --model static",
        ) from error


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__


def _cached_commit(model: str) -> str:
    """The commit at which a Hub's model lies on this machine, told by the folder of its snapshot."""
    from huggingface_hub import try_to_load_from_cache

    folder = os.getenv("SENTENCE_TRANSFORMERS_HOME")
    found = (try_to_load_from_cache(model, name, cache_dir=folder) for name in ("config.json", "modules.json"))
    return next((Path(path).parent.name for path in found if isinstance(path, str)), "")


def _folder_digest(folder: Path) -> str:
    """Digest of every file of a model."""
    parts = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        with path.open("rb") as file:
            parts += [path.relative_to(folder).as_posix(), hashlib.file_digest(file, "sha256").hexdigest()]
    return digest(*parts)
