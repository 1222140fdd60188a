"""What a hub's API says of a dataset, checked: answers of the live Hub and ``info.json`` files have one shape."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lineage_platform.records import DatasetInfo


class Answer(BaseModel):
    """The API's fields that the platform reads; more may be there.

    ``gated`` is false, true, or who grants access: ``auto`` or ``manual``.
    """

    model_config = ConfigDict(extra="ignore", validate_by_name=True, validate_by_alias=True)

    id: str | None = None
    sha: str | None = None
    created_at: datetime | None = Field(None, alias="createdAt")
    last_modified: datetime | None = Field(None, alias="lastModified")
    downloads: int | None = None
    likes: int | None = None
    tags: tuple[str, ...] | None = ()
    gated: bool | str | None = False
    private: bool | None = False

    def info(self, dataset_id: str) -> DatasetInfo:
        """The answer as a record of the dataset with this canonical id."""
        return DatasetInfo(
            id=dataset_id,
            sha=self.sha or "",
            created_at=_instant(self.created_at),
            last_modified=_instant(self.last_modified),
            downloads=self.downloads,
            likes=self.likes,
            tags=self.tags or (),
            gated=bool(self.gated),
            private=bool(self.private),
        )


def answer_json(info: DatasetInfo) -> Mapping[str, Any]:
    """The record as the API would give it."""
    names = {"created_at": "createdAt", "last_modified": "lastModified"}
    described = info.model_dump(mode="json", exclude={"card_digest"})
    return {names.get(name, name): value for name, value in described.items()}


def reason(error: ValidationError) -> str:
    """The first thing wrong with an answer, in one line: the field and what was expected of it."""
    first = error.errors(include_url=False)[0]
    return " ".join([*map(str, first["loc"]), first["msg"]])


def _instant(value: datetime | None) -> str | None:
    """The API's own notation: ``2024-05-01T00:00:00.000Z``."""
    if value is None:
        return None
    moment = value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
