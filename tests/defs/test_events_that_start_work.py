"""The graph follows traces; new datasets and the night begin traces when somebody wants that."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import dagster as dg
import pytest

from lineage_platform.defs import cursors, schedules
from lineage_platform.defs.definitions import defs
from lineage_platform.defs.graph import GRAPH
from lineage_platform.defs.resources import WorkspaceResource
from lineage_platform.defs.row_sensors import changed_rows, new_benchmarks
from lineage_platform.defs.run import run_trace
from lineage_platform.defs.schedules import nightly_trace
from lineage_platform.defs.sensors import AFTER_TAG, graph_after_traces, new_datasets
from lineage_platform.settings import A_DAY, Settings
from lineage_platform.stages import Stage
from tests.defs.conftest import HubFolder, Launcher

pytestmark = pytest.mark.filterwarnings("ignore::dagster.BetaWarning")


def evaluate(instance: dg.DagsterInstance, cursor: str | None = None) -> tuple[list[dg.RunRequest], str | None]:
    """What the sensor asks for at a look, and where it will begin the next."""
    with dg.build_sensor_context(instance, cursor=cursor, repository_def=defs.get_repository_def()) as context:
        result = graph_after_traces(context)
    assert isinstance(result, dg.SensorResult)
    return list(result.run_requests or ()), result.cursor


def build(launcher: Launcher, request: dg.RunRequest) -> dg.ExecuteInProcessResult:
    job = defs.resolve_job_def("build_graph")
    return job.execute_in_process(run_config=request.run_config, instance=launcher.instance, tags=request.tags)


def edges(launcher: Launcher) -> int:
    event = launcher.instance.get_latest_materialization_event(GRAPH)
    assert event is not None
    assert event.asset_materialization is not None
    return int(str(event.asset_materialization.metadata["edges"].value))


def test_the_graph_is_built_after_a_trace_that_succeeded(launcher: Launcher) -> None:
    result = launcher.trace(seeds=["org/alpha"])
    [request], _ = evaluate(launcher.instance)
    assert build(launcher, request).success
    assert request.tags[AFTER_TAG] == result.run_id
    assert edges(launcher) == 1


def test_the_graph_is_built_after_a_trace_in_which_a_dataset_failed(launcher: Launcher) -> None:
    result = launcher.trace(seeds=["org/mix"])
    assert not result.success
    [request], _ = evaluate(launcher.instance)
    built = build(launcher, request)
    failed = [check for check in built.get_asset_check_evaluations() if not check.passed]
    assert [check.check_name for check in failed] == ["no_failed_datasets"]
    assert edges(launcher) >= 4


def test_a_part_of_the_stages_is_followed_by_a_graph_too(launcher: Launcher) -> None:
    launcher.trace(seeds=["org/root"])
    _, cursor = evaluate(launcher.instance)
    result = launcher.trace("org/root", stages=[Stage.RESOLUTION])
    [request], _ = evaluate(launcher.instance, cursor)
    assert request.tags[AFTER_TAG] == result.run_id


def test_building_the_graph_does_not_ask_for_another(launcher: Launcher) -> None:
    launcher.trace(seeds=["org/root"])
    [request], cursor = evaluate(launcher.instance)
    build(launcher, request)
    assert evaluate(launcher.instance, cursor)[0] == []


def killed(instance: dg.DagsterInstance, request: dg.RunRequest) -> None:
    """A build whose process was killed, as the daemon leaves it."""
    job, status = defs.resolve_job_def("build_graph"), dg.DagsterRunStatus.STARTED
    run = instance.create_run_for_job(job, run_config=request.run_config, tags=request.tags, status=status)
    instance.report_run_failed(run)


def test_a_build_that_was_killed_is_done_once_more(launcher: Launcher) -> None:
    launcher.trace(seeds=["org/root"])
    [request], cursor = evaluate(launcher.instance)
    killed(launcher.instance, request)
    [again], cursor = evaluate(launcher.instance, cursor)
    assert again.run_config == request.run_config
    assert again.run_key != request.run_key
    killed(launcher.instance, again)
    assert evaluate(launcher.instance, cursor)[0] == []


def test_a_sensor_that_was_off_for_long_asks_for_one_build_alone(launcher: Launcher) -> None:
    for _ in range(3):
        newest = launcher.trace(seeds=["org/root"])
    [request], cursor = evaluate(launcher.instance)
    assert request.run_key == newest.run_id
    assert evaluate(launcher.instance, cursor) == ([], cursor)


def test_traces_of_two_workspaces_are_followed_by_two_builds(launcher: Launcher, tmp_path: Path) -> None:
    launcher.trace(seeds=["org/root"])
    elsewhere = Launcher(launcher.instance, replace(launcher.settings, home=tmp_path / "elsewhere"))
    elsewhere.trace(seeds=["org/root"])
    requests, _ = evaluate(launcher.instance)
    homes = {request.run_config["resources"]["workspace"]["config"]["home"] for request in requests}
    assert homes == {str(launcher.settings.home), str(tmp_path / "elsewhere")}


def test_a_trace_from_the_command_line_has_its_graph_already(
    instance: dg.DagsterInstance, settings: Settings, hub: HubFolder
) -> None:
    hub.mend("org/broken")
    run_trace(settings, ["org/root"])
    assert evaluate(instance)[0] == []


def test_the_graph_follows_from_the_start_and_nothing_that_costs_does() -> None:
    assert graph_after_traces.default_status is dg.DefaultSensorStatus.RUNNING
    assert new_datasets.default_status is dg.DefaultSensorStatus.STOPPED
    assert changed_rows.default_status is dg.DefaultSensorStatus.STOPPED
    assert new_benchmarks.default_status is dg.DefaultSensorStatus.STOPPED
    assert nightly_trace.default_status is dg.DefaultScheduleStatus.STOPPED


def look_for_new(instance: dg.DagsterInstance, settings: Settings, cursor: str | None = None) -> dg.SensorResult:
    resources = {"workspace": WorkspaceResource.of(settings)}
    with dg.build_sensor_context(instance, cursor=cursor, resources=resources) as context:
        result = new_datasets(context)
    assert isinstance(result, dg.SensorResult)
    return result


@pytest.fixture
def watch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Puts lines on the watch list."""

    def write(*lines: str) -> None:
        path = tmp_path / "watched.tsv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        monkeypatch.setenv("LINEAGE_WATCH", str(path))

    return write


