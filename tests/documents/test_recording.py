"""What is recorded from the web is what a folder answers, and nothing is written outside the folder."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from lineage_platform.documents.encodings import decode
from lineage_platform.documents.recording import RecordingWeb
from lineage_platform.documents.web import Fetched, FolderWeb
from lineage_platform.errors import DocumentMissing, FetchRefused


@dataclass
class OnePage:
    """A web on which the same document lies at every address."""

    body: bytes = b"# Text\n\nBuilt from GSM8K.\n"
    charset: str = ""

    def repository(self, owner: str, name: str) -> Fetched:
        return self.page(f"https://github.com/{owner}/{name}")

    def paper(self, arxiv_id: str) -> Fetched:
        return replace(self.page(f"https://arxiv.org/abs/{arxiv_id}"), metadata={"title": "A paper"})

    def page(self, url: str) -> Fetched:
        return Fetched(url, url, self.body, "text/html", self.charset)


def test_a_folder_answers_what_was_recorded(tmp_path: Path) -> None:
    recording, folder = RecordingWeb(OnePage(), tmp_path), FolderWeb(tmp_path)
    url = "https://example.org/blog/how we made it"
    assert recording.repository("Acme", "Mix").body == folder.repository("acme", "mix").body
    assert recording.page(url).body == folder.page(url).body
    assert recording.page("https://example.org/").body == folder.page("https://example.org").body
    for arxiv_id in ("2305.12524", "math/0309136"):
        assert recording.paper(arxiv_id).body == folder.paper(arxiv_id).body
        assert folder.paper(arxiv_id).metadata == {"title": "A paper"}


def test_a_declared_encoding_is_not_lost(tmp_path: Path) -> None:
    page = OnePage("Données très bien rangées, à côté.".encode("cp1252"), "cp1252")
    RecordingWeb(page, tmp_path).page("https://example.org/a")
    assert decode(FolderWeb(tmp_path).page("https://example.org/a").body).text == "Données très bien rangées, à côté."


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/../../../etc/passwd",
        "https://example.org/a/%2e%2e/%2e%2e/b",
        "https://example.org/a%2fb",
        "https://example.org/a%00b",
        "https://example.org/" + "a" * 5000,
        "https:///nowhere",
    ],
)
def test_no_address_writes_outside_the_folder(tmp_path: Path, url: str) -> None:
    to = tmp_path / "recorded"
    with pytest.raises(FetchRefused):
        RecordingWeb(OnePage(), to).page(url)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_what_is_not_there_is_not_recorded(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(DocumentMissing):
        RecordingWeb(FolderWeb(tmp_path / "empty"), tmp_path / "to").page("https://example.org/a")
    assert not (tmp_path / "to").exists()
