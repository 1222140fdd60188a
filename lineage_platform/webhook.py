"""Telling an address of the operator's what happened; whether it listens changes nothing else."""

from __future__ import annotations

import logging

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 10.0


def post_json(url: str, body: bytes) -> str:
    """Send JSON to an address that the operator trusts, once; whatever goes wrong is the answer, never an error.

    Parameters
    ----------
    url:
        Many services put a secret in it, so it stands in no message.
    body:
        JSON.

    Returns
    -------
    str
        ``delivered``, or why not.
    """
    import httpx2

    headers = {"Content-Type": "application/json", "User-Agent": "lineage-platform"}
    try:
        with httpx2.stream("POST", url, content=body, headers=headers, timeout=PATIENCE_SECONDS) as response:
            outcome = "delivered" if response.is_success else f"refused with status {response.status_code}"
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError) as error:
        outcome = f"not reached: {type(error).__name__}"
    if outcome != "delivered":
        log.warning("the webhook (LINEAGE_WEBHOOK) was %s", outcome)
    return outcome
