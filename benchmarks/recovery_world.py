"""Five datasets on a hub, a model that reads them, and all that the platform does with them, in runs that can be hurt.

Each run is a child process, forked where everything is imported already. Its hub is a folder, or that folder behind a
server that speaks the Hub's API. What can be hurt: the process itself; the Nth call that makes a name or writes data
under its home (``full_disk.c``, preloaded); the Nth request to the model; the hub from its Nth request on.
"""

from __future__ import annotations

import ctypes
import json
import logging
import multiprocessing
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from unittest.mock import patch

from benchmarks.agents import MODELS
from benchmarks.tracing import graph_of
from lineage_platform import Limits, Settings, Workspace
from lineage_platform.audits.leaks import LeakStore
from lineage_platform.audits.lineage import Lineage
from lineage_platform.audits.overlaps import keep_overlaps
from lineage_platform.audits.redundancy import measure_redundancy
from lineage_platform.audits.rows import Shelf
from lineage_platform.audits.screening import Screening
from lineage_platform.changes import tell_changes
from lineage_platform.cli.failures import explain
from lineage_platform.corpus.building import STAGES
from lineage_platform.errors import LineageError
from lineage_platform.files import Home
from lineage_platform.samples.engines import open_engine
from tests.corpus.worlds import folder_bytes, questions
from tests.servers.hub import Fault, LoopbackHub
from tests.servers.models import Asked, Label, ModelServer, Oracle, Reply

SEEDS = ("org/mix", "org/bench")
SOURCES = {
    "org/root": (),
    "org/bench": (),
    "org/left": ("org/root",),
    "org/right": ("org/root", "org/bench"),
    "org/mix": ("org/left", "org/right"),
}
RECIPE = """
name: small
roots: {max: 3, exclude: [org/bench]}
filters: {languages: off}
benchmarks: {ids: [org/bench]}
diversity: {model: static, compare_with: [org/left]}
"""
DISK_CALLS = ("names", "data")
IMPORTED = (
    *("benchmarks.recovery_world", "langchain_openai", "numba", "polars", "pyarrow.parquet"),
    *("lineage_platform.agents.llm.opening", "lineage_platform.audits.near_kernel", "lineage_platform.corpus.assembly"),
    *("lineage_platform.corpus.near_duplicates", "lineage_platform.corpus.static_model", "pandas", "httpcore2"),
    *("lineage_platform.agents.rules", "lineage_platform.agents.rules.declared", "langchain.chat_models", "fsspec"),
)
THROUGH_DAGSTER = ("lineage_platform.defs.run", "lineage_platform.defs.run_corpus")


@dataclass(frozen=True)
class Hurt:
    """What goes wrong in a run, or in one step of it: the ``number``-th of something fails; 0 only counts."""

    kind: str
    number: int = 0
    step: str = ""


UNHURT = Hurt("data")


@dataclass(frozen=True)
class Result:
    """How a run ended: its calls to the disk, the one refused, seconds, errors with a name and without, warnings."""

    calls: int = 0
    refused: str = ""
    seconds: float = 0.0
    named: list[str] = field(default_factory=list)
    unnamed: list[str] = field(default_factory=list)
    warned: list[str] = field(default_factory=list)

    @property
    def well(self) -> bool:
        """Whether nothing was wrong."""
        return not (self.named or self.unnamed)


