"""Small hub folders for tests."""

from __future__ import annotations

import json
from pathlib import Path

SHA = "a" * 40


def dataset(folder: Path, dataset_id: str, card: str | bytes | None = "# A card\n", **info: object) -> Path:
    """Add one dataset to a hub folder; keywords go into its ``info.json``. Returns its folder."""
    place = folder / "datasets" / dataset_id
    place.mkdir(parents=True)
    answer = {
        "id": dataset_id,
        "sha": SHA,
        "createdAt": "2024-05-06T07:08:09.000Z",
        "lastModified": "2024-06-01T00:00:00.000Z",
        "downloads": 12,
        "likes": 3,
        "tags": [],
        "gated": False,
        "private": False,
        **info,
    }
    (place / "info.json").write_text(json.dumps(answer), encoding="utf-8")
    if card is not None:
        (place / "README.md").write_bytes(card.encode("utf-8") if isinstance(card, str) else card)
    return place


def aliases(folder: Path, **renamed: str) -> None:
    """Write ``aliases.tsv``; a keyword's ``__`` stands for the slash."""
    lines = ["alias\tdataset_id", *(f"{old.replace('__', '/')}\t{new}" for old, new in renamed.items())]
    (folder / "aliases.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
