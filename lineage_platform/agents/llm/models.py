"""Which model plays which role, where it answers, and how it is opened."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from enum import StrEnum
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from lineage_platform.errors import LineageError, UsageError

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

INSTALL = 'pip install "lineage-platform[llm]"'
NO_KEY = "no-key-needed"
# The tool by which a provider's models search the web, as LangChain's client of that provider takes it.
SEARCH_TOOLS: dict[str, dict[str, Any]] = {"google_genai": {"google_search": {}}}


class Role(StrEnum):
    """The four agents of the paper (section 3.2)."""

    SOURCING = "sourcing"
    EXTRACTING = "extracting"
    TRACING = "tracing"
    AGGREGATION = "aggregation"


class Task(StrEnum):
    """What models are asked to do: each role's own task, and to search for and choose what a name stands for."""

    SOURCING = "sourcing"
    EXTRACTING = "extracting"
    TRACING = "tracing"
    AGGREGATION = "aggregation"
    CHOOSING = "choosing"
    SEARCHING = "searching"

    @property
    def role(self) -> Role:
        """Whose model does it."""
        return Role.AGGREGATION if self in (Task.CHOOSING, Task.SEARCHING) else Role(self.value)


class ModelsUnavailable(LineageError):
    """A package or a key that the model agents need is not there."""

    kind = "models_unavailable"


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RoleSettings(_Settings):
    """The model of one role; the packaged ``models.toml`` explains each field."""

    model: str = Field(pattern=r"^[a-z0-9_]+:.+$")
    base_url: str | None = None
    keys: tuple[str, ...] | None = None
    parameters: dict[str, Any] = Field(default_factory=dict)
    structured: Literal["json_schema", "function_calling", "json_mode", "none"] = "json_schema"
    timeout: float = Field(default=180.0, gt=0)
    attempts: int = Field(default=5, ge=1)
    web_search: bool = False
    batch: bool = False

    @property
    def player(self) -> str:
        """The model, in words for a person."""
        return f"{self.model} in batches (answers take up to a day)" if self.batch else self.model

    @property
    def provider(self) -> str:
        """LangChain's name of the provider, e.g. ``openai``."""
        return self.model.partition(":")[0]

    @property
    def model_name(self) -> str:
        """The provider's name of the model."""
        return self.model.partition(":")[2]


class ProviderSettings(_Settings):
    """How calls to one provider are made."""

    max_concurrency: int = Field(default=16, ge=1)
    keys: tuple[str, ...] | None = None
    options: dict[str, Any] = Field(default_factory=lambda: {"max_retries": 0})
    structured: dict[str, Any] = Field(default_factory=dict)


class Price(_Settings):
    """US dollars for a million tokens, and for a thousand searches of the web."""

    input: float = Field(ge=0)
    output: float = Field(ge=0)
    search: float = Field(default=0.0, ge=0)

    def cost(self, input_tokens: int, output_tokens: int, searches: int = 0) -> float:
        """US dollars for so many tokens and searches."""
        return (input_tokens * self.input + output_tokens * self.output) / 1_000_000 + searches * self.search / 1_000


