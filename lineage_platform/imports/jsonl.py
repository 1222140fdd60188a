"""A whole graph that was exported as JSON Lines comes back: its datasets and its witnesses, judged as they were."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError

from lineage_platform.graph.imports import Import, ImportedDataset, RestoredWitness
from lineage_platform.imports.reading import Found, checked_id
from lineage_platform.imports.stated import reason
from lineage_platform.records import ReleaseDate, Statement, Witness

FORMAT = "jsonl"
KINDS = ("node", "edge", "witness")

_OF_DATASET = (
    *("dataset_id", "on_hub", "domains", "is_leaf", "outcome", "detail"),
    *("licence", "summary", "construction", "revision"),
)
_OF_STATEMENT = ("mention", "relation", "confidence", "quote", "document_id", "said_by", "about", "is_benchmark")
_OF_WITNESS = ("source", "document_kind", "verified", "status", "confidence", "quote_offset", "reason")


def is_graph_line(found: Found) -> bool:
    """Whether a JSON object is a line of an exported graph."""
    return found.value.get("kind") in KINDS


def read_graph(lines: Iterable[Found], name: str) -> Import:
    """The graph as one import; edges follow from its witnesses.

    Raises
    ------
    BrokenRecord
        A line that is none of an exported graph.
    """
    datasets: list[ImportedDataset] = []
    witnesses: list[RestoredWitness] = []
    path = ""
    for found in lines:
        path = found.place.path.name
        try:
            match found.value.get("kind"):
                case "node":
                    datasets.append(_dataset(found))
                case "witness":
                    witnesses.append(_witness(found))
                case kind if kind not in KINDS:
                    raise found.place.fault(f"it is of the kind {kind!r}; there are {', '.join(KINDS)}")
        except ValidationError as error:
            raise found.place.fault(f"it cannot be read: {reason(error)}") from error
    return Import(name=name, said_by=f"import:{FORMAT}:{path}", datasets=tuple(datasets), witnesses=tuple(witnesses))


def _dataset(found: Found) -> ImportedDataset:
    checked_id(found.place, found.value.get("dataset_id"))
    date, origin = found.value.get("release_date"), found.value.get("release_origin")
    release = ReleaseDate(value=date, origin=origin or "") if date else None
    return ImportedDataset.model_validate({**_of(found, _OF_DATASET), "release": release})


def _witness(found: Found) -> RestoredWitness:
    said = _of(found, _OF_STATEMENT)
    statement = Statement.model_validate(said | {"quote_offset": found.value.get("quote_offset")})
    checked_id(found.place, found.value.get("source"))
    witness = Witness.model_validate({**_of(found, _OF_WITNESS), "statement": statement})
    return RestoredWitness(target=checked_id(found.place, found.value.get("target")), witness=witness)


def _of(found: Found, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: found.value[name] for name in names if name in found.value}
