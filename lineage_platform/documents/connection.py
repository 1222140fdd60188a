"""Connections to public addresses only: resolved once, checked, pinned, and cut at a deadline."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable

import httpcore2

from lineage_platform.documents.guard import Resolver, public_addresses


class PinnedBackend(httpcore2.NetworkBackend):
    """Opens connections for one request.

    The name is resolved here, just before the connection is made to the very address that was checked: there is no
    second look-up that could answer otherwise. TLS still verifies the name.

    Parameters
    ----------
    resolver:
        Addresses of a host.
    connector:
        Opens a connection to an address.
    deadline:
        On the monotonic clock, in seconds: nothing is read or written later.
    """

    def __init__(self, resolver: Resolver, connector: httpcore2.NetworkBackend, deadline: float) -> None:
        self._resolver = resolver
        self._connector = connector
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        """Connect to the first of the host's addresses that answers; all of them have to be public."""
        failure: Exception | None = None
        for address in public_addresses(host, port, self._resolver)[:3]:
            try:
                patience = remaining(self._deadline, timeout, httpcore2.ConnectTimeout)
                stream = self._connector.connect_tcp(address, port, patience, local_address, socket_options)
                return _TimedStream(stream, self._deadline)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        assert failure is not None, "a host has at least one address"
        raise failure


class _TimedStream(httpcore2.NetworkStream):
    """A connection on which each operation gets only the time that is left, so that drops of data do not renew it."""

    def __init__(self, stream: httpcore2.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, remaining(self._deadline, timeout, httpcore2.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, remaining(self._deadline, timeout, httpcore2.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        left = remaining(self._deadline, timeout, httpcore2.ConnectTimeout)
        return _TimedStream(self._stream.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


def remaining(deadline: float, timeout: float | None, late: type[httpcore2.TimeoutException]) -> float:
    """Seconds left until the deadline, at most ``timeout``.

    Raises
    ------
    httpcore2.TimeoutException
        As ``late``: none are left.
    """
    left = deadline - time.monotonic()
    if left <= 0:
        raise late("no time is left")
    return left if timeout is None else min(left, timeout)
