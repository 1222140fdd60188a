"""Pictures and the page of all reports: whole, harmless, and the same for the same graph."""

from __future__ import annotations

import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from lineage_platform.errors import ExtraMissing, UsageError
from lineage_platform.exports.landscape import SECTIONS, write_landscape
from lineage_platform.exports.plots import draw, has_picture, picture
from lineage_platform.files import RecordStore
from lineage_platform.graph.answers import Rows
from lineage_platform.graph.build import build_graph
from lineage_platform.graph.query import Graph, open_graph
from lineage_platform.graph.reports import find_report, read_reports
from lineage_platform.records import Domain, Outcome
from tests.graph.builders import traced, witness

HOSTILE = '<script>alert("x")</script> $\\frac{1}{0}$ \x1b[31m & \u202e'
SIGNATURES = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF"}


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    root = tmp_path_factory.mktemp("landscape")
    records = RecordStore(root / "hubs" / "test")
    leaf = Outcome.NO_SOURCES_DOCUMENTED
    traced(records, "a/leaf", outcome=leaf, month="2022-05", domains=(Domain.MATH,), licence="cc-by-nc-4.0")
    traced(records, "b/mix", [witness("a/leaf")], month="2023-05", domains=(Domain.CODE,), licence=HOSTILE)
    sources = [witness("a/leaf"), witness("b/mix"), witness("name:" + HOSTILE)]
    traced(records, "c/chat", sources, month="2024-01", domains=(Domain.CODE, Domain.GENERAL), licence="mit")
    build_graph(records, root / "graph.duckdb", hub_name="test", hub_label=f"label {HOSTILE}")
    return open_graph(root / "graph.duckdb")


class Page(HTMLParser):
    """The elements of a page, and whether each is closed."""

    VOID = frozenset({"meta", "img", "br", "hr", "link", "input"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.attributes += attrs
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def parsed(text: str) -> Page:
    page = Page()
    page.feed(text)
    assert page.open == []
    return page


@pytest.mark.parametrize("ending", SIGNATURES)
def test_a_picture_is_a_file_of_the_format_its_name_says(graph: Graph, tmp_path: Path, ending: str) -> None:
    draw(find_report("cross_domain"), graph.report("cross_domain"), tmp_path / f"picture{ending}")
    assert (tmp_path / f"picture{ending}").read_bytes().startswith(SIGNATURES[ending])


@pytest.mark.parametrize("name", [report.name for report in read_reports() if has_picture(report.name)])
def test_every_picture_is_drawn_with_and_without_rows_and_runs_nothing(graph: Graph, name: str) -> None:
    report, found = find_report(name), graph.report(name)
    for rows in (found, Rows(found.columns, ())):
        svg = picture(report, rows, "svg", f"label {HOSTILE}").decode()
        assert svg == picture(report, rows, "svg", f"label {HOSTILE}").decode()
        assert "<script" not in svg
        assert "&lt;script&gt;" in svg


def test_the_years_are_stacked_by_kind_in_a_panel_a_domain(graph: Graph) -> None:
    svg = picture(find_report("release_years"), graph.report("release_years"), "svg").decode()
    for told in ("math", "code", "general", "leaf", "internal", "2022", "2024"):
        assert f">{told}</text>" in svg


def test_a_name_has_one_bar(graph: Graph) -> None:
    rows = Rows(("outcome", "reason", "datasets"), (("before_cutoff", "2018", 3), ("before_cutoff", "2019", 4)))
    svg = picture(find_report("coverage"), rows, "svg").decode()
    assert svg.count(">before_cutoff</text>") == 1
    assert ">7</text>" in svg


@pytest.mark.parametrize("name", [report.name for report in read_reports() if has_picture(report.name)])
def test_the_label_stands_below_the_picture(graph: Graph, name: str) -> None:
    svg = picture(find_report(name), graph.report(name), "svg", "the label").decode()
    baselines = {text: float(y) for y, text in re.findall(r'<text [^>]* y="([\d.]+)"[^>]*>([^<]*)<', svg)}
    assert baselines.pop("the label") > max(baselines.values(), default=0) + 10


@pytest.mark.parametrize(
    ("name", "file", "told"),
    [("cross_domain", "matrix.docx", "no picture format"), ("leaves", "leaves.png", "has no picture")],
)
def test_what_cannot_be_drawn_is_said(graph: Graph, tmp_path: Path, name: str, file: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        draw(find_report(name), graph.report(name), tmp_path / file)
    assert list(tmp_path.iterdir()) == []


def test_without_matplotlib_the_package_to_install_is_named(
    graph: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ExtraMissing) as error:
        write_landscape(graph, tmp_path)
    assert "lineage-platform[plots]" in error.value.hint
    assert list(tmp_path.iterdir()) == []


def test_the_page_holds_every_report_once_and_loads_nothing(graph: Graph, tmp_path: Path) -> None:
    text = write_landscape(graph, tmp_path / "new" / "folder").read_text(encoding="utf-8")
    page = parsed(text)
    ids = [value for name, value in page.attributes if name == "id"]
    assert {report.name for report in graph.reports()} <= set(ids)
    assert len(ids) == len(set(ids))
    loaded = [value for name, value in page.attributes if name in {"src", "href"}]
    assert all(value and value.startswith(("data:image/svg+xml;base64,", "#")) for value in loaded)
    assert "default-src 'none'" in text


def test_paths_stand_behind_their_number(graph: Graph, tmp_path: Path) -> None:
    text = write_landscape(graph, tmp_path).read_text(encoding="utf-8")
    [paths] = re.findall(r"<details><summary>2 paths</summary>(.*?)</details>", text)
    assert [*re.findall("<span>(.*?)</span>", paths)] == ["a/leaf → c/chat", "a/leaf → b/mix → c/chat"]


def test_what_documents_say_is_text_of_the_page(graph: Graph, tmp_path: Path) -> None:
    text = write_landscape(graph, tmp_path).read_text(encoding="utf-8")
    assert not {"script", "iframe", "object", "form"} & parsed(text).seen
    assert "&lt;script&gt;" in text
    assert not {"\x1b", "\u202e"} & set(text)
    assert not re.search(r"<[^>]+\son\w+=", text)


def test_every_section_names_reports_that_there_are() -> None:
    names = [name for _, _, members in SECTIONS for name in members]
    assert set(names) <= {report.name for report in read_reports()}
    assert len(names) == len(set(names))


def test_the_same_graph_gives_the_same_page(graph: Graph, tmp_path: Path) -> None:
    pages: list[Any] = [write_landscape(graph, tmp_path / name).read_bytes() for name in ("one", "two")]
    assert pages[0] == pages[1]
