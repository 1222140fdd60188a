"""How a command ends: its exit code, and how a failure is told."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise
from typing import NoReturn

import click

from lineage_platform.cli.output import write_json
from lineage_platform.cli.text import plain
from lineage_platform.errors import LineageError, UsageError


class ExitCode(IntEnum):
    """What a command's exit code says."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    GATE_TRIPPED = 3
    SOME_FAILED = 4
    INTERRUPTED = 130


class Interrupted(LineageError):
    """The person stopped the command."""

    kind = "interrupted"


@dataclass(frozen=True)
class Flags:
    """What the arguments ask of failures; read without the parser, which may be what failed."""

    json: bool = False
    debug: bool = False
    quiet: bool = False

    @classmethod
    def of(cls, arguments: Sequence[str]) -> Flags:
        """Flags among the arguments before ``--``."""
        given = list(arguments[: arguments.index("--")] if "--" in arguments else arguments)
        formats = [value for flag, value in pairwise(given) if flag == "--format"]
        as_json = "--json" in given or "--format=json" in given or "json" in formats
        return cls(as_json, "--debug" in given, "-q" in given or "--quiet" in given)


def tell(failure: BaseException, flags: Flags) -> ExitCode:
    """Say what went wrong, where, and what to do: one line on stderr, in JSON mode an object on stdout too."""
    if isinstance(failure, click.exceptions.NoArgsIsHelpError):
        click.echo(failure.format_message(), err=True)
        return ExitCode.USAGE
    code, error = explain(failure)
    if flags.debug:
        traceback.print_exception(failure, file=sys.stderr)
    if flags.json:
        write_json({"error": {"kind": error.kind, "message": plain(error.message), "hint": plain(error.hint)}})
    click.echo(f"{click.style('error', fg='red', bold=True)}: {plain(error.message)}", err=True, color=_colour())
    if error.hint:
        click.echo(f"{click.style('hint', bold=True)}: {plain(error.hint)}", err=True, color=_colour())
    return code


def stop_at_once(failure: Interrupted) -> NoReturn:
    """End the process without waiting for its threads; whatever is on disk is whole."""
    code = tell(failure, Flags.of(sys.argv[1:]))
    sys.stdout.flush()
    os._exit(code)


def explain(failure: BaseException) -> tuple[ExitCode, LineageError]:
    """The exit code for a failure, and the failure as one that a person can act on."""
    match failure:
        case Interrupted():
            return ExitCode.INTERRUPTED, failure
        case KeyboardInterrupt() | click.Abort():
            return ExitCode.INTERRUPTED, Interrupted("interrupted")
        case UsageError():
            return ExitCode.USAGE, failure
        case LineageError():
            return ExitCode.FAILED, failure
        case click.UsageError():
            path = failure.ctx.command_path if failure.ctx else "lineage"
            return ExitCode.USAGE, UsageError(failure.format_message(), f"{path} --help")
        case click.ClickException():
            return ExitCode.FAILED, LineageError(failure.format_message())
        case OSError():
            return ExitCode.FAILED, _refused(failure)
    return ExitCode.FAILED, _unexpected("internal", f"unexpected {type(failure).__name__}: {failure}")


def _refused(failure: OSError) -> LineageError:
    """What the system refuses, and what helps against it; whatever is on disk is whole."""
    where = f": {failure.filename}" if failure.filename else ""
    kind, hint = _REMEDIES.get(failure.errno or 0, ("system", "run it again with --debug to see where"))
    error = LineageError(f"{failure.strerror or failure}{where}", hint)
    error.kind = kind
    return error


_FULL = ("disk_full", "free some space, then run the same command: it goes on from what is on disk")
_LOCKED = ("not_writable", "make it writable, or set LINEAGE_HOME to a folder of yours")
_MISPLACED = ("system", "a file stands where a folder is needed, or a folder where a file is: name another path")
_REMEDIES = {
    **dict.fromkeys((errno.EEXIST, errno.ENOTDIR, errno.EISDIR), _MISPLACED),
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), _FULL),
    **dict.fromkeys((errno.EROFS, errno.EACCES, errno.EPERM), _LOCKED),
}


def _unexpected(kind: str, message: str) -> LineageError:
    error = LineageError(message, "run it again with --debug to see where")
    error.kind = kind
    return error


def _colour() -> bool | None:
    """Colour as click decides, never with NO_COLOR."""
    return False if os.environ.get("NO_COLOR") else None
