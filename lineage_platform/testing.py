"""The platform's checks as tests of a data home, for a pipeline that has pytest and no Dagster.

    LINEAGE_HOME=lineage_data LINEAGE_HUB=live pytest --pyargs lineage_platform.testing

An error fails its test, a warning is shown as one (``-W error`` makes it fail, too), and what is not there is skipped.
"""

from __future__ import annotations

import warnings
from dataclasses import replace

import pytest

from lineage_platform.checks import Check, Severity, Subject, all_checks
from lineage_platform.errors import GraphMissing
from lineage_platform.settings import Settings
from lineage_platform.workspace import Workspace

SHOWN = 10


class CheckWarning(UserWarning):
    """Something does not hold that is no error."""


@pytest.fixture(scope="session")
def subject() -> Subject:
    """The data home and the hub that ``LINEAGE_HOME`` and ``LINEAGE_HUB`` name; no model is asked."""
    return Subject(Workspace.open(replace(Settings.from_environment(), agents="rules")))


@pytest.mark.parametrize("check", all_checks(), ids=lambda check: f"{check.asset}: {check.name}")
def test_home(check: Check, subject: Subject) -> None:
    """One check holds."""
    if check.of_corpus:
        pytest.skip("a corpus is checked when it is built: lineage corpus build RECIPE")
    try:
        verdict = check.judge(subject)
    except GraphMissing as error:
        pytest.skip(f"{error.message}: {error.hint}")
    told = "\n".join([check.told(verdict), *(str(dict(row)) for row in verdict.found[:SHOWN])])
    if verdict.severity is Severity.WARNING:
        warnings.warn(CheckWarning(told), stacklevel=1)
    assert verdict.severity is not Severity.ERROR, told
