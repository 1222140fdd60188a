"""What a hub answered can be asked again of the folder that recorded it."""

from __future__ import annotations

from pathlib import Path

import pytest

from lineage_platform.catalog.folder import FolderHub
from lineage_platform.catalog.live import LiveHub, Patience
from lineage_platform.catalog.record import RecordingHub
from lineage_platform.catalog.validation import validate
from lineage_platform.errors import DatasetNotFound
from lineage_platform.records import Outcome
from tests.catalog.hubs import aliases, dataset
from tests.servers.hub import LoopbackHub

NAMES = ["open-lab/made-up-1k", "old-lab/made_up", "open-lab/no-card", "locked-lab/set", "open-lab/deleted"]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    dataset(folder, "open-lab/Made-Up-1K", b"caf\xe9\r\n", tags=["arxiv:2405.01234", "license:mit"])
    dataset(folder, "open-lab/no-card", None)
    dataset(folder, "locked-lab/set", "# Behind a gate\n", gated="manual")
    dataset(folder, "shy-lab/set", "# Private\n", private=True)
    aliases(folder, **{"old-lab__made_up": "open-lab/Made-Up-1K"})
    return folder


def test_a_recording_answers_as_the_hub_did(source: Path, tmp_path: Path) -> None:
    hub = RecordingHub(FolderHub(source), tmp_path / "kept")
    live = [validate(name, hub, 2020) for name in NAMES]
    kept = FolderHub(tmp_path / "kept", name=hub.name)
    for name, before in zip(NAMES, live, strict=True):
        again = validate(name, kept, 2020)
        assert (again.outcome, again.dataset_id, again.info, again.dates) == (
            before.outcome,
            before.dataset_id,
            before.info,
            before.dates,
        )
        assert again.input_digest == before.input_digest
        if again.outcome is None and again.info is not None:
            assert kept.card(again.info) == hub.card(again.info)
    assert [validation.outcome for validation in live][-2:] == [Outcome.GATED, Outcome.NOT_FOUND]


def test_what_was_shown_under_a_grant_is_open_in_the_recording(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_granted")
    quick = Patience(attempts=1, per_second=1000)
    with LoopbackHub(source, tokens=frozenset({"hf_granted"})) as server:
        hub = RecordingHub(LiveHub(server.url, cache=tmp_path / "cards", patience=quick), tmp_path / "kept")
        for name in ("locked-lab/set", "shy-lab/set"):
            hub.card(hub.info(name))
            hub.info(name)
    kept = FolderHub(tmp_path / "kept")
    assert kept.card(kept.info("locked-lab/set")) == b"# Behind a gate\n"
    assert kept.card(kept.info("shy-lab/set")) == b"# Private\n"
    assert not any("hf_granted" in path.read_text() for path in (tmp_path / "kept").rglob("*.json"))


def test_a_search_finds_the_same_datasets_again(source: Path, tmp_path: Path) -> None:
    hub = RecordingHub(FolderHub(source), tmp_path / "kept")
    hits = hub.search("lab")
    assert "shy-lab/set" in hits
    kept = FolderHub(tmp_path / "kept")
    assert set(kept.search("lab")) == set(hits) - {"shy-lab/set"}


def test_a_recording_is_added_to(source: Path, tmp_path: Path) -> None:
    aliases(source, **{"old-lab__made_up": "open-lab/Made-Up-1K", "old-lab__none": "open-lab/no-card"})
    RecordingHub(FolderHub(source), tmp_path / "kept").info("old-lab/made_up")
    RecordingHub(FolderHub(source), tmp_path / "kept").info("old-lab/none")
    kept = FolderHub(tmp_path / "kept")
    assert kept.info("old-lab/made_up").id == "open-lab/Made-Up-1K"
    assert kept.info("old-lab/none").id == "open-lab/no-card"


def test_what_was_not_asked_is_not_recorded(source: Path, tmp_path: Path) -> None:
    RecordingHub(FolderHub(source), tmp_path / "kept").info("open-lab/no-card")
    with pytest.raises(DatasetNotFound):
        FolderHub(tmp_path / "kept").info("open-lab/Made-Up-1K")


def test_what_must_be_said_of_a_hub_is_said_of_its_recording_too(source: Path, tmp_path: Path) -> None:
    RecordingHub(FolderHub(source, label="invented rows"), tmp_path / "kept")
    assert FolderHub(tmp_path / "kept").label == "invented rows"
    RecordingHub(FolderHub(source), tmp_path / "unlabelled")
    assert FolderHub(tmp_path / "unlabelled").label == ""
