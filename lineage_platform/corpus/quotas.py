"""Which rows fit into the quotas: drawn with the seed, the same whatever the number of workers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lineage_platform.corpus.recipe import Quota, Recipe
from lineage_platform.corpus.selection import Root, RootKind
from lineage_platform.errors import LineageError

Integers = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]
Codes = npt.NDArray[np.int16]


class QuotasUnmet(LineageError):
    """Quotas that no corpus can keep."""

    kind = "quotas_unmet"


@dataclass(frozen=True)
class Limit:
    """One quota: which roots it counts together, and how many of their rows it allows.

    Parameters
    ----------
    reason:
        What a row that it removes is told.
    group:
        For each root the number of its group, -1 where the quota does not concern it.
    quota:
        What each group may hold.
    """

    reason: str
    group: Integers
    quota: Quota

    def allowed(self, total: int) -> int:
        """Rows of one group in a corpus of ``total``."""
        limits = [total]
        if self.quota.rows is not None:
            limits.append(self.quota.rows)
        if self.quota.share is not None:
            limits.append(int(self.quota.share * total + 1e-9))
        return min(limits)


def draw_order(seed: int, high: Integers, low: Integers) -> Hashes:
    """A number for each row by which it is drawn: a mix of the seed and the query's digest, equal on every machine."""
    with np.errstate(over="ignore"):
        state = high.view(np.uint64) ^ _mixed(low.view(np.uint64) + np.uint64(seed))
        return _mixed(state)


def _mixed(values: Hashes) -> Hashes:
    """The finaliser of splitmix64: each bit of the result depends on each bit of the value."""
    values = values + np.uint64(0x9E3779B97F4A7C15)
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def over_quota(recipe: Recipe, roots: Sequence[Root], root_of: Integers, order: Hashes) -> tuple[Codes, list[str]]:
    """Which rows no quota has room for.

    Quotas are applied one after the other (each root, single roots, hubs, domains, the corpus), each to the rows that
    the one before left, in the order drawn. Shares are of the corpus that comes out: the largest that keeps them all.

    Parameters
    ----------
    recipe:
        Its quotas.
    roots:
        The roots, in the order of their numbers.
    root_of, order:
        For each row the number of its root, and by what it is drawn.

    Returns
    -------
    tuple[Codes, list[str]]
        For each row 0 if it stays, else the position, counted from 1, of the quota that removed it in the list.

    Raises
    ------
    QuotasUnmet
        No row at all can stay.
    """
    limits = list(limits_of(recipe, roots))
    sequence = np.argsort(order, kind="stable")
    total = len(root_of)
    while True:
        removed = _apply(limits, root_of[sequence], total)
        kept = int(np.count_nonzero(removed == 0))
        if kept == total or not any(limit.quota.share is not None for limit in limits):
            break
        total = kept
    if len(root_of) and not kept:
        raise QuotasUnmet(
            "the quotas leave no row: their shares cannot all be kept with the rows there are",
            "raise a share under `quotas`, or give it as rows",
        )
    codes = np.zeros(len(root_of), np.int16)
    codes[sequence] = removed
    return codes, [limit.reason for limit in limits]


def _apply(limits: Sequence[Limit], roots: Integers, total: int) -> Codes:
    removed = np.zeros(len(roots), np.int16)
    for number, limit in enumerate(limits, start=1):
        groups = np.where(removed == 0, limit.group[roots], -1)
        removed[_place_in_group(groups) >= limit.allowed(total)] = number
    return removed


def _place_in_group(groups: Integers) -> Integers:
    """For each row how many of its group stand before it; -1 for rows of none."""
    by_group = np.argsort(groups, kind="stable")
    ordered = groups[by_group]
    first = np.concatenate(([True], ordered[1:] != ordered[:-1])) if len(ordered) else np.zeros(0, bool)
    numbers = np.arange(len(groups))
    place = numbers - np.maximum.accumulate(np.where(first, numbers, 0))
    places = np.empty(len(groups), np.int64)
    places[by_group] = np.where(ordered < 0, -1, place)
    return places


def limits_of(recipe: Recipe, roots: Sequence[Root]) -> Iterator[Limit]:
    """The quotas of a recipe, in the order in which they are applied."""
    quotas, numbers = recipe.quotas, np.arange(len(roots))
    if quotas.each_root:
        others = np.array([number if root.dataset_id not in quotas.roots else -1 for number, root in enumerate(roots)])
        yield Limit("quota_root", others.astype(np.int64), quotas.each_root)
    for name, quota in sorted(quotas.roots.items()):
        own = np.array([root.dataset_id == name for root in roots])
        yield Limit("quota_root", np.where(own, numbers, -1), quota)
    if quotas.hubs:
        hubs = np.array([root.kind is RootKind.HUB for root in roots])
        yield Limit("quota_hubs", np.where(hubs, 0, -1), quotas.hubs)
    for domain, quota in sorted(quotas.domains.items()):
        inside = np.array([root.domain is domain for root in roots])
        yield Limit(f"quota_{domain.value}", np.where(inside, 0, -1), quota)
    if quotas.rows is not None:
        yield Limit("quota_corpus", np.zeros(len(roots), np.int64), Quota(rows=quotas.rows))
