"""Quotas are kept, whatever they are; which rows stay follows from the seed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineage_platform.corpus.quotas import Integers, QuotasUnmet, draw_order, over_quota
from lineage_platform.corpus.recipe import Recipe
from lineage_platform.corpus.selection import Root, RootKind
from lineage_platform.records import Domain


def root(number: int, domain: Domain = Domain.MATH, kind: RootKind = RootKind.LEAF) -> Root:
    return Root(
        dataset_id=f"o/r{number}", kind=kind, domains=(domain,), path=(), domain=domain, revision="1", sources=()
    )


def drawn(quotas: dict[str, Any], roots: list[Root], root_of: list[int], seed: int = 0) -> tuple[Integers, list[str]]:
    """For each row 0 or the quota that removed it, and the quotas."""
    recipe = Recipe.model_validate({"name": "x", "seed": seed, "quotas": quotas})
    digests = np.arange(len(root_of), dtype=np.int64)
    codes, reasons = over_quota(recipe, roots, np.array(root_of, np.int64), draw_order(seed, digests, digests))
    return codes.astype(np.int64), reasons


def held(codes: Integers, root_of: list[int], roots: int) -> list[int]:
    kept = np.array(root_of, np.int64)[codes == 0]
    return [int(number) for number in np.bincount(kept, minlength=roots)]


def test_without_quotas_every_row_stays() -> None:
    codes, reasons = drawn({}, [root(0)], [0] * 5)
    assert codes.tolist() == [0] * 5
    assert reasons == []


def test_a_limit_for_each_root_gives_way_to_one_of_its_own() -> None:
    rows = [0] * 10 + [1] * 10 + [2] * 3
    codes, reasons = drawn(
        {"each_root": {"rows": 4}, "roots": {"o/r1": {"rows": 7}}}, [root(n) for n in range(3)], rows
    )
    assert held(codes, rows, 3) == [4, 7, 3]
    assert {reasons[code - 1] for code in codes if code} == {"quota_root"}


def test_shares_are_of_the_corpus_that_comes_out() -> None:
    rows = [0] * 100 + [1] * 10
    roots = [root(0), root(1, Domain.CODE)]
    codes, _ = drawn({"domains": {"math": {"share": 0.5}}}, roots, rows)
    assert held(codes, rows, 2) == [10, 10]


def test_internal_hubs_share_one_quota() -> None:
    rows = [0] * 90 + [1] * 50 + [2] * 50
    roots = [root(0), root(1, kind=RootKind.HUB), root(2, kind=RootKind.HUB)]
    codes, reasons = drawn({"hubs": {"share": 0.1}}, roots, rows)
    leaf, first, second = held(codes, rows, 3)
    assert (leaf, first + second) == (90, 10)
    assert reasons == ["quota_hubs"]


def test_quotas_that_leave_nothing_are_an_error() -> None:
    with pytest.raises(QuotasUnmet, match="leave no row"):
        drawn({"domains": {"math": {"share": 0.4}}}, [root(0)], [0] * 10)


def test_the_seed_decides_and_the_order_of_rows_does_not() -> None:
    high = np.random.default_rng(1).integers(-(1 << 62), 1 << 62, 1000)
    order, turned = draw_order(5, high, high[::-1].copy()), draw_order(5, high[::-1].copy(), high)
    assert (order == turned[::-1]).all()
    assert (draw_order(6, high, high) != draw_order(5, high, high)).all()
    first, second = (drawn({"rows": 10}, [root(0)], [0] * 100, seed)[0] for seed in (1, 2))
    assert (first != second).any()


def test_the_order_of_a_seed_is_the_mix_that_it_is_said_to_be() -> None:
    def mixed(value: int) -> int:
        value = (value + 0x9E3779B97F4A7C15) % 2**64
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB % 2**64
        return value ^ (value >> 31)

    highs, lows = [-1, 0, 1 << 62], [5, -(1 << 63), 7]
    expected = [mixed(high % 2**64 ^ mixed((low + 9) % 2**64)) for high, low in zip(highs, lows, strict=True)]
    assert draw_order(9, np.array(highs, np.int64), np.array(lows, np.int64)).tolist() == expected


quota = st.fixed_dictionaries(
    {}, optional={"rows": st.integers(0, 40), "share": st.floats(0.05, 1).map(lambda share: round(share, 2))}
).filter(bool)


@settings(max_examples=150, deadline=None)
@given(
    rows=st.lists(st.integers(0, 3), min_size=1, max_size=120),
    quotas=st.fixed_dictionaries(
        {},
        optional={
            "rows": st.integers(1, 80),
            "each_root": quota,
            "roots": st.dictionaries(st.sampled_from(["o/r0", "o/r3"]), quota),
            "domains": st.dictionaries(st.sampled_from(["math", "code"]), quota),
            "hubs": quota,
        },
    ),
    seed=st.integers(0, 3),
)
def test_no_quota_is_ever_passed(rows: list[int], quotas: dict[str, Any], seed: int) -> None:
    roots = [root(0), root(1, Domain.CODE), root(2, kind=RootKind.HUB), root(3, Domain.CODE, RootKind.HUB)]
    try:
        codes, _ = drawn(quotas, roots, rows, seed)
    except QuotasUnmet:
        return
    of_root = held(codes, rows, 4)
    total = sum(of_root)

    def keeps(number: int, limit: dict[str, Any]) -> bool:
        return number <= limit.get("rows", total) and number <= limit.get("share", 1) * total + 1e-6

    own = quotas.get("roots", {})
    assert total <= quotas.get("rows", total)
    for number, each in enumerate(roots):
        limit = own.get(each.dataset_id, quotas.get("each_root"))
        assert limit is None or keeps(of_root[number], limit)
    for domain, limit in quotas.get("domains", {}).items():
        inside = sum(of_root[number] for number, each in enumerate(roots) if each.domain == domain)
        assert keeps(inside, limit)
    if "hubs" in quotas:
        assert keeps(of_root[2] + of_root[3], quotas["hubs"])
