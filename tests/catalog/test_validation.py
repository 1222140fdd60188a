"""Validation: every way in which a candidate can end is an outcome of that candidate alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from lineage_platform.catalog.folder import FolderHub
from lineage_platform.catalog.validation import validate
from lineage_platform.errors import HubUnavailable
from lineage_platform.records import DatasetInfo, Outcome, Validation
from tests.catalog.hubs import aliases, dataset


@dataclass
class SilentHub:
    """A hub that knows a dataset but cannot show its card now."""

    name: str = "silent"
    label: str = ""
    folder: Path | None = None

    def info(self, dataset_id: str) -> DatasetInfo:
        return DatasetInfo(id=dataset_id)

    def card(self, info: DatasetInfo) -> bytes | None:
        raise HubUnavailable("the hub is away\nfor a while", "try later")

    def search(self, words: str, limit: int = 20) -> Sequence[str]:
        return []


def outcome(folder: Path, dataset_id: str) -> Validation:
    return validate(dataset_id, FolderHub(folder), 2020)


def test_a_dataset_that_can_be_traced_has_no_outcome_yet(tmp_path: Path) -> None:
    dataset(tmp_path, "open-lab/set")
    validation = outcome(tmp_path, "open-lab/set")
    assert (validation.outcome, validation.detail) == (None, "")
    assert validation.info is not None
    assert validation.release is not None
    assert (validation.release.value, validation.release.origin) == ("2024-05-06", "hub")


def test_a_renamed_dataset_keeps_the_name_it_was_asked_for_by(tmp_path: Path) -> None:
    dataset(tmp_path, "open-lab/set")
    aliases(tmp_path, old__set="open-lab/set")
    validation = outcome(tmp_path, "old/set")
    assert (validation.requested, validation.dataset_id) == ("old/set", "open-lab/set")


@pytest.mark.parametrize("text", ["../../x", "a" * 300, "a b", ""])
def test_a_malformed_id_has_failed_with_one_clear_line(tmp_path: Path, text: str) -> None:
    dataset(tmp_path, "open-lab/set")
    validation = outcome(tmp_path, text)
    assert validation.outcome is Outcome.FAILED
    assert validation.dataset_id == validation.requested == text
    assert "cannot be a Hub dataset id" in validation.detail
    assert len(validation.detail.splitlines()) == 1


def test_an_unknown_dataset_is_not_found_under_the_id_that_was_meant(tmp_path: Path) -> None:
    dataset(tmp_path, "open-lab/set")
    validation = outcome(tmp_path, "https://huggingface.co/datasets/open-lab/deleted")
    assert (validation.outcome, validation.dataset_id) == (Outcome.NOT_FOUND, "open-lab/deleted")
    assert validation.info is None


def test_a_private_dataset_is_not_found(tmp_path: Path) -> None:
    dataset(tmp_path, "shy-lab/set", private=True)
    assert outcome(tmp_path, "shy-lab/set").outcome is Outcome.NOT_FOUND


def test_a_gated_dataset_ends_so_and_keeps_what_the_hub_said(tmp_path: Path) -> None:
    dataset(tmp_path, "locked-lab/set", gated="auto")
    validation = outcome(tmp_path, "locked-lab/set")
    assert validation.outcome is Outcome.GATED
    assert validation.info is not None
    assert validation.release is not None
    assert validation.release.value == "2024-05-06"


def test_a_broken_record_fails_alone_and_names_its_file(tmp_path: Path) -> None:
    place = dataset(tmp_path, "broken-lab/set")
    (place / "info.json").write_text("{")
    validation = outcome(tmp_path, "broken-lab/set")
    assert validation.outcome is Outcome.FAILED
    assert str(place / "info.json") in validation.detail


def test_a_hub_that_is_away_fails_the_dataset_in_one_line() -> None:
    validation = validate("open-lab/set", SilentHub(), 2020)
    assert validation.outcome is Outcome.FAILED
    assert validation.detail == "the hub is away for a while. try later"


def test_a_dataset_from_before_the_cutoff_is_kept_and_says_why(tmp_path: Path) -> None:
    dataset(tmp_path, "old-lab/set", createdAt="2022-03-02T23:29:22.000Z", tags=["arxiv:1705.04146"])
    validation = outcome(tmp_path, "old-lab/set")
    assert validation.outcome is Outcome.BEFORE_CUTOFF
    assert "2017-05" in validation.detail
    assert {date.origin for date in validation.dates} == {"hub_epoch", "paper:arxiv:1705.04146"}
    assert validate("old-lab/set", FolderHub(tmp_path), 2017).outcome is None


def test_the_first_day_of_the_hub_alone_is_not_before_the_cutoff(tmp_path: Path) -> None:
    dataset(tmp_path, "old-lab/set", createdAt="2022-03-02T23:29:22.000Z")
    assert outcome(tmp_path, "old-lab/set").outcome is None


@pytest.mark.parametrize(
    "card", [b"\xff\xfe\x00", b"", b"---\n: [\n---\n", b"x" * (10 << 20)], ids=["bytes", "empty", "yaml", "10 MB"]
)
def test_no_card_stops_validation(tmp_path: Path, card: bytes) -> None:
    dataset(tmp_path, "open-lab/set", card)
    assert outcome(tmp_path, "open-lab/set").outcome is None


def test_the_digest_changes_with_every_input_and_with_nothing_else(tmp_path: Path) -> None:
    place = dataset(tmp_path / "one", "open-lab/set")
    same = outcome(tmp_path / "one", "open-lab/set").input_digest
    assert outcome(tmp_path / "one", "open-lab/set").input_digest == same
    (place / "README.md").write_text("# Another card\n")
    seen = {same, outcome(tmp_path / "one", "open-lab/set").input_digest}
    for number, change in enumerate([{"sha": "b" * 40}, {"lastModified": "2025-01-01T00:00:00Z"}, {"createdAt": None}]):
        dataset(tmp_path / f"changed{number}", "open-lab/set", **change)
        named = FolderHub(tmp_path / f"changed{number}", name=FolderHub(tmp_path / "one").name)
        seen.add(validate("open-lab/set", named, 2020).input_digest)
    dataset(tmp_path / "elsewhere", "open-lab/set")
    seen.add(outcome(tmp_path / "elsewhere", "open-lab/set").input_digest)
    assert len(seen) == 6
