"""Licences along the paths of a dataset: what its sources ask for, and where its own licence does not pass it on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from lineage_platform.audits.lineage import Lineage, Path


class Condition(StrEnum):
    """What a licence asks of those who build on the data."""

    NON_COMMERCIAL = "non-commercial"
    NO_DERIVATIVES = "no derivatives"
    SHARE_ALIKE = "share alike"


@dataclass(frozen=True)
class LicenceConflict:
    """A source whose licence asks for more than the dataset's own passes on. A hint for a reader, not legal advice.

    Parameters
    ----------
    dataset_id, licence:
        The dataset, and what it is published under; None when its card states nothing.
    source, source_licence:
        The source, and what that is published under.
    condition:
        What is not passed on.
    path:
        A shortest way from the source to the dataset.
    """

    dataset_id: str
    licence: str | None
    source: str
    source_licence: str
    condition: Condition
    path: Path


def conditions(licence: str | None) -> frozenset[Condition]:
    """What a licence asks for, told from its identifier; nothing for one that is not known to ask."""
    words = set(re.split(r"[^a-z0-9]+", (licence or "").lower()))
    found = set()
    if "nc" in words or {"non", "commercial"} <= words or "noncommercial" in words:
        found.add(Condition.NON_COMMERCIAL)
    if "nd" in words or "noderivatives" in words:
        found.add(Condition.NO_DERIVATIVES)
    if words & {"sa", "gpl", "agpl", "sharealike", "odbl"}:
        found.add(Condition.SHARE_ALIKE)
    return frozenset(found)


def licence_conflicts(dataset_id: str, lineage: Lineage) -> Iterator[LicenceConflict]:
    """The conflicts between a dataset and everything upstream of it, by the name of the source."""
    own = lineage.licences.get(dataset_id)
    kept = conditions(own)
    for source in sorted(lineage.ancestors(dataset_id)):
        licence = lineage.licences.get(source)
        asked = conditions(licence)
        for condition in sorted(asked):
            passed_on = condition in kept and condition is not Condition.NO_DERIVATIVES
            if licence and not passed_on:
                path = next(iter(lineage.ways(source, dataset_id).paths), (source, dataset_id))
                yield LicenceConflict(dataset_id, own, source, licence, condition, path)
