"""Pictures of the reports for which a picture says more than rows, drawn with matplotlib and without a display."""

from __future__ import annotations

import io
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lineage_platform.errors import ExtraMissing, UsageError
from lineage_platform.files import write_whole
from lineage_platform.graph.answers import Rows
from lineage_platform.graph.reports import Report

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from lineage_platform.corpus.diversity import DiversityRow

FORMATS = (".png", ".svg", ".pdf")
LEAF, INTERNAL, GREY, LINE = "#8fb8de", "#1f4e79", "#5a6572", "#dde3ea"
LONGEST_NAME = 44
MOST_BARS = 20
STRIP_INCHES = 0.2

# Nothing that documents say is taken for a formula, and the same rows give the same bytes.
_STYLE: Any = {
    "text.parse_math": False,
    "svg.hashsalt": "lineage",
    "svg.fonttype": "none",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "axes.axisbelow": True,
    "figure.constrained_layout.use": True,
}


def draw(report: Report, rows: Rows, path: Path, label: str = "") -> None:
    """Draw a report's answer into a file, whole.

    Parameters
    ----------
    report, rows:
        The report, and its answer.
    path:
        Where to; its ending says the format.
    label:
        What every output over this data must say.

    Raises
    ------
    UsageError
        The report has no picture, or the ending names no format.
    ExtraMissing
        matplotlib is not installed.
    """
    form = picture_format(path)
    if not has_picture(report.name):
        raise UsageError(f"the report {report.name} has no picture", f"those that have: {', '.join(sorted(_PICTURES))}")
    write_whole(path, picture(report, rows, form, label))


def draw_diversity(rows: Sequence[DiversityRow], path: Path, label: str = "") -> None:
    """Draw Vendi scores and centroid distances, with their intervals, side by side into a file, whole.

    Parameters
    ----------
    rows:
        One a dataset, in the order in which they are drawn.
    path, label:
        As :func:`draw` takes them.

    Raises
    ------
    UsageError
        The ending names no format.
    ExtraMissing
        matplotlib is not installed.
    """
    write_whole(path, _drawn(lambda figure: _diversity(figure, rows), picture_format(path), label))


def picture_format(path: Path) -> str:
    """The format that a file's ending says: ``png``, ``svg`` or ``pdf``.

    Raises
    ------
    UsageError
        It says none of them.
    """
    if path.suffix.lower() not in FORMATS:
        raise UsageError(f"{path} names no picture format", f"end it in {', '.join(FORMATS)}")
    return path.suffix.lower().removeprefix(".")


def has_picture(name: str) -> bool:
    """Whether there is a picture of the report of this name."""
    return name in _PICTURES


def picture(report: Report, rows: Rows, form: str, label: str = "") -> bytes:
    """The picture of a report's answer.

    Parameters
    ----------
    report, rows:
        One that :func:`has_picture`, and its answer.
    form:
        ``png``, ``svg`` or ``pdf``.
    label:
        What every output over this data must say.

    Raises
    ------
    ExtraMissing
        matplotlib is not installed.
    """
    return _drawn(lambda figure: _PICTURES[report.name](figure, rows.records()), form, label)


def _drawn(paint: Callable[[Figure], None], form: str, label: str) -> bytes:
    with _matplotlib() as new_figure:
        figure = new_figure()
        paint(figure)
        if label:
            _stamp(figure, label)
        _settle(figure)
        body = io.BytesIO()
        dates = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(form)
        figure.savefig(body, format=form, dpi=160, metadata=dates)
    return body.getvalue()


def _stamp(figure: Figure, label: str) -> None:
    """Write the label below the picture, in a strip of its own."""
    strip = STRIP_INCHES / figure.get_figheight()
    figure.set_layout_engine("constrained", rect=(0, strip, 1, 1 - strip))
    figure.text(0.995, strip / 2, _shown(label, 120), ha="right", va="center", fontsize=7, color=GREY)


def _settle(figure: Figure) -> None:
    """Lay the picture out and round where its parts stand: the solver's last digits are not the same each time."""
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    for axes in figure.axes:
        left, bottom, width, height = (round(edge, 4) for edge in axes.get_position(original=True).bounds)
        axes.set_position((left, bottom, width, height))


