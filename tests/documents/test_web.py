"""A hub folder answers for the web, in any case of name, and never from outside itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lineage_platform.catalog import open_hub
from lineage_platform.documents.live import LiveWeb
from lineage_platform.documents.web import FolderWeb, open_web
from lineage_platform.errors import DocumentMissing, FetchRefused, UnreadableDocument


@pytest.fixture
def web(tmp_path: Path) -> FolderWeb:
    files = {
        "github/Open-Lab/Data/README.md": "# Data",
        "arxiv/2305.14233/paper.txt": "A paper",
        "arxiv/2305.14233/metadata.json": json.dumps({"title": "T", "published": "2023-05-23"}),
        "arxiv/math/0309136/paper.txt": "An old paper",
        "arxiv/math/0309136/metadata.json": "{}",
        "arxiv/2401.00001/paper.txt": "Broken",
        "arxiv/2401.00001/metadata.json": "{",
        "arxiv/2401.00002/paper.txt": "A list",
        "arxiv/2401.00002/metadata.json": "[1]",
        "web/lab.example/blog/post.html": "<p>Post</p>",
        "web/lab.example/index.html": "<p>Home</p>",
    }
    for name, text in files.items():
        path = tmp_path / "hub" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (tmp_path / "secret.html").write_text("secret", encoding="utf-8")
    return FolderWeb(tmp_path / "hub")


@pytest.mark.parametrize(("owner", "name"), [("Open-Lab", "Data"), ("open-lab", "data"), ("OPEN-LAB", "DATA")])
def test_a_repository_is_found_in_any_case(web: FolderWeb, owner: str, name: str) -> None:
    fetched = web.repository(owner, name)
    assert (fetched.body, fetched.media_type) == (b"# Data", "text/markdown")


def test_a_paper_comes_with_its_metadata(web: FolderWeb) -> None:
    assert web.paper("2305.14233").metadata == {"title": "T", "published": "2023-05-23"}
    assert web.paper("2305.14233").body == b"A paper"
    assert web.paper("math/0309136").body == b"An old paper"


@pytest.mark.parametrize("arxiv_id", ["2401.00001", "2401.00002"])
def test_a_paper_with_broken_metadata_is_unreadable(web: FolderWeb, arxiv_id: str) -> None:
    with pytest.raises(UnreadableDocument, match=r"metadata\.json"):
        web.paper(arxiv_id)


@pytest.mark.parametrize(
    "url",
    [
        "https://lab.example/blog/post",
        "https://LAB.example/blog/post/",
        "https://lab.example/blog/post.html?x=1",
        "http://lab.example/Blog/%70ost",
    ],
)
def test_a_page_lies_under_its_host_and_path(web: FolderWeb, url: str) -> None:
    assert web.page(url).body == b"<p>Post</p>"
    assert web.page("https://lab.example/").body == b"<p>Home</p>"


def test_what_is_not_there_is_missing_and_says_where_it_would_be(web: FolderWeb) -> None:
    with pytest.raises(DocumentMissing) as caught:
        web.page("https://lab.example/none")
    assert "https://lab.example/none is not in" in caught.value.message
    assert caught.value.hint == "put it at web/lab.example/none.html of that folder"
    with pytest.raises(DocumentMissing):
        web.repository("nobody", "nothing")
    with pytest.raises(DocumentMissing):
        web.page("https://lab.example/blog")


@pytest.mark.parametrize(
    "url",
    [
        "https://lab.example/../../../secret",
        "https://lab.example/%2e%2e/%2e%2e/%2e%2e/secret",
        "https://lab.example/..%2f..%2f..%2fsecret",
        "https://lab.example/a%00b",
        "https://../secret",
        "https://lab.example/" + "x" * 5000,
        "https:///secret",
    ],
)
def test_no_path_leaves_the_folder(web: FolderWeb, url: str) -> None:
    with pytest.raises((FetchRefused, DocumentMissing)):
        web.page(url)


@pytest.mark.parametrize("owner", ["..", ".", "", "a/b", "..\\..", "\0"])
def test_no_repository_leaves_the_folder(web: FolderWeb, owner: str) -> None:
    with pytest.raises(FetchRefused):
        web.repository(owner, "data")


def test_a_link_out_of_the_folder_is_not_followed(web: FolderWeb, tmp_path: Path) -> None:
    (web.folder / "web" / "lab.example" / "way-out.html").symlink_to(tmp_path / "secret.html")
    with pytest.raises(FetchRefused, match="leads out of"):
        web.page("https://lab.example/way-out")


def test_a_hub_with_a_folder_never_reaches_the_real_web() -> None:
    assert isinstance(open_web(open_hub("sample")), FolderWeb)
    assert isinstance(open_web(open_hub("live")), LiveWeb)
