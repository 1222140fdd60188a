"""The four roles played by language models, through LangChain."""

from __future__ import annotations

from lineage_platform.agents.llm.opening import Declared, MixedAgents, open_auto, open_models
from lineage_platform.agents.llm.roles import ModelAgents

__all__ = ["Declared", "MixedAgents", "ModelAgents", "open_auto", "open_models"]