@contextmanager
def _matplotlib() -> Iterator[Callable[[], Figure]]:
    """Our style for as long as a figure is made; characters that no font has are drawn as boxes, without a word."""
    try:
        from matplotlib import rc_context
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ExtraMissing("matplotlib, which draws the pictures,", "plots") from error
    with rc_context(_STYLE), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield Figure


def _years(figure: Figure, rows: list[dict[str, Any]]) -> None:
    """Releases by year: one panel a domain, leaves below and internal datasets above."""
    domains = list(dict.fromkeys(row["domain"] for row in rows))
    years = sorted({row["year"] for row in rows})
    figure.set_size_inches(9, 2.6 * max((len(domains) + 1) // 2, 1))
    panels = figure.subplots((len(domains) + 1) // 2 or 1, 2, squeeze=False, sharex=True)
    for axes, domain in zip(panels.flat, [*domains, *[None] * (panels.size - len(domains))], strict=True):
        if domain is None:
            axes.set_axis_off()
            continue
        counted = {(row["year"], row["kind"]): row["datasets"] for row in rows if row["domain"] == domain}
        leaves = [counted.get((year, "leaf"), 0) for year in years]
        internal = [counted.get((year, "internal"), 0) for year in years]
        axes.bar(years, leaves, color=LEAF, label="leaf")
        axes.bar(years, internal, bottom=leaves, color=INTERNAL, label="internal")
        axes.set_title(_shown(domain))
        axes.set_ylabel("datasets")
        axes.yaxis.get_major_locator().set_params(integer=True)
        axes.set_xticks(years, [str(year) for year in years], rotation=45)
        axes.tick_params(labelbottom=True)
    if domains:
        panels[0, 0].legend(frameon=False)


def _matrix(figure: Figure, rows: list[dict[str, Any]]) -> None:
    """Cross-domain flow: the share of each source domain in each target domain as colour, with the counts."""
    sources = list(dict.fromkeys(row["source_domain"] for row in rows))
    targets = list(dict.fromkeys(row["target_domain"] for row in rows))
    cells = {(row["source_domain"], row["target_domain"]): row for row in rows}
    shares = [[cells.get((s, t), {"share_pct": 0})["share_pct"] for t in targets] for s in sources]
    figure.set_size_inches(1.9 + 1.15 * max(len(targets), 2), 1.2 + 0.75 * max(len(sources), 2))
    axes = figure.subplots()
    if not rows:
        _nothing(axes)
        return
    image = axes.imshow(shares, cmap="Blues", vmin=0, vmax=100, aspect="auto")
    axes.set_xticks(range(len(targets)), [_shown(target) for target in targets])
    axes.set_yticks(range(len(sources)), [_shown(source) for source in sources])
    axes.set_xlabel("made into")
    axes.set_ylabel("made from")
    for (source, target), row in cells.items():
        dark = row["share_pct"] > 55
        told = f"{row['edges']}\n{row['share_pct']:.1f} %"
        at = (targets.index(target), sources.index(source))
        axes.text(*at, told, ha="center", va="center", fontsize=8, color="white" if dark else "#16202b")
    axes.spines[:].set_visible(False)
    figure.colorbar(image, ax=axes, label="share of the target's sources, %")


def _topology(figure: Figure, rows: list[dict[str, Any]]) -> None:
    """Depth and degrees by domain, side by side."""
    figure.set_size_inches(9, 2.8)
    panels = figure.subplots(1, 4)
    titles = {
        "depth": "mean depth",
        "in_degree": "mean in-degree",
        "out_degree": "mean out-degree",
        "leaf_pct": "leaves, %",
    }
    for axes, (column, title) in zip(panels, titles.items(), strict=True):
        bars = axes.bar([_shown(row["domain"]) for row in rows], [row[column] for row in rows], color=INTERNAL)
        axes.bar_label(bars, fmt="%.2f", fontsize=8, padding=2)
        axes.set_title(title)
        axes.tick_params(axis="x", rotation=30)
        axes.margins(y=0.18)


def _bars(name: str, value: str, title: str, only: Mapping[str, Any] | None = None) -> Callable[..., None]:
    """A picture of one horizontal bar a name; ``name`` is a column, or several with commas between them."""

    def drawn(figure: Figure, rows: list[dict[str, Any]]) -> None:
        lengths: Counter[str] = Counter()
        for row in rows:
            if all(row[column] == given for column, given in (only or {}).items()):
                lengths[", ".join(str(row[column]) for column in name.split(", "))] += row[value]
        shown = list(lengths.items())[:MOST_BARS]
        figure.set_size_inches(8, 0.9 + 0.27 * max(len(shown), 3))
        axes = figure.subplots()
        if not shown:
            _nothing(axes)
            return
        bars = axes.barh(range(len(shown)), [float(length) for _, length in shown], color=INTERNAL, height=0.7)
        axes.set_yticks(range(len(shown)), [_shown(each, LONGEST_NAME * 2) for each, _ in shown])
        axes.set_ylim(max(len(shown), 3) - 0.5, -0.5)
        axes.bar_label(bars, fmt="%.6g", fontsize=8, padding=3)
        axes.set_xlabel(title)
        axes.locator_params(axis="x", integer=all(length == int(length) for _, length in shown))
        axes.margins(x=0.1)

    return drawn


def _diversity(figure: Figure, rows: Sequence[DiversityRow]) -> None:
    """A dot a dataset with its interval, on one panel for each figure."""
    figure.set_size_inches(9, 1.1 + 0.3 * max(len(rows), 3))
    found = [row.diversity for row in rows]
    scores = [(f"{each.vendi:.2f}", each.vendi, each.vendi_interval) for each in found]
    distances = [(f"{each.centroid_distance:.4f}", each.centroid_distance, each.centroid_interval) for each in found]
    panels = figure.subplots(1, 2, sharey=True)
    for axes, title, values in zip(panels, ("Vendi score", "centroid distance"), (scores, distances), strict=True):
        for place, (told, value, interval) in enumerate(values):
            if interval:
                axes.plot(interval, (place, place), color=LEAF, linewidth=5, solid_capstyle="butt")
            axes.plot(value, place, "o", color=INTERNAL, markersize=4)
            axes.annotate(told, (value, place), (0, 5), textcoords="offset points", ha="center", fontsize=8)
        axes.set_xlabel(title)
        axes.margins(x=0.12)
        axes.grid(axis="x", color=LINE, linewidth=0.6)
    panels[0].set_yticks(range(len(rows)), [_shown(f"{row.dataset} ({row.diversity.rows:,})") for row in rows])
    panels[0].set_ylim(len(rows) - 0.4, -0.7)
    told = f"{_shown(rows[0].model, 80)}\nhigher is more diverse; bars: 95 % bootstrap intervals"
    figure.suptitle(told, x=0.005, ha="left", fontsize=9)


def _nothing(axes: Axes) -> None:
    axes.set_axis_off()
    axes.text(0.5, 0.5, "nothing to draw", ha="center", va="center", color=GREY)


def _shown(value: object, longest: int = LONGEST_NAME) -> str:
    """A value as one harmless line of limited length."""
    text = "".join(letter if letter.isprintable() else " " for letter in str(value))
    return text if len(text) <= longest else text[: longest - 1] + "…"


_PICTURES: Mapping[str, Callable[[Figure, list[dict[str, Any]]], None]] = {
    "build_patterns": _bars("pattern", "paths", "paths of three edges", {"steps": 3}),
    "contamination": _bars("train, benchmark", "rate_pct", "benchmark questions found, %"),
    "coverage": _bars("outcome", "datasets", "datasets"),
    "cross_domain": _matrix,
    "deepest": _bars("dataset_id", "depth", "depth"),
    "degree_outliers": _bars("dataset_id, figure", "degree", "degree"),
    "highest_in_degree": _bars("dataset_id", "in_degree", "distinct sources"),
    "licence_mix": _bars("licence", "datasets", "datasets"),
    "most_reused": _bars("dataset_id", "out_degree", "datasets built on it", {"domain": "all"}),
    "redundancy": _bars("dataset_id", "rate_pct", "repeated rows, %"),
    "relation_mix": _bars("relation", "edges", "edges"),
    "release_years": _years,
    "topology_by_domain": _topology,
}
