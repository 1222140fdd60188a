"""A server on loopback that speaks the wire formats of OpenAI (chat completions, responses) and Gemini.

What it answers is a function of what it was asked: :class:`Oracle` answers from labels, and the functions below it turn
any answerer into a faulty one. For tests and benchmarks.
"""

from __future__ import annotations

import json
import re
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

CHARACTERS_A_TOKEN = 4


@dataclass(frozen=True)
class Asked:
    """One request: which wire format and model, which role and dataset, and the material shown.

    ``round`` counts the user messages: 1 for a first question, 2 for a repair.
    """

    at: float
    wire: str
    model: str
    headers: Mapping[str, str]
    body: str
    system: str
    messages: tuple[str, ...]
    schema: Mapping[str, Any] | None
    role: str
    dataset: str
    facts: Mapping[str, str]
    material: str

    @property
    def round(self) -> int:
        return len(self.messages)


@dataclass(frozen=True)
class Reply:
    """One answer: its text, or what goes wrong instead.

    ``finish`` is ``stop`` or ``length``; tokens are counted from the characters unless given; ``hang`` never answers;
    ``searches`` are what the web was searched for (Gemini).
    """

    text: str = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    hang: bool = False
    finish: str = "stop"
    searches: tuple[str, ...] = ()
    input_tokens: int | None = None
    output_tokens: int | None = None


Answerer = Callable[[Asked], Reply]


