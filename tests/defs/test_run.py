"""A trace from the command line: one call, one summary, nothing spilt on the terminal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import dagster as dg
import pytest
from filelock import FileLock

from lineage_platform.defs.changes import CHANGES
from lineage_platform.defs.graph import GRAPH
from lineage_platform.defs.instance import dagster_home
from lineage_platform.defs.run import RunFailed, run_trace
from lineage_platform.defs.stopping import IN_PROCESS_TAG
from lineage_platform.defs.tracing import STAGE_KEYS, TRACE_POOL
from lineage_platform.errors import UsageError
from lineage_platform.graph.checks import GraphCheck
from lineage_platform.settings import Settings
from lineage_platform.stages import Stage
from tests.conftest import REPOSITORY
from tests.defs.conftest import PACKAGED_SETTINGS, REACHED, HubFolder, Recorder

STUCK = """
import sys, threading
from lineage_platform.defs.run import run_trace
from lineage_platform.defs.resources import Reporter
from lineage_platform.settings import Settings
class Stuck(Reporter):
    def dataset(self, traced):
        print("stuck", flush=True)
        threading.Event().wait()
run_trace(Settings(home=sys.argv[1], hub=sys.argv[2], agents="rules"), ["org/mix"], reporter=Stuck())
"""


def stuck_trace(settings: Settings) -> subprocess.Popen[str]:
    """Another process in the middle of a trace."""
    code = STUCK.replace("sys.argv[1]", f"__import__('pathlib').Path({str(settings.home)!r})").replace(
        "sys.argv[2]", repr(settings.hub)
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "stuck\n"
    return process


@pytest.mark.usefixtures("dagster_folder")
def test_a_graph_that_would_mislead_stops_what_follows_and_says_which_check_did(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing, all_of_it = "SELECT 1 WHERE false", "SELECT dataset_id FROM datasets"
    query = property(lambda check: all_of_it if check.name == "no_self_edges" else nothing)
    monkeypatch.setattr(GraphCheck, "query", query)
    with pytest.raises(RunFailed, match=r"stopped by its checks: no_self_edges$") as failure:
        run_trace(settings, ["org/root"])
    assert failure.value.hint == "lineage doctor"
    with dg.DagsterInstance.get() as instance:
        assert instance.get_latest_materialization_event(GRAPH) is not None
        assert instance.get_latest_materialization_event(CHANGES) is None


@pytest.mark.usefixtures("dagster_folder")
def test_the_summary_says_what_was_done(settings: Settings) -> None:
    recorder = Recorder()
    summary = run_trace(settings, ["org/mix"], reporter=recorder)
    assert summary.datasets == 5
    assert summary.outcomes == {"failed": 1, "no_sources_documented": 1, "traced": 3}
    assert summary.edges == 5
    assert summary.worked == 5  # of org/broken, that it is broken
    assert summary.documents_fetched == recorder.documents_fetched == 4
    assert [dataset_id for dataset_id, _ in summary.failed] == ["org/broken"]
    assert (summary.model_calls, summary.cost_usd) == (0, 0.0)
    assert {traced.dataset_id for traced in recorder.datasets} == REACHED


@pytest.mark.usefixtures("dagster_folder")
def test_a_second_trace_works_on_nothing_and_finds_the_same(settings: Settings, hub: HubFolder) -> None:
    hub.mend("org/broken")
    first = run_trace(settings, ["org/mix"])
    second = run_trace(settings, ["org/mix"])
    assert (first.worked, second.worked) == (6, 0)
    assert second.documents_fetched == 0
    assert (second.edges, second.outcomes) == (first.edges, first.outcomes)


@pytest.mark.usefixtures("dagster_folder")
def test_hops_are_limited_by_the_call(settings: Settings) -> None:
    assert run_trace(settings, ["org/mix"], max_hops=1).datasets == 3
    assert run_trace(settings, ["org/mix"], max_hops=0).datasets == 1


@pytest.mark.usefixtures("dagster_folder")
def test_refresh_asks_for_the_documents_again(settings: Settings) -> None:
    run_trace(settings, ["org/alpha"])
    assert run_trace(settings, ["org/alpha"]).documents_fetched == 0
    assert run_trace(settings, ["org/alpha"], refresh=True).documents_fetched == 2


@pytest.mark.usefixtures("dagster_folder")
def test_nothing_is_spilt_on_the_terminal(settings: Settings, capfd: pytest.CaptureFixture[str]) -> None:
    run_trace(settings, ["org/mix"])
    assert capfd.readouterr() == ("", "")


def test_the_runs_are_in_the_history_of_dagster_with_their_graph(
    instance: dg.DagsterInstance, settings: Settings
) -> None:
    run_trace(settings, ["org/mix"])
    runs = {run.job_name: run.status for run in instance.get_runs()}
    assert runs == {"trace": dg.DagsterRunStatus.FAILURE, "build_graph": dg.DagsterRunStatus.SUCCESS}


def test_without_dagster_home_it_is_the_data_homes_own(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAGSTER_HOME", "")
    run_trace(settings, ["org/root"])
    folder = settings.home / "dagster"
    assert os.environ["DAGSTER_HOME"] == str(folder)
    assert (folder / "dagster.yaml").read_bytes() == PACKAGED_SETTINGS.read_bytes()
    assert sorted(path.name for path in PACKAGED_SETTINGS.parent.iterdir()) == ["dagster.yaml"]


def test_settings_that_the_user_changed_stay(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAGSTER_HOME", "")
    folder = settings.home / "dagster"
    folder.mkdir(parents=True)
    (folder / "dagster.yaml").write_text("telemetry:\n  enabled: false\n", encoding="utf-8")
    assert dagster_home(settings.home) == folder
    assert (folder / "dagster.yaml").read_text(encoding="utf-8") == "telemetry:\n  enabled: false\n"


@pytest.mark.parametrize("value", ["relative/folder", "/nowhere/at/all"])
def test_a_dagster_home_that_cannot_be_one_is_a_usage_error(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", value)
    with pytest.raises(UsageError, match=value):
        run_trace(settings, ["org/root"])


def test_a_hub_that_does_not_exist_is_said_before_any_run(instance: dg.DagsterInstance, settings: Settings) -> None:
    with pytest.raises(UsageError, match="nowhere"):
        run_trace(Settings(settings.home, str(settings.home / "nowhere"), "rules"), ["org/root"])
    assert instance.get_runs_count() == 0


def test_after_a_killed_trace_the_next_one_runs_and_ends_the_dead_run(
    instance: dg.DagsterInstance, settings: Settings, hub: HubFolder
) -> None:
    process = stuck_trace(settings)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    hub.mend("org/broken")
    [dead] = instance.get_runs(dg.RunsFilter(tags={IN_PROCESS_TAG: "true"}))
    assert dead.status is dg.DagsterRunStatus.STARTED
    assert run_trace(settings, ["org/mix"]).datasets == 6
    ended = instance.get_run_by_id(dead.run_id)
    assert ended is not None
    assert ended.status is dg.DagsterRunStatus.FAILURE


def test_a_trace_that_is_interrupted_leaves_no_run_behind(instance: dg.DagsterInstance, settings: Settings) -> None:
    process = stuck_trace(settings)
    os.killpg(process.pid, signal.SIGINT)
    process.wait(timeout=30)
    [run] = instance.get_runs()
    assert run.is_finished
    assert process.returncode == -signal.SIGINT


def test_two_traces_of_one_home_take_turns(
    dagster_folder: Path, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    taken = threading.Event()

    def other_trace() -> None:
        with FileLock(dagster_folder / "trace.lock"):
            taken.set()
            time.sleep(0.5)

    threading.Thread(target=other_trace).start()
    assert taken.wait(10)
    assert run_trace(settings, ["org/root"]).datasets == 1
    assert "another trace is running" in caplog.text


def test_a_trace_waits_for_one_that_the_ui_started_and_says_so(
    instance: dg.DagsterInstance, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    storage = instance.event_log_storage
    storage.initialize_concurrency_limit_to_default(TRACE_POOL)
    storage.claim_concurrency_slot(TRACE_POOL, "a-run-of-the-ui", "trace_datasets")
    threading.Timer(0.7, storage.free_concurrency_slots_for_run, ["a-run-of-the-ui"]).start()
    assert run_trace(settings, ["org/root"]).datasets == 1
    assert "a-run-of-the-ui" in caplog.text


@pytest.mark.usefixtures("dagster_folder")
def test_each_dataset_that_was_read_is_judged_in_its_partition_and_nothing_else_is_planned(settings: Settings) -> None:
    run_trace(settings, ["org/mix"])
    check = dg.AssetCheckKey(STAGE_KEYS[Stage.RESOLUTION], "quotes_backed")
    with dg.DagsterInstance.get() as instance:
        kept = instance.event_log_storage.get_asset_check_execution_history(check, limit=99)
    judged = {(each.partition, each.status.value) for each in kept}
    assert judged == {(dataset_id, "SUCCEEDED") for dataset_id in REACHED - {"org/broken"}}
