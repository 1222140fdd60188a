"""What many threads ask for is done once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from lineage_platform.concurrency import Once


def test_many_threads_share_one_answer() -> None:
    once: Once[str, int] = Once()
    calls: list[int] = []
    barrier = Barrier(8)

    def make() -> int:
        calls.append(1)
        return 42

    def ask() -> int:
        barrier.wait()
        return once.get("key", make)

    with ThreadPoolExecutor(8) as pool:
        answers = [future.result() for future in [pool.submit(ask) for _ in range(8)]]
    assert answers == [42] * 8
    assert calls == [1]


def test_a_failure_is_told_and_then_forgotten() -> None:
    once: Once[str, int] = Once()
    with pytest.raises(ValueError, match="first"):
        once.get("key", lambda: int(_raise("first")))
    assert once.get("key", lambda: 7) == 7


def _raise(message: str) -> str:
    raise ValueError(message)
