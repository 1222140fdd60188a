"""No document's link reaches a host that is not public, however it is spelled: no connection is even opened."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage_platform.documents.fetcher import FetchLimits, GuardedFetcher
from lineage_platform.documents.guard import is_public, public_addresses, system_resolver
from lineage_platform.errors import FetchRefused
from tests.servers.web import PUBLIC, Answer, Loopback, Names, WebServer

SPELLED = [  # judged as the system resolves them
    "http://127.0.0.1/",
    "http://127.1/",
    "http://127.0.1/",
    "http://2130706433/",
    "http://017700000001/",
    "http://0177.0.0.1/",
    "http://0177.0.0.01/",
    "http://0x7f000001/",
    "http://0x7f.0.0.1/",
    "http://0x7f.1/",
    "http://0X7F.0x0.0x0.0x1/",
    "http://127.0.0.1./",
    "http://127.0.0.1:8080/",
    "http://127.0.0.1:22/",
    "http://127.0.0.1:6379/",
    "http://127.255.255.254/",
    "http://0.0.0.0/",
    "http://0/",
    "http://00000000/",
    "http://10.0.0.1/",
    "http://172.16.0.1/",
    "http://192.168.1.1/",
    "http://3232235777/",
    "http://100.64.0.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://2852039166/latest/meta-data/",
    "http://0251.0376.0251.0376/",
    "http://0xa9fea9fe/",
    "http://192.0.0.192/",
    "http://192.0.2.1/",
    "http://198.18.0.1/",
    "http://224.0.0.1/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    "http://[::1]/",
    "http://[::]/",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::ffff:169.254.169.254]/",
    "http://[::127.0.0.1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[64:ff9b::a9fe:a9fe]/",
    "http://[64:ff9b:1::1]/",
    "http://[2002:7f00:1::]/",
    "http://[2002:a9fe:a9fe::1]/",
    "http://[2001:0:4136:e378:8000:63bf:80ff:fffe]/",
    "http://[fe80::1]/",
    "http://[fe80::1%25lo]/",
    "http://[fc00::1]/",
    "http://[fd00:ec2::254]/",
    "http://[ff02::1]/",
    "http://[fec0::1]/",
    "http://[2001:db8::1]/",
    "http://[100::1]/",
    "http://localhost/",
    "http://LOCALHOST/",
    "http://localhost./",
    "http://a.localhost/",
    "http://printer.local/",
    "http://metadata.google.internal/computeMetadata/v1/",
    "http://intranet/",
    "http://\u2460\u2461\u2466.\u24ea.\u24ea.\u2460/",
    "http://127\u30020\u30020\u30021/",
    "http://127%2e0%2e0%2e1/",
    "http://loc%61lhost/",
    "http://user@site.example/",
    "http://user:secret@site.example/",
    "http://site.example@127.0.0.1/",
    "http://site.example%40127.0.0.1/",
    "http://site.example:80@127.0.0.1/",
    "http://127.0.0.1\\@site.example/",
    "http://site.example\\.internal/",
    "http://site.example\t.internal/",
    "http://site.example\r\nHost: 127.0.0.1/",
    "http://site.example:22/",
    "http://site.example:25/",
    "http:///etc/passwd",
    "http://",
    "http://../",
    "file:///etc/passwd",
    "ftp://site.example/",
    "gopher://127.0.0.1:6379/_FLUSHALL",
    "dict://127.0.0.1:11211/stats",
    "unix:///var/run/docker.sock",
    "data:text/html,hello",
    "javascript:alert(1)",
    "//127.0.0.1/",
    "127.0.0.1",
]

RESOLVED = [  # names whose addresses, or one of them, are not public
    "127.0.0.1",
    "169.254.169.254",
    "10.1.2.3",
    "192.168.0.10",
    "100.100.100.200",
    "0.0.0.0",
    "::1",
    "::ffff:10.0.0.1",
    "fe80::1",
    "fe80::1%eth0",
    "fd12:3456::1",
    "64:ff9b::c0a8:1",
    "2002:c0a8:101::",
    f"{PUBLIC} 127.0.0.1",
    f"127.0.0.1 {PUBLIC}",
    f"{PUBLIC} 2606:4700::1 ::1",
]

INSIDE = [  # where a public page may try to send its reader
    "http://127.0.0.1/",
    "http://inside.example/",
    "//127.0.0.1/",
    "http://2130706433/",
    "http://[::ffff:127.0.0.1]/",
    "http://user:secret@site.example/",
    "http://localhost/",
    "file:///etc/passwd",
    "http://169.254.169.254/latest/",
    "http://site.example:6379/",
    "\\\\127.0.0.1\\share",
    "http://[::1",
]


@pytest.fixture
def server() -> Iterator[WebServer]:
    with WebServer().running() as server:
        yield server


def by_system_or_public(host: str, port: int) -> list[str]:
    return [PUBLIC] if host.endswith(".example") else list(system_resolver(host, port))


def test_there_are_at_least_sixty_tricks() -> None:
    assert len({*SPELLED, *RESOLVED, *INSIDE}) >= 60


def test_the_listener_counts_what_reaches_it(server: WebServer) -> None:
    server.routes["http://site.example/"] = Answer.html("public")
    door = Loopback(server.port)
    assert GuardedFetcher(Names(), connector=door).get("http://site.example/").body == b"public"
    assert door.connections == [(PUBLIC, 80)]


@pytest.mark.parametrize("url", SPELLED)
def test_no_spelling_of_a_private_address_is_connected_to(url: str, server: WebServer) -> None:
    door = Loopback(server.port)
    with pytest.raises(FetchRefused):
        GuardedFetcher(by_system_or_public, connector=door).get(url)
    assert door.connections == []
    assert server.requests == []


@pytest.mark.parametrize("addresses", RESOLVED)
def test_a_name_is_refused_when_any_of_its_addresses_is_private(addresses: str, server: WebServer) -> None:
    door = Loopback(server.port)
    with pytest.raises(FetchRefused, match="not public"):
        GuardedFetcher(Names(any=addresses), connector=door).get("http://site.example/")
    assert door.connections == []


@pytest.mark.parametrize("target", INSIDE)
@pytest.mark.parametrize("status", [301, 307])
def test_a_redirect_leads_nowhere_that_a_link_may_not(target: str, status: int, server: WebServer) -> None:
    server.routes["http://site.example/"] = Answer.to(target, status)
    door = Loopback(server.port)
    names = Names(any=PUBLIC, inside_example="10.0.0.7")

    def resolve(host: str, port: int) -> list[str]:
        return names(host, port) if host.endswith(".example") else list(system_resolver(host, port))

    with pytest.raises(FetchRefused):
        GuardedFetcher(resolve, connector=door).get("http://site.example/")
    assert door.connections == [(PUBLIC, 80)], "only the page that redirects was opened"


def test_a_name_that_changes_its_address_after_the_check_is_connected_to_the_checked_one(server: WebServer) -> None:
    server.routes["http://rebind.example/"] = Answer.html("checked")
    names = Names(rebind_example=[PUBLIC, "127.0.0.1"])
    door = Loopback(server.port)
    fetcher = GuardedFetcher(names, connector=door)
    assert fetcher.get("http://rebind.example/").body == b"checked"
    assert (names.lookups, door.connections) == (["rebind.example"], [(PUBLIC, 80)])
    with pytest.raises(FetchRefused):
        fetcher.get("http://rebind.example/")
    assert len(door.connections) == 1


def test_a_name_that_changes_its_address_between_redirects_is_refused(server: WebServer) -> None:
    server.routes["http://rebind.example/"] = Answer.to("http://rebind.example/again")
    door = Loopback(server.port)
    with pytest.raises(FetchRefused, match="is not public"):
        GuardedFetcher(Names(rebind_example=[PUBLIC, "127.0.0.1"]), connector=door).get("http://rebind.example/")
    assert len(door.connections) == 1


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
def test_no_proxy_variable_leads_around_the_guard(
    variable: str, server: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, f"http://127.0.0.1:{server.port}")
    monkeypatch.setenv("NO_PROXY", "")
    door = Loopback(server.port)
    with pytest.raises(FetchRefused):
        GuardedFetcher(connector=door).get("http://127.0.0.1/")
    assert (door.connections, server.requests) == ([], [])


def test_the_systems_own_connection_opens_nothing_either(server: WebServer) -> None:
    fetcher = GuardedFetcher(limits=FetchLimits(attempts=1))
    for url in (f"http://127.0.0.1:{server.port}/", f"http://localhost:{server.port}/", "http://127.0.0.1:8080/"):
        with pytest.raises(FetchRefused):
            fetcher.get(url)
    assert server.requests == []


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "1.1.1.1", "2606:4700:4700::1111", "2a00:1450:4001::1", "64:ff9b::102:304"]
)
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(ip_address(address))
    assert public_addresses("site.example", 80, lambda *_: [address]) == [address]


PRIVATE_NETWORKS = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "224.0.0.0/3",
]


@given(st.sampled_from(PRIVATE_NETWORKS), st.integers(0, 2**32 - 1))
def test_no_private_ipv4_address_is_public_alone_or_embedded(network: str, number: int) -> None:
    block = ip_network(network)
    address = block[number % block.num_addresses]
    embedded = [0xFFFF << 32 | int(address), 0x0064FF9B << 96 | int(address), 0x2002 << 112 | int(address) << 80]
    assert not is_public(address)  # type: ignore[arg-type]
    assert not any(is_public(ip_address(number.to_bytes(16))) for number in embedded)  # type: ignore[arg-type]


@given(st.ip_addresses(v=6))
def test_every_public_ipv6_address_is_one_that_was_given_out(address: object) -> None:
    public = is_public(address)  # type: ignore[arg-type]
    assert not public or address in ip_network("2000::/3") or address in ip_network("64:ff9b::/96")
