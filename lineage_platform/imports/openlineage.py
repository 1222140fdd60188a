"""OpenLineage events: dataset events with the lineage facet, and run and job events with inputs and outputs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from lineage_platform.exports.openlineage import FACET
from lineage_platform.graph.imports import Import, ImportedStatement
from lineage_platform.imports.naming import Named, by_id, by_namespace
from lineage_platform.imports.reading import Found, Json, Place, checked_id
from lineage_platform.imports.stated import read_stated
from lineage_platform.records import Relation

FORMAT = "openlineage"

_UNFINISHED = {"FAIL", "ABORT"}
_RELATIONS = {str(relation).upper(): relation for relation in Relation}


def is_event(value: Json) -> bool:
    """Whether a JSON object is an event, or a lineage facet that stands alone."""
    facet = value.get("lineage")
    return bool({"dataset", "outputs", "job", "run"} & value.keys()) or (
        isinstance(facet, dict) and "_producer" in facet
    )


def read_event(found: Found, target: str | None = None) -> Iterator[Import]:
    """What an event states, an import for each dataset that something went into.

    Parameters
    ----------
    found:
        The event; or a lineage facet alone.
    target:
        The dataset of a facet that stands alone.

    Raises
    ------
    BrokenRecord
        It is no event, or a facet of it is none.
    """
    place, value = found.place, found.value
    if value.get("eventType") in _UNFINISHED:
        return
    if "dataset" in value:
        yield _dataset(place, _mapping(place, value, "dataset"), [])
    elif "outputs" in value or "job" in value:
        inputs = _list(place, value, "inputs")
        for output in _list(place, value, "outputs"):
            yield _dataset(place, output, inputs)
        job = _mapping(place, _mapping(place, value, "job"), "facets")
        yield from _entries(place, _mapping(place, job, "lineage"))
    else:
        facet = _mapping(place, value, "lineage")
        yield from _entries(place, facet)
        if "entries" not in facet:
            if target is None:
                raise place.fault("it is a facet without its dataset: name that with --target ID")
            yield _made(place, by_id(target), _sources(place, facet))


def _dataset(place: Place, dataset: Any, inputs: list[Any]) -> Import:
    facets = _mapping(place, dataset, "facets")
    if FACET in facets:
        return read_stated(facets[FACET], place, FORMAT)
    lineage = _sources(place, _mapping(place, facets, "lineage"))
    columns = _mapping(place, _mapping(place, facets, "columnLineage"), "fields")
    by_column = [each for column in columns for each in _list(place, _mapping(place, columns, column), "inputFields")]
    return _made(place, _named(place, dataset), [*inputs, *lineage, *by_column])


def _entries(place: Place, facet: Json) -> Iterator[Import]:
    """What a job's facet says of the datasets it makes."""
    for entry in _list(place, facet, "entries"):
        if _object(place, entry).get("type") == "DATASET":
            yield _made(place, _named(place, entry), _sources(place, entry))


def _sources(place: Place, facet: Json) -> list[Any]:
    """The datasets that a facet or entry names as inputs, as a whole and by field."""
    fields = _mapping(place, facet, "fields")
    by_field = [each for name in fields for each in _list(place, _mapping(place, fields, name), "inputs")]
    both = [*_list(place, facet, "inputs"), *by_field]
    return [each for each in both if _object(place, each).get("type", "DATASET") == "DATASET"]


def _made(place: Place, target: Named, sources: list[Any]) -> Import:
    """The import of one dataset; a source that several fields name counts once."""
    statements: dict[str, ImportedStatement] = {}
    datasets = {dataset.dataset_id: dataset for dataset in target.bare()}
    for source in sources:
        named = _named(place, source)
        if named.dataset_id != target.dataset_id:
            statements.setdefault(named.dataset_id, _statement(named, target, source))
            datasets |= {dataset.dataset_id: dataset for dataset in named.bare()}
    return Import(
        name=f"{FORMAT} {target.dataset_id}",
        said_by=f"import:{FORMAT}:{place.path.name}",
        datasets=tuple(datasets.values()),
        statements=tuple(statements.values()),
    )


def _statement(source: Named, target: Named, said: Json) -> ImportedStatement:
    hows = said.get("transformations")
    subtypes = [how.get("subtype") for how in hows if isinstance(how, dict)] if isinstance(hows, list) else []
    relation = next((_RELATIONS[subtype] for subtype in subtypes if subtype in _RELATIONS), Relation.DIRECT_INCLUSION)
    quote = json.dumps({"namespace": said["namespace"], "name": said["name"]}, ensure_ascii=False)
    return ImportedStatement(
        source=source.dataset_id, target=target.dataset_id, relation=relation, quote=quote, document_id="openlineage"
    )


def _named(place: Place, dataset: Any) -> Named:
    namespace, name = (_object(place, dataset).get(key) for key in ("namespace", "name"))
    return by_namespace(checked_id(place, namespace), checked_id(place, name))


def _object(place: Place, value: Any) -> Json:
    if not isinstance(value, dict):
        raise place.fault(f"a {type(value).__name__} stands where the event should have an object")
    return value


def _mapping(place: Place, value: Any, key: str) -> Json:
    return _object(place, _object(place, value).get(key) or {})


def _list(place: Place, value: Json, key: str) -> list[Any]:
    found = value.get(key) or []
    if not isinstance(found, list):
        raise place.fault(f"{key} is a {type(found).__name__}, not a list")
    return found
