"""Stage 1 of a trace: does the candidate exist, under which id, since when, and is it to be expanded? (paper, 3.2)"""

from __future__ import annotations

from collections.abc import Callable

from lineage_platform.catalog.hub import Hub
from lineage_platform.catalog.ids import parse_dataset_id
from lineage_platform.catalog.release import effective_release, released_before
from lineage_platform.errors import (
    DatasetGated,
    DatasetNotFound,
    InvalidDatasetId,
    LineageError,
    UnreadableDocument,
)
from lineage_platform.files import digest
from lineage_platform.records import DatasetInfo, Outcome, Validation

VERSION = "1"  # changes whenever the same answers could be judged differently

_OUTCOMES: dict[type[LineageError], Outcome] = {DatasetGated: Outcome.GATED, DatasetNotFound: Outcome.NOT_FOUND}


ReadCard = Callable[[DatasetInfo], bytes | None]


def validate(requested: str, hub: Hub, cutoff_year: int, card: ReadCard | None = None) -> Validation:
    """Validate one candidate; what goes wrong is its outcome, never an exception.

    Parameters
    ----------
    requested:
        The id asked for; the hub may answer under another.
    hub:
        Whom to ask.
    cutoff_year:
        Datasets certainly released before this year are kept but not expanded.
    card:
        Reads the card, as :meth:`~lineage_platform.catalog.hub.Hub.card` does; the hub itself when None.

    Returns
    -------
    Validation
        ``outcome`` is None when tracing goes on, else ``before_cutoff``, ``gated``, ``not_found`` (deleted, private,
        never there) or ``failed`` (no id, or no usable answer this time), with one line of ``detail``.
    """
    info: DatasetInfo | None = None
    try:
        info = hub.info(parse_dataset_id(requested))
        return _described(requested, info, _card(card or hub.card, info), hub, cutoff_year)
    except LineageError as error:
        return _ended(requested, info, error, hub)


def _described(requested: str, info: DatasetInfo, card: bytes, hub: Hub, cutoff_year: int) -> Validation:
    release, dates = effective_release(info, card.decode("utf-8", "replace"))
    outcome, detail = None, ""
    if release is not None and released_before(release, cutoff_year):
        outcome, detail = Outcome.BEFORE_CUTOFF, f"released {release.value} ({release.origin}), before {cutoff_year}"
    return Validation(
        dataset_id=info.id,
        requested=requested,
        input_digest=digest(VERSION, hub.name, info.id, info.sha, info.last_modified or "", str(dates), card),
        info=info,
        release=release,
        dates=dates,
        outcome=outcome,
        detail=detail,
    )


def _ended(requested: str, info: DatasetInfo | None, error: LineageError, hub: Hub) -> Validation:
    """The validation of a dataset whose trace ends here; what the hub did say of it is kept."""
    outcome = _OUTCOMES.get(type(error), Outcome.FAILED)
    release, dates = effective_release(info, "") if info else (None, ())
    return Validation(
        dataset_id=info.id if info else _spelled(requested),
        requested=requested,
        input_digest=digest(VERSION, hub.name, requested, outcome, info.sha if info else "", str(dates)),
        info=info,
        release=release,
        dates=dates,
        outcome=outcome,
        detail=" ".join(f"{error.message}. {error.hint}".rstrip(". ").split()),
    )


def _card(read: ReadCard, info: DatasetInfo) -> bytes:
    """The card as far as it can tell a date; one that cannot be read is for the documents stage to report."""
    try:
        return read(info) or b""
    except UnreadableDocument:
        return b""


def _spelled(requested: str) -> str:
    """The id that was meant, or the text itself when it is none."""
    try:
        return parse_dataset_id(requested)
    except InvalidDatasetId:
        return requested
