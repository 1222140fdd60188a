"""Errors that name what was wrong, where, and what to do about it."""

from __future__ import annotations


class LineageError(Exception):
    """A failure a person can act on; the command line prints it as one line.

    Parameters
    ----------
    message:
        What was wrong and where (file, row, dataset id, URL), in one sentence.
    hint:
        What to do next, usually a command; empty when there is nothing to add.
    """

    kind = "error"

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(LineageError):
    """The request itself is malformed (exit code 2)."""

    kind = "usage"


class InvalidDatasetId(UsageError):
    """A string that cannot be a Hub dataset id."""

    kind = "invalid_dataset_id"


class DatasetNotFound(LineageError):
    """The Hub answers that there is no such dataset (deleted, private, or never there)."""

    kind = "not_found"


class DatasetGated(LineageError):
    """The dataset exists, but its content needs an access grant the caller does not have."""

    kind = "gated"


class HubUnavailable(LineageError):
    """The Hub could not answer now (network, 5xx, rate limit); trying later may work."""

    kind = "hub_unavailable"


class BrokenRecord(LineageError):
    """A file of a hub folder or of the data home that cannot be read."""

    kind = "broken_record"


class FetchRefused(LineageError):
    """The guarded fetcher will not open this URL (private address, scheme, size, redirects)."""

    kind = "fetch_refused"


class FetchFailed(LineageError):
    """A URL that could not be read this time (network, 5xx, timeout); trying later may work."""

    kind = "fetch_failed"


class DocumentMissing(LineageError):
    """The URL's host answers that there is nothing there (404, 410)."""

    kind = "document_missing"


class UnreadableDocument(LineageError):
    """Bytes that are not the document they claim to be (a PDF that is not one, binary data)."""

    kind = "unreadable_document"


class BudgetSpent(LineageError):
    """The bound on what a trace may cost is reached: what is done is kept, the rest waits for the next run."""

    kind = "budget_spent"


class GraphMissing(LineageError):
    """No graph has been built in this data home yet."""

    kind = "graph_missing"


class ExtraMissing(LineageError):
    """What was asked for needs an optional package that is not installed.

    Parameters
    ----------
    what:
        The thing that is not installed.
    extra:
        The extra of this distribution that brings it.
    """

    kind = "missing_extra"

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f"{what} is not installed", f"pip install 'lineage-platform[{extra}]'")
