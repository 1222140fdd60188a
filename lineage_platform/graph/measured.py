"""What was measured on rows, and what models cost, as rows of the graph's tables."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TypeVar

from lineage_platform.errors import BrokenRecord
from lineage_platform.files import read_record
from lineage_platform.graph.tables import CallRow, FaultRow, IntersectionRow, RedundancyRow, Tables
from lineage_platform.measurements import (
    Containment,
    Contamination,
    CorpusSource,
    Measurement,
    MeasurementStore,
    Part,
    Redundancy,
    standing,
)

M = TypeVar("M", bound=Measurement)

# Neither prompts nor answers, nor what a provider says of a failure: keys may stand in it.
_CALLS = (
    "SELECT call_id, run, role, model, prompt_version, dataset, started_at, outcome, cache_hit, input_tokens,"
    " output_tokens, cost_usd, seconds FROM calls ORDER BY call_id"
)


def add_measurements(tables: Tables, store: MeasurementStore) -> None:
    """Add the measurements of one hub that stand; a broken record is a fault and costs only what rests on it.

    Parameters
    ----------
    tables:
        Of the graph, as collected.
    store:
        The hub's measurements.
    """
    tables.parts += _readable(tables, store, Part)
    for found in standing(_readable(tables, store, Redundancy), tables.parts):
        tables.redundancy.append(RedundancyRow(**found.model_dump(exclude={"intersections"})))
        tables.intersections += (
            IntersectionRow(found.dataset_id, each.at, each.rows, each.duplicated_rows, each.paths, each.truncated)
            for each in found.intersections
        )
    tables.contamination += standing(_readable(tables, store, Contamination), tables.parts)
    tables.containments += standing(_readable(tables, store, Containment), tables.parts)
    tables.corpus += _readable(tables, store, CorpusSource)


def add_ledger(tables: Tables, path: Path | None) -> None:
    """Add the agents' calls to models; a ledger that cannot be read is a fault.

    Parameters
    ----------
    tables:
        Of the graph, as collected.
    path:
        The ledger; None or missing when no model was ever asked.
    """
    if path is None or not path.exists():
        return
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=60)
        try:
            tables.ledger += (CallRow(*row) for row in connection.execute(_CALLS))
        finally:
            connection.close()
    except sqlite3.Error as error:
        tables.faults.append(FaultRow("broken_record", path.name, f"no ledger of model calls: {error}"))


def _readable(tables: Tables, store: MeasurementStore, kind: type[M]) -> list[M]:
    found = []
    for path in store.paths(kind):
        try:
            record = read_record(path, kind)
        except BrokenRecord as error:
            tables.faults.append(FaultRow("broken_record", path.name, error.message))
            continue
        if record is not None:
            found.append(record)
    return found
