"""The shared rate: what goes out in any stretch of time never exceeds it."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from lineage_platform.catalog.rate import RateLimit


def test_threads_share_one_rate() -> None:
    limit = RateLimit(per_second=50, burst=5)

    def acquire(_: int) -> float:
        limit.acquire()
        return time.monotonic()

    with ThreadPoolExecutor(16) as pool:
        times = sorted(pool.map(acquire, range(25)))
    assert (
        times[-1] - times[0] >= (25 - 5 - 1) / 50
    )  # the burst, then one every 20 ms: a lower bound, whatever the load


def test_a_pause_holds_back_those_that_already_wait() -> None:
    limit = RateLimit(per_second=10, burst=1)
    limit.acquire()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(lambda: (limit.acquire(), time.monotonic())[1])
        limit.pause(0.3)
        paused = time.monotonic()
        assert waiting.result() - paused >= 0.25
