"""Every check of the platform, as one list: what must hold, how bad it is where it does not, and what to do then.

Dagster runs them where the assets they are about are made, ``lineage doctor`` and pytest over what is on disk:

>>> for check in all_checks():
...     print(check.name, check.judge(Subject(workspace)).severity)
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from lineage_platform.corpus.checking import CHECKS as CORPUS_CHECKS
from lineage_platform.corpus.checking import BuiltCorpus, CorpusCheck
from lineage_platform.graph.checks import GRAPH_CHECKS, GraphCheck
from lineage_platform.measurements import Contamination, Redundancy
from lineage_platform.records import Resolution
from lineage_platform.samples.checking import Fault, several_schemes, wrong_counts, wrong_digests
from lineage_platform.samples.shards import Shard, ShardStore
from lineage_platform.workspace import Workspace

MOST_REDUNDANCY = 0.05
MOST_CONTAMINATION = 0.01
MOST_UNBACKED = 0.2
FEWEST_UNBACKED = 3
MOST_SHARDS = 500
"""Shards that are looked at, at most, where all datasets are checked at once; each dataset's own are looked at when
they are made."""

CORPUS = "corpus"

Row = Mapping[str, Any]


class Severity(StrEnum):
    """How bad it is that something does not hold."""

    WARNING = "warning"
    ERROR = "error"


class Each(StrEnum):
    """What a check can be judged of one by one."""

    DATASET = "dataset"
    BENCHMARK = "benchmark"


@dataclass(frozen=True)
class Subject:
    """What is checked.

    Parameters
    ----------
    workspace:
        The data home and the hub.
    one:
        One dataset or benchmark alone, by a check of each; empty: all.
    corpus:
        A corpus, for the checks of one.
    """

    workspace: Workspace
    one: str = ""
    corpus: BuiltCorpus | None = None


@dataclass(frozen=True)
class Verdict:
    """What a check found.

    Parameters
    ----------
    found:
        What should not be, a row each.
    severity:
        How bad that is; None: it holds.
    """

    found: tuple[Row, ...] = ()
    severity: Severity | None = None


@dataclass(frozen=True)
class Check:
    """One thing that must hold.

    Parameters
    ----------
    name:
        Of the check.
    asset:
        What it is about.
    description:
        What holds when it passes.
    remedy:
        What to do when it does not.
    judge:
        Finds what should not be; raises :class:`~lineage_platform.errors.GraphMissing` where there is no graph yet.
    blocking:
        Whether nothing may be made from the asset where this is an error, for it would mislead.
    of_each:
        What it can be judged of one by one; None: it is about everything at once.
    of_corpus:
        Whether it looks into a corpus, which the subject must then hold.
    """

    name: str
    asset: str
    description: str
    remedy: str
    judge: Callable[[Subject], Verdict]
    blocking: bool = False
    of_each: Each | None = None
    of_corpus: bool = False

    def told(self, verdict: Verdict) -> str:
        """The verdict for a person."""
        return f"{len(verdict.found)} found. {self.remedy}" if verdict.severity else self.description


def all_checks() -> tuple[Check, ...]:
    """Every check, in the order in which their assets are made."""
    corpus = (*map(_of_corpus, CORPUS_CHECKS), CORPUS_IS_CURRENT)
    return (QUOTES_BACKED, *map(_of_graph, GRAPH_CHECKS), *SHARD_CHECKS, *LIMIT_CHECKS, *corpus)


def _warns(rows: Iterable[Row]) -> Verdict:
    found = tuple(rows)
    return Verdict(found, Severity.WARNING if found else None)


def _fails(rows: Iterable[Row]) -> Verdict:
    found = tuple(rows)
    return Verdict(found, Severity.ERROR if found else None)


def _of_graph(check: GraphCheck) -> Check:
    def judge(subject: Subject) -> Verdict:
        with subject.workspace.open_graph() as graph:
            rows = graph.select(check.query).records()
            error = check.is_error(len(rows), graph.meta.datasets)
        return _fails(rows) if error else _warns(rows)

    return Check(check.name, "graph", check.description, check.remedy, judge, blocking=check.warns_up_to == 0)


def _of_corpus(check: CorpusCheck) -> Check:
    def judge(subject: Subject) -> Verdict:
        assert subject.corpus is not None, "the checks of a corpus are asked about one"
        rows = check.run(subject.corpus)
        return _warns(rows) if check.warns else _fails(rows)

    return Check(check.name, CORPUS, check.description, check.remedy, judge, of_corpus=True)


def _unbacked(subject: Subject) -> Iterator[Row]:
    records = subject.workspace.records
    one = [records.read(subject.one, Resolution)] if subject.one else records.all(Resolution)
    for record in filter(None, one):
        unbacked = [witness for witness in record.witnesses if not witness.verified]
        if len(unbacked) >= max(FEWEST_UNBACKED, MOST_UNBACKED * len(record.witnesses)):
            for witness in unbacked:
                yield {"dataset": record.dataset_id, "source": witness.source, "reason": witness.reason}


QUOTES_BACKED = Check(
    "quotes_backed",
    "resolved_edges",
    f"Of the statements read about a dataset, fewer than {MOST_UNBACKED:.0%} have a quote that its documents do not "
    "hold, or that does not name the source.",
    'Nothing of them counts. Read them: lineage sql "from witnesses where not verified". A model that invents quotes '
    "is replaced by LINEAGE_MODELS.",
    lambda subject: _warns(_unbacked(subject)),
    of_each=Each.DATASET,
)


def _of_shards(find: Callable[[ShardStore, Sequence[Shard]], Iterator[Fault]]) -> Callable[[Subject], Verdict]:
    def judge(subject: Subject) -> Verdict:
        store = subject.workspace.shards
        shards = store.parts(subject.one) if subject.one else store.all()
        if len(shards) > MOST_SHARDS:
            shards = random.Random(0).sample(shards, MOST_SHARDS)  # noqa: S311  a sample, no secret
        return _fails(map(vars, find(store, shards)))

    return judge


_AGAIN = "Delete the shards listed and materialise their partitions again."
SHARD_CHECKS = (
    Check(
        "row_counts",
        "dataset_shards",
        "Every shard holds as many rows as it says.",
        _AGAIN,
        _of_shards(wrong_counts),
        blocking=True,
        of_each=Each.DATASET,
    ),
    Check(
        "digests",
        "dataset_shards",
        "Rows digested again from their texts have the digests that are kept.",
        _AGAIN,
        _of_shards(wrong_digests),
        blocking=True,
        of_each=Each.DATASET,
    ),
    Check(
        "one_scheme",
        "dataset_shards",
        "All digests are of one scheme.",
        "Materialise the partitions listed again with one LINEAGE_DIGESTS.",
        _of_shards(several_schemes),
    ),
)


def _redundant(subject: Subject) -> Iterator[Row]:
    measured = subject.workspace.measurements.standing(Redundancy)
    return ({"dataset": each.dataset_id, "rate": each.rate} for each in measured if each.rate > MOST_REDUNDANCY)


def _contaminated(subject: Subject) -> Iterator[Row]:
    for each in subject.workspace.measurements.standing(Contamination):
        if each.rate > MOST_CONTAMINATION and subject.one in ("", each.benchmark):
            yield {"train": each.train, "benchmark": each.benchmark, "rate": each.rate}


LIMIT_CHECKS = (
    Check(
        "redundancy_within_limit",
        "redundancy_report",
        f"No dataset repeats more than {MOST_REDUNDANCY:.0%} of its rows.",
        "Read its crossings (lineage redundancy ID) and take one of the ways out.",
        lambda subject: _warns(_redundant(subject)),
    ),
    Check(
        "contamination_within_limit",
        "contamination_report",
        f"No dataset holds more than {MOST_CONTAMINATION:.0%} of a benchmark to the letter.",
        "Leave its leaked rows out (measurements/leaks) before training, or that benchmark out of the evaluation.",
        lambda subject: _warns(_contaminated(subject)),
        of_each=Each.BENCHMARK,
    ),
)


def _outdated(subject: Subject) -> Iterator[Row]:
    for built, changes in subject.workspace.corpora():
        yield from ({"corpus": built.recipe.name, "changed": change} for change in changes)


CORPUS_IS_CURRENT = Check(
    "corpus_is_current",
    CORPUS,
    "Each corpus of this data home is what its recipe would give now: the graph leads to the same roots, at the "
    "revisions that it was built from.",
    "Build the corpora listed from what there is now: lineage corpus build RECIPE.yaml --update-lock.",
    lambda subject: _warns(_outdated(subject)),
)
