"""The loopback model server with OpenAI's files and batches: what a batch holds is answered when it is made."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from tests.servers.models import Answerer, ModelHandler, ModelServer, asked_in, wire_form

CHAT = "/v1/chat/completions"


class BatchHandler(ModelHandler):
    models: BatchServer

    def do_POST(self) -> None:
        if self.path == CHAT:
            super().do_POST()
            return
        body = self.rfile.read(int(self.headers["content-length"]))
        self.send(json.dumps(self.models.take(body) if self.path == "/v1/files" else self.models.begin(body)))

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/v1/batches":
            made = [batch.form() for batch in self.models.batches.values()]
            self.send(json.dumps({"object": "list", "data": made, "has_more": False}))
        elif batch := re.fullmatch(r"/v1/batches/([\w-]+)", path):
            self.send(json.dumps(self.models.look(batch[1])))
        elif file := re.fullmatch(r"/v1/files/([\w-]+)/content", path):
            self.send(self.models.files[file[1]])


@dataclass
class Made:
    """A batch: looked at ``looks`` times before it is in its last state."""

    id: str
    input_file_id: str
    metadata: dict[str, str]
    looks: int
    status: str
    output_file_id: str | None = None
    errors: list[str] = field(default_factory=list)

    def form(self) -> dict[str, Any]:
        done = self.looks <= 0
        return {
            "id": self.id,
            "object": "batch",
            "endpoint": CHAT,
            "completion_window": "24h",
            "created_at": 1,
            "input_file_id": self.input_file_id,
            "metadata": self.metadata,
            "status": self.status if done else "in_progress",
            "output_file_id": self.output_file_id if done else None,
            "errors": {"object": "list", "data": [{"message": error} for error in self.errors]} if done else None,
        }


class BatchServer(ModelServer):
    """The server.

    Parameters
    ----------
    looks:
        How often a batch is said to be in progress.
    status:
        The last state of every batch; only those completed or expired have answers.
    answered:
        How many of a batch's calls are answered; all of them when None.
    """

    handler = BatchHandler

    def __init__(
        self, answer: Answerer, *, looks: int = 1, status: str = "completed", answered: int | None = None
    ) -> None:
        super().__init__(answer)
        self.looks, self.status, self.answered = looks, status, answered
        self.files: dict[str, str] = {}
        self.batches: dict[str, Made] = {}
        self.batched = 0

    def take(self, body: bytes) -> dict[str, Any]:
        """Keep an uploaded file, of a multipart form."""
        lines = [line for line in body.decode("utf-8").splitlines() if line.startswith('{"custom_id"')]
        name = f"file-{len(self.files)}"
        self.files[name] = "\n".join(lines)
        return {"id": name, "object": "file", "bytes": len(body), "created_at": 1, "filename": "calls.jsonl"} | {
            "purpose": "batch",
            "status": "processed",
        }

    def begin(self, body: bytes) -> dict[str, Any]:
        """Make a batch, and its answers."""
        wanted = json.loads(body)
        lines = self.files[wanted["input_file_id"]].splitlines()
        self.batched += len(lines)
        made = Made(f"batch-{len(self.batches)}", wanted["input_file_id"], wanted["metadata"], self.looks, self.status)
        self.batches[made.id] = made
        if self.status in ("completed", "expired"):
            made.output_file_id = f"out-{made.id}"
            self.files[made.output_file_id] = "\n".join(map(self._answered, lines[: self.answered]))
        else:
            made.errors = ["the model is not for batches"]
        return made.form()

    def look(self, batch_id: str) -> dict[str, Any]:
        """Say how far a batch is."""
        made = self.batches[batch_id]
        form = made.form()
        made.looks -= 1
        return form

    def _answered(self, line: str) -> str:
        call = json.loads(line)
        asked = asked_in(call["url"], {}, json.dumps(call["body"]))
        response = {"status_code": 200, "body": wire_form(asked, self.answer(asked))}
        return json.dumps({"id": "r", "custom_id": call["custom_id"], "response": response, "error": None})
