"""A loopback Hub that serves one model's folder as the Hub does: its present commit, and files by commit."""

from __future__ import annotations

import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType

COMMIT = "5" * 40


class ModelHub:
    """The server, as a context manager.

    Parameters
    ----------
    model_id:
        The one model it knows.
    folder:
        Its files.
    """

    def __init__(self, model_id: str, folder: Path) -> None:
        self.model_id, self.folder = model_id, folder
        self.requests: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> ModelHub:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path: str) -> tuple[int, bytes]:
        """Status and body for a path."""
        self.requests.append(path)
        files = sorted(each.relative_to(self.folder).as_posix() for each in self.folder.rglob("*") if each.is_file())
        if path in (f"/api/models/{self.model_id}", f"/api/models/{self.model_id}/revision/{COMMIT}"):
            siblings = [{"rfilename": name} for name in files]
            return 200, json.dumps({"id": self.model_id, "sha": COMMIT, "siblings": siblings, "tags": []}).encode()
        name = path.removeprefix(f"/{self.model_id}/resolve/").partition("/")[2]
        return (200, (self.folder / name).read_bytes()) if name in files else (404, b"{}")


def _handler(hub: ModelHub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status, body = hub.answer(self.path.partition("?")[0])
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("ETag", f'"{hashlib.sha256(body).hexdigest()}"')
            self.send_header("X-Repo-Commit", COMMIT)
            if status == 404:
                known = self.path.startswith((f"/{hub.model_id}/", f"/api/models/{hub.model_id}"))
                self.send_header("X-Error-Code", "EntryNotFound" if known else "RepoNotFound")
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        do_HEAD = do_GET

        def log_message(self, format: str, *arguments: object) -> None:
            """Say nothing."""

    return Handler
