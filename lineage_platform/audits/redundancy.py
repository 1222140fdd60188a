"""Redundancy: rows that repeat each other, and the sources through which they came twice."""

from __future__ import annotations

from lineage_platform.audits.lineage import Lineage
from lineage_platform.audits.rows import RowSet, Shelf, scheme_of
from lineage_platform.measurements import Intersection, Redundancy
from lineage_platform.samples.engines import Engine


def measure_redundancy(rows: RowSet, shelf: Shelf, lineage: Lineage, engine: Engine, node: str = "") -> Redundancy:
    """The redundancy rate of a dataset, and its intersection points among the ancestors whose rows are at hand.

    Parameters
    ----------
    rows:
        The dataset's.
    shelf:
        Where its ancestors' rows are.
    lineage, engine:
        Say what is upstream, and count.
    node:
        What the dataset is called in the lineage, if not as its rows are.

    Raises
    ------
    SchemeMismatch
        The digests are of different schemes.
    EngineFailed
        They could not be counted.
    """
    node = node or rows.dataset_id
    ancestors = [found for name in lineage.crossings(node) if (found := shelf.find(name))]
    scheme = scheme_of([rows, *ancestors])
    ((count, distinct),) = engine.rows("redundancy", digests=shelf.table([rows]))
    return Redundancy(
        dataset_id=rows.name,
        scheme=scheme,
        rows=count,
        distinct_triplets=distinct,
        rate=1 - distinct / count if count else 0.0,
        intersections=_intersections(rows, node, ancestors, shelf, lineage, engine) if ancestors else (),
        sampled=min(each.sampled for each in (rows, *ancestors)),
    )


def _intersections(
    rows: RowSet, node: str, ancestors: list[RowSet], shelf: Shelf, lineage: Lineage, engine: Engine
) -> tuple[Intersection, ...]:
    counted = engine.rows("intersections", target=shelf.table([rows]), ancestors=shelf.table(ancestors))
    found = []
    for ancestor, count, duplicated in counted:
        ways = lineage.ways(ancestor, node)
        found.append(
            Intersection(
                at=ancestor, rows=count, duplicated_rows=duplicated, paths=ways.paths, truncated=ways.truncated
            )
        )
    return tuple(sorted(found, key=lambda each: (-each.duplicated_rows, -each.rows, each.at)))
