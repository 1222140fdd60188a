"""Agents are opened by name."""

from __future__ import annotations

import subprocess
import sys

import pytest

from lineage_platform.agents import open_agents
from lineage_platform.errors import UsageError
from tests.agents.cards import statements


@pytest.mark.parametrize("choice", ["rules", "auto"])
def test_rules_can_be_had_everywhere(choice: str) -> None:
    assert open_agents(choice).name == "rules"


def test_statements_name_the_version_that_made_them() -> None:
    (statement,) = statements("The rows were sampled from BranQA.")
    assert statement.said_by == f"rules/{open_agents('rules').version}"
    assert open_agents("rules").version == open_agents("auto").version


@pytest.mark.parametrize("choice", ["", "magic", "Rules"])
def test_an_unknown_name_is_a_usage_error_that_tells_the_choices(choice: str) -> None:
    with pytest.raises(UsageError) as caught:
        open_agents(choice)
    assert "auto" in caught.value.hint
    assert "rules" in caught.value.hint


def test_looking_at_the_agents_imports_no_rules() -> None:
    code = "import sys, lineage_platform.agents; print([m for m in sys.modules if 'agents.rules' in m])"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
