"""What each role answers, as the provider is told it and as we read it back."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from lineage_platform.agents.llm.models import Task
from lineage_platform.records import DocumentKind, Domain, Relation

MAX_NAME = 300


def _term(value: object) -> object:
    """Terms in any spelling: ``CoT Distillation`` is ``cot_distillation``."""
    return re.sub(r"[\s-]+", "_", value.strip().lower()) if isinstance(value, str) else value


def _one_line(value: object) -> object:
    return " ".join(value.split()) if isinstance(value, str) else value


def _or_none(value: object) -> object:
    return _one_line(value) or None


Name = Annotated[str, BeforeValidator(_one_line), StringConstraints(min_length=1, max_length=MAX_NAME)]
OptionalName = Annotated[Annotated[str, Field(max_length=2000)] | None, BeforeValidator(_or_none)]
Prose = Annotated[str, BeforeValidator(_one_line), Field(max_length=2000)]


class Item(BaseModel):
    """One item of an answer; an item that does not fit is dropped alone."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class LinkItem(Item):
    """A link to the dataset's own documentation."""

    url: Name
    kind: Annotated[Literal[DocumentKind.REPOSITORY, DocumentKind.PAPER, DocumentKind.BLOG], BeforeValidator(_term)]
    quote: str


class PassageItem(Item):
    """A passage, verbatim."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class StatementItem(Item):
    """A source, with what was done with it, how sure that is, and the words that say so."""

    source: Name
    link: OptionalName
    relation: Annotated[Relation, BeforeValidator(_term)]
    confidence: float = Field(ge=0.0, le=1.0)
    quote: str
    about: OptionalName
    benchmark: bool


class ProfileItem(Item):
    """The dataset's entry in the catalogue."""

    summary: Prose
    domains: tuple[Annotated[Domain, BeforeValidator(_term)], ...]
    construction: Prose
    origin: Prose
    licence: Prose


class ChoiceItem(Item):
    """The candidate that a name stands for; None for none of them."""

    id: OptionalName


class FoundItem(Item):
    """A dataset that a search of the web found for a name."""

    id: Name


# The key of the list of items in each task's answer.
KEYS = {
    Task.SOURCING: "links",
    Task.EXTRACTING: "passages",
    Task.TRACING: "statements",
    Task.AGGREGATION: "profiles",
    Task.CHOOSING: "choices",
    Task.SEARCHING: "datasets",
}
ITEMS: dict[Task, type[Item]] = {
    Task.SOURCING: LinkItem,
    Task.EXTRACTING: PassageItem,
    Task.TRACING: StatementItem,
    Task.AGGREGATION: ProfileItem,
    Task.CHOOSING: ChoiceItem,
    Task.SEARCHING: FoundItem,
}
_KEPT = ("type", "enum", "anyOf", "items", "properties")


def answer_schema(task: Task) -> dict[str, Any]:
    """JSON schema of the task's answer, in the subset that every provider takes: an object with one list of items.

    All properties are required, no others allowed, and neither defaults nor bounds are stated (we check those).
    """
    schema = ITEMS[task].model_json_schema()
    items = _plain(schema, schema.get("$defs", {}))
    return {
        "title": str(task),
        "description": f"Answer of the {task} agent",
        "type": "object",
        "properties": {KEYS[task]: {"type": "array", "items": items}},
        "required": [KEYS[task]],
        "additionalProperties": False,
    }


def _plain(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        return _plain(definitions[schema["$ref"].rsplit("/", 1)[-1]], definitions)
    plain = {key: schema[key] for key in _KEPT if key in schema}
    if "items" in plain:
        plain["items"] = _plain(plain["items"], definitions)
    if "anyOf" in plain:
        plain["anyOf"] = [_plain(option, definitions) for option in plain["anyOf"]]
    if "properties" in plain:
        plain["properties"] = {name: _plain(value, definitions) for name, value in plain["properties"].items()}
        plain |= {"required": list(plain["properties"]), "additionalProperties": False}
    return plain