class ModelSettings(_Settings):
    """The models of all roles, the providers they need, and prices that differ from the packaged ``prices.toml``."""

    roles: dict[Role, RoleSettings]
    providers: dict[str, ProviderSettings] = Field(default_factory=dict)
    prices: dict[str, dict[str, Price]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _batches_are_there(self) -> ModelSettings:
        for role, own in self.roles.items():
            is_plain = own.structured != "function_calling" and "use_responses_api" not in own.parameters
            if own.batch and not (role is Role.TRACING and own.provider == "openai" and is_plain):
                raise ValueError(
                    f"batch is for tracing on openai, without function_calling or use_responses_api, not {role}"
                )
        return self

    @model_validator(mode="after")
    def _search_is_there(self) -> ModelSettings:
        for role in (role for role, own in self.roles.items() if own.web_search):
            if role is not Role.AGGREGATION or self.roles[role].provider not in SEARCH_TOOLS:
                raise ValueError(f"web_search is for the aggregation role, on {' or '.join(SEARCH_TOOLS)}, not {role}")
        return self

    def tasks(self) -> tuple[Task, ...]:
        """What models are asked to do under these settings."""
        searches = self.roles[Role.AGGREGATION].web_search
        return tuple(task for task in Task if searches or task is not Task.SEARCHING)

    def structured(self, task: Task) -> str:
        """How the task's answers are bound to the schema; a model that searches the web cannot be bound."""
        return "none" if task is Task.SEARCHING else self.roles[task.role].structured

    def provider(self, role: Role) -> ProviderSettings:
        """Settings of the role's provider; the defaults where there are none."""
        return self.providers.get(self.roles[role].provider, ProviderSettings())

    def keys(self, role: Role) -> tuple[str, ...]:
        """Environment variables that may hold the role's key; none if it needs no key."""
        own, provider = self.roles[role], self.provider(role)
        if own.keys is not None:
            return own.keys
        if own.base_url is not None:
            return ()
        return provider.keys if provider.keys is not None else (f"{own.provider.upper()}_API_KEY",)


def read_models(path: Path | None = None) -> ModelSettings:
    """The packaged settings, with those of the user's file over them.

    Parameters
    ----------
    path:
        A TOML file with the shape of the packaged ``models.toml``; None takes the packaged one alone.

    Raises
    ------
    UsageError
        The file cannot be read or is not of that shape.
    """
    packaged = tomllib.loads(files(__package__).joinpath("models.toml").read_text(encoding="utf-8"))
    own = read_toml(path) if path else {}
    default = own.pop("default", None)
    try:
        roles = {**packaged["roles"], **(dict.fromkeys(Role, default) if default else {}), **own.pop("roles", {})}
        providers = {**packaged["providers"], **own.pop("providers", {})}
        return ModelSettings.model_validate({"roles": roles, "providers": providers, **own})
    except (ValidationError, TypeError) as error:
        reason = "; ".join(str(error).splitlines()[1:3]).strip() or str(error)
        raise UsageError(
            f"{path or 'models.toml'} is not a models file: {reason}", "see the packaged models.toml"
        ) from error


def read_toml(path: Path) -> dict[str, Any]:
    """A TOML file that the user named.

    Raises
    ------
    UsageError
        It cannot be read.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error


def keys_present(settings: ModelSettings, environment: Mapping[str, str] = os.environ) -> frozenset[Role]:
    """Roles whose model can be asked with the keys that are set (or that need none)."""
    return frozenset(
        role
        for role in settings.roles
        if not (keys := settings.keys(role)) or any(environment.get(key) for key in keys)
    )


def key_of(settings: ModelSettings, role: Role, environment: Mapping[str, str] = os.environ) -> str:
    """The role's key; a word that says so if it needs none.

    Raises
    ------
    ModelsUnavailable
        It needs one, and none is set.
    """
    keys = settings.keys(role)
    found = next((environment[key] for key in keys if environment.get(key)), None)
    if keys and found is None:
        model = settings.roles[role].model
        raise ModelsUnavailable(f"no key for {model}, the {role} model", f"set {' or '.join(keys)}, or use rules")
    return found or NO_KEY


def open_model(settings: ModelSettings, role: Role, environment: Mapping[str, str] = os.environ) -> BaseChatModel:
    """The role's chat model, ready to be asked; nothing is sent yet.

    Raises
    ------
    ModelsUnavailable
        LangChain, the provider's package or its key is missing.
    """
    own = settings.roles[role]
    key = key_of(settings, role, environment)
    options = {"timeout": own.timeout, **settings.provider(role).options, **own.parameters, "api_key": key}
    if own.base_url:
        options["base_url"] = own.base_url
    try:
        from langchain.chat_models import init_chat_model

        model: BaseChatModel = init_chat_model(own.model_name, model_provider=own.provider, **options)
    except ImportError as error:
        raise ModelsUnavailable(f"{own.model} needs a package that is missing: {error}", INSTALL) from error
    except ValueError as error:
        raise ModelsUnavailable(
            f"{own.model}, the {role} model, cannot be opened: {str(error).splitlines()[0]}"
        ) from error
    return model
