"""`export`: the graph, or a selection of it, in the field's formats."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from lineage_platform import exports
from lineage_platform.cli.look import open_graph
from lineage_platform.cli.options import as_of_option, command
from lineage_platform.cli.output import Format as Printed
from lineage_platform.cli.output import Output, write_json
from lineage_platform.cli.text import count
from lineage_platform.errors import UsageError

if TYPE_CHECKING:
    from lineage_platform.exports import Format
    from lineage_platform.graph.view import GraphView

focus_option = click.option(
    "--focus",
    default="*",
    metavar="SELECTION",
    help="Of these datasets only, e.g. '+key:\"ORG/NAME\"' (Dagster's grammar).",
)


@command()
@click.option(
    "--to",
    "name",
    type=click.Choice(exports.NAMES),
    metavar="FORMAT",
    required=True,
    help=f"One of {', '.join(exports.NAMES)}.",
)
@focus_option
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="PATH", help="A file; for formats of several files a folder."
)
@click.option("--compat", type=click.Choice(exports.COMPAT), help="The form that older readers of the format take.")
@as_of_option
def export(output: Output, name: str, focus: str, out: Path | None, compat: str | None, as_of: str | None) -> None:
    """Write the graph, or a selection of it, in a format of the field.

    The same graph gives the same bytes.

    \b
    lineage export --to jsonl > graph.jsonl
    lineage export --to mermaid --focus '+key:"teknium/OpenHermes-2.5"'
    lineage export --to parquet --out graph/
    """
    from lineage_platform.graph.view import read_view

    form = exports.find_format(name, compat)
    if form is None:
        raise UsageError(
            f"--compat {compat} is no form of {name}", "lineage export --to openlineage --compat run-events"
        )
    if form.lines is None and (out is None or out.suffix):
        raise UsageError(f"{name} is several files: name a folder", f"lineage export --to {name} --out FOLDER")
    with open_graph(as_of) as graph:
        view = read_view(graph, focus)
    if view.label:
        output.warn(view.label)
    if not view.nodes:
        output.warn(f"the selection {focus!r} means no dataset of this graph")
    _write(output, form, view, out)


def _write(output: Output, form: Format, view: GraphView, out: Path | None) -> None:
    from lineage_platform.files import write_whole

    if form.files is not None and out is not None and (form.lines is None or not out.suffix):
        written = 0
        for name, body in form.files(view):
            write_whole(out / name, body)
            written += 1
        output.say(f"{count(written, 'file')} in {out}")
        _tell(output, view, out, written)
    elif form.lines is not None and out is not None:
        write_whole(out, "".join(f"{line}\n" for line in form.lines(view)).encode("utf-8", "replace"))
        output.say(f"{count(len(view.nodes), 'dataset')} in {out}")
        _tell(output, view, out, 1)
    elif form.lines is not None:
        for line in form.lines(view):
            click.echo(line)


def _tell(output: Output, view: GraphView, out: Path, files: int) -> None:
    """What was written where, for scripts; people are told on stderr."""
    if output.format is Printed.JSON:
        write_json({"path": str(out), "files": files, "datasets": len(view.nodes)})
