"""Two datasets compared by what they descend from; a set of them sorted into families."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import networkx as nx

from lineage_platform.graph.ancestry import Ancestry, overlap

if TYPE_CHECKING:
    from lineage_platform.graph.query import Graph

FAMILY_OVERLAP = 0.2
"""From this overlap of their ancestry on, two datasets are of one family."""


@dataclass(frozen=True)
class CommonAncestor:
    """A dataset that both descend from (or that one of them is), and how far it is from each."""

    dataset_id: str
    hops_a: int
    hops_b: int


@dataclass(frozen=True)
class Measured:
    """What the rows of both say: shares of the one's distinct queries that stand in the other, 0 to 1."""

    a_in_b: float
    b_in_a: float
    shared_queries: float
    confirmed: bool


@dataclass(frozen=True)
class Comparison:
    """How two datasets are related.

    Parameters
    ----------
    a, b:
        The datasets.
    kinship:
        ``same``, ``ancestor`` (a went into b), ``descendant``, ``cycle`` (each into the other), ``relatives`` or
        ``strangers``.
    distance:
        Edges from one to the other by way of their nearest common ancestor; None for strangers.
    nearest_common_ancestors:
        Those of the shared ancestors from which no other shared one descends, the closest first.
    shared_ancestors, shared_roots:
        What both descend from, themselves included; and those of them that have no source.
    weighted_overlap:
        How far their ancestry is the same, each ancestor weighed by what came by way of it, 0 to 1.
    expected_a_in_b, expected_b_in_a:
        Share of the one's queries to expect in the other from lineage alone, 0 to 1.
    measured:
        The same on their rows; None where those were not read.
    verdict:
        All of it in words.
    """

    a: str
    b: str
    kinship: str
    distance: int | None
    nearest_common_ancestors: tuple[CommonAncestor, ...]
    shared_ancestors: tuple[str, ...]
    shared_roots: tuple[str, ...]
    weighted_overlap: float
    expected_a_in_b: float
    expected_b_in_a: float
    measured: Measured | None
    verdict: str


@dataclass(frozen=True)
class Family:
    """Datasets of one stock, and what all of them descend from."""

    members: tuple[str, ...]
    shared_ancestors: tuple[str, ...]
    shared_roots: tuple[str, ...]


def compare(graph: Graph, a: str, b: str) -> Comparison:
    """Compare two datasets.

    Raises
    ------
    DatasetNotFound
        The graph lacks one of the two.
    """
    a, b = graph.canonical(a), graph.canonical(b)
    ancestry = read_ancestry(graph)
    hops_a, hops_b = ancestry.hops(a), ancestry.hops(b)
    shared = sorted(hops_a.keys() & hops_b.keys())
    common = [CommonAncestor(each, hops_a[each], hops_b[each]) for each in ancestry.nearest(shared)]
    nearest = tuple(sorted(common, key=lambda each: (each.hops_a + each.hops_b, each.dataset_id)))
    kinship = _kinship(a, b, shared)
    measured = _measured(graph, a, b)
    expected = ancestry.expected(a, b), ancestry.expected(b, a)
    return Comparison(
        a=a,
        b=b,
        kinship=kinship,
        distance=min((hops_a[each] + hops_b[each] for each in shared), default=None),
        nearest_common_ancestors=nearest,
        shared_ancestors=tuple(shared),
        shared_roots=ancestry.roots(shared),
        weighted_overlap=round(overlap(ancestry.shares(a), ancestry.shares(b)), 4),
        expected_a_in_b=round(expected[0], 4),
        expected_b_in_a=round(expected[1], 4),
        measured=measured,
        verdict=_verdict(a, b, kinship, nearest, expected, measured),
    )


