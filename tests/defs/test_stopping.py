"""A run in a worker process, as the daemon launches it: SIGTERM ends it in time, and its state is clear."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.reconstruct import ReconstructableJob, ReconstructableRepository
from dagster._grpc.types import ExecuteRunArgs

from lineage_platform.defs.definitions import defs
from lineage_platform.defs.run import run_trace
from lineage_platform.defs.tracing import TRACE_POOL
from lineage_platform.settings import Settings
from tests.conftest import REPOSITORY
from tests.defs.conftest import HubFolder
from tests.servers.hub import LoopbackHub

PATIENCE = 20.0


def worker(instance: dg.DagsterInstance, **settings: str) -> tuple[str, subprocess.Popen[bytes]]:
    """A run of the trace, and its process begun: the command that launchers for containers give one."""
    config = {"ops": {"trace_datasets": {"config": {"seeds": ["org/mix"]}}}}
    repository = ReconstructableRepository.for_module("lineage_platform.defs.definitions", "defs")
    origin = ReconstructableJob(repository, "trace").get_python_origin()
    run = instance.create_run_for_job(defs.resolve_job_def("trace"), run_config=config, job_code_origin=origin)
    _, *arguments = ExecuteRunArgs(origin, run.run_id, instance.get_ref()).get_command_args()
    command = [sys.executable, "-m", "dagster", *arguments]
    environment = {**os.environ, **settings}
    return run.run_id, subprocess.Popen(
        command, cwd=REPOSITORY, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def test_a_terminated_worker_ends_in_time_though_the_hub_is_silent_and_the_next_run_finishes(
    instance: dg.DagsterInstance, settings: Settings, hub: HubFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.mend("org/broken")
    with LoopbackHub(hub.root) as server:
        server.fail("org/mix", delay=10 * PATIENCE)
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        ours = {"LINEAGE_HOME": str(settings.home), "LINEAGE_HUB": "live", "LINEAGE_AGENTS": "rules"}
        run_id, process = worker(instance, HF_HOME=str(tmp_path / "hf"), **ours)
        deadline = time.monotonic() + PATIENCE
        while not server.asked("org/mix") and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=10)
        finally:
            process.kill()
        ended = instance.get_run_by_id(run_id)
        assert ended is not None
        assert ended.status is dg.DagsterRunStatus.CANCELED
        assert not instance.event_log_storage.get_concurrency_info(TRACE_POOL).active_run_ids
        server.faults.clear()
        summary = run_trace(Settings(settings.home, "live", "rules"), ["org/mix"])
    assert (summary.datasets, summary.failed) == (6, ())
