"""One rate of requests for all threads, and one pause for all when the server asks for it."""

from __future__ import annotations

import threading
import time


class RateLimit:
    """A token bucket: ``burst`` requests at once, then ``per_second``.

    Parameters
    ----------
    per_second:
        Requests a second in the long run.
    burst:
        Requests that may go out at once after a quiet time.
    """

    def __init__(self, per_second: float, burst: int) -> None:
        self._interval = 1 / per_second
        self._slack = (burst - 1) * self._interval
        self._next = 0.0
        self._paused_until = 0.0
        self._lock = threading.Lock()

    def acquire(self) -> None:
        """Wait for the next free place; each caller gets its own, and none before a pause is over."""
        with self._lock:
            place = max(self._next, time.monotonic() - self._slack)
            self._next = place + self._interval
        while (delay := max(place, self._paused_until) - time.monotonic()) > 0:
            time.sleep(delay)

    def pause(self, seconds: float) -> None:
        """Let no request out for so long, neither new ones nor those that wait for their place."""
        with self._lock:
            self._paused_until = max(self._paused_until, time.monotonic() + seconds)
            self._next = max(self._next, self._paused_until)
