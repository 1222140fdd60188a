"""The graph follows each trace once; tracing again by night waits until somebody wants it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dagster as dg
import pytest

from lineage_platform.defs.definitions import defs
from lineage_platform.defs.graph import GRAPH
from lineage_platform.defs.run import run_trace
from lineage_platform.defs.sensors import AFTER_TAG, after_failure, after_success
from lineage_platform.settings import Settings
from lineage_platform.stages import Stage
from tests.defs.conftest import HubFolder, Launcher

pytestmark = pytest.mark.filterwarnings("ignore::dagster.BetaWarning")


def evaluate(instance: dg.DagsterInstance, run_id: str) -> Sequence[Any]:
    """What the sensor for this run's end asks for."""
    run = instance.get_run_by_id(run_id)
    assert run is not None
    succeeded = run.status is dg.DagsterRunStatus.SUCCESS
    ends = {dg.DagsterEventType.RUN_SUCCESS, dg.DagsterEventType.RUN_FAILURE}
    [event] = [
        entry.dagster_event
        for entry in instance.all_logs(run_id)
        if entry.dagster_event is not None and entry.dagster_event.event_type in ends
    ]
    sensor = after_success if succeeded else after_failure
    context = dg.build_run_status_sensor_context(
        sensor_name=sensor.name,
        dagster_event=event,
        dagster_instance=instance,
        dagster_run=run,
        repository_def=defs.get_repository_def(),
    )
    requested = sensor(context)
    assert isinstance(requested, dg.RunRequest | dg.SkipReason)
    return [requested] if isinstance(requested, dg.RunRequest) else []


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
    [request] = evaluate(launcher.instance, result.run_id)
    assert build(launcher, request).success
    assert request.tags[AFTER_TAG] == result.run_id
    assert edges(launcher) == 1


def test_the_graph_is_built_after_a_trace_in_which_a_dataset_failed(launcher: Launcher) -> None:
    result = launcher.trace(seeds=["org/mix"])
    assert not result.success
    [request] = evaluate(launcher.instance, result.run_id)
    built = build(launcher, request)
    failed = [check for check in built.get_asset_check_evaluations() if not check.passed]
    assert [check.check_name for check in failed] == ["no_failed_datasets"]
    assert edges(launcher) >= 4


def test_a_part_of_the_stages_is_followed_by_a_graph_too(launcher: Launcher) -> None:
    launcher.trace(seeds=["org/root"])
    result = launcher.trace("org/root", stages=[Stage.RESOLUTION])
    assert len(evaluate(launcher.instance, result.run_id)) == 1


def test_building_the_graph_does_not_ask_for_another(launcher: Launcher) -> None:
    traced = launcher.trace(seeds=["org/root"])
    built = build(launcher, evaluate(launcher.instance, traced.run_id)[0])
    assert evaluate(launcher.instance, built.run_id) == []


def test_a_trace_from_the_command_line_has_its_graph_already(
    instance: dg.DagsterInstance, settings: Settings, hub: HubFolder
) -> None:
    hub.mend("org/broken")
    run_trace(settings, ["org/root"])
    for run in instance.get_runs():
        assert evaluate(instance, run.run_id) == []


@pytest.mark.parametrize("sensor", [after_success, after_failure])
def test_both_sensors_are_on_from_the_start(sensor: dg.SensorDefinition) -> None:
    assert sensor.default_status is dg.DefaultSensorStatus.RUNNING


def test_the_nightly_trace_is_off_and_traces_all_that_is_known(instance: dg.DagsterInstance) -> None:
    schedule = defs.resolve_schedule_def("nightly_trace")
    assert schedule.default_status is dg.DefaultScheduleStatus.STOPPED
    with dg.build_schedule_context(instance=instance) as context:
        tick = schedule.evaluate_tick(context)
    [request] = tick.run_requests or []
    assert request.run_config == {}
