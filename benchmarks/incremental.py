"""What is done again when little has changed: a part of the sample hub, changed one step at a time.

The loopback Hub serves it to the real client, model agents read its cards through a loopback model server, and after
each step the sensors and the night's schedule are asked what they would run, and that is run. Printed for each step:
what was asked of the hub and of models, the partitions that were materialised, and what was made anew behind them.

    python benchmarks/incremental.py
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import dagster as dg

from benchmarks.agents import MODELS
from lineage_platform.catalog import live
from lineage_platform.changes import ChangeLog
from lineage_platform.defs.audits import CONTAMINATION, REPORTS
from lineage_platform.defs.definitions import defs
from lineage_platform.defs.graph import GRAPH
from lineage_platform.defs.partitions import STAGE_KEYS
from lineage_platform.defs.resources import WorkspaceResource
from lineage_platform.defs.rows import SHARDS
from lineage_platform.defs.run_corpus import run_corpus
from lineage_platform.documents.web import FolderWeb
from lineage_platform.files import digest
from lineage_platform.settings import Settings
from lineage_platform.workspace import Workspace
from tests.servers.hub import LoopbackHub
from tests.servers.models import Asked, Label, ModelServer, Oracle, Reply

REPOSITORY = Path(__file__).resolve().parent.parent
SAMPLE = REPOSITORY / "lineage_platform" / "sample_hub"
SEEDS = ("m-a-p/CodeFeedback-Filtered-Instruction", "LHL3341/Caco-1.3M")
ROOTS = ("nickrosh/Evol-Instruct-Code-80k-v1", "ise-uiuc/Magicoder-OSS-Instruct-75K")
BENCHMARK = "KbsdJames/Omni-MATH"
NEWCOMER = "newcomers/code-answers"
RENAMED = "newcomers/python-code-answers"
RECIPE = f"name: small\nroots: {{max: 0, include: [{', '.join(ROOTS)}]}}\nfilters: {{languages: off}}\ndiversity: off\n"
LINK = re.compile(r"^.*\]\(https://huggingface\.co/datasets/([\w.-]+/[\w.-]+)\).*$", re.M)
ROWS = re.compile(r"/(tree|revision|data)/")
ASSETS = (*STAGE_KEYS.values(), SHARDS, GRAPH, CONTAMINATION, *REPORTS)
COLUMNS = (
    *("metadata", "lists", "cards", "row requests", "documents", "model calls", "datasets", "parts read"),
    *("graph", "told", "measured", "screened", "stale"),
)


def main() -> None:
    """Run the benchmark."""
    with tempfile.TemporaryDirectory() as name, world(Path(name)) as small:
        print(f"| step | {' | '.join(COLUMNS)} |\n|{'---|' * (len(COLUMNS) + 1)}")
        for step, figures in small.steps():
            print(f"| {step} | {' | '.join(str(figures[column] or '–') for column in COLUMNS)} |", flush=True)


@contextmanager
def world(folder: Path, seeds: Sequence[str] = SEEDS) -> Iterator[World]:
    """A part of the sample hub behind its servers, and a data home whose history is empty."""
    hub, registry = folder / "hub", folder / "registry"
    shutil.copytree(SAMPLE, hub, ignore=shutil.ignore_patterns("sample-*"))  # without what is broken by design
    for place in (folder / "dagster", registry):
        place.mkdir()
    shutil.copy(REPOSITORY / "dagster_home" / "dagster.yaml", folder / "dagster")
    (registry / "benchmarks.tsv").touch()
    (folder / "benchmarks.tsv").touch()
    (folder / "watch.tsv").write_text("\n".join([*seeds, "author:newcomers"]) + "\n", encoding="utf-8")
    (folder / "recipe.yaml").write_text(RECIPE, encoding="utf-8")
    with ExitStack() as stack:
        server = stack.enter_context(LoopbackHub(hub))
        models = stack.enter_context(ModelServer(reader(hub)))
        (folder / "models.toml").write_text(MODELS.format(url=models.openai_url), encoding="utf-8")
        haste = partial(live.Patience, backoff=0.01, per_second=1000, burst=1000)
        for patch in (
            mock.patch.dict(os.environ, environment(folder, server)),
            mock.patch.object(live, "Patience", haste),
            mock.patch("lineage_platform.workspace.open_web", return_value=FolderWeb(hub)),
            mock.patch("lineage_platform.audits.benchmarks.resources", mock.Mock(files=lambda _: registry)),
        ):
            stack.enter_context(patch)
        yield World(folder, server, models, stack.enter_context(dg.DagsterInstance.get()))


def environment(folder: Path, server: LoopbackHub) -> Mapping[str, str]:
    """Everything that the sensors and runs read from it."""
    return {
        "DAGSTER_HOME": str(folder / "dagster"),
        "HF_ENDPOINT": server.url,
        "HF_HOME": str(folder / "hf"),
        "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1",
        "LINEAGE_HOME": str(folder / "home"),
        "LINEAGE_HUB": "live",
        "LINEAGE_AGENTS": "llm",
        "LINEAGE_MODELS": str(folder / "models.toml"),
        "LINEAGE_WATCH": str(folder / "watch.tsv"),
        "LINEAGE_BENCHMARKS": str(folder / "benchmarks.tsv"),
    }


def reader(hub: Path) -> Callable[[Asked], Reply]:
    """A model that takes every dataset that a card links to for a source, and answers from the cards of the moment."""

    def answer(asked: Asked) -> Reply:
        card = hub / "datasets" / asked.dataset / "README.md"
        found = LINK.finditer(card.read_text(encoding="utf-8")) if card.is_file() else ()
        return Oracle({asked.dataset: [Label(each[1], each[0].strip()) for each in found]})(asked)

    return answer


class World:
    """The hub, and who looks after it.

    Parameters
    ----------
    folder:
        Holds everything.
    server, models:
        The hub and the model.
    instance:
        Dagster's history.
    """

    def __init__(self, folder: Path, server: LoopbackHub, models: ModelServer, instance: dg.DagsterInstance) -> None:
        self.folder, self.hub, self.instance = folder, folder / "hub", instance
        self._server, self._models = server, models
        self._night = datetime(2026, 1, 1, 3, tzinfo=UTC)
        self._cursors: dict[str, str | None] = {}
        self._asked: set[tuple[str, str]] = set()

    def steps(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Change the hub one step at a time; what was done after each."""
        yield "nothing is known yet", self.settle()
        self.gather_rows()
        yield "rows are gathered, a corpus is built", self.settle()
        yield "a night in which nothing changed", self.settle(night=True)
        self.write(NEWCOMER, f"# Answers\n\nMade from [ours](https://huggingface.co/datasets/{ROOTS[0]}).\n")
        yield "a dataset is added", self.settle()
        self.commit(SEEDS[0], more=f"\nAlso [Caco](https://huggingface.co/datasets/{SEEDS[1]}).\n")
        yield "a card is changed", self.settle(night=True)
        self.commit(SEEDS[1])
        yield "a commit leaves a card as it was", self.settle(night=True)
        self.rename(NEWCOMER, RENAMED)
        yield "a dataset is renamed", self.settle(night=True)
        shutil.rmtree(self.hub / "datasets" / RENAMED)
        yield "a dataset is deleted", self.settle(night=True)
        self.add_rows(ROOTS[0])
        yield "a root gets more rows", self.settle(night=True)
        (self.folder / "benchmarks.tsv").write_text(f"{BENCHMARK}\t\tOmni-MATH\tproblem\t\tsolution\n")
        yield "a benchmark is added", self.settle()
        run_corpus(Settings.from_environment(), self.folder / "recipe.yaml", workers=1, update_lock=True)
        yield "the corpus is built again", self.settle(night=True)

    def settle(self, *, night: bool = False) -> dict[str, Any]:
        """Run what the schedule (at night) and the sensors ask for, until they ask for nothing more."""
        since, requests, calls = time.time(), len(self._server.requests), len(self._models.log)
        documents, snapshot, told = self._documents(), self._snapshot(), self._told()
        if night:
            self._night += timedelta(days=1)
            self._look(defs.resolve_schedule_def("nightly_trace"))
        asking = [each for each in defs.sensors or () if not isinstance(each, dg.RunStatusSensorDefinition)]
        while sum(self._look(sensor) for sensor in asking):
            pass
        asked = [request.path for request in self._server.requests[requests:]]
        done = {asset: self._done(asset, since) for asset in ASSETS}
        return {
            "metadata": sum(path.startswith("/api/datasets/") and not ROWS.search(path) for path in asked),
            "lists": sum(path.startswith("/api/datasets?") for path in asked),
            "cards": sum(path.endswith("/README.md") for path in asked),
            "row requests": sum(bool(ROWS.search(path)) for path in asked),
            "documents": len(self._documents() - documents),
            "model calls": len(self._models.log) - calls,
            "datasets": len({each.partition for stage in STAGE_KEYS.values() for each in done[stage]}),
            "parts read": sum(int(str(each.metadata["read again"].value)) for each in done[SHARDS]),
            "graph": f"{len(done[GRAPH])}, {'new' if self._snapshot() != snapshot else 'the same'}"
            if done[GRAPH]
            else 0,
            "told": self._told() - told,
            "measured": sum(int(str(each.metadata["measured now"].value)) for each in done[REPORTS[0]]),
            "screened": len(done[CONTAMINATION]),
            "stale": len([change for _, changes in self.workspace.corpora() for change in changes]),
        }

    @property
    def workspace(self) -> Workspace:
        """What the runs work on."""
        return Workspace.open(Settings.from_environment())

    def _look(self, source: dg.SensorDefinition | dg.ScheduleDefinition) -> bool:
        """Ask a sensor or the schedule what is to be run, and run it; whether it was anything."""
        resources = {"workspace": WorkspaceResource()}
        if isinstance(source, dg.ScheduleDefinition):
            with dg.build_schedule_context(self.instance, self._night, resources=resources) as night:
                result = source(night)
            requests = [result] if isinstance(result, dg.RunRequest) else []
        else:
            with dg.build_sensor_context(
                self.instance,
                self._cursors.get(source.name),
                resources=resources,
                repository_def=defs.get_repository_def(),
            ) as context:
                found = source(context)
            assert isinstance(found, dg.SensorResult)
            self._cursors[source.name] = found.cursor
            for added in found.dynamic_partitions_requests or ():
                self.instance.add_dynamic_partitions(added.partitions_def_name, list(added.partition_keys))
            requests = list(found.run_requests or ())
        fresh = [each for each in requests if (source.name, str(each.run_key)) not in self._asked]
        for each in fresh:
            self._asked.add((source.name, str(each.run_key)))
            self._run(each.job_name or source.job_name, each)
        return bool(fresh)

    def _run(self, job: str, request: dg.RunRequest) -> None:
        quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
        defs.resolve_job_def(job).execute_in_process(
            run_config={**request.run_config, **quiet},
            instance=self.instance,
            partition_key=request.partition_key,
            tags=dict(request.tags),
            raise_on_error=False,
        )

    def _done(self, asset: dg.AssetKey, since: float) -> list[dg.AssetMaterialization]:
        wanted = dg.AssetRecordsFilter(asset, after_timestamp=since)
        records = self.instance.fetch_materializations(wanted, limit=1000).records
        return [each.asset_materialization for each in records if each.asset_materialization]

    def _documents(self) -> set[tuple[str, int]]:
        """The record of each document, with its time."""
        found = self.workspace.home.hub_folder("live").glob("documents/*.json")
        return {(path.name, path.stat().st_mtime_ns) for path in found}

    def _snapshot(self) -> str:
        home = self.workspace.home
        if not home.graph.exists():
            return ""
        with self.workspace.open_graph() as graph:
            return graph.meta.snapshot

    def _told(self) -> int:
        return ChangeLog(self.workspace.home.hub_folder("live")).told.number

    def gather_rows(self) -> None:
        """Read rows of some datasets, and build a corpus from two of them, as a person does."""
        builder = self.workspace.shard_builder()
        for dataset_id in (*SEEDS, *ROOTS):
            for _ in builder.build(dataset_id):
                pass
        run_corpus(Settings.from_environment(), self.folder / "recipe.yaml", workers=1)

    def write(self, dataset_id: str, card: str) -> None:
        """A new dataset."""
        place = self.hub / "datasets" / dataset_id
        place.mkdir(parents=True)
        (place / "README.md").write_text(card, encoding="utf-8")
        info = json.loads((self.hub / "datasets" / SEEDS[0] / "info.json").read_text(encoding="utf-8"))
        described = info | {"id": dataset_id, "sha": "a" * 40, "tags": [], "createdAt": "2026-01-01T00:00:00.000Z"}
        (place / "info.json").write_text(json.dumps(described), encoding="utf-8")

    def commit(self, dataset_id: str, *, more: str = "") -> None:
        """A new revision, with more text in the card."""
        place = self.hub / "datasets" / dataset_id
        info = json.loads((place / "info.json").read_text(encoding="utf-8"))
        info |= {"sha": digest(info["sha"])[:40], "lastModified": "2026-01-02T00:00:00.000Z"}
        (place / "info.json").write_text(json.dumps(info), encoding="utf-8")
        with (place / "README.md").open("a", encoding="utf-8") as card:
            card.write(more)

    def rename(self, old: str, new: str) -> None:
        """The hub answers for the old name by a redirect."""
        place = self.hub / "datasets" / new
        (self.hub / "datasets" / old).rename(place)
        info = json.loads((place / "info.json").read_text(encoding="utf-8"))
        (place / "info.json").write_text(json.dumps(info | {"id": new}), encoding="utf-8")
        with (self.hub / "aliases.tsv").open("a", encoding="utf-8") as aliases:
            aliases.write(f"{old}\t{new}\n")

    def add_rows(self, dataset_id: str) -> None:
        """A second file of rows, and the commit that brought it."""
        row = {"instruction": "What does the newest row ask?", "input": "", "output": "Nothing much."}
        more = self.hub / "datasets" / dataset_id / "data" / "train-2.jsonl"
        more.write_text(json.dumps(row) + "\n", encoding="utf-8")
        self.commit(dataset_id)

    def break_info(self, dataset_id: str) -> None:
        """The hub describes a dataset in a way that cannot be read."""
        (self.hub / "datasets" / dataset_id / "info.json").write_text(json.dumps({"id": dataset_id, "sha": 7}), "utf-8")


if __name__ == "__main__":
    main()
