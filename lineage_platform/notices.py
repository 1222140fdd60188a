"""Telling the operator, in each way that is set up."""

from __future__ import annotations

from pydantic_core import to_json

from lineage_platform.mail import send_mail
from lineage_platform.settings import Upkeep
from lineage_platform.webhook import post_json

UNSET = "none is set"


def tell(upkeep: Upkeep, headline: str, text: str, **data: object) -> dict[str, str]:
    """Post and mail a notice.

    Parameters
    ----------
    upkeep:
        The webhook and the addresses.
    headline:
        One line: the mail's subject, and ``text`` of what is posted, which chat services show.
    text:
        The mail.
    data:
        Posted beside the headline, as JSON.

    Returns
    -------
    dict
        What became of it, for ``webhook`` and ``mail``: ``delivered``, why not, or ``none is set``.
    """
    posted = post_json(upkeep.webhook, to_json({"text": headline, **data})) if upkeep.webhook else UNSET
    return {"webhook": posted, "mail": send_mail(upkeep.mail, headline, text) if upkeep.mail.to else UNSET}
