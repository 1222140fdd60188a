"""A fetch is bounded in size, time and redirects, sends no credential, and says what went wrong and where."""

from __future__ import annotations

import gzip
import itertools
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock

import pytest

from lineage_platform.documents.fetcher import PART_BYTES, FetchLimits, GuardedFetcher
from lineage_platform.errors import DocumentMissing, FetchFailed, FetchRefused
from tests.documents.support import make_certificate
from tests.servers.web import Answer, Loopback, Names, WebServer

PAGE = "http://site.example/page"


@pytest.fixture
def server() -> Iterator[WebServer]:
    with WebServer().running() as server:
        yield server


def fetcher(server: WebServer, **limits: float) -> GuardedFetcher:
    return GuardedFetcher(Names(), FetchLimits(**limits), Loopback(server.port))  # type: ignore[arg-type]


def test_a_page_comes_with_its_type_encoding_and_revision(server: WebServer) -> None:
    headers = {"Content-Type": 'Text/HTML; Charset="ISO-8859-1"', "ETag": '"v1"'}
    server.routes[PAGE] = Answer("déjà".encode("latin-1"), headers=headers)
    fetched = fetcher(server).get(PAGE)
    assert (fetched.url, fetched.final_url, fetched.body) == (PAGE, PAGE, "déjà".encode("latin-1"))
    assert (fetched.media_type, fetched.charset, fetched.revision) == ("text/html", "iso-8859-1", '"v1"')


def test_the_query_is_sent_and_the_fragment_is_not(server: WebServer) -> None:
    server.routes[f"{PAGE}?a=1"] = Answer(b"one")
    assert fetcher(server).get(f"{PAGE}?a=1#part").body == b"one"


def test_redirects_are_followed_to_the_end(server: WebServer) -> None:
    server.routes[PAGE] = Answer.to("/next", 301)
    server.routes["http://site.example/next"] = Answer.to("http://other.example/end#x", 308)
    server.routes["http://other.example/end"] = Answer(b"end")
    fetched = fetcher(server).get(PAGE)
    assert (fetched.url, fetched.final_url, fetched.body) == (PAGE, "http://other.example/end", b"end")


def test_a_redirect_loop_is_refused(server: WebServer) -> None:
    server.routes[PAGE] = Answer.to("/other")
    server.routes["http://site.example/other"] = Answer.to("/page")
    with pytest.raises(FetchRefused, match=r"http://site\.example/page is refused: it redirects in a loop"):
        fetcher(server).get(PAGE)
    assert len(server.requests) == 2


def test_redirects_without_end_are_refused(server: WebServer) -> None:
    for number in range(10):
        server.routes[f"http://site.example/{number}"] = Answer.to(f"/{number + 1}")
    with pytest.raises(FetchRefused, match="more than 5 times"):
        fetcher(server).get("http://site.example/0")
    assert len(server.requests) == 6


@pytest.mark.parametrize(
    ("status", "error"),
    [(404, DocumentMissing), (410, DocumentMissing), (401, FetchRefused), (403, FetchRefused), (451, FetchRefused)],
)
def test_a_final_answer_is_not_asked_for_again(server: WebServer, status: int, error: type[Exception]) -> None:
    server.routes[PAGE] = Answer(status=status)
    with pytest.raises(error, match=rf"http://site\.example/page .*\({status}\)"):
        fetcher(server).get(PAGE)
    assert server.asked(PAGE) == 1


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_busy_host_is_asked_again_when_it_says_so(server: WebServer, status: int) -> None:
    answers = iter([Answer(status=status, headers={"Retry-After": "0"}), Answer(b"now")])
    server.routes[PAGE] = lambda: next(answers)
    assert fetcher(server).get(PAGE).body == b"now"
    assert server.asked(PAGE) == 2


def test_a_host_that_stays_busy_is_given_up(server: WebServer) -> None:
    server.routes[PAGE] = Answer(status=503, headers={"Retry-After": "0"})
    with pytest.raises(FetchFailed, match="answers 503"):
        fetcher(server).get(PAGE)
    assert server.asked(PAGE) == 3


def test_a_host_that_asks_for_a_long_wait_is_not_waited_for(server: WebServer) -> None:
    server.routes[PAGE] = Answer(status=429, headers={"Retry-After": "3600"})
    with pytest.raises(FetchFailed, match="asks to wait 3600 s"):
        fetcher(server).get(PAGE)
    assert server.asked(PAGE) == 1


@pytest.mark.parametrize("wait", ["Wed, 21 Oct 2026 07:28:00 GMT", "-5", "1e9", "²", "soon"])
def test_an_odd_wait_is_our_own(server: WebServer, wait: str) -> None:
    answers = iter([Answer(status=503, headers={"Retry-After": wait}), Answer(b"now")])
    server.routes[PAGE] = lambda: next(answers)
    assert fetcher(server, max_wait=0).get(PAGE).body == b"now"


def test_a_body_beyond_the_limit_is_refused(server: WebServer) -> None:
    server.routes[PAGE] = Answer(b"x" * 1001)
    with pytest.raises(FetchRefused, match="larger than 1,000 bytes"):
        fetcher(server, max_bytes=1000).get(PAGE)
    server.routes[PAGE] = Answer(b"x" * 1000)
    assert len(fetcher(server, max_bytes=1000).get(PAGE).body) == 1000


def test_a_compressed_body_is_inflated(server: WebServer) -> None:
    text = bytes(itertools.islice(itertools.cycle(b"lineage "), 3 * PART_BYTES))
    server.routes[PAGE] = Answer.zipped(text)
    assert fetcher(server).get(PAGE).body == text