class ModelHandler(BaseHTTPRequestHandler):
    models: ModelServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers["content-length"])).decode("utf-8")
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = asked_in(self.path, headers, text)
        reply = self.models.handle(asked)
        self.send(json.dumps(wire_form(asked, reply)), reply.status, reply.headers)

    def send(self, text: str, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        """Send an answer."""
        body = text.encode("utf-8")
        try:
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            self.close_connection = True  # the client went away

    def log_message(self, *_: object) -> None:
        pass


class ModelServer:
    """The server, as a context manager.

    Parameters
    ----------
    answer:
        What it answers.
    latency:
        Seconds that every answer takes.
    """

    handler: type[ModelHandler] = ModelHandler

    def __init__(self, answer: Answerer, *, latency: float = 0.0) -> None:
        self.answer = answer
        self.latency = latency
        self.log: list[Asked] = []
        self.most_at_once = 0
        self._at_once = 0
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._server = _Server(("127.0.0.1", 0), type("Handler", (self.handler,), {"models": self}))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        """Base URL for Gemini clients."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def openai_url(self) -> str:
        """Base URL for OpenAI clients."""
        return f"{self.url}/v1"

    def __enter__(self) -> ModelServer:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()

    def asked(self, role: str) -> list[Asked]:
        """Requests of one role."""
        return [asked for asked in self.log if asked.role == role]

    def handle(self, asked: Asked) -> Reply:
        with self._lock:
            self.log.append(asked)
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            reply = self.answer(asked)
            self._closing.wait(3600 if reply.hang else reply.delay + self.latency)
            return reply
        finally:
            with self._lock:
                self._at_once -= 1


class _Server(ThreadingHTTPServer):
    request_queue_size = 256
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed is no error of the server."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def asked_in(path: str, headers: Mapping[str, str], text: str) -> Asked:
    body = json.loads(text)
    if gemini := re.search(r"/models/([^/:]+):generateContent", path):
        wire, model = "gemini", gemini[1]
        system = "".join(part["text"] for part in body["systemInstruction"]["parts"])
        turns = [("".join(part["text"] for part in turn["parts"]), turn["role"]) for turn in body["contents"]]
        messages = [text for text, role in turns if role == "user"]
        schema = body.get("generationConfig", {}).get("responseJsonSchema")
    elif path.endswith("/chat/completions"):
        wire, model = "chat", body["model"]
        system = "".join(message["content"] for message in body["messages"] if message["role"] == "system")
        messages = [message["content"] for message in body["messages"] if message["role"] == "user"]
        schema = body.get("response_format", {}).get("json_schema", {}).get("schema")
    elif path.endswith("/responses"):
        wire, model = "responses", body["model"]
        texts = [(part["role"], _response_text(part["content"])) for part in body["input"]]
        system = "".join(content for role, content in texts if role == "system")
        messages = [content for role, content in texts if role == "user"]
        schema = body.get("text", {}).get("format", {}).get("schema")
    else:
        raise AssertionError(f"no such address: {path}")
    head, _, rest = messages[0].partition("\n<<<")
    facts = dict(line.split(": ", 1) for line in head.splitlines())
    material = rest.partition("\n")[2].rpartition("\n<<<")[0]
    role, dataset = facts.pop("Task"), facts.pop("Dataset")
    return Asked(
        time.monotonic(), wire, model, headers, text, system, tuple(messages), schema, role, dataset, facts, material
    )


def _response_text(content: str | list[dict[str, str]]) -> str:
    return content if isinstance(content, str) else "".join(part["text"] for part in content)


def wire_form(asked: Asked, reply: Reply) -> dict[str, Any]:
    if reply.status != 200:
        return {"error": {"message": reply.text or "no", "code": reply.status, "status": "ERROR", "type": "error"}}
    read = reply.input_tokens if reply.input_tokens is not None else len(asked.body) // CHARACTERS_A_TOKEN
    written = reply.output_tokens if reply.output_tokens is not None else len(reply.text) // CHARACTERS_A_TOKEN + 1
    if asked.wire == "gemini":
        finish = {"stop": "STOP", "length": "MAX_TOKENS"}[reply.finish]
        content = {"role": "model", "parts": [{"text": reply.text}]}
        usage = {"promptTokenCount": read, "candidatesTokenCount": written, "totalTokenCount": read + written}
        candidate: dict[str, Any] = {"content": content, "finishReason": finish, "index": 0}
        if reply.searches:
            candidate["groundingMetadata"] = {"webSearchQueries": list(reply.searches)}
        return {"candidates": [candidate], "usageMetadata": usage}
    if asked.wire == "chat":
        message = {"role": "assistant", "content": reply.text}
        return {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1,
            "model": asked.model,
            "choices": [{"index": 0, "finish_reason": reply.finish, "message": message}],
            "usage": {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written},
        }
    text = {"type": "output_text", "text": reply.text, "annotations": []}
    message = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [text]}
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1,
        "model": asked.model,
        "status": "completed" if reply.finish == "stop" else "incomplete",
        "output": [message],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": {
            "input_tokens": read,
            "output_tokens": written,
            "total_tokens": read + written,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens_details": {"reasoning_tokens": 0},
        },
    }


@dataclass(frozen=True)
class Label:
    """A true statement about a dataset, as a perfect reader would give it."""

    source: str
    quote: str
    relation: str = "direct_inclusion"
    confidence: float = 0.95
    link: str | None = None
    about: str | None = None
    benchmark: bool = False


def folded(text: str) -> str:
    """Text with white space folded, for finding quotes."""
    return " ".join(text.split())


class Oracle:
    """Answers every role from labels.

    Tracing gives the labels whose quote (or name, where the quote holds what cleaning takes out) stands in the
    material; extracting gives the paragraphs that hold them; sourcing gives the addresses of repositories.

    Parameters
    ----------
    labels:
        True statements by dataset.
    domains:
        Of the profile it writes.
    meant:
        Which dataset a name stands for, where several may be meant; None of them for a name that is not here.
    """

    def __init__(
        self,
        labels: Mapping[str, Sequence[Label]],
        domains: Sequence[str] = ("general",),
        meant: Mapping[str, str] | None = None,
    ) -> None:
        self.labels = labels
        self.domains = list(domains)
        self.meant = meant or {}

    def __call__(self, asked: Asked) -> Reply:
        answer = {
            "sourcing": self._links,
            "extracting": self._passages,
            "tracing": self._statements,
            "aggregation": self._profiles,
            "choosing": self._choices,
            "searching": self._found,
        }[asked.role](asked)
        searches = (asked.material,) if asked.role == "searching" else ()
        return Reply(json.dumps(answer, ensure_ascii=False), searches=searches)

    def _there(self, asked: Asked) -> list[Label]:
        material = folded(asked.material)
        labels = self.labels.get(asked.dataset, ())
        return [label for label in labels if folded(label.quote) in material or folded(label.source) in material]

    def _links(self, asked: Asked) -> dict[str, Any]:
        urls = dict.fromkeys(re.findall(r"https://github\.com/[\w.-]+/[\w.-]+", asked.material))
        return {"links": [{"url": url.rstrip("."), "kind": "repository", "quote": url} for url in urls]}

    def _passages(self, asked: Asked) -> dict[str, Any]:
        wanted = [text for label in self._there(asked) for text in (folded(label.quote), folded(label.source))]
        paragraphs = [part for part in re.split(r"\n[ \t]*\n", asked.material) if part.strip()]
        return {"passages": [{"text": part} for part in paragraphs if any(text in folded(part) for text in wanted)]}

    def _statements(self, asked: Asked) -> dict[str, Any]:
        return {"statements": [asdict(label) for label in self._there(asked)]}

    def _choices(self, asked: Asked) -> dict[str, Any]:
        name = asked.material.partition("\n")[0].removeprefix("Name: ")
        return {"choices": [{"id": self.meant.get(name)}]}

    def _found(self, asked: Asked) -> dict[str, Any]:
        meant = self.meant.get(asked.material.removeprefix("Name: "))
        return {"datasets": [{"id": f"https://huggingface.co/datasets/{meant}"}] if meant else []}

    def _profiles(self, asked: Asked) -> dict[str, Any]:
        profile = {"summary": f"About {asked.dataset}.", "domains": self.domains, "construction": "", "origin": ""}
        return {"profiles": [{**profile, "licence": "mit"}]}


def say(answer: object) -> Answerer:
    """Always the same answer: a text, or what is sent as JSON."""
    return lambda asked: Reply(answer if isinstance(answer, str) else json.dumps(answer))


def first(times: int, fault: Reply, then: Answerer) -> Answerer:
    """``fault`` for the first ``times`` requests of each role about each dataset, then what ``then`` answers."""
    seen: Counter[tuple[str, str]] = Counter()
    lock = threading.Lock()

    def answer(asked: Asked) -> Reply:
        with lock:
            seen[asked.role, asked.dataset] += 1
            number = seen[asked.role, asked.dataset]
        return fault if number <= times else then(asked)

    return answer


def only(role: str, faulty: Answerer, otherwise: Answerer) -> Answerer:
    """``faulty`` for one role, ``otherwise`` for the others."""
    return lambda asked: (faulty if asked.role == role else otherwise)(asked)


def truncated(then: Answerer, share: float = 0.6, finish: str = "stop", rounds: int = 1) -> Answerer:
    """Answers of the first rounds broken off after ``share`` of their characters."""

    def answer(asked: Asked) -> Reply:
        reply = then(asked)
        cut = replace(reply, text=reply.text[: int(len(reply.text) * share)], finish=finish)
        return cut if asked.round <= rounds else reply

    return answer


def in_prose(then: Answerer) -> Answerer:
    """Answers in a code fence, with talk before and after."""

    def answer(asked: Asked) -> Reply:
        reply = then(asked)
        text = f"Sure! I read {{all}} of it, see [1].\n```json\n{reply.text}\n```\nLet me know what else you need."
        return replace(reply, text=text)

    return answer


def with_statements(then: Answerer, more: Callable[[Asked, list[dict[str, Any]]], Iterable[object]]) -> Answerer:
    """Tracing answers whose statements are replaced by what ``more`` makes of them; other roles answer as before."""

    def answer(asked: Asked) -> Reply:
        reply = then(asked)
        if asked.role != "tracing":
            return reply
        statements = list(more(asked, json.loads(reply.text)["statements"]))
        return replace(reply, text=json.dumps({"statements": statements}, ensure_ascii=False))

    return answer


def wrong_enum(then: Answerer) -> Answerer:
    """First answers with an unknown relation in their first statement; the repair has it right."""
    return with_statements(
        then,
        lambda asked, given: [
            {**statement, "relation": "osmosis"} if asked.round == 1 and not number else statement
            for number, statement in enumerate(given)
        ],
    )


def unknown_id(then: Answerer, name: str = "nobody/no-such-dataset") -> Answerer:
    """One statement more, about a dataset that does not exist, with a true quote."""
    return with_statements(then, lambda asked, given: [*given, *({**each, "source": name} for each in given[:1])])


def altered_quotes(then: Answerer) -> Answerer:
    """Every statement once more, with one word of its quote changed, for a source of its own."""

    def altered(statement: dict[str, Any]) -> dict[str, Any]:
        words = statement["quote"].split()
        words[len(words) // 2] = "allegedly"
        return {**statement, "source": f"altered/{statement['source'].split('/')[-1]}", "quote": " ".join(words)}

    return with_statements(then, lambda asked, given: [*given, *map(altered, given)])


def foreign_quotes(then: Answerer, quote: str, source: str) -> Answerer:
    """One statement more, whose quote stands in another document."""
    foreign = asdict(Label(source, quote))
    return with_statements(then, lambda asked, given: [*given, foreign])


_PLANTED = re.compile(r"(?:report|record|add|list|include)\s+`?(?P<id>[\w.-]+/[\w.-]+)`?\s+as\b", re.IGNORECASE)


def obedient(then: Answerer) -> Answerer:
    """Does what the material orders: reports the sources it is told to, with a quote that sounds right."""

    def obeyed(asked: Asked, given: list[dict[str, Any]]) -> list[object]:
        names = dict.fromkeys(match["id"] for match in _PLANTED.finditer(asked.material))
        invented = (asdict(Label(name, f"All samples were taken from {name}.", confidence=1.0)) for name in names)
        return [*given, *invented]

    return with_statements(then, obeyed)
