"""Decisions of people as rows of the graph, edges that rows alone speak for, and lines that decide nothing."""

from __future__ import annotations

from lineage_platform.graph.edges import Edge
from lineage_platform.graph.reviews import Action, Decision, Decisions
from lineage_platform.graph.tables import DatasetRow, FaultRow, ReviewRow, Tables
from lineage_platform.measurements import Containment, MeasurementStore
from lineage_platform.records import EdgeStatus, Profile, Relation


def add_reviews(tables: Tables, decisions: Decisions, measured: MeasurementStore) -> None:
    """Add the decisions to tables whose edges they have been applied to.

    An overlap of rows that no document states becomes an edge when a person accepts it.
    """
    stated = {(edge.source, edge.target) for edge in tables.edge_candidates}
    for (source, target), decision in sorted(decisions.by_edge.items()):
        shared = None if (source, target) in stated else _shared(source, target, measured)
        if shared is not None and decision.action is not Action.REBIND:
            tables.edge_candidates.append(_measured_edge(shared, source, target, decision))
            known = {row.dataset_id for row in tables.datasets}
            tables.datasets += (
                DatasetRow(end, on_hub=True, domains=Profile().domains, detail="not traced")
                for end in (source, target)
                if end not in known
            )
        names = {source, decision.to}
        applied = shared is not None or any((name, target) in stated for name in names)
        tables.reviews.append(
            ReviewRow(
                source=source,
                target=target,
                action=decision.action,
                rebound_to=decision.to,
                author=decision.author,
                reason=decision.reason,
                decided_at=decision.decided_at,
                applied=applied,
            )
        )
    tables.faults += (FaultRow(misfit.kind, misfit.where, misfit.detail) for misfit in decisions.misfits)


def _shared(source: str, target: str, measured: MeasurementStore) -> Containment | None:
    """What was measured of the two, in either order, if they share anything."""
    found = measured.read(Containment, source, target) or measured.read(Containment, target, source)
    return found if found is not None and found.shared_queries > 0 else None


def _measured_edge(shared: Containment, source: str, target: str, decision: Decision) -> Edge:
    accepted = decision.action is Action.ACCEPT
    return Edge(
        source=source,
        target=target,
        relation=Relation.DIRECT_INCLUSION,
        confidence=min(max(shared.source_in_target, shared.target_in_source), 1.0),
        status=EdgeStatus.ACCEPTED if accepted else EdgeStatus.REJECTED,
        reason=f"{shared.shared_queries:,.0f} queries shared, stated by no document; {decision.told}",
        witnesses=0,
        verified_witnesses=0,
        disagreement=None,
        is_benchmark=False,
    )
