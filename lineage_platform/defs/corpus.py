"""The corpus, one asset a stage: each reads what the one before left on disk, and says what it kept and removed."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import dagster as dg

from lineage_platform.checks import Check, Subject
from lineage_platform.corpus.accounting import Stage, StageCount
from lineage_platform.corpus.assembly import Corpus
from lineage_platform.corpus.building import STAGES
from lineage_platform.defs.checks import asset_check, checks_of, explained, result
from lineage_platform.defs.graph import GRAPH
from lineage_platform.defs.metadata import Metadata, table
from lineage_platform.defs.resources import CorpusReporter, RecipeResource, WorkspaceResource
from lineage_platform.errors import LineageError

GROUP = "corpus"
CORPUS_POOL = "corpus"
KEYS = {stage: dg.AssetKey(stage.value) for stage in STAGES}

_DESCRIPTIONS: Mapping[Stage, str] = {
    Stage.SELECTED_ROOTS: "Which datasets are sampled: the leaves of the graph that most others are built on, with "
    "their revisions, held against the recipe's lock. Whatever was not taken is listed with the reason.",
    Stage.UNIFIED_ROWS: "The rows of all roots as instruction, input and output, with digests: one table, in which a "
    "row's number is its position in all later stages.",
    Stage.FILTERED_ROWS: "What the filters leave: no part empty, of a fitting length, in a wanted language.",
    Stage.EXACT_UNIQUE_ROWS: "Of rows with the same question the first, in the order of the roots.",
    Stage.NEAR_UNIQUE_ROWS: "Of rows with nearly the same question the one that the recipe's policy keeps; each "
    "removed row is listed beside it, with their exact similarity.",
    Stage.DECONTAMINATED_ROWS: "What holds no item of the benchmarks that the recipe keeps out: to the letter, in "
    "normalised text, or as most of a row.",
    Stage.CORPUS: "What fits into the quotas: the corpus, with the provenance of every row, its removal tables, a "
    "dataset card and a Croissant file. It takes the place of an earlier one whole.",
}


def stage_asset(stage: Stage) -> dg.AssetsDefinition:
    """One stage of the recipe as an asset."""

    @dg.asset(
        key=KEYS[stage],
        deps=[GRAPH if stage is STAGES[0] else KEYS[STAGES[STAGES.index(stage) - 1]]],
        group_name=GROUP,
        kinds={"parquet"},
        pool=CORPUS_POOL,
        description=_DESCRIPTIONS[stage],
    )
    def run(
        workspace: WorkspaceResource, recipe: RecipeResource, corpus_reporter: dg.ResourceParam[CorpusReporter]
    ) -> dg.MaterializeResult[None]:
        opened = workspace.open()
        with told(corpus_reporter):
            build = recipe.build(opened, corpus_reporter)
            count = build.run(stage)
            corpus_reporter.counted(count)
            metadata = described(count) | {"folder": dg.MetadataValue.path(str(build.place(stage)))}
            if stage is Stage.CORPUS:
                corpus = recipe.assemble(opened, build)
                corpus_reporter.finished(corpus)
                metadata |= _corpus(corpus)
        return dg.MaterializeResult(metadata=metadata, data_version=dg.DataVersion(count.input_digest))

    return run


def corpus_check(check: Check) -> dg.AssetChecksDefinition:
    """The check as Dagster knows it: it runs whenever the corpus is built."""

    @dg.asset_check(asset=KEYS[Stage.CORPUS], name=check.name, description=explained(check), blocking=check.blocking)
    def run(
        workspace: WorkspaceResource, recipe: RecipeResource, corpus_reporter: dg.ResourceParam[CorpusReporter]
    ) -> dg.AssetCheckResult:
        with told(corpus_reporter):
            opened = workspace.open()
            verdict = check.judge(Subject(opened, corpus=recipe.built(opened)))
        corpus_reporter.checked(check.name, len(verdict.found))
        return result(check, verdict)

    return run


@contextmanager
def told(reporter: CorpusReporter) -> Iterator[None]:
    """Tell the reporter of a failure as it is: in Dagster's events only its text is left."""
    try:
        yield
    except LineageError as error:
        reporter.failed(error)
        raise
    except KeyboardInterrupt as interrupt:
        raise dg.DagsterExecutionInterruptedError from interrupt


def described(count: StageCount) -> Metadata:
    """Input, kept and removed, of all and by root."""
    metadata: Metadata = {"input": count.input, "dagster/row_count": count.kept}
    metadata |= {f"removed: {reason}": number for reason, number in count.removed.items()}
    if count.roots:
        metadata["roots"] = table(
            {
                "root": root.dataset_id,
                "input": root.input,
                "kept": root.kept,
                "removed": ", ".join(f"{reason} {number}" for reason, number in root.removed.items()),
            }
            for root in count.roots
        )
    return metadata


def _corpus(corpus: Corpus) -> Metadata:
    rows = (
        {
            "root": root.dataset_id,
            "licence": root.licence,
            "domain": root.domain.value,
            "rows": count.input,
            "kept": count.kept,
            "path": root.path_text,
        }
        for root, count in corpus.roots
    )
    return {"corpus": dg.MetadataValue.path(str(corpus.folder)), "sources": table(rows)}


ASSETS = [stage_asset(stage) for stage in STAGES]
ASSET_CHECKS = [
    corpus_check(check) if check.of_corpus else asset_check(check, after=[GRAPH])
    for check in checks_of(KEYS[Stage.CORPUS])
]
