"""Reading documents for lineage: four roles, played by rules or by language models."""

from __future__ import annotations

from pathlib import Path

from lineage_platform.agents.interface import Agents
from lineage_platform.errors import UsageError
from lineage_platform.settings import Settings

CHOICES = ("auto", "llm", "rules")


def open_agents(
    choice: str, *, home: Path = Settings.home, models: Path | None = None, max_cost: float | None = None
) -> Agents:
    """The agents of a name.

    Parameters
    ----------
    choice:
        ``rules`` (no key, no network), ``llm`` (a model for every role) or ``auto`` (models for the roles whose key is
        set, rules for the others).
    home:
        The data home, where models' answers and calls are kept.
    models:
        A file that says which model plays which role; None takes the packaged defaults.
    max_cost:
        Bound on what these agents may spend on models, in US dollars.

    Raises
    ------
    UsageError
        There are no agents of this name, the models file is wrong, or a bound is set and a model has no price.
    ModelsUnavailable
        ``llm`` was asked for, and a package or a key is missing.
    """
    if choice not in CHOICES:
        raise UsageError(f"there are no agents called {choice!r}", f"choose one of: {', '.join(CHOICES)}")
    from lineage_platform.agents.rules import RulesAgents, declared

    rules = RulesAgents()
    if choice == "rules":
        return rules
    from lineage_platform.agents import llm

    reader = llm.Declared(declared, rules.version)
    if choice == "llm":
        return llm.open_models(home, reader, models=models, max_cost=max_cost)
    return llm.open_auto(home, reader, rules, models=models, max_cost=max_cost)
