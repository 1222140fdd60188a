"""GitHub, arXiv and pages through the guarded fetcher, against a loopback web that answers for their hosts."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lineage_platform.documents.fetcher import FetchLimits, GuardedFetcher
from lineage_platform.documents.live import LiveWeb
from lineage_platform.errors import DocumentMissing, FetchFailed, UnreadableDocument
from tests.documents.support import make_certificate
from tests.documents.test_papers import pdf
from tests.servers.web import Answer, Loopback, Names, WebServer

HOSTS = ("raw.githubusercontent.com", "export.arxiv.org", "arxiv.org", "lab.example")
API = "https://export.arxiv.org/api/query?search_query=&id_list={}&sortBy=relevance&sortOrder=descending&start=0&max_results=1"
FEED = """<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">
  <opensearch:totalResults>{count}</opensearch:totalResults><opensearch:startIndex>0</opensearch:startIndex>
  <opensearch:itemsPerPage>1</opensearch:itemsPerPage>{entry}
</feed>"""
ENTRY = """<entry><id>http://arxiv.org/abs/2305.14233v1</id><updated>2023-06-01T00:00:00Z</updated>
<published>2023-05-23T16:49:14Z</published><title>A Paper
  on Data</title><summary> We made
 data. </summary><author><name>A. Author</name></author>
<link href="http://arxiv.org/abs/2305.14233v1" rel="alternate" type="text/html"/>
<category term="cs.CL" scheme="http://arxiv.org/schemas/atom"/></entry>"""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return make_certificate(tmp_path_factory.mktemp("tls"), *HOSTS)


@pytest.fixture
def server(certificate: tuple[Path, Path]) -> Iterator[WebServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate[1], certificate[0])
    with WebServer(context).running() as server:
        yield server


def live(server: WebServer, certificate: tuple[Path, Path], pace: float = 0.0) -> LiveWeb:
    trusting = ssl.create_default_context(cafile=str(certificate[1]))
    return LiveWeb(GuardedFetcher(Names(), FetchLimits(attempts=2, max_wait=0), Loopback(server.port), trusting), pace)


@pytest.mark.parametrize(
    ("readme", "media_type"),
    [
        ("README.md", "text/markdown"),
        ("readme.md", "text/markdown"),
        ("README.rst", "text/x-rst"),
        ("README", "text/plain"),
    ],
)
def test_a_repository_is_its_readme_whatever_that_is_called(
    server: WebServer, certificate: tuple[Path, Path], readme: str, media_type: str
) -> None:
    server.routes[f"https://raw.githubusercontent.com/Lab/Data/HEAD/{readme}"] = Answer(
        b"# Data", headers={"ETag": "e"}
    )
    fetched = live(server, certificate).repository("Lab", "Data")
    assert (fetched.url, fetched.body) == ("https://github.com/Lab/Data", b"# Data")
    assert (fetched.media_type, fetched.revision) == (media_type, "e")


def test_a_repository_without_a_readme_is_missing(server: WebServer, certificate: tuple[Path, Path]) -> None:
    with pytest.raises(DocumentMissing, match=r"https://github\.com/lab/data is not there"):
        live(server, certificate).repository("lab", "data")


@pytest.mark.parametrize("owner", ["..", "a b", "a/b", "", "é", "x" * 200, "a?b", "a#b", "a%2fb"])
def test_a_name_that_github_cannot_have_is_not_asked_for(
    server: WebServer, certificate: tuple[Path, Path], owner: str
) -> None:
    with pytest.raises(DocumentMissing):
        live(server, certificate).repository(owner, "data")
    assert all(".." not in url and "%" not in url for url, _ in server.requests)


def test_a_paper_is_its_pdf_with_what_arxiv_says_of_it(server: WebServer, certificate: tuple[Path, Path]) -> None:
    server.routes[API.format("2305.14233")] = Answer(FEED.format(count=1, entry=ENTRY).encode())
    server.routes["https://arxiv.org/pdf/2305.14233"] = Answer(pdf(["words"]))
    fetched = live(server, certificate).paper("2305.14233")
    assert fetched.body.startswith(b"%PDF-")
    assert (fetched.url, fetched.media_type) == ("https://arxiv.org/abs/2305.14233", "application/pdf")
    assert fetched.metadata == {
        "id": "2305.14233",
        "title": "A Paper on Data",
        "published": "2023-05-23T16:49:14+00:00",
        "summary": "We made data.",
    }


def test_a_paper_that_arxiv_does_not_know_is_missing(server: WebServer, certificate: tuple[Path, Path]) -> None:
    server.routes[API.format("2305.99999")] = Answer(FEED.format(count=0, entry="").encode())
    with pytest.raises(DocumentMissing, match=r"arXiv knows no paper 2305\.99999"):
        live(server, certificate).paper("2305.99999")


def test_a_page_in_place_of_the_pdf_is_unreadable(server: WebServer, certificate: tuple[Path, Path]) -> None:
    server.routes[API.format("2305.14233")] = Answer(FEED.format(count=1, entry=ENTRY).encode())
    server.routes["https://arxiv.org/pdf/2305.14233"] = Answer.html("<p>Are you a robot?</p>")
    with pytest.raises(UnreadableDocument, match="is not a PDF"):
        live(server, certificate).paper("2305.14233")


@pytest.mark.parametrize("answer", [Answer(status=503), Answer(status=429, headers={"Retry-After": "0"})])
def test_arxiv_that_is_busy_is_a_failure_of_this_time(
    server: WebServer, certificate: tuple[Path, Path], answer: Answer
) -> None:
    server.routes[API.format("2305.14233")] = answer
    with pytest.raises(FetchFailed):
        live(server, certificate).paper("2305.14233")
    assert len(server.requests) == 2


def test_arxiv_is_not_asked_more_often_than_it_wishes(
    server: WebServer, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    sleeps: list[float] = []
    monkeypatch.setattr(time, "sleep", sleeps.append)
    server.routes[API.format("2305.14233")] = Answer(FEED.format(count=1, entry=ENTRY).encode())
    server.routes["https://arxiv.org/pdf/2305.14233"] = Answer(pdf(["words"]))
    web = live(server, certificate, pace=1000.0)
    web.paper("2305.14233")
    web.paper("2305.14233")
    waits = [seconds for seconds in sleeps if seconds > 500]
    assert len(server.requests) == 4
    assert len(waits) == 3, "before each request but the first"


def test_a_page_is_fetched_as_it_is(server: WebServer, certificate: tuple[Path, Path]) -> None:
    server.routes["https://lab.example/blog"] = Answer.html("<p>Post</p>")
    assert live(server, certificate).page("https://lab.example/blog").body == b"<p>Post</p>"
