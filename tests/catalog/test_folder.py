"""A hub folder answers as the Hub would, whatever lies in it, and never leaves it."""

from __future__ import annotations

from pathlib import Path

import pytest

from lineage_platform.catalog import SAMPLE_LABEL, open_hub
from lineage_platform.catalog.folder import FolderHub
from lineage_platform.catalog.hub import MAX_CARD_BYTES, HubQuery
from lineage_platform.errors import (
    BrokenRecord,
    DatasetGated,
    DatasetNotFound,
    InvalidDatasetId,
    UnreadableDocument,
    UsageError,
)
from tests.catalog.hubs import SHA, aliases, dataset


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "My Hub"
    dataset(folder, "open-lab/Made-Up-1K", b"caf\xe9", tags=["arxiv:2405.01234"])
    dataset(folder, "open-lab/no-card", None)
    return folder


def test_a_dataset_is_described_and_its_card_is_raw(folder: Path) -> None:
    hub = FolderHub(folder)
    info = hub.info("open-lab/Made-Up-1K")
    assert (info.id, info.sha, info.created_at) == ("open-lab/Made-Up-1K", SHA, "2024-05-06T07:08:09.000Z")
    assert info.tagged("arxiv") == ("2405.01234",)
    assert hub.card(info) == b"caf\xe9"
    assert hub.card(hub.info("open-lab/no-card")) is None


def test_minimal_answers_of_the_api_are_enough(folder: Path) -> None:
    place = dataset(folder, "open-lab/bare")
    (place / "info.json").write_text('{"gated": false, "surprise": [1]}')
    info = FolderHub(folder).info("open-lab/bare")
    assert (info.id, info.sha, info.created_at, info.tags) == ("open-lab/bare", "", None, ())


@pytest.mark.parametrize("spelling", ["OPEN-LAB/MADE-UP-1K", "open-lab/made-up-1k", "old-lab/first", "OLD-lab/FIRST"])
def test_other_spellings_and_old_names_lead_to_the_canonical_id(folder: Path, spelling: str) -> None:
    (folder / "aliases.tsv").write_text("old-lab/first\topen-lab/made-UP-1k\n")
    hub = FolderHub(folder)
    info = hub.info(spelling)
    assert info.id == "open-lab/Made-Up-1K"
    assert hub.card(info) == b"caf\xe9"


def test_a_chain_of_names_is_followed_and_a_ring_of_names_ends(folder: Path) -> None:
    aliases(folder, a__first="a/second", a__second="open-lab/no-card", b__one="b/two", b__two="b/one")
    hub = FolderHub(folder)
    assert hub.info("a/first").id == "open-lab/no-card"
    with pytest.raises(DatasetNotFound, match="b/one"):
        hub.info("b/one")


def test_an_old_name_is_no_dataset_of_its_own_even_where_its_files_remain(folder: Path) -> None:
    dataset(folder, "old-lab/kept")
    aliases(folder, **{"old-lab__kept": "open-lab/no-card"})
    assert FolderHub(folder).info("old-lab/kept").id == "open-lab/no-card"
    assert FolderHub(folder).search("kept") == []


def test_ids_that_differ_only_in_case_never_answer_for_each_other(folder: Path) -> None:
    dataset(folder, "open-lab/made-up-1k", "# The small one\n")
    hub = FolderHub(folder)
    assert hub.card(hub.info("open-lab/made-up-1k")) == b"# The small one\n"
    assert hub.card(hub.info("open-lab/Made-Up-1K")) == b"caf\xe9"
    with pytest.raises(BrokenRecord, match="differ only in case"):
        hub.info("OPEN-LAB/made-up-1k")


@pytest.mark.parametrize("text", ["../../x", "..", "a/../../b", "a" * 300, "open-lab/no-card/../Made-Up-1K", "x\x00y"])
def test_what_is_no_id_is_refused_before_the_disk_is_touched(folder: Path, text: str) -> None:
    with pytest.raises(InvalidDatasetId):
        FolderHub(folder).info(text)


