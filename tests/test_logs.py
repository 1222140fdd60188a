"""What is logged can be read by a machine, and says what it is about."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from pathlib import Path

import pytest

from lineage_platform.catalog.folder import FolderHub
from lineage_platform.documents.library import Library
from lineage_platform.documents.web import open_web
from lineage_platform.files import Home
from lineage_platform.logs import LOGGER, JsonLines, about, json_wanted, log_as_wanted
from lineage_platform.tracing import trace
from tests.support import LineAgents, write_hub


@pytest.fixture
def written() -> Iterator[StringIO]:
    """What the platform logs meanwhile, as JSON Lines."""
    logger, stream = logging.getLogger(LOGGER), StringIO()
    handler, level = logging.StreamHandler(stream), logger.level
    handler.setFormatter(JsonLines())
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield stream
    logger.removeHandler(handler)
    logger.setLevel(level)


def lines(stream: StringIO) -> list[dict[str, str]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_one_object_whatever_the_message(written: StringIO) -> None:
    log = logging.getLogger(f"{LOGGER}.test")
    with about(run="r1"), about(dataset="o/a"):
        log.warning("two\nlines, \x1b[31m red, %s", "é")
    log.warning("about nothing")
    first, second = lines(written)
    assert (first["level"], first["run"], first["dataset"]) == ("WARNING", "r1", "o/a")
    assert first["message"] == "two\nlines, \x1b[31m red, é"
    assert "run" not in second
    assert "\x1b" not in written.getvalue()


def test_an_exception_comes_with_its_traceback(written: StringIO) -> None:
    try:
        raise ValueError("of this kind")
    except ValueError:
        logging.getLogger(f"{LOGGER}.test").exception("it failed")
    assert "ValueError: of this kind" in lines(written)[0]["exception"]


def test_other_threads_log_about_something_else(written: StringIO) -> None:
    with about(run="r1"), ThreadPoolExecutor(1) as pool:
        pool.submit(logging.getLogger(f"{LOGGER}.test").warning, "elsewhere").result()
    assert "run" not in lines(written)[0]


def test_each_dataset_of_a_trace_says_how_it_ended_and_in_which_run(written: StringIO, tmp_path: Path) -> None:
    hub = FolderHub(write_hub(tmp_path / "hub", {"o/a": ["o/b"], "o/b": []}))
    home = Home(tmp_path / "home")
    library = Library(hub, open_web(hub), home.hub_folder(hub.name), home.content, refresh=False)
    with about(run="r1"):
        list(trace(["o/a"], hub=hub, library=library, agents=LineAgents(), records=home.records(hub.name)))
    told = {(line["run"], line["dataset"], line["message"]) for line in lines(written)}
    assert told == {("r1", "o/a", "o/a: traced"), ("r1", "o/b", "o/b: no_sources_documented")}


def test_json_is_logged_only_where_it_is_wanted_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    logger, other = logging.getLogger(LOGGER), logging.NullHandler()
    monkeypatch.setattr(logger, "handlers", [other])  # commands that ran in this process before have left theirs
    monkeypatch.setattr(logger, "level", logger.level)
    monkeypatch.delenv("LINEAGE_LOG", raising=False)
    log_as_wanted()
    assert logger.handlers == [other]
    monkeypatch.setenv("LINEAGE_LOG", "json")
    assert json_wanted()
    log_as_wanted()
    log_as_wanted()
    assert len(logger.handlers) == 2
