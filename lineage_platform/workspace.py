"""One data home, one hub, one set of agents: what the command line, Dagster and Python callers work on."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from lineage_platform import agents, catalog, graph, leftovers, migrations
from lineage_platform.agents.interface import Agents
from lineage_platform.agents.llm.gathering import ahead_of
from lineage_platform.agents.llm.ledger import FILE_NAME
from lineage_platform.audits.benchmarks import read_benchmarks
from lineage_platform.batch_tracing import trace_in_batches
from lineage_platform.catalog.hub import Hub
from lineage_platform.documents.library import Library
from lineage_platform.documents.web import open_web
from lineage_platform.files import Home, RecordStore
from lineage_platform.measurements import MeasurementStore
from lineage_platform.samples.building import ShardBuilder
from lineage_platform.samples.fields_file import FieldsTable
from lineage_platform.samples.parsing import Bounds
from lineage_platform.samples.shards import ShardStore
from lineage_platform.settings import Limits, Settings
from lineage_platform.stages import ALL_STAGES, Stage, TracedDataset
from lineage_platform.tracing import trace

if TYPE_CHECKING:
    from lineage_platform.corpus.assembly import Corpus
    from lineage_platform.corpus.building import Build, Progress
    from lineage_platform.corpus.currency import Built
    from lineage_platform.corpus.diversity import DiversityRow
    from lineage_platform.graph.build import GraphSummary
    from lineage_platform.graph.query import Graph
    from lineage_platform.graph.reviews import Decisions


@dataclass(frozen=True)
class Workspace:
    """Everything a trace reads and writes, opened from the settings.

    Parameters
    ----------
    settings:
        What the user set.
    home, hub, agents:
        The data home, the hub asked, the readers.
    """

    settings: Settings
    home: Home
    hub: Hub
    agents: Agents

    @classmethod
    def open(cls, settings: Settings) -> Workspace:
        """Open the hub and the agents that the settings name; nothing is written yet.

        Raises
        ------
        UsageError
            A hub or agents that do not exist.
        NewerHome
            A newer release has changed the home.
        """
        migrations.check(settings.home)
        home = Home(settings.home)
        readers = agents.open_agents(
            settings.agents, home=settings.home, models=settings.models, max_cost=settings.limits.max_cost
        )
        return cls(settings, home, catalog.open_hub(settings.hub), readers)

    @property
    def records(self) -> RecordStore:
        """The records of datasets traced from this hub."""
        return self.home.records(self.hub.name)

    @property
    def decisions(self) -> Decisions:
        """What people decided about edges of this hub, as the file of decisions has it now."""
        return graph.ReviewFile(self.settings.reviews_file).decisions(self.hub.name)

    @property
    def measurements(self) -> MeasurementStore:
        """What was measured on the rows of this hub's datasets."""
        return MeasurementStore(self.home.hub_folder(self.hub.name))

    @property
    def shards(self) -> ShardStore:
        """The digests and texts of this hub's rows."""
        elsewhere = self.settings.rows.shards
        return ShardStore(f"{elsewhere.rstrip('/')}/{self.hub.name}" if elsewhere else self.home.shards(self.hub.name))

    def shard_builder(self, fields: FieldsTable | None = None, *, skip_bad_rows: bool = False) -> ShardBuilder:
        """Reads rows of this hub into :attr:`shards`; those of benchmarks by their published columns."""
        migrations.bring_up_to_date(self.home.root)
        return ShardBuilder(
            hub=self.hub,
            store=self.shards,
            measurements=self.measurements,
            scheme=self.settings.rows.scheme,
            fields=fields or FieldsTable(),
            published=read_benchmarks(self.settings.rows.benchmarks).fields,
            skip_bad_rows=skip_bad_rows,
            bounds=Bounds(most_rows=self.settings.rows.most_rows),
        )

    def library(self, *, refresh: bool = False) -> Library:
        """Documents of this hub; ``refresh`` asks again for those already on disk."""
        root = self.home.hub_folder(self.hub.name)
        return Library(self.hub, open_web(self.hub), root, self.home.content, refresh=refresh)

    def trace(
        self,
        seeds: Iterable[str],
        *,
        library: Library | None = None,
        limits: Limits | None = None,
        stages: frozenset[Stage] = ALL_STAGES,
    ) -> Generator[TracedDataset, None, None]:
        """Trace ``seeds`` upstream; see :func:`lineage_platform.tracing.trace`."""
        migrations.bring_up_to_date(self.home.root)
        ahead = ahead_of(self.agents) if stages == ALL_STAGES else None
        if ahead:
            return trace_in_batches(
                seeds,
                ahead=ahead,
                hub=self.hub,
                library=library or self.library(),
                agents=self.agents,
                records=self.records,
                limits=limits or self.settings.limits,
                decisions=self.decisions,
            )
        return trace(
            seeds,
            hub=self.hub,
            library=library or self.library(),
            agents=self.agents,
            records=self.records,
            limits=limits or self.settings.limits,
            stages=stages,
            decisions=self.decisions,
        )

    def build_graph(self) -> GraphSummary:
        """Build ``graph.duckdb`` from the records of this hub and swap it in."""
        return rebuild_graph(self.settings, self.hub.name, self.hub.label)

    def corpus_build(
        self,
        recipe: Path,
        *,
        workers: int | None = None,
        update_lock: bool = False,
        progress: Progress | None = None,
        told: Callable[[str], None] | None = None,
    ) -> Build:
        """A build of the corpus that a recipe describes; nothing is done yet.

        Parameters
        ----------
        recipe:
            The recipe file; its lock lies beside it.
        workers:
            Threads and processes; one per core when None.
        update_lock:
            Build from what there is now, whatever the lock says.
        progress:
            Told how far a stage is.
        told:
            Told of each dataset whose rows are read.

        Raises
        ------
        BrokenRecipe
            The recipe cannot be followed.
        """
        from lineage_platform.corpus.building import Build, tell_nobody
        from lineage_platform.corpus.lock import lock_path
        from lineage_platform.corpus.reading import RowReader
        from lineage_platform.corpus.recipe_reading import read_recipe

        read = read_recipe(recipe)
        return Build(
            recipe=read,
            lock=lock_path(recipe),
            folder=self.home.corpus_stages(self.hub.name, read.name),
            reader=RowReader(self.hub, self.shard_builder(skip_bad_rows=read.skip_bad_rows), told or (lambda _: None)),
            graph=self.home.graph,
            workers=workers or os.cpu_count() or 1,
            update_lock=update_lock,
            progress=progress or tell_nobody,
        )

    def assemble_corpus(self, build: Build, out: Path) -> Corpus:
        """Put the corpus of a finished build in place, and keep what each root gave for the graph.

        Parameters
        ----------
        build:
            All of whose stages are done.
        out:
            Its folder.
        """
        from lineage_platform.corpus.assembly import assemble, record_sources
        from lineage_platform.corpus.currency import remember

        corpus = assemble(build, out, partial(self._diversity, build), label=self.hub.label)
        record_sources(corpus, self.measurements)
        remember(build, out)
        return corpus

    def corpora(self) -> Iterator[tuple[Built, tuple[str, ...]]]:
        """Each corpus that was built from this hub, and what has changed since; nothing for one that is current."""
        from lineage_platform.corpus.currency import built_corpora, changed_since

        for built in built_corpora(self.home.corpora_stages(self.hub.name)):
            yield built, changed_since(built, self.hub.name, self.shards, self.records, self.home.graph)

    def _diversity(self, build: Build, folder: Path) -> Iterator[DiversityRow]:
        """The figures of a corpus, and of the datasets that its recipe compares it with."""
        from lineage_platform.corpus.comparing import Comparison, corpus_instructions, find_instructions
        from lineage_platform.corpus.embedding import open_embedder

        asked = build.recipe.diversity
        if asked is None:
            return
        embedder = open_embedder(asked.model, cache=self.home.vectors)
        comparison = Comparison(embedder, seed=build.recipe.seed, most_rows=asked.most_rows)
        yield comparison.row(corpus_instructions(folder, build.recipe.name))
        for name in asked.compare_with:
            build.reader.read(name)
            yield comparison.row(find_instructions(name, build.reader.shards))

    def open_graph(self) -> Graph:
        """The graph that the last trace built, for reading.

        Raises
        ------
        GraphMissing
            Nothing has been traced in this data home.
        """
        return graph.open_graph(self.home.graph)


def rebuild_graph(settings: Settings, hub_name: str, hub_label: str) -> GraphSummary:
    """Build ``graph.duckdb`` anew from everything that the data home holds of one hub, and swap it in.

    It follows each trace, and so it is here that what killed processes left is deleted: first, for it takes room.
    """
    home = Home(settings.home)
    migrations.bring_up_to_date(home.root)
    leftovers.sweep(home.root)
    return graph.build_graph(
        home.records(hub_name),
        home.graph,
        hub_name=hub_name,
        hub_label=hub_label,
        ledger=home.root / FILE_NAME,
        decisions=graph.ReviewFile(settings.reviews_file).decisions(hub_name),
        snapshots_kept=settings.snapshots_kept,
    )