def families(graph: Graph, dataset_ids: Sequence[str], threshold: float = FAMILY_OVERLAP) -> tuple[Family, ...]:
    """Sort datasets into families: two are of one if one went into the other, or their ancestry overlaps enough.

    Parameters
    ----------
    graph:
        Open for reading.
    dataset_ids:
        The datasets; each belongs to one family, if need be alone.
    threshold:
        Weighted overlap of the ancestry from which on two are of one family (0 to 1).

    Raises
    ------
    DatasetNotFound
        The graph lacks one of them.
    """
    members = sorted({graph.canonical(each) for each in dataset_ids})
    ancestry = read_ancestry(graph)
    above = {each: ancestry.hops(each).keys() for each in members}
    shares = {each: ancestry.shares(each) for each in members}
    kin: nx.Graph[str] = nx.Graph()
    kin.add_nodes_from(members)
    for one, other in combinations(members, 2):
        if one in above[other] or other in above[one] or overlap(shares[one], shares[other]) >= threshold:
            kin.add_edge(one, other)
    found = sorted((sorted(each) for each in nx.connected_components(kin)), key=lambda each: (-len(each), each))
    return tuple(_family(ancestry, each, [set(above[member]) for member in each]) for each in found)


def read_ancestry(graph: Graph) -> Ancestry:
    """The ancestry of every dataset of a graph."""
    edges = graph.select("SELECT source, target, relation FROM edges").rows
    counted = "SELECT dataset_id, sum(rows)::BIGINT FROM parts WHERE outcome = 'read' GROUP BY dataset_id"
    return Ancestry(
        {(source, target): relation for source, target, relation in edges}, dict(graph.select(counted).rows)
    )


def _family(ancestry: Ancestry, members: Sequence[str], above: Sequence[set[str]]) -> Family:
    shared = sorted(set.intersection(*above))
    return Family(tuple(members), tuple(shared), ancestry.roots(shared))


def _kinship(a: str, b: str, shared: Sequence[str]) -> str:
    if a == b:
        return "same"
    if a in shared and b in shared:
        return "cycle"
    if a in shared:
        return "ancestor"
    if b in shared:
        return "descendant"
    return "relatives" if shared else "strangers"


def _measured(graph: Graph, a: str, b: str) -> Measured | None:
    rows = graph.select(
        "SELECT source, source_in_target, target_in_source, shared_queries, confirmed FROM containments"
        " WHERE (source = $a AND target = $b) OR (source = $b AND target = $a) ORDER BY confirmed DESC",
        a=a,
        b=b,
    ).rows
    if not rows:
        return None
    source, source_in_target, target_in_source, shared, confirmed = rows[0]
    shares = (source_in_target, target_in_source) if source == a else (target_in_source, source_in_target)
    return Measured(*shares, shared, confirmed)


def _verdict(
    a: str,
    b: str,
    kinship: str,
    nearest: Sequence[CommonAncestor],
    expected: tuple[float, float],
    measured: Measured | None,
) -> str:
    """The comparison in one or two sentences."""
    names = ", ".join(each.dataset_id for each in nearest[:3]) + (
        f" and {len(nearest) - 3} more" if nearest[3:] else ""
    )
    related = {
        "same": f"{a} and {b} are one dataset",
        "ancestor": f"{a} went into {b}",
        "descendant": f"{b} went into {a}",
        "cycle": f"{a} and {b} are each said to be made from the other",
        "relatives": f"{a} and {b} both descend from {names}",
        "strangers": f"nothing that is documented connects {a} and {b}",
    }[kinship]
    if kinship == "same":
        return f"{related}."
    if measured is None:
        rows = f"their rows were not compared; from lineage alone, expect {_shares(expected, a, b)}"
    else:
        how = "" if measured.confirmed else ", by an estimate"
        rows = f"of their rows, {_shares((measured.a_in_b, measured.b_in_a), a, b)} were found{how}"
        if kinship == "strangers" and measured.shared_queries > 0:
            rows += ": an overlap that nobody documents"
        elif max(expected) > 0 and measured.shared_queries == 0:
            rows += ", where lineage promises some: a doubt about what is documented"
    return f"{related}; {rows}."


def _shares(shares: tuple[float, float], a: str, b: str) -> str:
    return f"{shares[0]:.1%} of the queries of {a} in {b} and {shares[1]:.1%} the other way"
