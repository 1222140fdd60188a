"""The four roles played by language models, through LangChain."""

from __future__ import annotations

from lineage_platform.agents.llm.roles import ModelAgents

__all__ = ["ModelAgents"]
