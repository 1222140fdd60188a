"""`doctor`: what is missing or broken, and the command that mends it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass, fields, replace
from enum import StrEnum
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from lineage_platform.cli.failures import ExitCode
from lineage_platform.cli.options import chosen, command, hub_option
from lineage_platform.cli.output import Output, Table
from lineage_platform.cli.text import plain, shortened
from lineage_platform.errors import DatasetGated, DatasetNotFound, GraphMissing, LineageError
from lineage_platform.settings import Settings

if TYPE_CHECKING:
    from lineage_platform.checks import Check, Verdict

OLDEST_PYTHON = (3, 11)
DISTRIBUTION = "lineage-platform"
EXTRAS = {
    "deploy": "dagster_postgres",
    "embeddings": "sentence_transformers",
    "llm": "langchain",
    "plots": "matplotlib",
    "reference": "vendi_score",
    "spark": "pyspark",
    "ui": "dagster_webserver",
}
KEYS = ("OPENAI_API_KEY", "GOOGLE_API_KEY")
PROBE = "openai/gsm8k"
LONGEST_EXAMPLE = 120


class Health(StrEnum):
    """How one thing is."""

    OK = "ok"
    NOTE = "note"
    BROKEN = "broken"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    check: str
    health: Health
    detail: str
    hint: str = ""


@command()
@hub_option
def doctor(output: Output, hub: str | None) -> ExitCode:
    """Check that everything is in place: packages, data home, hub, keys, graph, corpora.

    Exit code 1 when something is broken. Keys and tokens are never printed.

    \b
    lineage doctor --hub sample
    """
    settings = chosen(hub)
    findings = list(examine(settings))
    columns = [field.name for field in fields(Finding)]
    output.rows(Table(columns, [astuple(finding) for finding in findings]))
    broken = [finding for finding in findings if finding.health is Health.BROKEN]
    output.say(f"{len(broken)} broken" if broken else "everything that is needed is in place")
    return ExitCode.FAILED if broken else ExitCode.DONE


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at everything that a trace needs."""
    yield _python(sys.version_info[:3])
    yield from _packages()
    yield _home(settings.home)
    yield from _unfinished(settings.home)
    yield _hub(settings)
    yield from _keys(os.environ)
    yield from _graph(settings.home)
    yield from _checks(settings)


def _python(version: Iterable[int]) -> Finding:
    found = tuple(version)
    health = Health.OK if found >= OLDEST_PYTHON else Health.BROKEN
    needed = ".".join(map(str, OLDEST_PYTHON))
    return Finding("python", health, ".".join(map(str, found)), "" if health is Health.OK else f"install {needed}")


