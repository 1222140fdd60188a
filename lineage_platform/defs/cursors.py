"""What a sensor has asked for, remembered in its cursor for a day: then what is still due is asked for again."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from itertools import islice
from typing import TypeVar

from lineage_platform.settings import A_DAY

T = TypeVar("T")


class Asked:
    """What was asked for within a day, whatever became of it.

    A run may end before it did what it was asked for: killed, at the end of its money, or because the hub was down.
    So nothing is taken for done because it was asked for; and since each asking may cost something, a day passes.

    Parameters
    ----------
    cursor:
        The sensor's, as :attr:`cursor` made it; one of another form, such as a former release's, remembers nothing.
    """

    def __init__(self, cursor: str | None) -> None:
        self._now = time.time()
        kept = json.loads(cursor) if cursor else {}
        known = kept.items() if isinstance(kept, dict) else ()
        self._at = {name: at for name, at in known if abs(self._now - at) < A_DAY}  # clocks are moved back, too

    def take(self, due: Iterable[T], most: int) -> list[T]:
        """The first of what is due that was not asked for, so much at most; now it was. Their text tells them apart."""
        taken = list(islice((each for each in due if str(each) not in self._at), most))
        self._at.update((str(each), int(self._now)) for each in taken)
        return taken

    def run_key(self, name: str) -> str:
        """The key of a run that was asked for: Dagster starts one run a key, and so it holds the day."""
        return f"{name} {int(self._now // A_DAY)}"

    @property
    def cursor(self) -> str:
        """The sensor's next cursor."""
        return json.dumps(self._at, sort_keys=True)
