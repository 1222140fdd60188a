"""A corpus as Croissant 1.1 metadata: its files, their fields, and what it was derived from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from lineage_platform.catalog.ids import is_dataset_id
from lineage_platform.corpus.columns import column_description

if TYPE_CHECKING:
    import pyarrow as pa

    from lineage_platform.corpus.publishing import CorpusDescription, PublishedRoot, PublishedStage, PublishedTable

CONFORMS_TO = "http://mlcommons.org/croissant/1.1"
_NAMESPACES = {
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "prov": "http://www.w3.org/ns/prov#",
    "sc": "https://schema.org/",
}
_TERMS = (
    *("arrayShape", "citeAs", "column", "containedIn", "equivalentProperty", "extract", "field", "fileObject"),
    *("fileProperty", "fileSet", "format", "includes", "isArray", "isLiveDataset", "jsonPath", "key", "md5"),
    *("parentField", "path", "recordSet", "references", "regex", "repeated", "replace", "samplingRate", "separator"),
    *("source", "subField", "transform"),
)
CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    **_NAMESPACES,
    **{term: f"cr:{term}" for term in _TERMS},
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "description": {"@container": "@language"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "name": {"@container": "@language"},
}


def croissant(description: CorpusDescription, tables: Sequence[PublishedTable]) -> str:
    """The metadata as JSON-LD, in ASCII."""
    document = {
        "@context": dict(sorted(CONTEXT.items())),
        "@type": "sc:Dataset",
        "conformsTo": CONFORMS_TO,
        "name": description.name,
        "description": _what_it_is(description, tables[0]),
        "license": list(description.licences),
        "inLanguage": list(description.languages),
        "version": f"1.0.0+{description.recipe_digest[:12]}",
        "distribution": [_file(table) for table in tables],
        "recordSet": [_record_set(table) for table in tables],
        "prov:wasDerivedFrom": [_source(root) for root in description.roots if root.kept],
        "prov:wasGeneratedBy": [_activity(stage) for stage in description.stages],
    }
    return json.dumps(document, indent=2) + "\n"


def _what_it_is(description: CorpusDescription, corpus: PublishedTable) -> str:
    roots = sum(root.kept > 0 for root in description.roots)
    text = f"{corpus.rows} rows sampled from {roots} datasets, recipe and lock {description.recipe_digest}."
    return f"{description.label}. {text}" if description.label else text


def _file(table: PublishedTable) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": table.path,
        "name": table.name,
        "contentUrl": table.path,
        "contentSize": f"{table.size} B",
        "encodingFormat": "application/x-parquet",
        "sha256": table.sha256,
    }


def _record_set(table: PublishedTable) -> dict[str, Any]:
    fields = [_field(table, column) for column in table.schema]
    return {"@type": "cr:RecordSet", "@id": table.name, "name": table.name, "field": fields}


def _field(table: PublishedTable, column: pa.Field) -> dict[str, Any]:
    return {
        "@type": "cr:Field",
        "@id": f"{table.name}/{column.name}",
        "name": f"{table.name}/{column.name}",
        "description": column_description(column.name),
        "dataType": _data_type(column.type),
        "source": {"fileObject": {"@id": table.path}, "extract": {"column": column.name}},
    }


def _data_type(kind: pa.DataType) -> str:
    import pyarrow as pa

    if pa.types.is_boolean(kind):
        return "sc:Boolean"
    if pa.types.is_integer(kind):
        return "cr:Int64"
    return "sc:Float" if pa.types.is_floating(kind) else "sc:Text"


def _source(root: PublishedRoot) -> dict[str, Any]:
    """A dataset that rows were read from; those that are on the Hub by their address there."""
    name = quote(root.dataset_id, safe="/:")
    identity = f"https://huggingface.co/datasets/{name}" if is_dataset_id(root.dataset_id) else f"urn:dataset:{name}"
    entity = {"@type": "prov:Entity", "@id": identity, "prov:label": root.dataset_id, "prov:atLocation": identity}
    said = {"version": root.revision, "license": root.licence}
    return entity | {name: value for name, value in said.items() if value}


def _activity(stage: PublishedStage) -> dict[str, Any]:
    removed = sum(stage.removed.values())
    counts = f"{stage.input} in, {stage.kept} kept, {removed} removed"
    said = f"{stage.does} ({counts})" if stage.does else counts
    return {"@type": "prov:Activity", "@id": quote(stage.name, safe=""), "prov:label": stage.name, "description": said}
