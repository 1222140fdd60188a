"""The console script: finds the command asked for, runs it, and turns whatever happens into an exit code."""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from typing import Any

import click

from lineage_platform import __version__
from lineage_platform.cli.failures import ExitCode, Flags, tell
from lineage_platform.cli.options import DEBUG_HELP, write_commands
from lineage_platform.cli.text import plain
from lineage_platform.logs import LOGGER, JsonLines, json_wanted

# Each command, in the order of help, with the module that holds it: imported when its command (or help) is asked for.
SECTIONS = {
    "Trace": {"trace": "trace", "extract": "extract", "hub": "hub"},
    "Look": {
        **{"show": "look", "paths": "look", "compare": "compare", "report": "report", "diff": "diff"},
        **{"sql": "query", "ui": "ui"},
    },
    "Compare rows": {"rows": "rows", "overlap": "rows", "matrix": "findings", "findings": "findings"},
    "Audit": {"redundancy": "audits", "contamination": "audits", "audit": "audit"},
    "Build": {"dedup": "dedup", "corpus": "corpus"},
    "Exchange": {"import": "importing", "export": "export"},
    "Look after": {"review": "review", "status": "status", "doctor": "doctor"},
}
MODULES = {name: module for section in SECTIONS.values() for name, module in section.items()}


class LineageGroup(click.Group):
    """Commands that are imported when they are used, and one way to end."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Every command, in the order of help."""
        return list(MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of this name."""
        if cmd_name not in MODULES:
            return None
        found: click.Command = getattr(
            import_module(f"lineage_platform.cli.{MODULES[cmd_name]}"), "import_" if cmd_name == "import" else cmd_name
        )
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the arguments name; near names are offered for one that does not exist."""
        try:
            return super().resolve_command(ctx, args)
        except click.NoSuchCommand as error:
            raise click.NoSuchCommand(error.command_name, possibilities=MODULES, ctx=ctx) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands, by what they are for."""
        for title, section in SECTIONS.items():
            commands = ((name, self.get_command(ctx, name)) for name in section)
            with formatter.section(title):
                write_commands(formatter, ((name, command) for name, command in commands if command))

    def main(self, args: Sequence[str] | None = None, *_: Any, **extra: Any) -> Any:
        """Run the command that the arguments name and exit with its code."""
        arguments = list(sys.argv[1:] if args is None else args)
        flags = Flags.of(arguments)
        _prepare(flags)
        try:
            code = super().main(arguments, **{**extra, "prog_name": "lineage", "standalone_mode": False})
            sys.stdout.flush()
        except BrokenPipeError:
            _abandon_stdout()
            code = ExitCode.FAILED
        except (Exception, KeyboardInterrupt) as failure:  # noqa: BLE001  every failure is told in one way
            code = tell(failure, flags)
        sys.exit(int(code or ExitCode.DONE))


@click.command(
    cls=LineageGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Settings are environment variables: LINEAGE_HOME (the data home), LINEAGE_HUB, LINEAGE_AGENTS.",
)
@click.version_option(__version__, prog_name="lineage")
@click.option("--debug", is_flag=True, expose_value=False, help=DEBUG_HELP)
def cli() -> None:
    """Where LLM post-training datasets come from, and who says so."""


def main() -> None:
    """Entry point of the console script."""
    cli.main()


def _prepare(flags: Flags) -> None:
    """Set up what the whole process shares: text that cannot be encoded is escaped, and only our warnings are shown."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    if not sys.warnoptions and not flags.debug:
        warnings.simplefilter("ignore")
    ours = logging.getLogger(LOGGER)
    ours.handlers = [_StderrHandler(flags)]
    usual = logging.INFO if json_wanted() else logging.WARNING
    ours.setLevel(logging.DEBUG if flags.debug else logging.ERROR if flags.quiet else usual)
    ours.propagate = flags.debug
    logging.lastResort = None


class _StderrHandler(logging.Handler):
    """One line on stderr for each thing logged; where it happened only when debugging."""

    def __init__(self, flags: Flags) -> None:
        super().__init__()
        self._as_it_is = flags.debug or json_wanted()
        self.setFormatter(JsonLines() if json_wanted() else logging.Formatter("%(levelname)s: %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        """Print the record."""
        if self._as_it_is:
            click.echo(self.format(record), err=True)
        else:
            click.echo(f"{record.levelname.lower()}: {plain(record.getMessage())}", err=True)


def _abandon_stdout() -> None:
    """Whoever read our output has gone: write the rest nowhere, so that nothing complains at exit."""
    import os

    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()
