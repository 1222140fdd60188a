"""Rows at hand follow the traces: read again where a dataset changed, measured again where rows did, once each."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import NoReturn

import dagster as dg
import pytest

from lineage_platform.defs import cursors
from lineage_platform.defs.audits import REPORTS
from lineage_platform.defs.data_versions import current_version
from lineage_platform.defs.definitions import defs
from lineage_platform.defs.resources import WorkspaceResource
from lineage_platform.defs.row_sensors import changed_rows
from lineage_platform.defs.run import run_trace
from lineage_platform.errors import HubUnavailable
from lineage_platform.samples import building
from lineage_platform.settings import A_DAY
from tests.defs.conftest import HubFolder, Launcher
from tests.samples.rows import write_rows

WITH_ROWS = ("org/alpha", "org/deep", "org/root")


class Watch:
    """The sensor, looked at as the daemon does, and the runs it asks for."""

    def __init__(self, launcher: Launcher, hub: HubFolder) -> None:
        self.launcher, self.hub = launcher, hub
        self.cursor: str | None = None

    def write(self, *names: str, revision: str, rows: int = 3) -> None:
        for name in names:
            self.hub.add(name, [], revision=revision * 40)
            place = self.hub.root / "datasets" / name / "data" / "rows.jsonl"
            write_rows(place, [{"question": f"{name} {n}?", "answer": "a"} for n in range(rows)])

    def trace(self, *names: str) -> None:
        run_trace(self.launcher.settings, names)

    def look(self) -> list[dg.RunRequest]:
        resources = {"workspace": WorkspaceResource.of(self.launcher.settings)}
        with dg.build_sensor_context(self.launcher.instance, cursor=self.cursor, resources=resources) as context:
            result = changed_rows(context)
        assert isinstance(result, dg.SensorResult)
        self.cursor = result.cursor
        return list(result.run_requests or ())

    def run(self, requests: Sequence[dg.RunRequest]) -> None:
        workspace = WorkspaceResource.of(self.launcher.settings)
        config = dg.RunConfig(
            resources={"workspace": workspace}, loggers={"console": {"config": {"log_level": "CRITICAL"}}}
        )
        for each in requests:
            assert each.job_name is not None
            job = defs.resolve_job_def(each.job_name)
            job.execute_in_process(
                config, instance=self.launcher.instance, partition_key=each.partition_key, raise_on_error=False
            )

    def settle(self) -> list[str]:
        """Run all that is asked for; the partitions, or the jobs that have none."""
        done: list[str] = []
        while requests := self.look():
            self.run(requests)
            done += [each.partition_key or str(each.job_name) for each in requests]
        return done


@pytest.fixture
def watch(launcher: Launcher, hub: HubFolder) -> Watch:
    """Three datasets that were traced, their rows at hand, read and measured."""
    made = Watch(launcher, hub)
    made.write(*WITH_ROWS, revision="1")
    made.trace(*WITH_ROWS)
    for name in WITH_ROWS:
        list(launcher.workspace.shard_builder().build(name))
    assert made.settle() == [*WITH_ROWS, "measure_rows"]
    return made


def test_a_changed_dataset_alone_is_read_again_and_then_all_is_measured(watch: Watch, launcher: Launcher) -> None:
    watch.trace(*WITH_ROWS)
    assert watch.look() == []  # all are as they were
    before = current_version(launcher.instance, REPORTS[0])
    watch.write("org/root", revision="2", rows=5)
    watch.trace(*WITH_ROWS)
    assert watch.settle() == ["org/root", "measure_rows"]
    assert [shard.rows for shard in launcher.workspace.shards.parts("org/root")] == [5]
    assert current_version(launcher.instance, REPORTS[0]) != before


def test_a_sensor_turned_on_after_a_month_asks_for_one_run_a_changed_dataset_and_no_more_than_a_batch(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    for night in "234":
        watch.write("org/alpha", "org/root", revision=night)
        watch.trace(*WITH_ROWS)
    monkeypatch.setenv("LINEAGE_BATCH", "1")
    asked = [[each.partition_key for each in watch.look()] for _ in range(3)]
    assert asked[:2] == [["org/alpha"], ["org/root"]]
    assert "org/deep" not in asked[2]


def test_what_a_run_could_not_do_is_asked_for_again_a_day_later(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1_800_000_000.0]
    monkeypatch.setattr(cursors, "time", SimpleNamespace(time=lambda: now[0]))
    watch.write("org/root", revision="2", rows=5)
    watch.trace("org/root")
    first = watch.look()
    assert [each.partition_key for each in first] == ["org/root"]
    with monkeypatch.context() as down:
        down.setattr(building, "row_sources", unavailable)
        watch.run(first)
    assert watch.look() == []
    assert [shard.rows for shard in watch.launcher.workspace.shards.parts("org/root")] == [3]  # those read before
    now[0] += A_DAY
    again = watch.look()
    assert [each.partition_key for each in again] == ["org/root"]
    watch.run(again)
    assert [shard.rows for shard in watch.launcher.workspace.shards.parts("org/root")] == [5]
    [killed] = watch.look()
    assert watch.look() == []
    now[0] += A_DAY
    [measured] = watch.look()
    assert (killed.job_name, measured.job_name) == ("measure_rows", "measure_rows")
    assert len({first[0].run_key, again[0].run_key}) == len({killed.run_key, measured.run_key}) == 2  # a run a key


def unavailable(*_: object) -> NoReturn:
    raise HubUnavailable("the hub is down")


def test_rows_that_are_broken_are_asked_for_once(watch: Watch) -> None:
    watch.write("org/root", revision="2")
    (watch.hub.root / "datasets/org/root/data/rows.jsonl").write_text("{ broken\n")
    watch.trace("org/root")
    assert [each.partition_key for each in watch.look()] == ["org/root"]
    assert watch.look() == []