def test_an_unknown_dataset_is_not_found(folder: Path) -> None:
    with pytest.raises(DatasetNotFound, match="open-lab/other"):
        FolderHub(folder).info("open-lab/other")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"tags": "arxiv"}',
        b'{"createdAt": "yesterday"}',
        b'{"sha": 7}',
        b'{"id": "somebody/else"}',
        b'{"tags": ["\\ud800"]}',
        b'{"gated": {}}',
        b"[" * 100_000,
    ],
)
def test_a_broken_description_is_named_with_its_file_and_stays_alone(folder: Path, content: bytes) -> None:
    place = dataset(folder, "broken-lab/set")
    (place / "info.json").write_bytes(content)
    hub = FolderHub(folder)
    with pytest.raises(BrokenRecord) as caught:
        hub.info("broken-lab/set")
    assert str(place / "info.json") in caught.value.message
    assert "\n" not in caught.value.message
    assert hub.info("open-lab/no-card").id == "open-lab/no-card"


def test_a_missing_or_enormous_description_is_named(folder: Path) -> None:
    place = dataset(folder, "broken-lab/set")
    (place / "info.json").write_text("[" + " " * (2 << 20) + "]")
    with pytest.raises(BrokenRecord, match=r"info\.json"):
        FolderHub(folder).info("broken-lab/set")
    (place / "info.json").unlink()
    with pytest.raises(BrokenRecord, match="is missing"):
        FolderHub(folder).info("broken-lab/set")


