"""What is logged says which run and which dataset it is about; as JSON Lines where a machine reads it."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

from lineage_platform.settings import ENVIRONMENT_PREFIX

LOGGER = "lineage_platform"

_about: ContextVar[Mapping[str, str]] = ContextVar("lineage_platform.about", default={})  # noqa: B039 - never changed


@contextmanager
def about(**ids: str) -> Iterator[None]:
    """Say what everything logged inside is about, as ``run`` or ``dataset``; holds for this thread alone."""
    token = _about.set({**_about.get(), **ids})
    try:
        yield
    finally:
        _about.reset(token)


class JsonLines(logging.Formatter):
    """One JSON object a line: ``time``, ``level``, ``logger``, ``message``, what it is about, and the traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **_about.get(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=True)


def json_wanted(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether ``LINEAGE_LOG`` asks for JSON; it holds for the process, whatever settings a run is given."""
    return environment.get(ENVIRONMENT_PREFIX + "LOG", "").lower() == "json"


def log_as_wanted() -> None:
    """Where JSON is wanted, log to stderr as JSON Lines, each dataset's end included; done twice, it is done once."""
    logger = logging.getLogger(LOGGER)
    if not json_wanted() or any(isinstance(handler.formatter, JsonLines) for handler in logger.handlers):
        return
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
