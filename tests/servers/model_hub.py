"""A loopback Hub that serves one model's folder as the Hub does: its present commit, and files by commit."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

COMMIT = "5" * 40


@dataclass
class ModelHub:
    """What it serves, and what it was asked.

    Parameters
    ----------
    model_id:
        The one model it knows.
    folder:
        Its files.
    """

    model_id: str
    folder: Path
    url: str = ""
    requests: list[str] = field(default_factory=list)

    def answer(self, path: str) -> tuple[int, bytes]:
        """Status and body for a path."""
        self.requests.append(path)
        files = sorted(each.relative_to(self.folder).as_posix() for each in self.folder.rglob("*") if each.is_file())
        if path in (f"/api/models/{self.model_id}", f"/api/models/{self.model_id}/revision/{COMMIT}"):
            siblings = [{"rfilename": name} for name in files]
            return 200, json.dumps({"id": self.model_id, "sha": COMMIT, "siblings": siblings, "tags": []}).encode()
        name = path.removeprefix(f"/{self.model_id}/resolve/").partition("/")[2]
        return (200, (self.folder / name).read_bytes()) if name in files else (404, b"{}")


@contextmanager
def model_hub(model_id: str, folder: Path) -> Iterator[ModelHub]:
    hub = ModelHub(model_id, folder)

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

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        hub.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield hub
        finally:
            server.shutdown()
