"""Redundancy: rows that repeat each other, and the sources through which they came twice."""

from __future__ import annotations

from lineage_platform.audits.lineage import Lineage
from lineage_platform.audits.rows import RowSet, Shelf, scheme_of
from lineage_platform.files import digest
from lineage_platform.measurements import Intersection, MeasurementStore, Redundancy
from lineage_platform.samples.engines import Engine

METHOD_VERSION = "1"
"""Changes when the same rows would be counted otherwise."""


def keep_redundancy(
    rows: RowSet, shelf: Shelf, lineage: Lineage, engine: Engine, measurements: MeasurementStore
) -> tuple[Redundancy, bool]:
    """The redundancy of a dataset as kept, and whether it was measured now: its rows, or what is upstream, changed."""
    kept = measurements.read(Redundancy, rows.name)
    crossed = _crossed(rows.dataset_id, shelf, lineage)
    if kept is not None and kept.inputs == _inputs(rows, rows.dataset_id, crossed, lineage):
        return kept, False
    found = measure_redundancy(rows, shelf, lineage, engine)
    measurements.write(found)
    return found, True


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
    ancestors = _crossed(node, shelf, lineage)
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
        inputs=_inputs(rows, node, ancestors, lineage),
    )


def _crossed(node: str, shelf: Shelf, lineage: Lineage) -> list[RowSet]:
    """The rows at hand of what reaches a dataset on several ways."""
    return [found for name in lineage.crossings(node) if (found := shelf.find(name))]


def _inputs(rows: RowSet, node: str, ancestors: list[RowSet], lineage: Lineage) -> str:
    """Digest of the rows that are counted, and of what is upstream."""
    return digest(METHOD_VERSION, rows.version, *(each.version for each in ancestors), lineage.version_above([node]))


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
