"""Croissant files: a dataset, and what it says it was derived from (``prov:wasDerivedFrom``)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from lineage_platform.exports.croissant import STATED
from lineage_platform.graph.imports import Import, ImportedDataset, ImportedStatement
from lineage_platform.imports.naming import Named, by_address
from lineage_platform.imports.reading import Found, Json, Place, checked_id
from lineage_platform.imports.stated import read_stated

FORMAT = "croissant"

# In the order of trust: where an entity is, what it is called, what the file calls it.
_PLACES = ("atLocation", "locatedAt", "url", "sameAs")
_NAMES = ("label", "name")
_MAX_DEPTH = 60


def is_croissant(value: Json) -> bool:
    """Whether a JSON object is a Croissant file."""
    kinds = value.get("@type")
    listed = kinds if isinstance(kinds, list) else [kinds]
    return "@context" in value and any(str(kind).endswith("Dataset") for kind in listed)


def read_croissant(found: Found) -> Import:
    """What a Croissant file states of its dataset.

    Raises
    ------
    BrokenRecord
        It names no dataset.
    """
    place, value = found.place, found.value
    if STATED in value:
        return read_stated(value[STATED], place, FORMAT)
    target = _target(place, value)
    entities = dict(_entities(value, 0))
    statements: dict[str, ImportedStatement] = {}
    datasets = {target.dataset_id: _profile(target, value)} if target.on_hub else {}
    for entity in _listed(_get(value, "wasDerivedFrom")):
        source, said = _source(place, entity, entities)
        if source.dataset_id != target.dataset_id:
            statements.setdefault(source.dataset_id, _statement(source, target, said))
            datasets |= {dataset.dataset_id: dataset for dataset in source.bare()}
    return Import(
        name=f"{FORMAT} {target.dataset_id}",
        said_by=f"import:{FORMAT}:{place.path.name}",
        datasets=tuple(datasets.values()),
        statements=tuple(statements.values()),
    )


def _target(place: Place, value: Json) -> Named:
    """The dataset that the file describes: by its page on the Hub, else by whatever it calls itself."""
    said = [text for key in ("url", "sameAs", "@id", "name") for text in _texts(_get(value, key))]
    if not said:
        raise place.fault("it names no dataset: neither url nor name")
    named = [by_address(checked_id(place, text)) for text in said]
    return next((name for name in named if name.on_hub), named[0])


def _profile(target: Named, value: Json) -> ImportedDataset:
    licence = next(iter(_texts(_get(value, "license"))), None)
    return ImportedDataset(dataset_id=target.dataset_id, licence=licence)


def _source(place: Place, entity: Any, entities: Mapping[str, Json]) -> tuple[Named, str]:
    """The dataset that an entity is, and the words that say so."""
    if isinstance(entity, dict):
        whole = {**entities.get(str(entity.get("@id")), {}), **entity}
        for key in (*_PLACES, *_NAMES, "@id"):
            for text in _texts(_get(whole, key)):
                return by_address(checked_id(place, text)), text
        raise place.fault("prov:wasDerivedFrom names an entity without place, name and id")
    if isinstance(entity, str) and entity in entities:
        return _source(place, entities[entity], {})
    return by_address(checked_id(place, entity)), str(entity)


def _statement(source: Named, target: Named, quote: str) -> ImportedStatement:
    return ImportedStatement(
        source=source.dataset_id, target=target.dataset_id, quote=quote, document_id=f"croissant:{target.dataset_id}"
    )


def _entities(value: Any, depth: int) -> Iterator[tuple[str, Json]]:
    """Every object of the file that has an id and says more than that."""
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, dict):
        if isinstance(value.get("@id"), str) and len(value) > 1:
            yield value["@id"], value
        for item in value.values():
            yield from _entities(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            yield from _entities(item, depth + 1)


def _get(value: Json, name: str) -> Any:
    """The value of a term, however the file spells it: plain, with a prefix, or in full."""
    for key, item in value.items():
        local = key if key.startswith("@") else re.split("[:#/]", key)[-1]
        if local == name:
            return item
    return None


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _texts(value: Any) -> Iterator[str]:
    for item in _listed(value):
        text = item.get("@id") or item.get("@value") or item.get("name") if isinstance(item, dict) else item
        if isinstance(text, str) and text.strip():
            yield text.strip()