def test_members_in_a_row_are_one_body(server: WebServer) -> None:
    body = gzip.compress(b"one ") + gzip.compress(b"two")
    server.routes[PAGE] = Answer(body, headers={"Content-Encoding": "gzip"})
    assert fetcher(server).get(PAGE).body == b"one two"


def test_a_bomb_is_refused_before_it_goes_off(server: WebServer) -> None:
    server.routes[PAGE] = Answer.zipped(b"\0" * 50_000_000)
    with pytest.raises(FetchRefused, match="larger than 1,000,000 bytes"):
        fetcher(server, max_bytes=1_000_000).get(PAGE)


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "deflate", "x"])
def test_an_encoding_that_was_not_asked_for_is_not_opened(server: WebServer, encoding: str) -> None:
    server.routes[PAGE] = Answer(b"x", headers={"Content-Encoding": encoding})
    with pytest.raises(FetchFailed, match="was not asked for"):
        fetcher(server).get(PAGE)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(b"half", cut=True),
        Answer(gzip.compress(b"whole")[:-9], headers={"Content-Encoding": "gzip"}),
        Answer(b"no gzip at all", headers={"Content-Encoding": "gzip"}),
    ],
)
def test_a_body_cut_short_is_no_document(server: WebServer, answer: Answer) -> None:
    server.routes[PAGE] = answer
    with pytest.raises(FetchFailed, match=r"http://site\.example/page could not be read"):
        fetcher(server, attempts=1).get(PAGE)


def test_a_body_that_drips_is_cut_at_the_deadline(server: WebServer) -> None:
    server.routes[PAGE] = Answer(b"x" * 10_000, drip=0.02)
    with pytest.raises(FetchFailed, match="could not be read"):
        fetcher(server, seconds=0.3, attempts=1).get(PAGE)


def test_a_host_that_nobody_knows_is_a_failure_of_this_time(server: WebServer) -> None:
    with pytest.raises(FetchFailed, match=r"nowhere\.example has no address"):
        GuardedFetcher(Names(nowhere_example=""), connector=Loopback(server.port)).get("http://nowhere.example/")


def test_a_host_that_is_down_is_a_failure_of_this_time() -> None:
    with WebServer().running() as server:
        gone = server.port
    with pytest.raises(FetchFailed, match=r"http://site\.example/page could not be read"):
        GuardedFetcher(Names(), FetchLimits(attempts=1), Loopback(gone)).get(PAGE)


def test_no_credential_is_ever_sent(server: WebServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for variable in ("HF_TOKEN", "GITHUB_TOKEN", "GH_TOKEN", "HUGGING_FACE_HUB_TOKEN"):
        monkeypatch.setenv(variable, "secret-token")
    netrc = tmp_path / "netrc"
    netrc.write_text("machine site.example login me password secret-token\n")
    monkeypatch.setenv("NETRC", str(netrc))
    server.routes[PAGE] = Answer(status=302, headers={"Location": "/next", "Set-Cookie": "session=secret-token"})
    server.routes["http://site.example/next"] = Answer(b"end", headers={"Set-Cookie": "session=secret-token"})
    fetching = fetcher(server)
    fetching.get(PAGE)
    fetching.get(PAGE)
    assert len(server.requests) == 4
    for _, headers in server.requests:
        assert {name.lower() for name in headers} == {"host", "user-agent", "accept", "accept-encoding", "connection"}
        assert "secret" not in str(headers)


def test_one_host_is_not_flooded(server: WebServer) -> None:
    lock, current, most = Lock(), [0], [0]

    def answer() -> Answer:
        with lock:
            current[0] += 1
            most[0] = max(most[0], current[0])
        with ThreadPoolExecutor(1) as pool:  # gives other requests room to arrive
            pool.submit(lambda: None).result()
        with lock:
            current[0] -= 1
        return Answer(b"x")

    server.routes[PAGE] = answer
    fetching = fetcher(server, per_host=2)
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda _: fetching.get(PAGE), range(24)))
    assert most[0] <= 2


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return make_certificate(tmp_path_factory.mktemp("tls"), "site.example")


@pytest.fixture
def secure_server(certificate: tuple[Path, Path]) -> Iterator[WebServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate[1], certificate[0])
    with WebServer(context).running() as server:
        yield server


def secure_fetcher(server: WebServer, certificate: Path) -> GuardedFetcher:
    trusting = ssl.create_default_context(cafile=str(certificate))
    return GuardedFetcher(Names(), FetchLimits(attempts=1), Loopback(server.port), trusting)


def test_the_certificate_is_checked_for_the_name_not_the_address(
    secure_server: WebServer, certificate: tuple[Path, Path]
) -> None:
    secure_server.routes["https://site.example/"] = Answer(b"secret page")
    secure_server.routes["https://other.example/"] = Answer(b"other page")
    fetching = secure_fetcher(secure_server, certificate[1])
    assert fetching.get("https://site.example/").body == b"secret page"
    with pytest.raises(FetchFailed, match="certificate verify failed"):
        fetching.get("https://other.example/")


def test_an_unknown_certificate_is_not_trusted(secure_server: WebServer) -> None:
    with pytest.raises(FetchFailed, match="certificate verify failed"):
        GuardedFetcher(Names(), FetchLimits(attempts=1), Loopback(secure_server.port)).get("https://site.example/")
    assert secure_server.requests == []


def test_https_is_not_left_for_http(secure_server: WebServer, certificate: tuple[Path, Path]) -> None:
    secure_server.routes["https://site.example/"] = Answer.to("http://site.example/")
    with pytest.raises(FetchRefused, match="redirects from https to http"):
        secure_fetcher(secure_server, certificate[1]).get("https://site.example/")
