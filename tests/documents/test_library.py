"""Each document is fetched once, kept, and, whatever is wrong with it, an outcome with one clear line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from lineage_platform.catalog import open_hub
from lineage_platform.documents.fetcher import FetchLimits, GuardedFetcher
from lineage_platform.documents.library import Library
from lineage_platform.documents.live import LiveWeb
from lineage_platform.documents.web import Fetched, FolderWeb
from lineage_platform.errors import (
    BrokenRecord,
    DatasetGated,
    DocumentMissing,
    FetchFailed,
    FetchRefused,
    HubUnavailable,
    LineageError,
    UnreadableDocument,
)
from lineage_platform.files import ContentStore
from lineage_platform.records import DatasetInfo, Document, DocumentKind, DocumentOutcome, Link
from tests.documents.test_papers import pdf
from tests.servers.web import Answer, Loopback, Names, WebServer

INFO = DatasetInfo(id="lab/data", sha="a" * 40)
REPOSITORY = Link(url="https://github.com/Lab/Data/tree/main", kind=DocumentKind.REPOSITORY)
POST = Link(url="https://lab.example/post", kind=DocumentKind.BLOG)


class OneCardHub:
    """A hub of one dataset, whose card is a given body or error."""

    name = "one"
    label = ""

    def __init__(self, card: bytes | LineageError | None, folder: Path | None = None) -> None:
        self.answer = card
        self.folder = folder
        self.asked = 0

    def info(self, dataset_id: str) -> DatasetInfo:
        return INFO

    def card(self, info: DatasetInfo) -> bytes | None:
        self.asked += 1
        if isinstance(self.answer, LineageError):
            raise self.answer
        return self.answer

    def search(self, words: str, limit: int = 20) -> list[str]:
        return []


class OnePageWeb:
    """A web that answers the same, or fails the same way, to every question, and keeps the questions."""

    def __init__(self, answer: Fetched | LineageError) -> None:
        self.answer = answer
        self.asked: list[str] = []

    def page(self, url: str) -> Fetched:
        self.asked.append(url)
        if isinstance(self.answer, LineageError):
            raise self.answer
        return self.answer

    def repository(self, owner: str, name: str) -> Fetched:
        return self.page(f"{owner}/{name}")

    def paper(self, arxiv_id: str) -> Fetched:
        return self.page(arxiv_id)


def fetched(body: bytes, media_type: str = "text/markdown", **more: object) -> Fetched:
    return Fetched("https://lab.example/post", "https://lab.example/post", body, media_type, **more)  # type: ignore[arg-type]


Opening = Callable[..., Library]


@pytest.fixture
def library(tmp_path: Path) -> Opening:
    """Opens a library over one data home."""

    def opened(
        card: bytes | LineageError | OneCardHub | None = b"# Card",
        web: OnePageWeb | FolderWeb | LiveWeb | None = None,
        refresh: bool = False,
    ) -> Library:
        hub = card if isinstance(card, OneCardHub) else OneCardHub(card)
        web = web or OnePageWeb(fetched(b"# Page"))
        return Library(hub, web, tmp_path / "hubs" / "one", ContentStore(tmp_path / "store"), refresh)

    return opened


def records(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "hubs" / "one" / "documents").glob("*"))


# Cards ---------------------------------------------------------------------------------------------------------------


def test_a_card_is_a_document_at_its_commit(library: Opening) -> None:
    documents = library(b"---\nlicense: mit\n---\n# Card\nMade from GSM8K.")
    card = documents.card(INFO)
    assert (card.kind, card.outcome, card.detail) == (DocumentKind.CARD, DocumentOutcome.FETCHED, "")
    assert (card.url, card.revision) == ("https://huggingface.co/datasets/lab/data", INFO.sha)
    assert card.metadata == {}
    read = documents.read(card)
    assert read.front_matter == {"license": "mit"}
    assert "Made from GSM8K." in read.clean.text
    assert documents.fetched == 1


@pytest.mark.parametrize(
    ("body", "outcome", "detail"),
    [
        (None, DocumentOutcome.MISSING, "lab/data has no card"),
        (b"", DocumentOutcome.EMPTY, "it is empty"),
        (b" \n\t\n", DocumentOutcome.EMPTY, "it is empty"),
        (b"\xef\xbb\xbf", DocumentOutcome.EMPTY, "it is empty"),
        (b"---\nlicense: mit\n---\n", DocumentOutcome.FETCHED, ""),
        ("Déjà publié".encode("cp1252"), DocumentOutcome.FETCHED, "not UTF-8: read as cp1252"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", DocumentOutcome.UNREADABLE, "it is binary data, not text"),
        (b"---\na: [\n---\nBody", DocumentOutcome.FETCHED, "the front matter is not plain YAML"),
        (b"---\na: !!python/name:os.system\n---\nBody", DocumentOutcome.FETCHED, "could not determine a constructor"),
        (b"word " * 2_000_000, DocumentOutcome.FETCHED, "only the first 1,000,000 are read"),
        (b"<!doctype html><html><body><p>Made from GSM8K.</p></body></html>", DocumentOutcome.FETCHED, ""),
        (DatasetGated("lab/data is gated"), DocumentOutcome.REFUSED, "lab/data is gated"),
        (UnreadableDocument("the card is too long"), DocumentOutcome.UNREADABLE, "the card is too long"),
        (HubUnavailable("the Hub is away", "try later"), DocumentOutcome.FAILED, "the Hub is away. try later"),
        (BrokenRecord("README.md is broken"), DocumentOutcome.FAILED, "README.md is broken"),
    ],
    ids=range(15),
)
def test_a_bad_card_is_an_outcome_with_one_line(
    library: Opening, body: bytes | LineageError | None, outcome: DocumentOutcome, detail: str
) -> None:
    documents = library(body)
    card = documents.card(INFO)
    assert card.outcome is outcome
    assert detail in card.detail
    assert "\n" not in card.detail
    if outcome is DocumentOutcome.FETCHED:
        assert documents.read(card).document == card
    else:
        assert card.text_digest is None
        with pytest.raises(UnreadableDocument, match=r"https://huggingface\.co/datasets/lab/data was not read"):
            documents.read(card)


def test_a_card_is_kept_per_commit(library: Opening) -> None:
    hub = OneCardHub(b"one")
    first = library(hub).card(INFO)
    hub.answer = b"two"
    assert library(hub).card(INFO) == first
    second = library(hub).card(INFO.model_copy(update={"sha": "b" * 40}))
    assert library(hub).read(second).text == "two"
    assert second.document_id != first.document_id
    assert hub.asked == 2


def test_a_card_that_its_author_changed_without_a_commit_is_another(library: Opening) -> None:
    hub = OneCardHub(b"one")
    before, after = (INFO.model_copy(update={"card_digest": digest}) for digest in ("1", "2"))
    first = library(hub).card(before)
    hub.answer = b"two"
    assert library(hub).card(before) == first
    assert library(hub).read(library(hub).card(after)).text == "two"


@pytest.mark.parametrize("body", [b"# Card", "Déjà publié".encode("latin-1"), b"", None])
def test_the_bytes_of_a_card_are_at_hand(library: Opening, body: bytes | None) -> None:
    assert library(body).card_body(INFO) == body


@pytest.mark.parametrize("error", [DatasetGated("lab/data is gated"), HubUnavailable("the Hub is away")])
def test_a_card_that_is_withheld_has_no_bytes(library: Opening, error: LineageError) -> None:
    with pytest.raises(type(error), match=error.message):
        library(error).card_body(INFO)


# Links ---------------------------------------------------------------------------------------------------------------


def test_links_into_one_repository_are_one_document(library: Opening) -> None:
    web = OnePageWeb(fetched(b"# Data"))
    documents = library(web=web)
    urls = [
        "https://github.com/lab/data",
        "https://github.com/Lab/Data.git",
        "https://github.com/LAB/data/blob/main/x.md",
    ]
    opened = [documents.open(Link(url=url, kind=DocumentKind.BLOG)) for url in urls]
    assert opened[0] == opened[1] == opened[2]
    assert (opened[0].kind, opened[0].url) == (DocumentKind.REPOSITORY, "https://github.com/lab/data")
    assert web.asked == ["lab/data"]


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (FetchRefused("https://x.example is refused"), DocumentOutcome.REFUSED),
        (DocumentMissing("https://x.example is not there"), DocumentOutcome.MISSING),
        (UnreadableDocument("https://x.example is no PDF"), DocumentOutcome.UNREADABLE),
        (FetchFailed("https://x.example is away"), DocumentOutcome.FAILED),
    ],
)
def test_what_goes_wrong_with_a_link_is_its_outcome(
    library: Opening, error: LineageError, outcome: DocumentOutcome
) -> None:
    documents = library(web=OnePageWeb(error))
    opened = documents.open(POST)
    assert (opened.outcome, opened.detail) == (outcome, error.message)
    assert documents.fetched == 0


@pytest.mark.parametrize(
    "url", ["https://huggingface.co/datasets/openai/gsm8k", "README.md", "", "javascript:alert(1)", "http://[::1"]
)
def test_a_link_to_a_dataset_or_to_nothing_is_refused_without_a_request(library: Opening, url: str) -> None:
    web = OnePageWeb(fetched(b"x"))
    assert library(web=web).open(Link(url=url, kind=DocumentKind.BLOG)).outcome is DocumentOutcome.REFUSED
    assert web.asked == []


def test_a_pdf_is_stored_as_its_text(library: Opening) -> None:
    documents = library(web=OnePageWeb(fetched(pdf(["Made from GSM8K."]), "application/pdf")))
    opened = documents.open(Link(url="https://arxiv.org/abs/2305.14233v2", kind=DocumentKind.BLOG))
    assert (opened.kind, opened.outcome) == (DocumentKind.PAPER, DocumentOutcome.FETCHED)
    assert documents.read(opened).text == "Made from GSM8K."
    assert opened.body_digest != opened.text_digest


def test_a_pdf_that_is_not_one_is_unreadable(library: Opening) -> None:
    documents = library(web=OnePageWeb(fetched(b"<html>Not found</html>", "application/pdf")))
    opened = documents.open(Link(url="https://lab.example/paper.pdf", kind=DocumentKind.PAPER))
    assert opened.outcome is DocumentOutcome.UNREADABLE
    assert opened.detail == "it is not a PDF, though it claims to be"


def test_what_is_known_of_a_paper_is_kept_within_bounds(library: Opening) -> None:
    metadata = {"title": "T" * 100_000, "published": "2023-05-23", "authors": ["A"], **{str(n): "x" for n in range(99)}}
    documents = library(web=OnePageWeb(fetched(b"A paper", "text/plain", metadata=metadata)))
    kept = documents.open(Link(url="https://arxiv.org/abs/2305.14233", kind=DocumentKind.PAPER)).metadata
    assert kept["published"] == "2023-05-23"
    assert "authors" not in kept
    assert len(str(kept)) < 10_000


# Once ----------------------------------------------------------------------------------------------------------------


def test_sixteen_threads_fetch_a_document_once(library: Opening) -> None:
    web, hub, barrier = OnePageWeb(fetched(b"# Page")), OneCardHub(b"# Card"), Barrier(16)
    documents = library(hub, web)

    def ask(_: int) -> tuple[Document, Document]:
        barrier.wait()
        return documents.open(POST), documents.card(INFO)

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(ask, range(16)))
    assert len({(opened.document_id, card.document_id) for opened, card in answers}) == 1
    assert (len(web.asked), hub.asked, documents.fetched) == (1, 1, 2)


@pytest.mark.parametrize(
    "answer",
    [
        fetched(b"# Page"),
        fetched(b""),
        fetched(b"\0\0\0"),
        DocumentMissing("not there"),
        FetchRefused("refused"),
        UnreadableDocument("unreadable"),
    ],
)
def test_what_is_on_disk_is_not_fetched_again_unless_asked_to(library: Opening, answer: Fetched | LineageError) -> None:
    web = OnePageWeb(answer)
    first = library(web=web).open(POST)
    again = library(web=web)
    assert again.open(POST) == first
    assert (len(web.asked), again.fetched) == (1, 0)
    library(web=web, refresh=True).open(POST)
    assert len(web.asked) == 2


def test_what_failed_is_tried_again_next_time_but_not_this_time(library: Opening) -> None:
    web = OnePageWeb(FetchFailed("away"))
    documents = library(web=web)
    assert documents.open(POST) == documents.open(POST)
    assert len(web.asked) == 1
    web.answer = fetched(b"# Back")
    assert library(web=web).open(POST).outcome is DocumentOutcome.FETCHED


def test_a_damaged_record_or_a_lost_text_is_fetched_anew(library: Opening, tmp_path: Path) -> None:
    web = OnePageWeb(fetched(b"# Page"))
    first = library(web=web).open(POST)
    (record,) = records(tmp_path)
    record.write_bytes(record.read_bytes()[:40])
    assert library(web=web).open(POST).text_digest == first.text_digest
    assert first.text_digest
    ContentStore(tmp_path / "store").path(first.text_digest).unlink()
    documents = library(web=web)
    assert documents.read(documents.open(POST)).text == "# Page"
    assert len(web.asked) == 3


def test_a_stored_text_that_was_tampered_with_is_not_read(library: Opening, tmp_path: Path) -> None:
    documents = library()
    card = documents.card(INFO)
    assert card.text_digest
    ContentStore(tmp_path / "store").path(card.text_digest).write_bytes(b"other words")
    with pytest.raises(BrokenRecord, match="is damaged"):
        documents.read(card)


@pytest.mark.parametrize("path", ["../../x", "x" * 3000, "CON", "%2e%2e/%2e%2e/x", "a/../../../b"])
def test_no_address_leaves_the_store_or_collides(library: Opening, tmp_path: Path, path: str) -> None:
    library().open(Link(url=f"https://lab.example/{path}", kind=DocumentKind.BLOG))
    library().open(Link(url=f"https://lab.example/{path}".swapcase(), kind=DocumentKind.BLOG))
    assert {entry.name for entry in tmp_path.iterdir()} == {"hubs", "store"}
    assert len(records(tmp_path)) == 2


def test_equal_documents_have_equal_ids_and_other_ones_other(library: Opening) -> None:
    one = library(web=OnePageWeb(fetched(b"one"))).open(POST)
    two = library(web=OnePageWeb(fetched(b"two")), refresh=True).open(POST)
    three = library(web=OnePageWeb(fetched(b"one")), refresh=True).open(POST)
    assert one.document_id == three.document_id != two.document_id


# The whole way -------------------------------------------------------------------------------------------------------


@pytest.fixture
def server() -> Iterator[WebServer]:
    with WebServer().running() as server:
        yield server


def test_bad_links_over_the_real_fetcher_are_outcomes(library: Opening, server: WebServer) -> None:
    server.routes["http://lab.example/a"] = Answer.to("http://lab.example/b")
    server.routes["http://lab.example/b"] = Answer.to("http://lab.example/a")
    server.routes["http://lab.example/big"] = Answer(b"x" * 10_001)
    server.routes["http://lab.example/pdf"] = Answer(b"<html>", headers={"Content-Type": "application/pdf"})
    server.routes["http://lab.example/good"] = Answer.html("<p>Made from GSM8K.</p>")
    names = Names(private_example="10.0.0.1")
    fetcher = GuardedFetcher(names, FetchLimits(max_bytes=10_000, attempts=1), Loopback(server.port))
    documents = library(web=LiveWeb(fetcher))
    paths = [f"lab.example/{name}" for name in ("a", "big", "pdf", "none", "good")]
    opened = {
        path: documents.open(Link(url=f"http://{path}", kind=DocumentKind.BLOG))
        for path in (*paths, "private.example", "127.0.0.1")
    }
    outcomes = [document.outcome.value for document in opened.values()]
    assert outcomes == ["refused", "refused", "unreadable", "missing", "fetched", "refused", "refused"]
    assert "loop" in opened["lab.example/a"].detail
    assert "not public" in opened["private.example"].detail
    assert documents.read(opened["lab.example/good"]).clean.text.strip() == "Made from GSM8K."


def test_every_real_card_and_its_repository_is_read(real_data: Path, tmp_path: Path) -> None:
    hub = open_hub(str(real_data / "hub"))
    assert hub.folder
    documents = Library(hub, FolderWeb(hub.folder), tmp_path, ContentStore(tmp_path / "store"))
    readmes = sorted((real_data / "hub" / "github").glob("*/*/README.md"))
    for path in readmes:
        owner, name = path.parts[-3:-1]
        opened = documents.open(Link(url=f"https://github.com/{owner}/{name}", kind=DocumentKind.REPOSITORY))
        assert opened.outcome is DocumentOutcome.FETCHED
        assert documents.read(opened).text.encode() == path.read_bytes()
    assert documents.fetched == len(readmes)