def seeds_of(request: dg.RunRequest) -> list[str]:
    found: list[str] = request.run_config["ops"]["trace_datasets"]["config"]["seeds"]
    return found


@pytest.mark.parametrize(("given", "cron"), [("", "0 3 * * *"), ("30 1 * * 6", "30 1 * * 6")])
def test_the_operator_says_when_the_night_is(given: str, cron: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINEAGE_NIGHT", given)
    assert runpy.run_path(schedules.__file__)["nightly_trace"].cron_schedule == cron


def test_a_dataset_that_is_new_on_the_watch_list_is_traced_once(
    launcher: Launcher, settings: Settings, watch: Callable[..., None]
) -> None:
    launcher.trace(seeds=["org/root"])
    watch("org/root", "org/deep")
    first = look_for_new(launcher.instance, settings)
    [request] = first.run_requests or ()
    assert seeds_of(request) == ["org/deep"]
    assert not look_for_new(launcher.instance, settings, first.cursor).run_requests
    launcher.trace(seeds=seeds_of(request))
    assert not look_for_new(launcher.instance, settings, None).run_requests


def test_a_new_dataset_that_its_run_did_not_come_to_is_asked_for_again_a_day_later(
    instance: dg.DagsterInstance, settings: Settings, watch: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    watch("org/root", "org/deep")
    now = [1_800_000_000.0]
    monkeypatch.setattr(cursors, "time", SimpleNamespace(time=lambda: now[0]))
    first = look_for_new(instance, settings)
    now[0] += A_DAY - 60
    assert not look_for_new(instance, settings, first.cursor).run_requests
    now[0] += 120
    again = look_for_new(instance, settings, first.cursor)
    [before], [after] = first.run_requests or (), again.run_requests or ()
    assert seeds_of(after) == seeds_of(before)
    assert after.run_key != before.run_key  # Dagster starts one run a key
    now[0] -= 300 * A_DAY  # a clock that is moved back stops nothing either
    assert look_for_new(instance, settings, again.cursor).run_requests


def test_a_former_releases_cursor_stops_no_sensor(
    instance: dg.DagsterInstance, settings: Settings, watch: Callable[..., None]
) -> None:
    watch("org/mix")
    assert look_for_new(instance, settings, '["org/mix"]').run_requests


def test_a_watched_dataset_that_was_traced_under_its_new_name_is_known(
    launcher: Launcher, settings: Settings, hub: HubFolder, watch: Callable[..., None]
) -> None:
    (hub.root / "aliases.tsv").write_text("old/name\torg/root\n", encoding="utf-8")
    watch("old/name")
    launcher.trace(seeds=["old/name"])
    assert launcher.partitions() == {"org/root"}
    assert not look_for_new(launcher.instance, settings).run_requests


def test_no_more_new_datasets_than_a_batch_are_traced_by_one_run(
    instance: dg.DagsterInstance, settings: Settings, watch: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    watch("author:org")
    monkeypatch.setenv("LINEAGE_BATCH", "4")
    first = look_for_new(instance, settings)
    second = look_for_new(instance, settings, first.cursor)
    asked = [seeds_of(request) for result in (first, second) for request in result.run_requests or ()]
    assert [len(seeds) for seeds in asked] == [4, 1]  # org/broken cannot be listed
    assert len({*asked[0], *asked[1]}) == 5


def test_a_watch_list_that_cannot_be_read_starts_nothing_and_forgets_nothing(
    instance: dg.DagsterInstance, settings: Settings, watch: Callable[..., None]
) -> None:
    watch("org/root", "no such: line")
    result = look_for_new(instance, settings, '{"org/deep": 1}')
    assert "line 2" in str(result.skip_reason)
    assert result.cursor == '{"org/deep": 1}'


def nightly(instance: dg.DagsterInstance, settings: Settings) -> dg.RunRequest | dg.SkipReason:
    with dg.build_schedule_context(
        instance=instance,
        scheduled_execution_time=datetime(2025, 1, 1, 3, tzinfo=UTC),
        resources={"workspace": WorkspaceResource.of(settings)},
    ) as context:
        asked = nightly_trace(context)
    assert isinstance(asked, dg.RunRequest | dg.SkipReason)
    return asked


def test_the_night_begins_with_what_failed_and_takes_no_more_than_a_batch(
    instance: dg.DagsterInstance, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_trace(settings, ["org/mix"])
    monkeypatch.setenv("LINEAGE_BATCH", "3")
    asked = nightly(instance, settings)
    assert isinstance(asked, dg.RunRequest)
    assert seeds_of(asked)[0] == "org/broken"
    assert len(seeds_of(asked)) == 3
    assert asked.run_config["ops"]["trace_datasets"]["config"]["changed_only"] is True


def test_a_night_without_anything_traced_is_skipped(instance: dg.DagsterInstance, settings: Settings) -> None:
    assert isinstance(nightly(instance, settings), dg.SkipReason)
