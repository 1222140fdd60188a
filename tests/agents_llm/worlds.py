"""Documents, model servers and agents for the tests of the model agents."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lineage_platform.agents.interface import Subject
from lineage_platform.agents.llm.calling import Caller
from lineage_platform.agents.llm.ledger import Ledger
from lineage_platform.agents.llm.models import ModelSettings, Price, Role, RoleSettings, read_models
from lineage_platform.agents.llm.roles import ModelAgents
from lineage_platform.agents.llm.spending import Budget, Prices
from lineage_platform.documents.reading import Reading, Span, keep
from lineage_platform.records import Document, DocumentKind, DocumentOutcome, Statement
from tests.servers.models import Label, ModelServer

SUBJECT = Subject("org/data")
GSM8K = Label("GSM8K", "Problems were taken from GSM8K and filtered.")
NUMINA = Label("AI-MO/NuminaMath", "Solutions to AI-MO/NuminaMath were written anew.", "cot_distillation", 0.8)
CARD = f"# Data\n\n{GSM8K.quote}\n\n{NUMINA.quote}\n\nModels were evaluated on MATH-500.\n"
LABELS = {"org/data": (GSM8K, NUMINA)}

# One dollar for a thousand tokens, so that costs are easy to follow.
DEAR = {"input": 1000.0, "output": 1000.0}


def document(
    text: str,
    *,
    removed: Sequence[Span] = (),
    front_matter: Mapping[str, Any] | None = None,
    kind: DocumentKind = DocumentKind.CARD,
    name: str = "card:org/data",
) -> Reading:
    record = Document(
        document_id=name,
        kind=kind,
        url="https://huggingface.co/datasets/org/data",
        outcome=DocumentOutcome.FETCHED,
        text_digest=hashlib.sha256(text.encode()).hexdigest(),
    )
    return Reading(record, text, keep(text, removed), front_matter=front_matter or {})


def settings_for(server: ModelServer, *, wire: str = "chat", timeout: float = 20.0, **role: Any) -> ModelSettings:
    """All roles played by the server's model, over one wire format."""
    model, base_url = ("google_genai:gemini-x", server.url) if wire == "gemini" else ("openai:x", server.openai_url)
    parameters = {"use_responses_api": True} if wire == "responses" else {}
    own = RoleSettings(model=model, base_url=base_url, timeout=timeout, parameters=parameters, **role)
    return ModelSettings(roles=dict.fromkeys(Role, own), providers=read_models().providers)


def caller_for(
    server: ModelServer,
    home: Path,
    *,
    max_cost: float | None = None,
    price: Mapping[str, float] = DEAR,
    environment: Mapping[str, str] | None = None,
    settings: ModelSettings | None = None,
    **own: Any,
) -> Caller:
    paid = Price.model_validate(price)
    return Caller(
        settings or settings_for(server, **own),
        Prices({"openai": {"x": paid}, "google_genai": {"gemini-x": paid}}),
        Ledger(home / "calls.sqlite"),
        Budget(max_cost),
        environment or {},
        backoff=0.0,
    )


def nothing_declared(subject: Subject, document: Reading) -> Sequence[Statement]:
    return ()


def agents_for(server: ModelServer, home: Path, **own: Any) -> ModelAgents:
    return ModelAgents(caller_for(server, home, **own), nothing_declared, "0")


def read_all(agents: ModelAgents, reading: Reading, subject: Subject = SUBJECT) -> tuple[Statement, ...]:
    """Extracting, then tracing."""
    return tuple(agents.tracing(subject, reading, agents.extracting(subject, reading)))


def as_labels(statements: Sequence[Statement]) -> list[Label]:
    """Statements as the labels they came from."""
    return [
        Label(s.mention, s.quote, str(s.relation), s.confidence, s.link, s.about, s.is_benchmark) for s in statements
    ]