def test_no_link_leads_out_of_the_folder(folder: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    outside = dataset(tmp_path / "elsewhere", "a/b")
    place = dataset(folder, "sly-lab/card", None)
    (place / "README.md").symlink_to(secret)
    (folder / "datasets/sly-lab/whole").symlink_to(outside)
    loop = dataset(folder, "sly-lab/loop", None)
    (loop / "README.md").symlink_to(loop / "README.md")
    hub = FolderHub(folder)
    with pytest.raises(BrokenRecord, match="leads out of the hub folder"):
        hub.card(hub.info("sly-lab/card"))
    with pytest.raises(BrokenRecord, match="leads out of the hub folder"):
        hub.info("sly-lab/whole")
    with pytest.raises(BrokenRecord):
        hub.card(hub.info("sly-lab/loop"))


def test_a_card_that_is_a_folder_is_a_broken_record(folder: Path) -> None:
    place = dataset(folder, "broken-lab/set", None)
    (place / "README.md").mkdir()
    hub = FolderHub(folder)
    with pytest.raises(BrokenRecord, match=r"README\.md"):
        hub.card(hub.info("broken-lab/set"))


@pytest.mark.parametrize("gated", [True, "auto", "manual"])
def test_a_gated_dataset_is_described_and_its_card_withheld(folder: Path, gated: object) -> None:
    dataset(folder, "locked-lab/set", gated=gated)
    hub = FolderHub(folder)
    info = hub.info("locked-lab/set")
    assert info.gated
    with pytest.raises(DatasetGated, match="locked-lab/set"):
        hub.card(info)


def test_what_is_not_there_is_told_in_the_same_words_wherever_the_folder_lies(folder: Path) -> None:
    with pytest.raises(DatasetNotFound) as error:
        FolderHub(folder).info("nobody/nothing")
    assert "nobody/nothing" in error.value.message
    assert str(folder) not in error.value.message


def test_a_private_dataset_is_not_there(folder: Path) -> None:
    dataset(folder, "shy-lab/set", private=True)
    with pytest.raises(DatasetNotFound, match="private"):
        FolderHub(folder).info("shy-lab/set")


def test_a_card_over_the_limit_is_unreadable_and_one_at_the_limit_is_read(folder: Path) -> None:
    dataset(folder, "long-lab/at", b"x" * MAX_CARD_BYTES)
    dataset(folder, "long-lab/over", b"x" * (MAX_CARD_BYTES + 1))
    hub = FolderHub(folder)
    assert len(hub.card(hub.info("long-lab/at")) or b"") == MAX_CARD_BYTES
    with pytest.raises(UnreadableDocument, match="long-lab/over"):
        hub.card(hub.info("long-lab/over"))


def test_search_puts_the_equal_name_first_and_compares_spellings(folder: Path) -> None:
    dataset(folder, "b-lab/made_up_1k")
    dataset(folder, "a-lab/made-up-1k-cleaned")
    hub = FolderHub(folder)
    found = ["b-lab/made_up_1k", "open-lab/Made-Up-1K", "a-lab/made-up-1k-cleaned"]
    assert hub.search("Made Up 1K") == found
    assert hub.search("made up", limit=2) == found[:2]
    assert hub.search("open-lab/made-up-1k") == ["open-lab/Made-Up-1K"]
    (folder / "datasets/.not an id/made up").mkdir(parents=True)
    assert FolderHub(folder).search("made up") == found
    assert hub.search("unheard of") == hub.search("  ") == []


def test_a_folder_without_datasets_is_refused_with_what_is_expected(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing"):
        with pytest.raises(UsageError, match=r"datasets/ORG/NAME/info\.json") as caught:
            open_hub(str(path))
        assert "hub record" in caught.value.hint


def test_a_broken_alias_is_named_with_its_line(folder: Path) -> None:
    (folder / "aliases.tsv").write_text("alias\tdataset_id\na/b\topen-lab/no-card\nonly one cell\n")
    with pytest.raises(BrokenRecord, match=r"aliases\.tsv line 3"):
        FolderHub(folder)
    (folder / "aliases.tsv").write_bytes(b"a/b\t\xff\n")
    with pytest.raises(BrokenRecord, match="UTF-8"):
        FolderHub(folder)


def test_folders_have_names_that_differ_and_are_safe_for_files(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other" / "My Hub"
    dataset(other, "a/b")
    first, second = FolderHub(folder), FolderHub(other)
    assert first.name != second.name
    assert first.name.startswith("folder-my-hub-")
    assert first.name == FolderHub(tmp_path / "x" / ".." / "My Hub").name
    assert first.label == ""
    assert first.folder == folder.resolve()


def test_the_sample_says_what_it_is() -> None:
    hub = open_hub("sample")
    assert (hub.name, hub.label) == ("sample", SAMPLE_LABEL)
    assert hub.info("openai/gsm8k").id == "openai/gsm8k"


def test_the_real_hub_folder_is_described_to_the_last_dataset(real_data: Path) -> None:
    hub = FolderHub(real_data / "hub")
    ids = [f"{path.parent.name}/{path.name}" for path in (real_data / "hub/datasets").glob("*/*")]
    canonical = [hub.info(dataset_id).id for dataset_id in ids]
    assert len(canonical) == 538
    assert set(canonical) <= set(ids)
    assert hub.info("WizardLM/WizardLM_evol_instruct_70k").id == "WizardLMTeam/WizardLM_evol_instruct_70k"


def test_datasets_are_listed_most_downloaded_first_and_broken_ones_are_left_out(folder: Path) -> None:
    dataset(folder, "open-lab/wanted", downloads=900, tags=["math"])
    dataset(folder, "other/set", tags=["math"])
    (folder / "datasets/open-lab/no-card/info.json").write_text("{", encoding="utf-8")
    hub = FolderHub(folder)
    assert list(hub.listed(HubQuery(author="Open-Lab"))) == ["open-lab/wanted", "open-lab/Made-Up-1K"]
    assert list(hub.listed(HubQuery(tag="math"))) == ["open-lab/wanted", "other/set"]
    assert list(hub.listed(HubQuery(limit=1))) == ["open-lab/wanted"]
