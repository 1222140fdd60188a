"""Reading back what our own exports carry beside a format's own fields; see :mod:`lineage_platform.exports.stated`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from lineage_platform.graph.imports import Import, ImportedDataset, ImportedStatement
from lineage_platform.imports.reading import Json, Place, checked_id


def read_stated(value: Any, place: Place, form: str) -> Import:
    """The import of one dataset.

    Parameters
    ----------
    value:
        What :func:`lineage_platform.exports.stated.stated` wrote.
    place:
        Where it stands.
    form:
        The format it was carried by.

    Raises
    ------
    BrokenRecord
        It is not what we write.
    """
    if not isinstance(value, dict) or not isinstance(value.get("sources", []), list):
        raise place.fault("what it states of the dataset is no object with a list of sources")
    profile = {name: item for name, item in value.items() if name != "sources" and not name.startswith("_")}
    target = checked_id(place, profile.get("dataset_id"))
    try:
        datasets = [ImportedDataset.model_validate(profile)]
        statements: list[ImportedStatement] = []
        for source in value.get("sources", []):
            datasets.append(
                ImportedDataset(dataset_id=checked_id(place, source["dataset_id"]), on_hub=source["on_hub"])
            )
            statements += _statements(source, target)
    except (ValidationError, KeyError, TypeError, AttributeError) as error:
        raise place.fault(f"what it states of {target!r} cannot be read: {reason(error)}") from error
    return Import(
        name=f"{form} {target}",
        said_by=f"import:{form}:{place.path.name}",
        datasets=tuple(dataset for dataset in datasets if dataset.on_hub),
        statements=tuple(statements),
    )


def reason(error: Exception) -> str:
    """Why a record was refused, in one line."""
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return f"{type(error).__name__}: {error}"[:200]


def _statements(source: Json, target: str) -> Iterator[ImportedStatement]:
    for statement in source["statements"]:
        yield ImportedStatement.model_validate({**statement, "source": source["dataset_id"], "target": target})
