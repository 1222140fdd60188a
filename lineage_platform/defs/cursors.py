"""What a sensor has asked for, remembered in its cursor until it is done."""

from __future__ import annotations

import json
from collections.abc import Collection


def not_yet_asked(due: Collection[str], cursor: str | None, most: int) -> tuple[list[str], str]:
    """What of all that is due a sensor has not asked for, and its next cursor.

    Parameters
    ----------
    due:
        All that is to be done, in the order in which it is to be asked for. What is no longer due is forgotten.
    cursor:
        The sensor's cursor, as this function made it.
    most:
        How much is asked for at a time.
    """
    asked = set(json.loads(cursor)) if cursor else set()
    new = [each for each in due if each not in asked][:most]
    return new, json.dumps(sorted(asked.intersection(due).union(new)))
