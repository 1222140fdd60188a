"""Errors of model clients, sorted into those that pass by and those that do not, with no secret in them."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime

from lineage_platform.agents.llm.ledger import CallOutcome
from lineage_platform.errors import LineageError

_SECRET_NAME = re.compile(r"KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL|CANARY", re.IGNORECASE)
_TRANSIENT = frozenset(
    {CallOutcome.RATE_LIMITED, CallOutcome.SERVER_ERROR, CallOutcome.TIMEOUT, CallOutcome.UNREACHABLE}
)
_HINTS = {
    CallOutcome.RATE_LIMITED: "wait, or lower max_concurrency in the models file; what is answered already is kept",
    CallOutcome.SERVER_ERROR: "run the same command again later; what is answered already is kept",
    CallOutcome.TIMEOUT: "run it again, or raise the role's timeout in the models file",
    CallOutcome.UNREACHABLE: "check the network and the role's base_url",
    CallOutcome.REFUSED: "check the key, the model's name and the parameters in the models file",
}


class ModelCallFailed(LineageError):
    """A model that gave no usable answer; trying later may work.

    Parameters
    ----------
    outcome:
        What went wrong, as the ledger has it.
    detail:
        The client's words, without secrets.
    transient:
        Whether the same call may succeed in a moment.
    retry_after:
        Seconds that the provider asks to wait; None if it does not say.
    """

    kind = "model_call_failed"

    def __init__(
        self,
        message: str,
        hint: str = "",
        *,
        outcome: CallOutcome = CallOutcome.MALFORMED,
        detail: str = "",
        transient: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, hint)
        self.outcome = outcome
        self.detail = detail
        self.transient = transient
        self.retry_after = retry_after


def failure(error: Exception, role: str, model: str, environment: Mapping[str, str]) -> ModelCallFailed:
    """What a client's error means: its class and its HTTP status decide, along the chain of causes."""
    outcome = _outcome(error)
    detail = redacted(f"{type(error).__name__}: {' '.join(str(error).split())}", environment)[:500]
    return ModelCallFailed(
        f"{model}, the {role} model, did not answer ({outcome.replace('_', ' ')}): {detail}",
        _HINTS[outcome],
        outcome=outcome,
        detail=detail,
        transient=outcome in _TRANSIENT,
        retry_after=_retry_after(error),
    )


def redacted(text: str, environment: Mapping[str, str]) -> str:
    """``text`` without the values of environment variables whose names say that they are secret."""
    for name, value in environment.items():
        if len(value) >= 6 and _SECRET_NAME.search(name):
            text = text.replace(value, f"[{name}]")
    return text


def _outcome(error: Exception) -> CallOutcome:
    for cause in _chain(error):
        status = _status(cause)
        if status == 429:
            return CallOutcome.RATE_LIMITED
        if status in (408, 504):
            return CallOutcome.TIMEOUT
        if status is not None:
            return CallOutcome.SERVER_ERROR if status >= 500 or status == 409 else CallOutcome.REFUSED
    names = {kind.__name__ for cause in _chain(error) for kind in type(cause).__mro__}
    if any("Timeout" in name for name in names):
        return CallOutcome.TIMEOUT
    if any(mark in name for name in names for mark in ("Connect", "TransportError", "NetworkError", "ProtocolError")):
        return CallOutcome.UNREACHABLE
    return CallOutcome.REFUSED


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen = 0
    while error is not None and seen < 10:
        yield error
        error, seen = error.__cause__ or error.__context__, seen + 1


def _status(error: BaseException) -> int | None:
    response = getattr(error, "response", None)
    for value in (
        getattr(error, "status_code", None),
        getattr(response, "status_code", None),
        getattr(error, "code", None),
    ):
        if isinstance(value, int) and 400 <= value < 600:
            return value
    return None


def _retry_after(error: BaseException) -> float | None:
    """Seconds of a ``Retry-After`` header, given as seconds or as a date (RFC 9110, section 10.2.3)."""
    for cause in _chain(error):
        headers = getattr(getattr(cause, "response", None), "headers", None)
        text = headers.get("retry-after") if headers is not None else None
        if not text:
            continue
        try:
            seconds = float(text)
        except ValueError:
            try:
                seconds = parsedate_to_datetime(text).timestamp() - time.time()
            except ValueError:
                return None
        return max(seconds, 0.0) if math.isfinite(seconds) else None
    return None
