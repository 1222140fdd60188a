"""Runs whose processes died are ended within minutes, and what they held is free; runs that live are left alone."""

from __future__ import annotations

import json
import logging
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, cast

import dagster as dg
import grpc
import pytest
from dagster._core.storage.tags import GRPC_INFO_TAG
from dagster._core.workspace.context import IWorkspaceProcessContext
from dagster._daemon.monitoring.run_monitoring import execute_run_monitoring_iteration
from dagster._grpc.__generated__ import dagster_api_pb2
from dagster._grpc.__generated__.dagster_api_pb2_grpc import DagsterApiServicer, add_DagsterApiServicer_to_server
from dagster._grpc.types import CanCancelExecutionRequest, CanCancelExecutionResult
from dagster._serdes import deserialize_value, serialize_value

from lineage_platform.defs import launcher
from lineage_platform.defs.definitions import defs
from lineage_platform.defs.stopping import IN_PROCESS_TAG

STARTED, FAILED = dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.FAILURE


class CodeServer(DagsterApiServicer):
    """What the platform's launcher asks of a code server: whether it still has a run."""

    def __init__(self) -> None:
        self.runs: set[str] = set()

    def CanCancelExecution(self, request: Any, _context: grpc.ServicerContext) -> Any:
        asked = deserialize_value(request.serialized_can_cancel_execution_request, CanCancelExecutionRequest)
        answer = serialize_value(CanCancelExecutionResult(can_cancel=asked.run_id in self.runs))
        return dagster_api_pb2.CanCancelExecutionReply(serialized_can_cancel_execution_result=answer)


@contextmanager
def serving(code: CodeServer, port: int) -> Iterator[None]:
    server = grpc.server(ThreadPoolExecutor(1))
    add_DagsterApiServicer_to_server(code, server)
    server.add_insecure_port(f"localhost:{port}")
    server.start()
    try:
        yield
    finally:
        server.stop(None).wait()


@pytest.fixture
def port() -> int:
    """A port at which nobody listens yet."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        return int(free.getsockname()[1])


def started(instance: dg.DagsterInstance, **tags: str) -> str:
    job = defs.resolve_job_def("build_graph")
    return instance.create_run_for_job(job, status=STARTED, tags=tags).run_id


def looked_at(instance: dg.DagsterInstance, run_id: str) -> dg.DagsterRunStatus:
    """The status of a run after the daemon has looked for dead ones."""
    daemon = cast(IWorkspaceProcessContext, SimpleNamespace(instance=instance, create_request_context=lambda: None))
    assert not [error for error in execute_run_monitoring_iteration(daemon, logging.getLogger("daemon")) if error]
    run = instance.get_run_by_id(run_id)
    assert run is not None
    return run.status


def test_a_run_is_dead_when_its_code_server_was_started_anew(instance: dg.DagsterInstance, port: int) -> None:
    run_id = started(instance, **{GRPC_INFO_TAG: json.dumps({"host": "localhost", "port": port})})
    code = CodeServer()
    code.runs = {run_id}
    with serving(code, port):
        assert looked_at(instance, run_id) is STARTED
        code.runs = set()
        assert looked_at(instance, run_id) is FAILED


def test_a_code_server_may_be_silent_for_minutes_and_then_its_runs_are_dead(
    instance: dg.DagsterInstance, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = started(instance, **{GRPC_INFO_TAG: json.dumps({"host": "localhost", "port": port})})
    clock = [1000.0]
    monkeypatch.setattr(launcher, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    assert looked_at(instance, run_id) is STARTED
    clock[0] += launcher.PATIENCE_SECONDS - 1
    assert looked_at(instance, run_id) is STARTED
    code = CodeServer()
    code.runs = {run_id}
    with serving(code, port):
        clock[0] += launcher.PATIENCE_SECONDS
        assert looked_at(instance, run_id) is STARTED
    assert looked_at(instance, run_id) is STARTED  # silent anew
    clock[0] += launcher.PATIENCE_SECONDS
    assert looked_at(instance, run_id) is FAILED


def test_a_run_of_the_command_line_is_not_the_daemons_to_judge(instance: dg.DagsterInstance) -> None:
    assert looked_at(instance, started(instance, **{IN_PROCESS_TAG: "true"})) is STARTED
