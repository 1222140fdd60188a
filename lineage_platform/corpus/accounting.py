"""What each stage took in, kept and removed, by root and reason: kept + removed = input, or the build stops."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from enum import StrEnum

from pydantic import Field

from lineage_platform.corpus.selection import Selection
from lineage_platform.errors import LineageError
from lineage_platform.records import Record


class Stage(StrEnum):
    """The stages of a corpus, in order."""

    SELECTED_ROOTS = "selected_roots"
    UNIFIED_ROWS = "unified_rows"
    FILTERED_ROWS = "filtered_rows"
    EXACT_UNIQUE_ROWS = "exact_unique_rows"
    NEAR_UNIQUE_ROWS = "near_unique_rows"
    DECONTAMINATED_ROWS = "decontaminated_rows"
    CORPUS = "corpus"


class CountMismatch(LineageError):
    """A stage lost or invented rows: a fault of the platform."""

    kind = "count_mismatch"


class RootCount(Record):
    """The rows of one root at one stage."""

    dataset_id: str
    input: int
    kept: int
    removed: dict[str, int] = Field(default_factory=dict)


class StageCount(Record):
    """What became of the input of one stage, in rows; at ``selected_roots`` in datasets.

    ``input_digest`` covers all that the stage depends on: while it is the same, the stage is not done again.
    """

    stage: Stage
    input_digest: str
    input: int
    kept: int
    removed: dict[str, int] = Field(default_factory=dict)
    roots: tuple[RootCount, ...] = ()


def counted(selection: Selection, input_digest: str) -> StageCount:
    """The count of ``selected_roots``, in datasets."""
    removed = Counter(each.reason for each in selection.rejected)
    kept = len(selection.roots)
    return StageCount(
        stage=Stage.SELECTED_ROOTS,
        input_digest=input_digest,
        input=kept + removed.total(),
        kept=kept,
        removed=dict(sorted(removed.items())),
    )


def balanced(stage: Stage, input_digest: str, roots: Iterable[RootCount]) -> StageCount:
    """The count of a stage from those of its roots.

    Raises
    ------
    CountMismatch
        At some root kept and removed do not add up to the input.
    """
    listed = tuple(roots)
    removed: Counter[str] = Counter()
    for root in listed:
        _check(f"{stage.value} of {root.dataset_id}", root.input, root.kept, root.removed)
        removed.update(root.removed)
    return StageCount(
        stage=stage,
        input_digest=input_digest,
        input=sum(root.input for root in listed),
        kept=sum(root.kept for root in listed),
        removed=dict(sorted(removed.items())),
        roots=listed,
    )


def follow_on(earlier: StageCount, later: StageCount) -> None:
    """Check that a stage took in, root by root, what the one before kept.

    Raises
    ------
    CountMismatch
        It did not.
    """
    kept = {root.dataset_id: root.kept for root in earlier.roots}
    taken = {root.dataset_id: root.input for root in later.roots}
    if kept != taken:
        wrong = sorted(name for name in {*kept, *taken} if kept.get(name, 0) != taken.get(name, 0))
        raise CountMismatch(
            f"{later.stage.value} took in other rows of {', '.join(wrong)} than {earlier.stage.value} kept", _REPORT
        )


_REPORT = "this is a fault of the platform: please report it with the recipe"


def _check(where: str, taken: int, kept: int, removed: Mapping[str, int]) -> None:
    if min(taken, kept, *removed.values(), 0) < 0 or kept + sum(removed.values()) != taken:
        raise CountMismatch(
            f"{where}: {kept} kept and {sum(removed.values())} removed of {taken} rows do not add up", _REPORT
        )
