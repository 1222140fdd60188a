"""Which addresses of the web may be opened: public hosts, ordinary ports, no tricks of spelling."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from lineage_platform.errors import FetchFailed, FetchRefused

Resolver = Callable[[str, int], Sequence[str]]

PORTS = frozenset({80, 443, 8080, 8443})
MAX_URL = 4_096

_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
# Global in form, but tunnels to an IPv4 address in disguise (Teredo, 6to4) or not in use (protocol, documentation).
_NEVER = tuple(map(IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16")))
# Protocol assignments and 6to4 relays, which older releases of Python take for global.
_NEVER_IPV4 = tuple(map(IPv4Network, ("192.0.0.0/24", "192.88.99.0/24")))
_LOCAL_NAMES = re.compile(r"(?:^|\.)(?:localhost|localdomain|local|internal|intranet|lan|home\.arpa|onion)$")
_NUMBER = re.compile(r"0x[0-9a-f]*|[0-9]+")


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address belongs to a host that anybody may reach.

    IPv6 is judged by the allocation of IANA: only 2000::/3 is given out; of what embeds an IPv4 address, only the
    translation prefix of RFC 6052 is let through, judged by what it embeds.
    """
    if isinstance(address, IPv4Address):
        special = address.is_multicast or address.is_reserved or any(address in network for network in _NEVER_IPV4)
        return address.is_global and not special
    if address in _NAT64:
        return is_public(IPv4Address(int(address) & 0xFFFFFFFF))
    if address.scope_id or address not in _GLOBAL_UNICAST or any(address in network for network in _NEVER):
        return False
    return address.is_global and not address.is_multicast


def checked_host(url: str, host: str, port: int) -> str:
    """The host of a URL, if its spelling and port are such as honest documents have.

    Raises
    ------
    FetchRefused
        The host is a local name, an address in an unusual form (octal, decimal, shortened), or the port unusual.
    """
    if port not in PORTS:
        raise FetchRefused(f"{url} is refused: port {port} is none of {', '.join(map(str, sorted(PORTS)))}")
    name = host.removesuffix(".")
    if not name or name.startswith(".") or "%" in name or ".." in name:
        raise FetchRefused(f"{url} is refused: {host!r} is no host name")
    if ":" in name:
        return name
    if _NUMBER.fullmatch(name.rsplit(".", 1)[-1]):
        try:
            return str(IPv4Address(name))
        except ValueError as error:
            raise FetchRefused(f"{url} is refused: {host!r} is an address in an unusual form") from error
    if "." not in name or _LOCAL_NAMES.search(name):
        raise FetchRefused(f"{url} is refused: {host!r} is a local name")
    return name


def public_addresses(host: str, port: int, resolver: Resolver) -> list[str]:
    """All addresses of a host, if each of them is public.

    Raises
    ------
    FetchRefused
        One of them is not.
    FetchFailed
        The host has none.
    """
    try:
        found = [ip_address(text) for text in dict.fromkeys([host] if _is_address(host) else resolver(host, port))]
    except (OSError, UnicodeError) as error:
        raise FetchFailed(f"the host {host} cannot be found: {error}") from error
    except ValueError as error:
        raise FetchRefused(f"{host} is refused: {error}") from error
    if not found:
        raise FetchFailed(f"the host {host} has no address")
    for address in found:
        if not is_public(address):
            raise FetchRefused(f"{host} is refused: its address {address} is not public")
    return [str(address) for address in found]


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def system_resolver(host: str, port: int) -> list[str]:
    """Addresses of a host as the system gives them."""
    return [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
