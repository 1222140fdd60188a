"""The live Hub, through the real huggingface_hub client, against a server on loopback."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from lineage_platform.catalog import open_hub
from lineage_platform.catalog.hub import MAX_CARD_BYTES, HubQuery
from lineage_platform.catalog.live import LiveHub, Patience
from lineage_platform.catalog.validation import validate
from lineage_platform.errors import (
    DatasetGated,
    DatasetNotFound,
    HubUnavailable,
    InvalidDatasetId,
    UnreadableDocument,
)
from lineage_platform.records import Outcome
from tests.catalog.hubs import SHA, aliases, dataset
from tests.conftest import REPOSITORY
from tests.servers.hub import LoopbackHub

QUICK = Patience(timeout=0.5, attempts=3, backoff=0.01, per_second=1000, burst=100)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "served"
    dataset(folder, "open-lab/Made-Up-1K", "# Made up\n", tags=["arxiv:2405.01234"], gated=False)
    dataset(folder, "open-lab/no-card", None)
    dataset(folder, "locked-lab/Keep-Out", "# Secret\n", gated="manual")
    dataset(folder, "shy-lab/hidden", private=True)
    aliases(folder, old_lab__made_up="open-lab/Made-Up-1K")
    return folder


@pytest.fixture
def server(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackHub]:
    with LoopbackHub(folder, tokens=frozenset({"hf_granted"})) as running:
        monkeypatch.setenv("HF_ENDPOINT", running.url)
        monkeypatch.delenv("HF_TOKEN", raising=False)
        yield running


@pytest.fixture
def hub(server: LoopbackHub, tmp_path: Path) -> LiveHub:
    return LiveHub(cache=tmp_path / "cards", patience=QUICK)


def test_a_dataset_is_described_as_the_api_gives_it(hub: LiveHub) -> None:
    info = hub.info("open-lab/Made-Up-1K")
    assert (info.id, info.sha, info.downloads, info.likes) == ("open-lab/Made-Up-1K", SHA, 12, 3)
    assert (info.created_at, info.last_modified) == ("2024-05-06T07:08:09.000Z", "2024-06-01T00:00:00.000Z")
    assert info.tagged("arxiv") == ("2405.01234",)
    assert not info.gated
    assert not info.private


def test_the_card_comes_as_raw_bytes_and_is_kept_by_commit(hub: LiveHub, server: LoopbackHub, tmp_path: Path) -> None:
    (server.folder / "datasets/open-lab/Made-Up-1K/README.md").write_bytes(b"caf\xe9 \xff\r\n")
    info = hub.info("open-lab/Made-Up-1K")
    assert hub.card(info) == b"caf\xe9 \xff\r\n"
    another_run = LiveHub(cache=tmp_path / "cards", patience=QUICK)
    assert another_run.card(info) == b"caf\xe9 \xff\r\n"
    assert len(server.asked("/resolve/")) == 1
    another_run.card(info.model_copy(update={"sha": "b" * 40}))
    assert len(server.asked("/resolve/")) == 2


def test_each_dataset_is_described_by_one_request_whoever_asks(hub: LiveHub, server: LoopbackHub) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(hub.info, ["open-lab/Made-Up-1K"] * 20))
    assert len(server.asked("/api/datasets/open-lab/Made-Up-1K")) == 1


def test_a_dataset_that_is_not_there_is_asked_for_once(hub: LiveHub, server: LoopbackHub) -> None:
    for _ in range(3):
        with pytest.raises(DatasetNotFound, match="nobody/nothing"):
            hub.info("nobody/nothing")
    assert len(server.requests) == 1


def test_a_renamed_dataset_answers_under_its_new_id(hub: LiveHub, server: LoopbackHub) -> None:
    assert hub.info("old_lab/made_up").id == "open-lab/Made-Up-1K"
    before = len(server.requests)
    assert hub.info("open-lab/Made-Up-1K").id == "open-lab/Made-Up-1K"
    assert len(server.requests) == before


def test_an_id_in_another_case_is_the_same_dataset(hub: LiveHub) -> None:
    assert hub.info("OPEN-LAB/made-up-1k").id == "open-lab/Made-Up-1K"


def test_a_dataset_without_a_readme_has_no_card(hub: LiveHub) -> None:
    assert hub.card(hub.info("open-lab/no-card")) is None


def test_an_unknown_dataset_is_not_found_with_and_without_a_token(
    hub: LiveHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DatasetNotFound) as stranger:
        hub.info("open-lab/unknown")
    assert "HF_TOKEN" in stranger.value.hint
    monkeypatch.setenv("HF_TOKEN", "hf_other")
    with pytest.raises(DatasetNotFound):
        hub.info("open-lab/unknown2")


def test_a_gated_dataset_is_described_but_its_card_needs_a_grant(hub: LiveHub, monkeypatch: pytest.MonkeyPatch) -> None:
    info = hub.info("locked-lab/Keep-Out")
    assert info.gated
    with pytest.raises(DatasetGated) as stranger:
        hub.card(info)
    assert "locked-lab/Keep-Out" in stranger.value.hint
    monkeypatch.setenv("HF_TOKEN", "hf_not_granted")
    with pytest.raises(DatasetGated):
        hub.card(info)
    monkeypatch.setenv("HF_TOKEN", "hf_granted")
    assert hub.card(info) == b"# Secret\n"


def test_a_private_dataset_is_there_only_for_its_owner(
    server: LoopbackHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert validate("shy-lab/hidden", LiveHub(cache=tmp_path, patience=QUICK), 2020).outcome is Outcome.NOT_FOUND
    monkeypatch.setenv("HF_TOKEN", "hf_granted")
    seen = validate("shy-lab/hidden", LiveHub(cache=tmp_path, patience=QUICK), 2020)
    assert seen.outcome is None
    assert seen.info is not None
    assert seen.info.private


def test_a_token_that_the_hub_refuses_is_no_missing_dataset(hub: LiveHub, server: LoopbackHub) -> None:
    words = {"X-Error-Message": "Invalid credentials in Authorization header"}
    server.fail("/api/", status=401, headers=words)
    with pytest.raises(HubUnavailable, match="token"):
        hub.info("open-lab/Made-Up-1K")


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        (403, {}, DatasetGated),
        (403, {"X-Error-Message": "Access to this resource is disabled."}, DatasetNotFound),
        (404, {}, DatasetNotFound),
        (410, {}, DatasetNotFound),
        (401, {}, DatasetNotFound),
        (418, {}, HubUnavailable),
    ],
)
def test_a_final_answer_is_not_asked_for_again(
    hub: LiveHub, server: LoopbackHub, status: int, headers: dict[str, str], expected: type[Exception]
) -> None:
    server.fail("/api/", status=status, headers=headers)
    with pytest.raises(expected):
        hub.info("open-lab/Made-Up-1K")
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 500},
        {"status": 503},
        {"status": 429},
        {"delay": 1.5},
        {"truncate": True},
        {"garble": True},
        {"status": 429, "headers": {"Retry-After": "0"}},
        {"status": 429, "headers": {"Retry-After": "soon"}},
    ],
    ids=str,
)
def test_a_failure_that_may_pass_is_tried_again(hub: LiveHub, server: LoopbackHub, fault: dict[str, object]) -> None:
    server.fail("/api/", times=2, **fault)
    assert hub.info("open-lab/Made-Up-1K").id == "open-lab/Made-Up-1K"
    assert len(server.requests) == 3


@pytest.mark.parametrize("fault", [{"status": 502}, {"delay": 1.5}, {"truncate": True}], ids=str)
def test_a_card_is_tried_again_and_never_kept_in_part(
    hub: LiveHub, server: LoopbackHub, tmp_path: Path, fault: dict[str, object]
) -> None:
    server.fail("/resolve/", times=3, **fault)
    info = hub.info("open-lab/Made-Up-1K")
    with pytest.raises(HubUnavailable, match="open-lab/Made-Up-1K"):
        hub.card(info)
    assert not list(tmp_path.glob("cards/*"))
    assert hub.card(info) == b"# Made up\n"


def test_a_hub_that_stays_down_is_unavailable_and_asked_again_later(hub: LiveHub, server: LoopbackHub) -> None:
    server.fail("/api/", times=3, status=503)
    with pytest.raises(HubUnavailable, match="503"):
        hub.info("open-lab/Made-Up-1K")
    assert len(server.requests) == 3
    assert hub.info("open-lab/Made-Up-1K").sha == SHA


def test_retry_after_is_obeyed_by_every_thread(hub: LiveHub, server: LoopbackHub) -> None:
    server.fail("Made-Up-1K", status=429, headers={"Retry-After": "1"})
    hub.info("open-lab/Made-Up-1K")
    hub.info("open-lab/no-card")
    limited, *later = server.requests
    assert all(request.at - limited.at >= 1 for request in later)


def test_retry_after_may_be_a_date(hub: LiveHub, server: LoopbackHub) -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
    server.fail("/api/", status=429, headers={"Retry-After": later})
    hub.info("open-lab/Made-Up-1K")
    first, second = server.requests
    assert second.at - first.at >= 0.9  # the date has whole seconds


def test_a_wait_beyond_patience_ends_the_attempt(hub: LiveHub, server: LoopbackHub) -> None:
    server.fail("/api/", status=429, headers={"Retry-After": "86400"})
    with pytest.raises(HubUnavailable, match="limits requests"):
        hub.info("open-lab/Made-Up-1K")
    assert len(server.requests) == 1


def test_a_hub_that_is_down_for_an_hour_fails_each_request_at_once_and_is_back_when_it_is(
    hub: LiveHub, server: LoopbackHub
) -> None:
    server.fail("/api/", times=2, status=503, headers={"Retry-After": "3600"})
    for name in ("open-lab/Made-Up-1K", "open-lab/no-card"):
        with pytest.raises(HubUnavailable, match="503"):
            hub.info(name)
    assert hub.info("open-lab/no-card").id == "open-lab/no-card"
    assert len(server.requests) == 3


def test_a_card_of_ten_megabytes_is_unreadable_not_cut(hub: LiveHub, server: LoopbackHub, tmp_path: Path) -> None:
    (server.folder / "datasets/open-lab/Made-Up-1K/README.md").write_bytes(b"x" * (10 << 20))
    with pytest.raises(UnreadableDocument, match=f"larger than {MAX_CARD_BYTES >> 20} MiB"):
        hub.card(hub.info("open-lab/Made-Up-1K"))
    assert not list(tmp_path.glob("cards/*"))
    assert validate("open-lab/Made-Up-1K", hub, 2020).outcome is None


def test_the_token_goes_to_the_endpoint_and_not_to_where_it_redirects(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_granted")
    with LoopbackHub(folder) as cdn, LoopbackHub(folder, tokens=frozenset({"hf_granted"}), cdn=cdn.url) as server:
        hub = LiveHub(server.url, cache=tmp_path / "cards", patience=QUICK)
        assert hub.card(hub.info("locked-lab/Keep-Out")) == b"# Secret\n"
        server.fail("/api/", status=307, headers={"Location": f"{cdn.url}/api/datasets/open-lab/no-card"})
        assert hub.info("open-lab/no-card").id == "open-lab/no-card"
    assert {request.headers["authorization"] for request in server.requests} == {"Bearer hf_granted"}
    assert len(cdn.requests) == 2
    assert not any("hf_granted" in str(request) for request in cdn.requests)


def test_a_redirect_loop_ends(hub: LiveHub, server: LoopbackHub) -> None:
    server.fail("/api/", times=1000, status=307, headers={"Location": "/api/datasets/open-lab/Made-Up-1K"})
    with pytest.raises(HubUnavailable, match="redirect"):
        hub.info("open-lab/Made-Up-1K")


def test_search_finds_names_that_contain_the_words(hub: LiveHub) -> None:
    assert hub.search("Made-Up") == ["open-lab/Made-Up-1K"]
    assert hub.search("nothing like it") == []


def test_no_request_leaves_for_what_cannot_be_an_id(hub: LiveHub, server: LoopbackHub) -> None:
    for text in ("../../x", "a" * 300, "a/b/c", "open-lab/x\n"):
        if text.strip() != text:
            continue
        with pytest.raises(InvalidDatasetId):
            hub.info(text)
    assert server.requests == []


def test_nobody_listening_is_unavailable(tmp_path: Path) -> None:
    hub = LiveHub("http://127.0.0.1:9", cache=tmp_path, patience=QUICK)
    with pytest.raises(HubUnavailable, match=r"127\.0\.0\.1:9"):
        hub.info("open-lab/Made-Up-1K")
    assert validate("open-lab/Made-Up-1K", hub, 2020).outcome is Outcome.FAILED


def run_python(code: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_offline_mode_sends_nothing(server: LoopbackHub, tmp_path: Path) -> None:
    code = (
        "from lineage_platform.catalog import open_hub\n"
        "from lineage_platform.catalog.validation import validate\n"
        "print(validate('open-lab/Made-Up-1K', open_hub('live'), 2020).detail)"
    )
    printed = run_python(code, HF_ENDPOINT=server.url, HF_HUB_OFFLINE="1", HF_HOME=str(tmp_path / "home"))
    assert "HF_HUB_OFFLINE" in printed
    assert server.requests == []


def test_the_environment_alone_chooses_endpoint_token_and_home(server: LoopbackHub, tmp_path: Path) -> None:
    code = (
        "from lineage_platform.catalog import open_hub\n"
        "hub = open_hub('live')\n"
        "print(hub.card(hub.info('locked-lab/Keep-Out')))"
    )
    home = tmp_path / "home"
    printed = run_python(code, HF_ENDPOINT=server.url, HF_TOKEN="hf_granted", HF_HOME=str(home))
    assert "# Secret" in printed
    assert any(path.read_bytes() == b"# Secret\n" for path in home.rglob("*") if path.is_file())


def test_opening_the_live_hub_asks_nothing(server: LoopbackHub) -> None:
    assert open_hub("live").name == "live"
    assert server.requests == []


def test_datasets_are_listed_by_author_and_tag_what_trends_first(hub: LiveHub, server: LoopbackHub) -> None:
    dataset(server.folder, "open-lab/wanted", downloads=900, tags=["math"])
    assert hub.listed(HubQuery(author="open-lab", limit=2))[0] == "open-lab/wanted"
    assert list(hub.listed(HubQuery(tag="math"))) == ["open-lab/wanted"]
    assert len(hub.listed(HubQuery(limit=3))) == 3
    [first, *_] = server.asked("/api/datasets?")
    assert "sort=trendingScore" in first.path


def test_a_list_that_cannot_be_had_is_said(hub: LiveHub, server: LoopbackHub) -> None:
    server.fail("/api/datasets?", status=500, times=9)
    with pytest.raises(HubUnavailable, match="500"):
        hub.listed(HubQuery(author="open-lab"))
