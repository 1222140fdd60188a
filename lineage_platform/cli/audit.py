"""`audit`: a planned mix of training data, screened before anybody trains on it."""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lineage_platform.cli.failures import ExitCode
from lineage_platform.cli.options import chosen, command, hub_option
from lineage_platform.cli.output import Output, Table, grid, indented, text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from lineage_platform.audits.audit import Audit
    from lineage_platform.audits.lineage import Lineage
    from lineage_platform.audits.mixes import Mix
    from lineage_platform.audits.rows import RowSet
    from lineage_platform.cli.gathering import Gatherer
    from lineage_platform.measurements import Contamination
    from lineage_platform.workspace import Workspace

MEMBER_COLUMNS = (
    *(
        "name",
        "weight",
        "share",
        "known",
        "rows",
        "distinct_triplets",
        "new_triplets",
        "distinct_queries",
        "new_queries",
    ),
    *("released", "licence", "detail"),
)


class Share(click.ParamType[float]):
    """A share of a whole: ``0.05`` or ``5%``."""

    name = "share"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The share as a number from 0 to 1."""
        match = re.fullmatch(r"\s*(\d+(?:\.\d*)?|\.\d+)\s*(%?)\s*", str(value))
        share = float(match[1]) / (100 if match[2] else 1) if match else -1.0
        if not 0 <= share <= 1:
            self.fail(f"{value!r} is no share: write 0.05 or 5%", param, ctx)
        return share


@command()
@click.argument("mix", metavar="MIX.yaml", type=click.Path(path_type=Path))
@click.option("--max-redundancy", type=Share(), metavar="P", help="Highest redundancy of the mix: 0.05 or 5%.")
@click.option(
    "--max-contamination",
    type=Share(),
    metavar="P",
    help="Largest share of a benchmark in any member, near matches counted: 0.05 or 5%.",
)
@click.option(
    "--report",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Also write a report: .md, or .html as one page.",
)
@hub_option
def audit(
    output: Output,
    mix: Path,
    max_redundancy: float | None,
    max_contamination: float | None,
    report: Path | None,
    hub: str | None,
) -> ExitCode:
    """Screen a planned mix: repeats, leaks, licences, what each member brings.

    MIX.yaml lists members: ids or local files, with weights. Where rows are not at hand, the report says what is known
    from lineage alone. Exit code 3 when a limit is passed.

    \b
    lineage audit mix.yaml --max-redundancy 5% --report audit.html

    \b
    members:
      - {id: open-r1/OpenR1-Math-220k, weight: 2}
      - {id: qihoo360/Light-R1-SFTData#stage1}
      - {file: own_rows.jsonl}
    """
    from lineage_platform.audits.mixes import read_mix
    from lineage_platform.cli.gathering import Gatherer, lineage_of
    from lineage_platform.errors import UsageError
    from lineage_platform.workspace import Workspace

    if report is not None and report.suffix not in _WRITERS:
        raise UsageError(f"{report} ends neither in .md nor in .html", "--report audit.md")
    plan = read_mix(mix)
    workspace = Workspace.open(chosen(hub))
    lineage = lineage_of(workspace, output)
    gatherer = Gatherer(workspace, output)
    with tempfile.TemporaryDirectory(prefix="lineage-audit-") as folder:
        opened = _Opened(plan, workspace, lineage, gatherer, output, Path(folder))
        found = opened.audit(max_redundancy, max_contamination)
    if report is not None:
        _write(report, found)
        output.say(f"report: {report}")
    output.answer(_data(found), _table(found), lambda: _page(found))
    for gate in found.gates:
        if not gate.passed:
            output.warn(f"{gate.name} {gate.value:.2%} is over the limit of {gate.limit:.2%}")
        elif gate.value is None:
            output.warn(f"{gate.name} could not be measured: no rows to measure it on are at hand")
    return ExitCode.DONE if found.passed else ExitCode.GATE_TRIPPED


@dataclass(frozen=True)
class _Opened:
    """A mix, and where to find its rows; ``folder`` holds those of local files, and what is found in them."""

    plan: Mix
    workspace: Workspace
    lineage: Lineage
    gatherer: Gatherer
    output: Output
    folder: Path

    def audit(self, max_redundancy: float | None, max_contamination: float | None) -> Audit:
        """Read what is needed, and audit."""
        from lineage_platform.audits.auditing import Auditor
        from lineage_platform.audits.benchmarks import read_benchmarks
        from lineage_platform.cli.gathering import engine_of

        rows = dict(self._member_rows())
        registry = read_benchmarks(self.workspace.settings.rows.benchmarks)
        self.gatherer.benchmarks(registry.all)
        members = tuple(each.dataset_id for each in self.plan.members)
        self.gatherer.datasets(self.lineage.with_member_edges(self.plan.node, members).crossings(self.plan.node))
        engine = engine_of(self.workspace)
        limits = (max_redundancy, max_contamination)
        auditor = Auditor(self.gatherer.shelf, self.lineage, engine, self._screen, registry.all, *limits)
        return auditor.audit(self.plan, rows, self.gatherer.unread)

    def _member_rows(self) -> Iterator[tuple[str, RowSet]]:
        for number, member in enumerate(self.plan.members):
            if member.path is not None:
                yield member.name, self.gatherer.file(member.path, member.name, self.folder / f"file-{number}")
            elif found := self.gatherer.dataset(member.name):
                yield member.name, found

    def _screen(self, members: Sequence[RowSet], benchmarks: Sequence[RowSet]) -> Iterator[Contamination]:
        """Compare all members; what is found in local files is not kept among the hub's measurements."""
        from lineage_platform.cli.gathering import screening_of

        files = {member.name for member in self.plan.members if member.path}
        for folder, own in ((None, False), (self.folder, True)):
            chosen_members = [each for each in members if (each.name in files) == own]
            screening = screening_of(self.workspace, self.gatherer, self.lineage, self.output, folder)
            yield from screening.run(chosen_members, benchmarks, full=True)


def _write(path: Path, found: Audit) -> None:
    from lineage_platform.audits import reporting
    from lineage_platform.files import write_whole

    write_whole(path, getattr(reporting, _WRITERS[path.suffix])(found).encode("utf-8"))


_WRITERS = {".md": "markdown", ".html": "one_page"}


def _page(found: Audit) -> Iterator[RenderableType]:
    """The report; on a terminal laid out, elsewhere as the Markdown that it is."""
    from lineage_platform.audits.reporting import markdown, sections, verdict

    if not sys.stdout.isatty():
        yield markdown(found).rstrip("\n")
        return
    if found.label:
        yield text(found.label, "italic yellow")
    yield text(f"Audit of {found.name}", "bold")
    yield from (indented(line, 2) for line in verdict(found))
    for section in sections(found):
        yield text("")
        yield text(section.title, "bold")
        if section.rows:
            yield grid(Table(section.columns, section.rows))
        else:
            yield indented(section.nothing, 2)
        yield from (indented(note, 2, "dim") for note in section.notes)
        for heading, lines in section.paths:
            yield indented(heading, 2)
            yield from (indented(line, 4, "dim") for line in lines)


def _data(found: Audit) -> dict[str, Any]:
    redundancy = found.redundancy.model_dump() if found.redundancy else None
    return {**asdict(found), "redundancy": redundancy, "passed": found.passed}


def _table(found: Audit) -> Table:
    return Table(MEMBER_COLUMNS, [[getattr(each, name) for name in MEMBER_COLUMNS] for each in found.members])
