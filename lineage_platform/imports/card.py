"""Dataset cards: the sources that their front matter declares; nothing else of a card is believed unread."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lineage_platform.agents.interface import Subject
from lineage_platform.agents.rules.declared import declared
from lineage_platform.catalog.ids import is_dataset_id
from lineage_platform.documents.front_matter import front_matter
from lineage_platform.documents.reading import CleanText, Reading
from lineage_platform.graph.imports import Import, ImportedDataset, ImportedStatement
from lineage_platform.imports.naming import by_id
from lineage_platform.imports.reading import Place
from lineage_platform.records import Document, DocumentKind, DocumentOutcome

FORMAT = "card"


def read_card(path: Path, text: str, target: str | None = None) -> Import:
    """What the front matter of a card states.

    Parameters
    ----------
    path, text:
        The file and its text.
    target:
        The dataset it describes; None: the folders it lies in say so, as in ``datasets/ORG/NAME/README.md``.

    Raises
    ------
    BrokenRecord
        The front matter is broken, or nothing says which dataset the card describes.
    """
    place = Place(path)
    found = front_matter(text)
    if found.fault:
        raise place.fault(found.fault)
    named = by_id(target or _by_folders(place))
    document = Document(
        document_id=f"card:{named.dataset_id}",
        kind=DocumentKind.CARD,
        url=path.name,
        outcome=DocumentOutcome.FETCHED,
    )
    reading = Reading(document, text, CleanText("", ()), front_matter=found.values)
    said = declared(Subject(named.dataset_id), reading)
    sources = {statement.mention: statement for statement in said}
    return Import(
        name=f"{FORMAT} {named.dataset_id}",
        said_by=f"import:{FORMAT}:{path.name}",
        datasets=(
            *(ImportedDataset(dataset_id=each.dataset_id, licence=_licence(found.values)) for each in named.bare()),
            *(ImportedDataset(dataset_id=source) for source in sources),
        ),
        statements=tuple(
            ImportedStatement(
                source=source,
                target=named.dataset_id,
                relation=statement.relation,
                confidence=statement.confidence,
                document_id=statement.document_id,
                quote=statement.quote,
                quote_offset=statement.quote_offset,
            )
            for source, statement in sources.items()
        ),
    )


def _by_folders(place: Place) -> str:
    owner, name = place.path.absolute().parts[-3:-1]
    if place.path.name.lower() != "readme.md" or not is_dataset_id(f"{owner}/{name}"):
        raise place.fault("nothing says which dataset the card describes: name it with --target ID")
    return f"{owner}/{name}"


def _licence(values: Any) -> str | None:
    licence = values.get("license")
    first = licence[0] if isinstance(licence, list) and licence else licence
    return first if isinstance(first, str) else None
