"""What a client's reply holds: the text, and what is paid for it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage


@dataclass(frozen=True)
class ModelReply:
    """The reply to one call.

    Parameters
    ----------
    text:
        The answer; the arguments where it came as the call of a function.
    tokens:
        Read and written.
    searches:
        How often the web was searched for it.
    """

    text: str
    tokens: tuple[int, int]
    searches: int = 0


def reply_of(answer: AIMessage) -> ModelReply:
    """What a LangChain client returned."""
    usage = answer.usage_metadata
    text = json.dumps(answer.tool_calls[0]["args"]) if answer.tool_calls else str(answer.text)
    grounding = answer.response_metadata.get("grounding_metadata") or {}
    searches = len(grounding.get("web_search_queries") or ())
    return ModelReply(text, (usage["input_tokens"], usage["output_tokens"]) if usage else (0, 0), searches)


def broken_off(error: Exception) -> ModelReply | None:
    """The reply that reached the length limit: the OpenAI client raises it as an error."""
    completion = getattr(error, "completion", None)
    if completion is None or not completion.choices:
        return None
    usage = completion.usage
    used = (usage.prompt_tokens, usage.completion_tokens) if usage else (0, 0)
    return ModelReply(completion.choices[0].message.content or "", used)
