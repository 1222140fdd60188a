"""Reading documents for lineage: four roles, played by rules."""

from __future__ import annotations

from lineage_platform.agents.interface import Agents
from lineage_platform.errors import UsageError

CHOICES = ("auto", "rules")


def open_agents(choice: str) -> Agents:
    """The agents of a name.

    Parameters
    ----------
    choice:
        ``rules`` (no key, no network) or ``auto`` (the best that can be had here, which is the rules).

    Raises
    ------
    UsageError
        There are no agents of this name.
    """
    if choice not in CHOICES:
        raise UsageError(f"there are no agents called {choice!r}", f"choose one of: {', '.join(CHOICES)}")
    from lineage_platform.agents.rules import RulesAgents

    return RulesAgents()
