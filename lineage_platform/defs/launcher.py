"""Runs as processes of the code server, as Dagster's own launcher starts them, and the news that one is dead.

Dagster asks its default launcher no such thing: a run whose machine went down would stay *started*, and hold the pool
that all others wait for, until it has lived a day.
"""

from __future__ import annotations

import json
import time

import dagster as dg
from dagster._core.errors import DagsterUserCodeUnreachableError
from dagster._core.launcher.base import CheckRunHealthResult, WorkerStatus
from dagster._core.launcher.default_run_launcher import DefaultRunLauncher
from dagster._core.storage.tags import GRPC_INFO_TAG
from dagster._grpc.client import DagsterGrpcClient
from dagster._grpc.types import CanCancelExecutionRequest, CanCancelExecutionResult
from dagster._serdes import ConfigurableClassData, deserialize_value

PATIENCE_SECONDS = 180.0
"""How long a code server may be silent, as while its container is started anew, before its runs are given up."""


class WatchfulRunLauncher(DefaultRunLauncher):
    """Tells the daemon's run monitoring whether the process of a run is still there; ``dagster.yaml`` names it."""

    def __init__(self, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(inst_data)
        self._silent_since: dict[str, float] = {}

    @property
    def supports_check_run_worker_health(self) -> bool:
        """That it does is what makes the daemon ask."""
        return True

    def check_run_worker_health(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        """Ask the server that started the run; of one that no server started, such as a command's, nothing is known."""
        if GRPC_INFO_TAG not in run.tags:
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        client = DagsterGrpcClient(**json.loads(run.tags[GRPC_INFO_TAG]))
        try:
            answer = client.can_cancel_execution(CanCancelExecutionRequest(run_id=run.run_id), timeout=10)
        except DagsterUserCodeUnreachableError:
            silent = time.monotonic() - self._silent_since.setdefault(run.run_id, time.monotonic())
            if silent < PATIENCE_SECONDS:
                return CheckRunHealthResult(WorkerStatus.RUNNING)
            return CheckRunHealthResult(WorkerStatus.NOT_FOUND, "the code server that started it is gone")
        self._silent_since.pop(run.run_id, None)
        if deserialize_value(answer, CanCancelExecutionResult).can_cancel:
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        return CheckRunHealthResult(WorkerStatus.NOT_FOUND, "the code server that started it was started anew since")
