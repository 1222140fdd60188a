"""A server on loopback that speaks as much of the Hub's API as a trace and a reader of rows ask for, over a hub folder.

What lies in a dataset's folder ``converted/`` is its branch ``refs/convert/parquet``, everything else its main branch.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from urllib.parse import parse_qs, unquote, urlsplit

CONVERTED = "refs/convert/parquet"
CONVERTED_COMMIT = "c0" * 20


@dataclass(frozen=True)
class Request:
    """One request that arrived: when (monotonic seconds), what, and with which headers (names in lower case)."""

    at: float
    method: str
    path: str
    headers: dict[str, str]


@dataclass
class Fault:
    """What goes wrong with the next ``times`` requests whose path contains ``path``.

    ``status`` answers with that code and ``headers``; ``delay`` waits first (seconds); ``truncate`` breaks the
    connection off half-way through the proper answer, ``garble`` ends it cleanly but cuts the body in half.
    """

    path: str
    times: int = 1
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    truncate: bool = False
    garble: bool = False


class LoopbackHub:
    """The server, as a context manager.

    Parameters
    ----------
    folder:
        The hub folder it serves; read anew for each request.
    tokens:
        Bearer tokens that have been granted access to gated and private datasets.
    cdn:
        Base URL of another server that files are redirected to (another ``LoopbackHub`` over the same folder will do).

    Attributes
    ----------
    page:
        Files that a page of a listing holds.
    """

    page = 1000

    def __init__(self, folder: Path, *, tokens: frozenset[str] = frozenset(), cdn: str | None = None) -> None:
        self.folder = folder
        self.tokens = tokens
        self.cdn = cdn
        self.requests: list[Request] = []
        self.faults: list[Fault] = []
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> LoopbackHub:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def fail(self, path: str, **fault: object) -> None:
        """Arm a :class:`Fault`."""
        self.faults.append(Fault(path, **fault))  # type: ignore[arg-type]

    def asked(self, path: str) -> list[Request]:
        """The requests whose path contains ``path``."""
        return [request for request in self.requests if path in request.path]

    def take_fault(self, path: str) -> Fault | None:
        with self._lock:
            for fault in self.faults:
                if fault.path in path and fault.times > 0:
                    fault.times -= 1
                    return fault
        return None

    def described(self, dataset_id: str) -> tuple[str, dict[str, object]] | None:
        """Canonical id and ``info.json`` of a dataset, whatever the case of its id."""
        for path in self.folder.glob("datasets/*/*/info.json"):
            canonical = f"{path.parts[-3]}/{path.parts[-2]}"
            if canonical.lower() == dataset_id.lower():
                return canonical, json.loads(path.read_text(encoding="utf-8"))
        return None

    def renamed(self, dataset_id: str) -> str | None:
        path = self.folder / "aliases.tsv"
        rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []
        return next((row[1] for row in rows if row[0].lower() == dataset_id.lower()), None)


def _oid(path: Path) -> str:
    """What git calls the content of a file."""
    data = path.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def _handler(hub: LoopbackHub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            hub.requests.append(Request(time.monotonic(), self.command, self.path, headers))
            self.fault = hub.take_fault(self.path)
            if self.fault and self.fault.delay:
                time.sleep(self.fault.delay)
            if self.fault and self.fault.status:
                return self.answer(self.fault.status, b"{}", **self.fault.headers)
            url = urlsplit(self.path)
            segments = [unquote(segment) for segment in url.path.split("/") if segment]
            if segments == ["api", "datasets"]:
                asked = {name: values[0] for name, values in parse_qs(url.query).items()}
                return self.list(asked) if "search" not in asked else self.search(asked["search"])
            if segments[:2] == ["api", "datasets"] and segments[4:5] == ["revision"]:
                return self.describe_revision("/".join(segments[2:4]), "/".join(segments[5:]))
            if segments[:2] == ["api", "datasets"] and segments[4:5] == ["tree"]:
                start = parse_qs(url.query).get("cursor", ["0"])[0]
                return self.tree("/".join(segments[2:4]), segments[5], int(start))
            if segments[:2] == ["api", "datasets"]:
                return self.describe("/".join(segments[2:4]), url.query)
            if segments[0] == "datasets" and "resolve" in segments:
                at = segments.index("resolve")
                return self.file("/".join(segments[1:at]), "/".join(segments[at + 2 :]), segments[at + 1])
            if segments[0] == "cdn":
                return self.send_path(hub.folder.joinpath("datasets", *segments[1:]))
            return self.answer(404, b"{}")

        do_HEAD = do_GET

        def granted(self) -> bool:
            return self.headers.get("Authorization", "").removeprefix("Bearer ") in hub.tokens

        def search(self, words: str) -> None:
            ids = sorted(f"{p.parts[-3]}/{p.parts[-2]}" for p in hub.folder.glob("datasets/*/*/info.json"))
            hits = [{"id": dataset_id} for dataset_id in ids if words.lower() in dataset_id.lower()]
            self.answer(200, json.dumps(hits).encode())

        def list(self, asked: dict[str, str]) -> None:
            infos = [json.loads(path.read_text(encoding="utf-8")) for path in hub.folder.glob("datasets/*/*/info.json")]
            meant = [
                info
                for info in infos
                if info["id"].startswith(f"{asked.get('author', info['id'].split('/')[0])}/")
                and asked.get("filter", "") in ("", *info["tags"])
            ]
            ranked = sorted(meant, key=lambda info: -info["downloads"])[: int(asked["limit"])]
            self.answer(200, json.dumps([{"id": info["id"]} for info in ranked]).encode())

        def describe(self, dataset_id: str, query: str) -> None:
            target = hub.renamed(dataset_id)
            found = hub.described(dataset_id)
            if target or (found and found[0] != dataset_id):
                canonical = target or (found[0] if found else "")
                return self.answer(307, b"", Location=f"/api/datasets/{canonical}?{query}")
            if found is None or (found[1].get("private") and not self.granted()):
                return self.no_repository()
            return self.answer(200, json.dumps(found[1]).encode())

        def describe_revision(self, dataset_id: str, revision: str) -> None:
            found = hub.described(dataset_id)
            if found is None:
                return self.no_repository()
            commit = found[1].get("sha")
            if revision in {CONVERTED, CONVERTED_COMMIT}:
                commit = CONVERTED_COMMIT
                if not self.root(found[0], CONVERTED_COMMIT).is_dir():
                    return self.answer(404, b"{}", **{"X-Error-Code": "RevisionNotFound"})
            return self.answer(200, json.dumps({**found[1], "sha": commit}).encode())

        def tree(self, dataset_id: str, revision: str, start: int) -> None:
            """The files of a branch, from one on; the next page is linked."""
            root = self.root(dataset_id, revision)
            listed = [
                {"type": "file", "path": str(path.relative_to(root)), "size": path.stat().st_size, "oid": _oid(path)}
                for path in sorted(root.rglob("*"))
                if path.is_file() and path.relative_to(root).parts[0] not in {"converted", "info.json"}
            ]
            after = start + hub.page
            more = f'<{hub.url}/api/datasets/{dataset_id}/tree/{revision}?cursor={after}>; rel="next"'
            links = {"Link": more} if after < len(listed) else {}
            self.answer(200, json.dumps(listed[start:after]).encode(), **links)

        def root(self, dataset_id: str, revision: str) -> Path:
            folder = hub.folder / "datasets" / dataset_id
            return folder / "converted" if revision == CONVERTED_COMMIT else folder

        def file(self, dataset_id: str, name: str, revision: str) -> None:
            found = hub.described(dataset_id)
            if found is None:
                return self.no_repository()
            if found[1].get("gated") and not self.granted():
                status = 403 if self.headers.get("Authorization") else 401
                return self.answer(status, b"{}", **{"X-Error-Code": "GatedRepo"})
            path = self.root(found[0], revision) / name
            if hub.cdn and path.exists():
                return self.answer(302, b"", Location=f"{hub.cdn}/cdn/{found[0]}/{name}?signature=1")
            return self.send_path(path)

        def no_repository(self) -> None:
            """The Hub tells a stranger 401 for what it does not show, and a known caller 404."""
            status = 404 if self.headers.get("Authorization") else 401
            words = {"X-Error-Code": "RepoNotFound", "X-Error-Message": "Repository not found"}
            self.answer(status, b"{}", **words)

        def send_path(self, path: Path) -> None:
            if not path.is_file():
                return self.answer(404, b"{}", **{"X-Error-Code": "EntryNotFound"})
            data = path.read_bytes()
            asked = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
            if asked is None:
                return self.answer(200, data)
            first, last = int(asked[1]), min(int(asked[2]), len(data) - 1)
            return self.answer(206, data[first : last + 1], **{"Content-Range": f"bytes {first}-{last}/{len(data)}"})

        def answer(self, status: int, body: bytes, **headers: str) -> None:
            fault = self.fault or Fault("")
            if fault.garble:
                body = body[: len(body) // 2]
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body[: len(body) // 2] if fault.truncate else body)
            if fault.truncate:
                self.close_connection = True

        def log_message(self, *args: object) -> None:
            """Keep the test output quiet."""

    return Handler
