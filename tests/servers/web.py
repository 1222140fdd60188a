"""A small web on loopback: any host name, any answer, and a count of the connections made.

The fetcher opens public addresses only. Its tests give it a resolver that knows made-up names with public addresses,
and a connector that, asked for such an address, connects to the server here; the guard stands before both.
"""

from __future__ import annotations

import gzip
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread

import httpcore2

PUBLIC = "93.184.216.34"


@dataclass(frozen=True)
class Answer:
    """What the server says under one address; ``drip`` seconds pass between two bytes of its body."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    drip: float = 0.0
    cut: bool = False

    @classmethod
    def html(cls, text: str) -> Answer:
        return cls(text.encode(), headers={"Content-Type": "text/html; charset=utf-8"})

    @classmethod
    def to(cls, url: str, status: int = 302) -> Answer:
        return cls(status=status, headers={"Location": url})

    @classmethod
    def zipped(cls, body: bytes) -> Answer:
        return cls(gzip.compress(body), headers={"Content-Encoding": "gzip", "Content-Type": "text/plain"})


Route = Answer | Callable[[], Answer]


class WebServer:
    """Serves answers by ``http://host/path?query``; every request is kept."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.routes: dict[str, Route] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []
        self._server = _Server(("127.0.0.1", 0), self._handler())
        if context:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.scheme = "https" if context else "http"
        self.port: int = self._server.server_address[1]
        self._lock = Lock()

    @contextmanager
    def running(self) -> Iterator[WebServer]:
        thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()

    def asked(self, url: str) -> int:
        """How often an address was asked for."""
        return sum(address == url for address, _ in self.requests)

    def _handler(server) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                url = f"{server.scheme}://{self.headers['Host']}{self.path}"
                with server._lock:
                    server.requests.append((url, dict(self.headers)))
                route = server.routes.get(url, Answer(b"nothing here", 404))
                self._send(route() if callable(route) else route)

            def _send(self, answer: Answer) -> None:
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body) + (10 if answer.cut else 0)))
                self.end_headers()
                self.close_connection = answer.cut
                try:
                    if not answer.drip:
                        self.wfile.write(answer.body)
                    for position in range(len(answer.body) if answer.drip else 0):
                        self.wfile.write(answer.body[position : position + 1])
                        time.sleep(answer.drip)
                except OSError:
                    self.close_connection = True  # the client had enough

            def log_message(self, *_: object) -> None:
                """Keep the tests' output clean."""

        return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A client that goes away is what many tests are about."""


class Loopback(httpcore2.NetworkBackend):
    """Connects to one port of this machine whatever address is asked for, and keeps what was asked for."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.connections: list[tuple[str, int]] = []
        self._system = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        self.connections.append((host, port))
        return self._system.connect_tcp("127.0.0.1", self.port, timeout, local_address, socket_options)


class Names:
    """A resolver that knows some names; one with several lists of addresses answers another one each time."""

    def __init__(self, **names: str | list[str]) -> None:
        self.lookups: list[str] = []
        self._answers = {name.replace("_", "."): value for name, value in names.items()}

    def __call__(self, host: str, port: int) -> list[str]:
        self.lookups.append(host)
        answer = self._answers.get(host, self._answers.get("any", PUBLIC))
        if isinstance(answer, list):
            answer = answer[min(self.lookups.count(host), len(answer)) - 1]
        return answer.split()
