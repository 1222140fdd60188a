"""What many threads ask for is done once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from lineage_platform.concurrency import Once, in_order


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


@pytest.mark.parametrize("threads", [1, 4])
def test_answers_of_several_threads_come_in_the_order_of_the_items(threads: int) -> None:
    assert list(in_order(lambda item: item * item, range(100), threads)) == [item * item for item in range(100)]


def test_items_are_taken_only_as_answers_are() -> None:
    """A slow reader of the answers is not flooded with them."""
    taken: list[int] = []

    def items() -> Iterator[int]:
        for item in range(1000):
            taken.append(item)
            yield item

    answers = in_order(lambda item: item, items(), 2)
    assert next(answers) == 0
    assert len(taken) < 10
    answers.close()


def test_an_item_that_fails_fails_in_its_place() -> None:
    answers = in_order(lambda item: 1 // item, [1, 0, 1], 2)
    assert next(answers) == 1
    with pytest.raises(ZeroDivisionError):
        next(answers)