class World:
    """The hub, the model that reads it, and runs over it; a context manager.

    Parameters
    ----------
    folder:
        For the hub and all data homes.
    dagster:
        Runs go through Dagster, as those of the command line do.
    live:
        The hub answers over HTTP.
    """

    def __init__(self, folder: Path, *, dagster: bool = False, live: bool = False) -> None:
        self.folder, self.dagster, self.live = folder, dagster, live
        self.requests = {"model": 0, "hub": 0}
        self._hurt, self._lock, self._open = UNHURT, threading.Lock(), ExitStack()
        self._base: Result | None = None
        self._answer = oracle()
        self.models = ModelServer(self.answer)
        self.hub = HurtHub(folder / "hub", self.due)
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload([*IMPORTED, *(THROUGH_DAGSTER if dagster else ())])

    def __enter__(self) -> World:
        for server in (self.models, self.hub):
            self._open.enter_context(server)  # type: ignore[arg-type]
        models = self.folder / "models.toml"
        models.write_text(MODELS.format(url=self.models.openai_url), encoding="utf-8")
        environment = {
            "HF_ENDPOINT": self.hub.url,
            "HF_HOME": str(self.folder / "hf"),
            "DAGSTER_DISABLE_TELEMETRY": "1",
        }
        library = full_disk(self.folder)
        if library:
            environment["LD_PRELOAD"] = str(library)
        self._open.enter_context(patch.dict(os.environ, environment))
        _stop_forkserver()
        return self

    def __exit__(self, *error: Any) -> None:
        self._open.close()
        _stop_forkserver()

    def write(self, name: str, sources: tuple[str, ...], number: int, revision: str = "1") -> None:
        """One dataset of the hub: rows of its own, and some of each source's."""
        place = self.folder / "hub" / "datasets" / name
        (place / "data").mkdir(parents=True, exist_ok=True)
        (place / "README.md").write_text(card(name, sources), encoding="utf-8")
        info = {"id": name, "sha": f"{revision}{number:039x}", "createdAt": f"2024-0{number + 1}-01T00:00:00.000Z"}
        (place / "info.json").write_text(json.dumps(info), encoding="utf-8")
        topics = [(number, "weight" if revision == "1" else "height")]
        topics += [(list(SOURCES).index(source), "weight") for source in sources]
        rows = [row for at, topic in topics for row in questions(topic, 20, 20 * at)]
        lines = (json.dumps({"instruction": query, "input": more, "output": said}) for query, more, said in rows)
        (place / "data" / "train.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def change(self) -> None:
        """Another version of two datasets: one has a source less, a root has other rows."""
        self.write("org/mix", ("org/left",), 4, "2")
        self.write("org/root", (), 0, "2")

    def due(self, kind: str) -> bool:
        """Count a request, and say whether this one fails: the Nth of the model's, the hub's from the Nth on."""
        with self._lock:
            self.requests[kind] += 1
            hurt, count = self._hurt, self.requests[kind]
        return hurt.kind == kind and 0 < hurt.number <= count and (kind == "hub" or hurt.number == count)

    def answer(self, asked: Asked) -> Reply:
        """The model's answer, or a fault where one is due."""
        return Reply("out of order", status=500) if self.due("model") else self._answer(asked)

    def start(self, home: Path, hurt: Hurt = UNHURT) -> tuple[Any, Connection]:
        """A run over a home in a process of its own, and where its result will arrive."""
        shutil.copyfile(recipe(self.folder), home.with_suffix(".yaml"))
        here, there = self._context.Pipe(duplex=False)
        hub = "live" if self.live else str(self.folder / "hub")
        settings = Settings(home=home, hub=hub, agents="llm", models=self.folder / "models.toml")
        environment = {"HF_ENDPOINT": self.hub.url, "HF_HOME": str(self.folder / "hf")}
        process = self._context.Process(target=child, args=(there, settings, hurt, self.dagster, environment))
        process.start()
        there.close()
        return process, here

    def run(self, home: Path, hurt: Hurt = UNHURT) -> Result:
        """The same, to its end. Only one at a time where requests are to fail."""
        if hurt.kind in self.requests:
            shutil.rmtree(self.folder / "hf", ignore_errors=True)  # cards that are kept are not asked for
            with self._lock:
                self._hurt, self.requests = hurt, dict.fromkeys(self.requests, 0)
        process, here = self.start(home, hurt)
        try:
            result: Result = here.recv()
        except EOFError:
            result = Result(unnamed=["the process died"])
        process.join()
        with self._lock:
            self._hurt = UNHURT
        return result

    def undisturbed(self, home: Path, hurt: Hurt = UNHURT) -> Result:
        """A run that must end well."""
        result = self.run(home, hurt)
        if not result.well:
            raise SystemExit(f"the undisturbed run failed: {result}")
        return result

    def base(self) -> tuple[Path, Result]:
        """A home that a run over the first version of the hub left, and that run; the hub is back at it."""
        home = self.folder / "base"
        for number, (name, sources) in enumerate(SOURCES.items()):
            self.write(name, sources, number)
        if self._base is None:
            self._base = self.undisturbed(home)
        return home, self._base


class HurtHub(LoopbackHub):
    """The hub over HTTP, that goes down for an hour when it is due."""

    def __init__(self, folder: Path, due: Callable[[str], bool]) -> None:
        super().__init__(folder)
        self._due = due

    def take_fault(self, path: str) -> Fault | None:
        ours = "agent-harnesses" not in path  # what the client asks for itself, once a day
        return Fault(path, status=503, headers={"Retry-After": "3600"}) if ours and self._due("hub") else None


def _stop_forkserver() -> None:
    """Have the next process forked by a server that has the environment of now: there is one for all of a process."""
    forkserver._forkserver._stop()  # type: ignore[attr-defined]


def full_disk(folder: Path) -> Path | None:
    """The library that refuses calls to the disk, built; None where there is no compiler."""
    library, compiler = folder / "full_disk.so", shutil.which("cc")
    if compiler is None:
        return None
    command = [compiler, "-shared", "-fPIC", "-O2", "-o", str(library), str(Path(__file__).with_name("full_disk.c"))]
    subprocess.run([*command, "-ldl"], check=True)
    return library


def recipe(folder: Path) -> Path:
    """The recipe of the corpus."""
    path = folder / "small.yaml"
    if not path.exists():
        path.write_text(RECIPE, encoding="utf-8")
    return path


def card(name: str, sources: tuple[str, ...]) -> str:
    """A card that a model reads the sources from, line by line."""
    lines = [f"- Made from [{each}](https://huggingface.co/datasets/{each})." for each in sources]
    return "\n\n".join([f"# {name}", "Questions with answers.", *lines]) + "\n"


def oracle() -> Oracle:
    """The model that reads such cards."""
    return Oracle(
        {
            name: [
                Label(each, f"Made from [{each}](https://huggingface.co/datasets/{each}).", link=None)
                for each in (*sources, "org/bench")
            ]
            for name, sources in SOURCES.items()
        }
    )


class Told(logging.Handler):
    """Keeps what is warned of, for the result."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.warnings: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.warnings.append(record.getMessage())


def child(
    connection: Connection, settings: Settings, hurt: Hurt, dagster: bool, environment: Mapping[str, str]
) -> None:
    """One run, whose result is sent through the connection."""
    os.environ.update(environment)
    told = Told()
    ours = logging.getLogger("lineage_platform")
    ours.handlers, ours.propagate = [told], False
    named: list[str] = []
    unnamed: list[str] = []
    library = ctypes.CDLL(None)
    watched = hasattr(library, "refuse_write")
    kind = DISK_CALLS.index(hurt.kind) if hurt.kind in DISK_CALLS else None
    if watched and kind is not None:
        library.write_refused.restype = ctypes.c_char_p
        library.refuse_write(str(settings.home).encode(), ctypes.c_long(hurt.number), kind)
    began = time.monotonic()
    try:
        named += through_dagster(settings) if dagster else everything(settings, hurt.step)
    except Exception as error:  # noqa: BLE001  what the benchmark is after
        _, failure = explain(error)
        (unnamed if failure.kind == "internal" else named).append(f"{failure.kind}: {failure.message}")
    seconds = time.monotonic() - began
    counted = watched and kind is not None
    calls, refused = (library.writes_seen(), library.write_refused().decode()) if counted else (0, "")
    if watched:
        library.refuse_write(b"", ctypes.c_long(0), 0)
    unnamed += [each for each in named if "internal error" in each]
    connection.send(
        Result(calls, refused, seconds, [each for each in named if each not in unnamed], unnamed, told.warnings)
    )


def everything(settings: Settings, only: str = "") -> Iterator[str]:
    """All that the platform does with a hub, or one step of it; yields what failed of single datasets."""
    workspace = Workspace.open(settings)
    for step in [only] if only else (*STEPS[:3], "audits", "graph", *STEPS[4:]):
        yield from _DONE_BY[step](workspace) or ()


def trace(workspace: Workspace) -> Iterator[str]:
    """The trace; what failed."""
    for traced in workspace.trace(SEEDS, limits=Limits(concurrency=4)):
        if traced.outcome == "failed":
            yield f"failed: {traced.detail}"


def shards(workspace: Workspace) -> Iterator[str]:
    """The rows of all datasets; what failed."""
    for name in SOURCES:
        for built in workspace.shard_builder().build(name):
            if built.part.outcome != "read":
                yield f"{built.part.outcome}: {built.part.detail}"


def corpus(workspace: Workspace) -> None:
    """The corpus, from its first stage to its place."""
    recipe = workspace.settings.home.with_suffix(".yaml")
    build = workspace.corpus_build(recipe, workers=1, update_lock=True)
    for stage in STAGES:
        build.run(stage)
    workspace.assemble_corpus(build, workspace.home.corpus("small"))


def audit(workspace: Workspace) -> None:
    """Redundancy, contamination, overlaps."""
    shelf = Shelf(workspace.shards)
    with workspace.open_graph() as graph:
        lineage = Lineage.of(graph)
    engine = open_engine("", memory_limit="1GB", spill=workspace.home.root / "spill")
    for rows in shelf.all():
        workspace.measurements.write(measure_redundancy(rows, shelf, lineage, engine))
    leaks = LeakStore(workspace.home.hub_folder(workspace.hub.name))
    benchmark = shelf.find("org/bench")
    screening = Screening(shelf, engine, lineage, workspace.measurements, leaks)
    list(screening.run(shelf.all(), [benchmark] if benchmark else [], full=True))
    keep_overlaps(shelf.all(), shelf, lineage, engine, workspace.measurements)


def graph(workspace: Workspace) -> None:
    """The graph."""
    workspace.build_graph()


def changes(workspace: Workspace) -> None:
    """What changed."""
    tell_changes(workspace)


_DONE_BY: Mapping[str, Callable[[Workspace], Iterator[str] | None]] = {
    "trace": trace,
    "graph": graph,
    "shards": shards,
    "audits": audit,
    "changes": changes,
    "corpus": corpus,
}
STEPS = tuple(_DONE_BY)


def through_dagster(settings: Settings) -> Iterator[str]:
    """The same as runs of Dagster, its history in the home: what the commands and the assets do."""
    import dagster as dg

    from lineage_platform.defs.audits import ASSETS, BENCHMARKS, CHECKS, CONTAMINATION
    from lineage_platform.defs.instance import open_instance
    from lineage_platform.defs.jobs import build_graph_job
    from lineage_platform.defs.resources import WorkspaceResource
    from lineage_platform.defs.rows import dataset_shards
    from lineage_platform.defs.run import execute, run_failed, run_trace
    from lineage_platform.defs.run_corpus import run_corpus
    from lineage_platform.defs.stopping import IN_PROCESS_TAG

    summary = run_trace(settings, SEEDS)
    yield from (f"failed: {detail}" for _, detail in summary.failed)

    def materialize(*assets: Any, **more: Any) -> None:
        tags = {IN_PROCESS_TAG: "true", **more.pop("tags", {})}
        resources = {"workspace": WorkspaceResource.of(settings)}
        quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}, **more.pop("run_config", {})}
        result = dg.materialize(
            assets, instance=instance, resources=resources, tags=tags, run_config=quiet, raise_on_error=False, **more
        )
        if not result.success:
            raise run_failed(result)

    with open_instance(settings.home) as instance:
        known = instance.get_dynamic_partitions("datasets")
        ends = {"start": known[0], "end": known[-1]}
        materialize(dataset_shards, tags={f"dagster/asset_partition_range_{end}": name for end, name in ends.items()})
        instance.add_dynamic_partitions(str(BENCHMARKS.name), ["org/bench"])
        unpartitioned = [each for each in ASSETS if each.key != CONTAMINATION and each.key.path != ["benchmarks"]]
        materialize(*unpartitioned)
        screened = {"ops": {"contamination_report": {"config": {"full": True}}}}
        contamination = next(each for each in ASSETS if each.key == CONTAMINATION)
        materialize(contamination, *CHECKS[1:], partition_key="org/bench", run_config=screened)
        built = execute(build_graph_job.name, instance, settings, {})
        if not built.success:
            raise run_failed(built)
    run_corpus(settings, settings.home.with_suffix(".yaml"), workers=1, update_lock=True)


def outcome(home: Path) -> tuple[list[str], dict[str, bytes], Mapping[str, int]]:
    """What must be the same whatever happened: the export, the corpus to the byte, the rows of each dataset."""
    shards = [json.loads(path.read_bytes()) for path in home.glob("hubs/*/shards/*/*/shard.json")]
    return (
        graph_of(home),
        folder_bytes(Home(home).corpus("small")),
        {each["dataset_id"]: each["rows"] for each in shards},
    )


def differences(home: Path, expected: tuple[list[str], dict[str, bytes], Mapping[str, int]]) -> tuple[bool, int]:
    """Whether a home holds what was expected, and how many rows it has too many or too few."""
    try:
        found = outcome(home)
    except LineageError:
        return False, 0
    rows = sum(abs(found[2].get(name, 0) - expected[2].get(name, 0)) for name in {*found[2], *expected[2]})
    return found == expected, rows
