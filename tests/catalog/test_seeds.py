"""Seed files of any make are read, and a faulty line is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from lineage_platform.catalog import open_hub
from lineage_platform.catalog.folder import FolderHub
from lineage_platform.catalog.live import LiveHub
from lineage_platform.catalog.seeds import Seed, default_seeds, read_seeds, watched
from lineage_platform.errors import BrokenRecord, UsageError
from lineage_platform.records import Domain
from tests.catalog.hubs import dataset


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "seeds.txt"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_plain_list_of_ids_is_a_seed_file(tmp_path: Path) -> None:
    path = written(tmp_path, "\ufeff# mine\n\na/b\r\n  c/d  \nhttps://huggingface.co/datasets/e/f\nA/B\n")
    assert [seed.dataset_id for seed in read_seeds(path)] == ["a/b", "c/d", "e/f"]


def test_a_registry_gives_domains_and_reasons(tmp_path: Path) -> None:
    path = written(tmp_path, "dataset_id\tdomain\twhy\na/b\tmath|code\tbecause\nc/d\t\t\n")
    assert read_seeds(path) == (Seed("a/b", (Domain.MATH, Domain.CODE), "because"), Seed("c/d"))


@pytest.mark.parametrize("line", ["../../x", "a/b\tmaths", "a/b\tmath\twhy\tmore", "a b"])
def test_a_line_that_is_no_seed_is_named(tmp_path: Path, line: str) -> None:
    with pytest.raises(UsageError, match=r"seeds\.txt line 3") as caught:
        read_seeds(written(tmp_path, f"a/b\n\n{line}\n"))
    assert caught.value.hint


def test_a_file_without_seeds_and_no_file_are_usage_errors(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="names no dataset"):
        read_seeds(written(tmp_path, "# nothing\n"))
    with pytest.raises(UsageError, match="no seed file"):
        read_seeds(tmp_path / "missing.txt")
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BrokenRecord, match="UTF-8"):
        read_seeds(tmp_path / "binary")


def test_the_live_default_is_the_papers_table_5(tmp_path: Path) -> None:
    seeds = default_seeds(LiveHub(cache=tmp_path))
    assert len(seeds) == 81
    assert all(seed.domains and seed.why for seed in seeds)


def test_the_packaged_table_5_is_the_papers(real_data: Path, tmp_path: Path) -> None:
    paper = (real_data / "paper/tracing-the-roots.txt").read_text(encoding="utf-8")
    table = paper.split("Seed Datasets List\n", 1)[1].split("\n\n", 1)[0].split()
    assert len(table) == 83
    assert {seed.dataset_id for seed in default_seeds(LiveHub(cache=tmp_path))} == set(table)


def test_every_sample_seed_is_in_the_sample_hub() -> None:
    hub = open_hub("sample")
    known = {f"{path.parent.name}/{path.name}" for path in (hub.folder or Path()).glob("datasets/*/*")}
    assert {seed.dataset_id for seed in default_seeds(hub)} <= known


def test_a_hub_folder_brings_its_own_seeds_or_says_how_to_name_some(tmp_path: Path) -> None:
    dataset(tmp_path, "a/b")
    with pytest.raises(UsageError, match="no seeds") as caught:
        default_seeds(FolderHub(tmp_path))
    assert "--seeds" in caught.value.hint
    written(tmp_path, "a/b\n")
    assert default_seeds(FolderHub(tmp_path)) == (Seed("a/b"),)


def test_the_real_seed_list_is_read(real_data: Path) -> None:
    assert len(read_seeds(real_data / "hub/seeds.txt")) == 137


def test_a_watch_list_holds_ids_and_questions_and_names_each_dataset_once(tmp_path: Path) -> None:
    hub = tmp_path / "hub"
    dataset(hub, "lab/one", downloads=5, tags=["math"])
    dataset(hub, "lab/two", downloads=9)
    dataset(hub, "other/three", downloads=7, tags=["math"])
    listed = written(tmp_path, "# ours\nnew/set\tmath\nauthor:lab\ntag:math\ntrending:1\n")
    assert watched(listed, FolderHub(hub)) == ("new/set", "lab/two", "lab/one", "other/three")


@pytest.mark.parametrize("line", ["author:", "trending:0", "trending:many", "likes:5", "no id", "tag:"])
def test_a_wrong_line_of_a_watch_list_is_named(tmp_path: Path, line: str) -> None:
    dataset(tmp_path / "hub", "lab/one")
    with pytest.raises(UsageError, match="line 2"):
        watched(written(tmp_path, f"lab/one\n{line}\n"), FolderHub(tmp_path / "hub"))
    with pytest.raises(UsageError, match="no watch list"):
        watched(tmp_path / "missing.tsv", FolderHub(tmp_path / "hub"))
