"""`ui`: Dagster's web interface over the same data home."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec

import click

from lineage_platform.cli.options import chosen, command
from lineage_platform.cli.output import Output
from lineage_platform.errors import ExtraMissing


@command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=3000, show_default=True, help="Port to listen on.")
def ui(output: Output, host: str, port: int) -> None:
    """Open Dagster's web interface: stages, runs, checks. Ctrl-C ends it.

    \b
    lineage ui --port 3001
    """
    if find_spec("dagster_webserver") is None:
        raise ExtraMissing("the web interface", "ui")
    from lineage_platform.defs.instance import dagster_home

    home = chosen().home.absolute()
    folder = dagster_home(home)
    output.say(f"http://{host}:{port} shows {home} (Dagster's own data is in {folder})")
    command_line = [sys.executable, "-m", "dagster", "dev", "-m", "lineage_platform.defs.definitions"]
    command_line += ["-h", host, "-p", str(port)]
    sys.stdout.flush()
    sys.stderr.flush()
    os.execve(sys.executable, command_line, {**os.environ, "LINEAGE_HOME": str(home)})  # noqa: S606  no shell
