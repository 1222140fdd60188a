"""What others state, in: a file is read as what it is, and gives records that the next graph is built with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

from lineage_platform.graph.imports import Import
from lineage_platform.imports import card, croissant, jsonl, openlineage
from lineage_platform.imports.reading import Found, Place, objects, read_text

__all__ = ["read_file"]


def read_file(path: Path, *, target: str | None = None, graph_name: str = "graph") -> Sequence[Import]:
    """What a file states, a record for each dataset; of a whole graph one record.

    Parameters
    ----------
    path:
        OpenLineage events, Croissant files or an exported graph as JSON or JSON Lines; or a dataset card.
    target:
        The dataset that a card or a facet is about, where the file itself does not say so.
    graph_name:
        The name of the import of a whole graph.

    Raises
    ------
    BrokenRecord
        It is none of these, or a broken one; the place is named.
    """
    text = read_text(path)
    if path.suffix.lower() in (".md", ".markdown") or text.startswith("---"):
        return (card.read_card(path, text, target),)
    found = objects(path, text)
    first = next(found, None)
    if first is None:
        raise Place(path).fault("it is empty")
    everything = chain([first], found)
    if jsonl.is_graph_line(first):
        return (jsonl.read_graph(everything, graph_name),)
    return _merged(record for each in everything for record in _read(each, target))


def _read(found: Found, target: str | None) -> Iterator[Import]:
    if croissant.is_croissant(found.value):
        yield croissant.read_croissant(found)
    elif openlineage.is_event(found.value):
        yield from openlineage.read_event(found, target)
    else:
        raise found.place.fault("it is no OpenLineage event, no Croissant file and no line of an exported graph")


def _merged(records: Iterator[Import]) -> tuple[Import, ...]:
    """The last word on each dataset: a later event takes the place of an earlier one, unless it states nothing."""
    last: dict[str, Import] = {}
    for record in records:
        if record.statements or record.name not in last:
            last[record.name] = record
    return tuple(last.values())
