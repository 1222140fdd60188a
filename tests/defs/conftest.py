"""A Dagster home on a memory disk where there is one, and a hub folder small enough to know by heart."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import dagster as dg
import pytest

from lineage_platform.defs.jobs import trace_job
from lineage_platform.defs.partitions import DATASETS, STAGE_KEYS
from lineage_platform.defs.resources import Reporter, WorkspaceResource
from lineage_platform.defs.tracing import trace_datasets
from lineage_platform.files import RecordStore
from lineage_platform.settings import Settings
from lineage_platform.stages import Stage, TracedDataset
from lineage_platform.workspace import Workspace
from tests.conftest import REPOSITORY

PACKAGED_SETTINGS = REPOSITORY / "dagster_home" / "dagster.yaml"

SOURCES: Mapping[str, Sequence[str]] = {
    "org/mix": ("org/alpha", "org/beta"),
    "org/alpha": ("org/root",),
    "org/beta": ("org/root", "org/broken"),
    "org/root": (),
    "org/broken": ("org/deep",),
    "org/deep": (),
}
REACHED = {"org/mix", "org/alpha", "org/beta", "org/root", "org/broken"}


@dataclass
class HubFolder:
    """A hub folder of six datasets; ``org/broken`` cannot be read until it is mended."""

    root: Path

    def add(self, dataset_id: str, sources: Sequence[str], revision: str = "1" * 40) -> None:
        folder = self.root / "datasets" / dataset_id
        folder.mkdir(parents=True, exist_ok=True)
        info = {
            "id": dataset_id,
            "sha": revision,
            "createdAt": "2024-05-01T00:00:00.000Z",
            "lastModified": "2024-05-02T00:00:00.000Z",
            "downloads": 10,
            "likes": 1,
            "tags": [],
            "gated": False,
            "private": False,
        }
        (folder / "info.json").write_text(json.dumps(info), encoding="utf-8")
        (folder / "README.md").write_text(card(dataset_id, sources), encoding="utf-8")

    def break_info(self, dataset_id: str) -> None:
        (self.root / "datasets" / dataset_id / "info.json").write_text("{ not JSON", encoding="utf-8")

    def mend(self, dataset_id: str) -> None:
        self.add(dataset_id, SOURCES[dataset_id])


def card(dataset_id: str, sources: Sequence[str]) -> str:
    """A card that declares its sources in its metadata: what every reader takes first."""
    declared = "".join(f"- {source}\n" for source in sources)
    matter = f"---\nsource_datasets:\n{declared}---\n" if sources else ""
    return f"{matter}# {dataset_id.split('/')[1]}\n\nQuestions with answers.\n"


@dataclass
class Recorder(Reporter):
    """Remembers what it was told."""

    datasets: list[TracedDataset] = field(default_factory=list)
    documents_fetched: int = -1

    def dataset(self, traced: TracedDataset) -> None:
        self.datasets.append(traced)

    def finished(self, documents_fetched: int) -> None:
        self.documents_fetched = documents_fetched


@dataclass
class Launcher:
    """Launches traces as the UI does: selected partitions, selected stages."""

    instance: dg.DagsterInstance
    settings: Settings
    reporter: Recorder = field(default_factory=Recorder)

    def trace(
        self, partition: str | None = None, *, stages: Sequence[Stage] = tuple(Stage), seeds: Sequence[str] = ()
    ) -> dg.ExecuteInProcessResult:
        self.reporter = Recorder()
        config = dg.RunConfig(
            ops={"trace_datasets": {"config": {"seeds": list(seeds)}}},
            resources={"workspace": WorkspaceResource.of(self.settings)},
            loggers={"console": {"config": {"log_level": "CRITICAL"}}},
        )
        resources = {"workspace": WorkspaceResource(), "reporter": self.reporter}
        job = dg.Definitions([trace_datasets], jobs=[trace_job], resources=resources).resolve_job_def("trace")
        return job.execute_in_process(
            run_config=config,
            instance=self.instance,
            partition_key=partition,
            asset_selection=[STAGE_KEYS[stage] for stage in stages],
            raise_on_error=False,
        )

    def partitions(self) -> set[str]:
        return set(self.instance.get_dynamic_partitions("datasets"))

    def with_status(self, status: dg.AssetPartitionStatus, stage: Stage = Stage.RESOLUTION) -> set[str]:
        found = self.instance.get_status_by_partition(STAGE_KEYS[stage], sorted(self.partitions()), DATASETS) or {}
        return {partition for partition, each in found.items() if each is status}

    def green(self, stage: Stage = Stage.RESOLUTION) -> set[str]:
        return self.with_status(dg.AssetPartitionStatus.MATERIALIZED, stage)

    def red(self, stage: Stage = Stage.RESOLUTION) -> set[str]:
        return self.with_status(dg.AssetPartitionStatus.FAILED, stage)

    def materialized(self, result: dg.ExecuteInProcessResult) -> list[tuple[str, str]]:
        """(asset, partition) of each materialisation of a run, in order."""
        logged = self.instance.all_logs(result.run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION)
        events = [entry.get_dagster_event() for entry in logged]
        return [(event.asset_key.to_user_string(), str(event.partition)) for event in events if event.asset_key]

    @property
    def workspace(self) -> Workspace:
        return Workspace.open(self.settings)


@pytest.fixture
def memory_folder() -> Iterator[Path]:
    """An empty folder, in memory where the machine has such a disk."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="lineage-", dir=memory if os.access(memory, os.W_OK) else None))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def dagster_folder(memory_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Dagster home with the project's settings; DAGSTER_HOME points to it."""
    folder = memory_folder / "dagster"
    folder.mkdir()
    shutil.copy(PACKAGED_SETTINGS, folder)
    monkeypatch.setenv("DAGSTER_HOME", str(folder))
    return folder


@pytest.fixture
def instance(dagster_folder: Path) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.get() as instance:
        yield instance


@pytest.fixture
def hub(memory_folder: Path) -> HubFolder:
    folder = HubFolder(memory_folder / "hub")
    for dataset_id, sources in SOURCES.items():
        folder.add(dataset_id, sources)
    folder.break_info("org/broken")
    return folder


@pytest.fixture
def settings(memory_folder: Path, hub: HubFolder) -> Settings:
    return Settings(home=memory_folder / "home", hub=str(hub.root), agents="rules")


@pytest.fixture
def launcher(instance: dg.DagsterInstance, settings: Settings) -> Launcher:
    return Launcher(instance, settings)


@pytest.fixture
def settings_records(settings: Settings) -> RecordStore:
    """The records of the small hub."""
    return Workspace.open(settings).records
