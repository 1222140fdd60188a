"""Opening the model agents: all roles, or those that have a key, with rules for the rest."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from lineage_platform.agents.interface import Agents, Name, Subject
from lineage_platform.agents.llm.calling import Caller
from lineage_platform.agents.llm.ledger import FILE_NAME, Ledger
from lineage_platform.agents.llm.models import (
    INSTALL,
    ModelSettings,
    ModelsUnavailable,
    Role,
    keys_present,
    read_models,
)
from lineage_platform.agents.llm.roles import ModelAgents
from lineage_platform.agents.llm.spending import Budget, Prices, require_prices
from lineage_platform.documents.reading import Reading, Span
from lineage_platform.files import digest
from lineage_platform.records import Link, Profile, Statement


@dataclass(frozen=True)
class Declared:
    """The reader of declared metadata, which rules and models share.

    Parameters
    ----------
    read:
        What a document declares about a subject.
    version:
        Its version.
    """

    read: Callable[[Subject, Reading], Sequence[Statement]]
    version: str


@dataclass
class MixedAgents:
    """Models for the roles that have a key, rules for the others.

    Parameters
    ----------
    models, rules:
        Who plays.
    by_model:
        The roles that models play.
    """

    models: ModelAgents
    rules: Agents
    by_model: frozenset[Role]
    name: str = "auto"
    version: str = field(init=False)

    def __post_init__(self) -> None:
        self.version = digest(self.models.version, self.rules.version, *sorted(self.by_model))[:12]

    def _player(self, role: Role) -> Agents:
        return self.models if role in self.by_model else self.rules

    def sourcing(self, subject: Subject, card: Reading) -> Sequence[Link]:
        """As :class:`~lineage_platform.agents.interface.Agents` has it, by whoever plays the role."""
        return self._player(Role.SOURCING).sourcing(subject, card)

    def extracting(self, subject: Subject, document: Reading) -> Sequence[Span]:
        """As :class:`~lineage_platform.agents.interface.Agents` has it, by whoever plays the role."""
        return self._player(Role.EXTRACTING).extracting(subject, document)

    def tracing(self, subject: Subject, document: Reading, passages: Sequence[Span]) -> Sequence[Statement]:
        """As :class:`~lineage_platform.agents.interface.Agents` has it, by whoever plays the role."""
        return self._player(Role.TRACING).tracing(subject, document, passages)

    def aggregation(self, subject: Subject, card: Reading | None, statements: Sequence[Statement]) -> Profile:
        """As :class:`~lineage_platform.agents.interface.Agents` has it, by whoever plays the role."""
        return self._player(Role.AGGREGATION).aggregation(subject, card, statements)

    def choosing(self, subject: Subject, name: Name) -> str | None:
        """As :class:`~lineage_platform.agents.interface.Chooser` has it; rules leave every choice to people."""
        return self.models.choosing(subject, name) if Role.AGGREGATION in self.by_model else None

    def searching(self, subject: Subject, mention: str) -> Sequence[str]:
        """As :class:`~lineage_platform.agents.interface.Chooser` has it; rules do not search."""
        return self.models.searching(subject, mention) if Role.AGGREGATION in self.by_model else ()

    def describe(self) -> str:
        """Who plays which role, and which keys would let a model play the others."""
        settings = self.models.caller.settings
        parts = [f"{role} by {settings.roles[role].player}" for role in Role if role in self.by_model]
        parts += [
            f"{role} by rules (a model with {' or '.join(settings.keys(role))})"
            for role in Role
            if role not in self.by_model
        ]
        return "agents: " + ", ".join(parts)


def open_models(
    home: Path,
    declared: Declared,
    *,
    models: Path | None = None,
    max_cost: float | None = None,
    environment: Mapping[str, str] = os.environ,
) -> ModelAgents:
    """Models for every role.

    Parameters
    ----------
    home:
        The data home, where answers and calls are kept.
    declared:
        The reader of declared metadata.
    models:
        The user's models file; the packaged one when None.
    max_cost:
        Bound on what this run may cost, in US dollars.
    environment:
        Where keys are looked up.

    Raises
    ------
    ModelsUnavailable
        LangChain is not installed, or a role has no key.
    UsageError
        The models file is wrong, or a budget is set and a model has no price.
    """
    settings = read_models(models)
    if find_spec("langchain") is None:
        raise ModelsUnavailable("the model agents need LangChain, which is not installed", INSTALL)
    if missing := sorted(set(Role) - keys_present(settings, environment)):
        keys = dict.fromkeys(" or ".join(settings.keys(role)) for role in missing)
        raise ModelsUnavailable(
            f"no key for {', '.join(missing)}",
            f"set {', and '.join(keys)}; --agents auto plays these roles by rules",
        )
    return _agents(home, declared, settings, frozenset(Role), max_cost, environment)


def open_auto(
    home: Path,
    declared: Declared,
    rules: Agents,
    *,
    models: Path | None = None,
    max_cost: float | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Agents:
    """Models for the roles that have a key, rules for the others; only rules without LangChain or without any key.

    Parameters and errors as for :func:`open_models`; a missing key or package is none.
    """
    settings = read_models(models)
    by_model = keys_present(settings, environment) if find_spec("langchain") is not None else frozenset[Role]()
    if not by_model:
        return rules
    return MixedAgents(_agents(home, declared, settings, by_model, max_cost, environment), rules, by_model)


def _agents(
    home: Path,
    declared: Declared,
    settings: ModelSettings,
    roles: frozenset[Role],
    max_cost: float | None,
    environment: Mapping[str, str],
) -> ModelAgents:
    prices = Prices.read(settings)
    if max_cost is not None:
        require_prices(prices, settings, roles)
    caller = Caller(settings, prices, Ledger(home / FILE_NAME), Budget(max_cost), environment)
    return ModelAgents(caller, declared.read, declared.version)
