"""What every command has in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import wraps
from typing import Any, TypeVar

import click

from lineage_platform.cli.failures import ExitCode
from lineage_platform.cli.output import Format, Output
from lineage_platform.settings import Settings

Function = Callable[..., ExitCode | None]
Decorated = TypeVar("Decorated", bound=Callable[..., Any])

ONE_SENTENCE = 200  # characters; no first sentence of a command's help is longer
DEBUG_HELP = "Show where an error happened, and what is logged."
hub_option = click.option("--hub", metavar="live|sample|DIR", help="Which hub to ask. [LINEAGE_HUB; default: live]")
agents_option = click.option(
    "--agents", metavar="auto|llm|rules", help="Who reads the documents. [LINEAGE_AGENTS; default: auto]"
)

FOCUS_HELP = "Of these datasets only, in the grammar of Dagster's selections: '+key:\"ORG/NAME\"'."
as_of_option = click.option("--as-of", metavar="SNAPSHOT", help="Ask an earlier graph (lineage report snapshots).")


class CommandGroup(click.Group):
    """Commands under one name, each shown with the whole first sentence of its help."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands, by name."""
        with formatter.section("Commands"):
            write_commands(formatter, ((name, self.commands[name]) for name in self.list_commands(ctx)))


def write_commands(formatter: click.HelpFormatter, commands: Iterable[tuple[str, click.Command]]) -> None:
    """List commands with their first sentences, folded where they are longer than a line."""
    formatter.write_dl([(name, command.get_short_help_str(ONE_SENTENCE)) for name, command in commands])


def command(name: str | None = None, group: click.Group | None = None) -> Callable[[Function], click.Command]:
    """Make a function a command with the options that all have; its first argument is the :class:`Output`.

    The function returns an exit code, or None when all is done.
    """

    def decorate(function: Function) -> click.Command:
        @wraps(function)
        def run(*, format_: str, as_json: bool, quiet: bool, **arguments: Any) -> ExitCode | None:
            return function(Output(Format.JSON if as_json else Format(format_), quiet), **arguments)

        made: click.Command = (group.command(name) if group else click.command(name))(run)
        made.params += _output_options()
        return made

    return decorate


def _output_options() -> list[click.Parameter]:
    formats = click.Choice([*map(str, Format)])
    help_text = "Of the data on stdout; auto: for people, but rows that go to a file or pipe are csv."
    return [
        click.Option(["--format", "format_"], type=formats, default="auto", show_default=True, help=help_text),
        click.Option(["--json", "as_json"], is_flag=True, help="Short for --format json."),
        click.Option(["-q", "--quiet"], is_flag=True, help="No progress, no hints."),
        click.Option(["--debug"], is_flag=True, expose_value=False, help=DEBUG_HELP),
    ]


def chosen(hub: str | None = None, agents: str | None = None, max_cost: float | None = None) -> Settings:
    """The environment's settings, with what the command line sets in their place.

    Raises
    ------
    NewerHome
        A newer release has changed the data home: reading it could mislead.
    """
    from lineage_platform import migrations

    settings = Settings.from_environment()
    migrations.check(settings.home)
    given = {name: value for name, value in (("hub", hub), ("agents", agents)) if value is not None}
    limits = settings.limits if max_cost is None else replace(settings.limits, max_cost=max_cost)
    return replace(settings, limits=limits, **given)  # type: ignore[arg-type]
