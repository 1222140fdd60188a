"""What assets work on: the workspace, and whoever follows the progress of a trace."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_duckdb import DuckDBResource
from pydantic import Field

from lineage_platform.corpus.accounting import Stage, StageCount
from lineage_platform.corpus.assembly import Corpus
from lineage_platform.corpus.building import Build
from lineage_platform.corpus.checking import BuiltCorpus
from lineage_platform.files import Home
from lineage_platform.settings import Settings
from lineage_platform.stages import TracedDataset
from lineage_platform.workspace import Workspace


class WorkspaceResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """The data home, the hub and the agents; what is left empty comes from the ``LINEAGE_*`` variables."""

    home: str | None = Field(default=None, description="Folder of the data home (LINEAGE_HOME).")
    hub: str | None = Field(default=None, description="live, sample, or a hub folder's path (LINEAGE_HUB).")
    agents: str | None = Field(default=None, description="auto, llm or rules (LINEAGE_AGENTS).")
    models: str | None = Field(
        default=None, description="File that says which model plays which role (LINEAGE_MODELS)."
    )
    reviews: str | None = Field(default=None, description="File of people's decisions on edges (LINEAGE_REVIEWS).")
    concurrency: int | None = Field(default=None, ge=1, le=256, description="Datasets traced at the same time.")
    review_threshold: float | None = Field(
        default=None, ge=0, le=1, description="Edges below this confidence await review."
    )
    cutoff_year: int | None = Field(
        default=None, ge=0, le=9999, description="Older datasets are kept but not expanded."
    )

    max_cost: float | None = Field(
        default=None,
        ge=0,
        description="US dollars that a run may spend on models (LINEAGE_MAX_COST); the next run goes on from there.",
    )

    @classmethod
    def of(cls, settings: Settings) -> WorkspaceResource:
        """The resource that opens exactly these settings, wherever the run is executed."""
        limits = settings.limits
        return cls(
            home=str(settings.home.absolute()),
            hub=settings.hub,
            agents=settings.agents,
            models=str(settings.models) if settings.models else None,
            reviews=str(settings.reviews) if settings.reviews else None,
            concurrency=limits.concurrency,
            review_threshold=limits.review_threshold,
            cutoff_year=limits.cutoff_year,
            max_cost=limits.max_cost,
        )

    def settings(self) -> Settings:
        """The environment's settings, with what this resource sets in their place."""
        base = Settings.from_environment()
        limits: dict[str, Any] = _given(self, "concurrency", "review_threshold", "cutoff_year", "max_cost")
        chosen: dict[str, Any] = _given(self, "hub", "agents")
        paths: dict[str, Any] = {name: Path(value) for name, value in _given(self, "home", "models", "reviews").items()}
        return replace(base, limits=replace(base.limits, **limits), **chosen, **paths)

    def open(self) -> Workspace:
        """The workspace of these settings."""
        return Workspace.open(self.settings())

    def database(self) -> DuckDBResource:
        """The graph that was built last, for reading only: readers never stand in the way of a build."""
        path = Home(self.settings().home).graph
        return DuckDBResource(database=str(path), connection_config={"access_mode": "READ_ONLY"})


class RecipeResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """The recipe of a corpus, and where the corpus goes."""

    path: str = Field(default="recipe.yaml", description="The recipe file (docs/recipes.md); its lock lies beside it.")
    out: str | None = Field(default=None, description="Folder of the corpus; empty: corpora/NAME in the data home.")
    workers: int | None = Field(default=None, ge=1, le=256, description="Threads and processes; empty: one per core.")
    update_lock: bool = Field(default=False, description="Build from what there is now, whatever the lock says.")

    def build(self, workspace: Workspace, reporter: CorpusReporter) -> Build:
        """The build of this recipe."""
        return workspace.corpus_build(
            Path(self.path),
            workers=self.workers,
            update_lock=self.update_lock,
            progress=reporter.progress,
            told=reporter.reading,
        )

    def assemble(self, workspace: Workspace, build: Build) -> Corpus:
        """Put the corpus in its place."""
        return workspace.assemble_corpus(build, self._place(workspace, build))

    def built(self, workspace: Workspace) -> BuiltCorpus:
        """The corpus that was built, for checking."""
        build = workspace.corpus_build(Path(self.path), workers=self.workers)
        return BuiltCorpus(build, self._place(workspace, build))

    def _place(self, workspace: Workspace, build: Build) -> Path:
        return Path(self.out) if self.out else workspace.home.corpus(build.recipe.name)


class CorpusReporter:
    """Follows the build of a corpus; the default does nothing, and the command line puts its own in this place."""

    def reading(self, dataset: str) -> None:
        """The rows of a dataset are read, unless they are there."""

    def progress(self, stage: Stage, done: int, total: int) -> None:
        """So many rows of a stage are done, of so many."""

    def counted(self, count: StageCount) -> None:
        """A stage is done."""

    def finished(self, corpus: Corpus) -> None:
        """The corpus is in its place."""

    def checked(self, name: str, found: int) -> None:
        """A check found so many things that should not be."""

    def failed(self, error: BaseException) -> None:
        """A stage ended with an error."""


class Reporter:
    """Follows a trace; the default does nothing, and the command line puts its own in this place."""

    def dataset(self, traced: TracedDataset) -> None:
        """One dataset is done. To stop the trace here, where nothing is half-written, raise ``KeyboardInterrupt``."""

    def stopped(self, reason: str) -> None:
        """The trace ends before all is done, for this reason; what is done is on disk."""

    def finished(self, documents_fetched: int) -> None:
        """The trace is over; so many documents came from outside."""


def _given(resource: WorkspaceResource, *names: str) -> dict[str, Any]:
    """The named fields that are set."""
    return {name: value for name in names if (value := getattr(resource, name)) is not None}