def _packages() -> Iterator[Finding]:
    """Required distributions that are missing, and which extras are there."""
    try:
        required = metadata.requires(DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        yield Finding("packages", Health.NOTE, "runs from a folder, not installed", "pip install .")
    else:
        yield from _requirements(required)
    for extra, module in EXTRAS.items():
        there = find_spec(module) is not None
        hint = "" if there else f"pip install '{DISTRIBUTION}[{extra}]'"
        state = "installed" if there else "not installed"
        yield Finding(f"extra: {extra}", Health.OK if there else Health.NOTE, state, hint)


def _requirements(required: Iterable[str]) -> Iterator[Finding]:
    from packaging.requirements import Requirement

    needed = [each for each in map(Requirement, required) if each.marker is None or each.marker.evaluate({"extra": ""})]
    unmet = []
    for requirement in needed:
        try:
            version = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            unmet.append(f"{requirement.name} is missing")
            continue
        if not requirement.specifier.contains(version, prereleases=True):
            unmet.append(f"{requirement.name} {version} is not {requirement.specifier}")
    if unmet:
        yield Finding("packages", Health.BROKEN, "; ".join(unmet), f"pip install --upgrade {DISTRIBUTION}")
    else:
        yield Finding("packages", Health.OK, f"all {len(needed)} there")


def _home(home: Path) -> Finding:
    """The data home can be written, or made; this looks without making it."""
    place = next(path for path in (home.absolute(), *home.absolute().parents) if path.exists())
    if not (place.is_dir() and os.access(place, os.W_OK | os.X_OK)):
        return Finding(
            "data home", Health.BROKEN, f"{place} cannot be written", "set LINEAGE_HOME to a folder of yours"
        )
    state = "can be written" if place == home.absolute() else "is made by the first trace"
    return Finding("data home", Health.OK, f"{home.absolute()} {state}")


def _unfinished(home: Path) -> Iterator[Finding]:
    from lineage_platform.leftovers import unfinished

    left = sum(1 for _ in unfinished(home))
    if left:
        detail = f"{left} left by processes that were killed"
        yield Finding("unfinished files", Health.NOTE, detail, "nothing reads them; a trace deletes them, once a day")


def _hub(settings: Settings) -> Finding:
    from lineage_platform import catalog

    try:
        hub = catalog.open_hub(settings.hub)
        where = str(hub.folder) if hub.folder else _endpoint()
        hub.info(PROBE)
    except (DatasetNotFound, DatasetGated):
        pass  # an answer, too
    except LineageError as error:
        return Finding("hub", Health.BROKEN, error.message, error.hint or "lineage doctor --hub sample")
    return Finding("hub", Health.OK, f"{settings.hub} answers: {where}")


def _endpoint() -> str:
    from huggingface_hub import constants, get_token

    return f"{constants.ENDPOINT}, {'with' if get_token() else 'without'} a token"


def _keys(environment: Mapping[str, str]) -> Iterator[Finding]:
    for key in KEYS:
        there = bool(environment.get(key))  # an empty one is none, for the agents, too
        hint = "" if there else "only needed for --agents llm"
        yield Finding(key, Health.OK if there else Health.NOTE, "set" if there else "not set", hint)


def _graph(home: Path) -> Iterator[Finding]:
    """Whether there is a graph, and what is wrong in it."""
    from lineage_platform import graph
    from lineage_platform.files import Home

    try:
        opened = graph.open_graph(Home(home).graph)
    except GraphMissing as error:
        health = Health.BROKEN if Home(home).graph.exists() else Health.NOTE
        yield Finding("graph", health, error.message, error.hint)
        return
    with opened:
        meta = opened.meta
        yield Finding("graph", Health.OK, f"{meta.datasets} datasets, {meta.edges} edges, from the hub {meta.hub_name}")
        faults = opened.select("SELECT kind, count(*) FROM faults GROUP BY ALL ORDER BY ALL").rows
        for kind, number in faults:
            yield Finding(
                f"faults: {kind}", Health.NOTE, f"{number} found", f"lineage sql \"from faults where kind = '{kind}'\""
            )


def _checks(settings: Settings) -> Iterator[Finding]:
    """Whether what is there passes the platform's checks; those of a corpus are made with it."""
    from lineage_platform.checks import Subject, all_checks
    from lineage_platform.workspace import Workspace

    try:
        subject = Subject(Workspace.open(replace(settings, agents="rules")))
    except LineageError:  # the hub: that was said before
        return
    for check in all_checks():
        if not check.of_corpus:
            try:
                yield _verdict(check, check.judge(subject))
            except GraphMissing:  # that, too
                continue
            except LineageError as error:
                yield Finding(f"check: {check.name}", Health.BROKEN, error.message, error.hint)


def _verdict(check: Check, verdict: Verdict) -> Finding:
    title = f"check: {check.name}"
    if verdict.severity is None:
        return Finding(title, Health.OK, "holds")
    health = Health.NOTE if verdict.severity == "warning" else Health.BROKEN
    first = shortened(plain(", ".join(map(str, verdict.found[0].values()))), LONGEST_EXAMPLE)
    more = f"; and {len(verdict.found) - 1} more" if len(verdict.found) > 1 else ""
    return Finding(title, health, f"{len(verdict.found)} found: {first}{more}", check.remedy)
