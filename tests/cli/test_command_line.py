"""What holds for every command: help, options, exit codes, how a failure is told, what is imported."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from lineage_platform import errors
from lineage_platform.cli import main as command_line
from lineage_platform.cli.failures import ExitCode, explain
from lineage_platform.cli.main import MODULES, cli
from tests.cli.conftest import LABEL, Lineage
from tests.conftest import REPOSITORY

HEAVY = {"dagster", "duckdb", "pydantic", "httpx", "huggingface_hub", "networkx", "rich", "trafilatura", "pypdf"}


def commands() -> list[tuple[str, click.Command]]:
    """Every command with its full name."""
    context = click.Context(cli)
    found = []
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert command is not None
        found += [(f"{name} {sub}", each) for sub, each in getattr(command, "commands", {}).items()] or [
            (name, command)
        ]
    return found


COMMANDS = commands()


def lineage_process(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """``lineage ARGUMENTS...`` as a process of its own."""
    command = [sys.executable, "-m", "lineage_platform.cli.main", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), **settings}
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, check=False)


@pytest.mark.parametrize(("name", "command"), COMMANDS, ids=[name for name, _ in COMMANDS])
def test_every_command_says_what_it_does_and_what_each_option_is_for(name: str, command: click.Command) -> None:
    help_text = command.help or ""
    assert len(help_text.split("\n\n")[0]) > 10
    assert f"lineage {name}" in help_text, "an example is missing"
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.help, f"{name} {option.name} has no help"


@pytest.mark.parametrize(("name", "command"), COMMANDS, ids=[name for name, _ in COMMANDS])
def test_every_command_takes_the_same_options_for_its_output(name: str, command: click.Command) -> None:
    flags = {flag for option in command.params for flag in option.opts}
    assert {"--format", "--json", "-q", "--quiet", "--debug"} <= flags


@pytest.mark.parametrize(("name", "command"), COMMANDS, ids=[name for name, _ in COMMANDS])
def test_every_command_is_in_the_readme(name: str, command: click.Command) -> None:
    assert f"`lineage {name}" in (REPOSITORY / "README.md").read_text(encoding="utf-8")


def test_help_lists_every_command(lineage: Lineage) -> None:
    answer = lineage("--help")
    assert answer.code == 0
    assert set(MODULES) <= set(re.findall(r"^  (\w+) ", answer.out, re.MULTILINE))


@pytest.mark.parametrize(("name", "command"), COMMANDS, ids=[name for name, _ in COMMANDS])
def test_help_of_a_command_needs_no_settings(lineage: Lineage, name: str, command: click.Command) -> None:
    answer = lineage(*name.split(), "--help")
    assert answer.code == 0
    assert "Usage: lineage " + name in answer.out


@pytest.mark.parametrize(("name", "command"), COMMANDS, ids=[name for name, _ in COMMANDS])
def test_help_fits_a_terminal_of_80_columns(
    lineage: Lineage, monkeypatch: pytest.MonkeyPatch, name: str, command: click.Command
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert max(map(len, lineage(*name.split(), "--help").out.splitlines())) <= 80


@pytest.mark.parametrize("group", ["corpus", "hub", "review"])
def test_a_group_shows_the_whole_first_sentence_of_each_command(
    lineage: Lineage, monkeypatch: pytest.MonkeyPatch, group: str
) -> None:
    monkeypatch.setenv("COLUMNS", "50")
    commands = lineage(group, "--help").out.partition("Commands:")[2]
    assert commands
    assert "..." not in commands


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom lineage_platform.cli.main import cli\n"
        "try: cli.main(['--help'])\nexcept SystemExit as end: assert end.code == 0\n"
        "print(*{name.split('.')[0] for name in sys.modules}, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=REPOSITORY, check=True)
    assert not HEAVY & set(done.stderr.split())


@pytest.mark.parametrize("arguments", [["show", "acme/mix"], ["sql", "select 1"], ["report", "leaves"], ["status"]])
def test_commands_that_only_read_do_not_import_dagster(graph: Path, arguments: list[str]) -> None:
    code = (
        "import sys\nfrom lineage_platform.cli.main import cli\n"
        f"try: cli.main({arguments!r})\nexcept SystemExit as end: assert end.code == 0\n"
        "assert 'dagster' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=REPOSITORY, check=True)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["frobnicate"], "frobnicate"),
        (["shwo"], "'show'"),
        (["show"], "ID"),
        (["show", "a/b", "--upp", "1"], "--up"),
        (["show", "a/b", "--up", "many"], "--up"),
        (["sql", "select 1", "--format", "xml"], "xml"),
        (["trace", "--hub", "/nowhere"], "/nowhere"),
        (["trace", "--hub", "sample", "--seeds", "/nowhere/seeds.txt"], "/nowhere/seeds.txt"),
        (["trace", "a/b", "--hub", "sample", "--agents", "oracle"], "oracle"),
        (["trace", "a/b", "--hub", "sample", "--dry-run", "--suggest"], "one at a time"),
        (["extract", "/nowhere.md", "--target", "x"], "/nowhere.md"),
    ],
)
def test_wrong_usage_ends_with_2_and_says_what_was_wrong(lineage: Lineage, arguments: list[str], told: str) -> None:
    answer = lineage(*arguments)
    assert answer.code == ExitCode.USAGE
    assert answer.out == ""
    assert any(line.startswith("error: ") for line in answer.err.splitlines())
    assert told in answer.err
    assert "Traceback" not in answer.err


@pytest.mark.parametrize("group", [[], ["hub"], ["corpus"], ["review"]])
def test_a_group_without_a_command_shows_its_help(lineage: Lineage, group: list[str]) -> None:
    answer = lineage(*group)
    assert (answer.code, answer.out) == (ExitCode.USAGE, "")
    assert answer.err.startswith(" ".join(["Usage: lineage", *group]))
    assert "error:" not in answer.err


@pytest.mark.parametrize("flags", [["--json"], ["--format", "json"], ["--format=json"]])
def test_a_failure_in_json_mode_is_an_object_on_stdout(lineage: Lineage, flags: list[str]) -> None:
    answer = lineage("show", "a/b", "--up", "many", *flags)
    assert answer.code == ExitCode.USAGE
    assert set(answer.json) == {"error"}
    assert set(answer.json["error"]) == {"kind", "message", "hint"}
    assert answer.json["error"]["kind"] == "usage"
    assert answer.json["error"]["hint"] == "lineage show --help"


@pytest.mark.parametrize(
    ("failure", "code", "kind"),
    [
        (errors.UsageError("wrong"), 2, "usage"),
        (errors.InvalidDatasetId("wrong"), 2, "invalid_dataset_id"),
        (errors.HubUnavailable("away"), 1, "hub_unavailable"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (click.Abort(), 130, "interrupted"),
        (click.UsageError("wrong"), 2, "usage"),
        (OSError(28, "No space left on device", "/full"), 1, "disk_full"),
        (OSError(30, "Read-only file system", "/fixed"), 1, "not_writable"),
        (OSError(17, "File exists", "/file/where/a/folder/is/needed"), 1, "system"),
        (OSError(5, "Input/output error", "/broken"), 1, "system"),
        (OSError("error closing file"), 1, "system"),
        (ZeroDivisionError("surprise"), 1, "internal"),
    ],
)
def test_each_failure_has_its_exit_code_and_kind(failure: BaseException, code: int, kind: str) -> None:
    found, told = explain(failure)
    assert (found, told.kind) == (code, kind)


def test_a_file_in_the_place_of_a_folder_is_told_with_what_to_do(lineage: Lineage, graph: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    answer = lineage("report", "all", "--to", tmp_path / "taken")
    assert answer.code == 1
    assert "name another path" in answer.err


def test_a_surprise_is_one_sentence_and_a_traceback_only_on_request(
    lineage: Lineage, graph: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (graph / "graph.duckdb").unlink()
    (graph / "graph.duckdb").mkdir()
    monkeypatch.setattr(command_line.LineageGroup, "invoke", lambda *_: 1 / 0)
    answer = lineage("status")
    assert answer.code == 1
    assert answer.err.splitlines() == [
        "error: unexpected ZeroDivisionError: division by zero",
        "hint: run it again with --debug to see where",
    ]
    assert "Traceback" in lineage("status", "--debug").err


def test_hostile_arguments_are_printed_harmlessly(lineage: Lineage, graph: Path) -> None:
    answer = lineage("show", "a/\x1b[31mred\x07")
    assert answer.code == 1
    assert not {"\x1b", "\x07"} & set(answer.err)


@pytest.mark.parametrize(
    ("name", "value"),
    [("LINEAGE_CONCURRENCY", "many"), ("LINEAGE_REVIEW_THRESHOLD", "2"), ("LINEAGE_CUTOFF_YEAR", "-1")],
)
def test_a_wrong_setting_is_named(lineage: Lineage, monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    answer = lineage("status")
    assert answer.code == ExitCode.USAGE
    assert name in answer.err


def test_quiet_means_data_alone(lineage: Lineage, graph: Path) -> None:
    assert lineage("show", "acme/mix", "-q").err == ""
    assert lineage("show", "acme/mix").err != ""


def test_a_reader_that_goes_away_is_no_error(graph: Path) -> None:
    command = f"{sys.executable} -m lineage_platform.cli.main sql 'from range(200000)' | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, cwd=REPOSITORY, timeout=60, check=False)
    assert done.stdout == "range\n"
    assert done.stderr == f"{LABEL}\n"


def test_what_a_terminal_cannot_show_is_escaped_not_fatal(graph: Path) -> None:
    done = lineage_process("sql", "select '→' as text", PYTHONIOENCODING="latin-1", PYTHONUTF8="0")
    assert done.stdout.splitlines() == ["text", r"\u2192"]


def test_no_color_is_honoured(graph: Path) -> None:
    for settings, coloured in (({"FORCE_COLOR": "1"}, True), ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False)):
        done = lineage_process("show", "acme/mix", **settings)
        assert bool(re.search(r"\x1b\[[0-9;]*3[0-7]m", done.stdout)) is coloured


def test_the_version_is_the_packages(lineage: Lineage) -> None:
    import lineage_platform

    assert lineage_platform.__version__ in lineage("--version").out
