"""The prompts: versioned files beside the code, and the messages made of them."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

from lineage_platform.agents.llm.models import Task
from lineage_platform.files import digest


@dataclass(frozen=True)
class Prompt:
    """The instructions of one task.

    Parameters
    ----------
    version:
        ``task-version.digest``: the number in the file's front matter, and the first digits of the digest of the text,
        so that an edit that forgets the number still counts as another version.
    text:
        The instructions, with those that all tasks share.
    """

    version: str
    text: str


@cache
def prompt(task: Task) -> Prompt:
    """The task's prompt, from ``prompts/<task>.md``."""
    folder = files(__package__).joinpath("prompts")
    _, head, body = folder.joinpath(f"{task}.md").read_text(encoding="utf-8").split("---\n", 2)
    text = f"{body.strip()}\n\n{folder.joinpath('common.md').read_text(encoding='utf-8').strip()}\n"
    return Prompt(f"{task}-{yaml.safe_load(head)['version']}.{digest(text)[:6]}", text)


def message(task: Task, facts: dict[str, str], material: str) -> str:
    """A user message: who is asked about what, then the material between markers that it cannot forge.

    Parameters
    ----------
    task:
        What is asked.
    facts:
        What we know ourselves, by name (the dataset, the kind of document); made single lines.
    material:
        Text from outside.
    """
    token = next(token for token in _tokens() if token not in material)
    lines = [f"Task: {task}", *(f"{name}: {' '.join(value.split())}" for name, value in facts.items() if value)]
    return "\n".join([*lines, f"<<<{token} begins", material, f"<<<{token} ends"])


def _tokens() -> Iterator[str]:
    while True:
        yield secrets.token_hex(12)
