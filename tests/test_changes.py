"""What changed is told once: edges, leaks, overlaps, failures; what was told is not told again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lineage_platform import Settings, Workspace
from lineage_platform.changes import ChangeLog, Failure, Report, markdown, tell_changes
from lineage_platform.errors import GraphMissing
from lineage_platform.measurements import Containment, Contamination, Finding
from tests.defs.conftest import SOURCES, HubFolder
from tests.support import have_rows


@pytest.fixture
def hub(tmp_path: Path) -> HubFolder:
    folder = HubFolder(tmp_path / "hub")
    for dataset_id, sources in SOURCES.items():
        folder.add(dataset_id, sources)
    return folder


@pytest.fixture
def workspace(tmp_path: Path, hub: HubFolder) -> Workspace:
    return Workspace.open(Settings(home=tmp_path / "home", hub=str(hub.root), agents="rules"))


def news(workspace: Workspace, *seeds: str) -> Report | None:
    """Trace, build, tell."""
    for _ in workspace.trace(seeds):
        pass
    workspace.build_graph()
    return tell_changes(workspace)


def told(report: Report | None) -> Report:
    assert report is not None
    return report


def contamination(matched: int) -> Contamination:
    return Contamination(
        train="org/mix",
        benchmark="org/bench",
        scheme="s",
        benchmark_queries=10,
        matched=matched,
        rate=matched / 10,
        matched_normalised=matched,
        matched_near=matched + 1,
    )


def containment(finding: Finding) -> Containment:
    return Containment(
        source="org/root",
        target="org/beta",
        scheme="s",
        source_queries=9,
        target_queries=9,
        shared_queries=4,
        source_in_target=0.4,
        target_in_source=0.4,
        confirmed=True,
        finding=finding,
    )


def test_without_a_graph_there_is_nothing_to_tell(workspace: Workspace) -> None:
    with pytest.raises(GraphMissing):
        tell_changes(workspace)


def test_the_first_graph_of_a_home_is_news_only_where_something_is_wrong(workspace: Workspace, hub: HubFolder) -> None:
    assert news(workspace, "org/root") is None
    hub.break_info("org/broken")
    report = told(news(workspace, "org/broken"))
    assert report.counts == {"datasets new": 1, "newly failed": 1}
    assert [each.dataset for each in report.failed] == ["org/broken"]


def test_a_failure_is_news_once_until_it_was_mended(workspace: Workspace, hub: HubFolder) -> None:
    hub.break_info("org/broken")
    assert told(news(workspace, "org/broken")).counts == {"newly failed": 1}
    assert news(workspace, "org/broken") is None
    hub.mend("org/broken")
    assert "newly failed" not in told(news(workspace, "org/broken")).counts
    hub.break_info("org/broken")
    workspace.records.path("org/broken", "validation").unlink()
    assert told(news(workspace, "org/broken")).counts["newly failed"] == 1


def test_a_changed_card_is_told_with_the_edges_that_it_brings_and_loses(workspace: Workspace, hub: HubFolder) -> None:
    news(workspace, "org/mix")
    hub.add("org/mix", ["org/alpha", "org/root"], revision="2" * 40)
    report = told(news(workspace, "org/mix"))
    edges = {(each.change, each.subject) for each in report.differences if each.kind == "edge"}
    assert edges == {("new", "org/root -> org/mix"), ("gone", "org/beta -> org/mix")}
    assert report.counts["edges new"] == report.counts["edges gone"] == 1
    assert news(workspace, "org/mix") is None


def test_builds_that_nobody_told_are_told_together(workspace: Workspace) -> None:
    news(workspace, "org/root")
    for seed in ("org/deep", "org/alpha"):
        for _ in workspace.trace([seed]):
            pass
        workspace.build_graph()
    report = told(tell_changes(workspace))
    assert report.counts["datasets new"] == 2


def test_a_snapshot_that_is_no_longer_kept_leaves_what_the_build_noted(workspace: Workspace) -> None:
    forgetful = replace(workspace, settings=replace(workspace.settings, snapshots_kept=1))
    news(forgetful, "org/root")
    assert told(news(forgetful, "org/deep")).counts == {"datasets new": 1}


def test_leaks_and_overlaps_are_news_when_measured_and_when_they_grow(workspace: Workspace) -> None:
    news(workspace, "org/mix")
    have_rows(workspace.measurements, "org/mix", "org/bench", "org/root", "org/beta")
    workspace.measurements.write(contamination(1))
    workspace.measurements.write(containment(Finding.UNDOCUMENTED))
    report = told(news(workspace))
    assert report.counts == {"new leaks": 1, "new overlaps in doubt": 1}
    assert (report.leaks[0].train, report.leaks[0].matched_near) == ("org/mix", 2)
    assert report.overlaps[0].finding == "undocumented"
    assert news(workspace) is None
    workspace.measurements.write(contamination(3))
    assert told(news(workspace)).counts == {"new leaks": 1}
    workspace.measurements.write(containment(Finding.EXPLAINED))
    assert news(workspace) is None
    workspace.measurements.write(containment(Finding.UNDOCUMENTED))
    assert told(news(workspace)).counts == {"new overlaps in doubt": 1}


def test_reports_are_numbered_files_in_json_and_markdown(workspace: Workspace, hub: HubFolder) -> None:
    hub.break_info("org/broken")
    news(workspace, "org/broken")
    news(workspace, "org/mix")
    log = ChangeLog(workspace.home.hub_folder(workspace.hub.name))
    assert sorted(path.name for path in log.root.glob("0*")) == ["00001.json", "00001.md", "00002.json", "00002.md"]
    report = Report.model_validate_json(log.path(2).read_text())
    assert markdown(report) == log.path(2).with_suffix(".md").read_text()
    assert "+ edge org/alpha -\\> org/mix" in markdown(report)


def test_a_report_that_was_cut_short_is_written_again_in_its_place(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    news(workspace, "org/root")

    def die(self: ChangeLog, report: Report, told: object) -> None:
        self.path(report.number).parent.mkdir(exist_ok=True, parents=True)
        self.path(report.number).write_text("half of")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(ChangeLog, "keep", die)
        with pytest.raises(KeyboardInterrupt):
            news(workspace, "org/deep")
    report = told(tell_changes(workspace))
    log = ChangeLog(workspace.home.hub_folder(workspace.hub.name))
    assert Report.model_validate_json(log.path(report.number).read_text()) == report
    assert report.counts["datasets new"] == 1


def test_a_damaged_memory_tells_all_again_and_overwrites_no_report(workspace: Workspace, hub: HubFolder) -> None:
    hub.break_info("org/broken")
    news(workspace, "org/broken")
    log = ChangeLog(workspace.home.hub_folder(workspace.hub.name))
    (log.root / "told.json").write_text("{ not JSON")
    report = told(tell_changes(workspace))
    assert (report.number, report.counts["newly failed"]) == (2, 1)


def test_names_are_text_in_markdown_and_in_the_message() -> None:
    name = "org/[x](http://evil)<script>\x1b[31m\n# big"
    report = Report(number=1, hub="h", after="0001-x", counts={"newly failed": 1})
    page = markdown(report.model_copy(update={"failed": (Failure(dataset=name, reason="`r`"),)}))
    assert "<script>" not in page.replace("\\<", "")
    assert "\x1b" not in page
    assert "\n# big" not in page
    assert report.headline == "lineage of the hub h: 1 newly failed"
