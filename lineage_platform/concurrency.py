"""Doing a thing once when many threads ask for it, and many things on a few threads, in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Hashable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
T = TypeVar("T")


class Once(Generic[K, V]):
    """Values made at most once per key; threads that ask meanwhile wait for the first one's answer.

    A raised exception goes to every thread that waits for it and is then forgotten, so that a later call tries again.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._values: dict[K, Future[V]] = {}

    def get(self, key: K, make: Callable[[], V]) -> V:
        """The value for ``key``, made by ``make()`` if no thread has made it yet.

        Raises
        ------
        BaseException
            Whatever ``make`` raised.
        """
        with self._lock:
            future = self._values.get(key)
            mine = future is None
            if future is None:
                future = self._values[key] = Future()
        if mine:
            try:
                future.set_result(make())
            except BaseException as error:  # noqa: BLE001 - the waiting threads must see every kind of end
                with self._lock:
                    del self._values[key]
                future.set_exception(error)
        return future.result()


def in_order(function: Callable[[T], V], items: Iterable[T], threads: int) -> Generator[V, None, None]:
    """``map`` on several threads: answers come in the order of the items, and only a few are ever waiting.

    Raises
    ------
    BaseException
        Whatever ``function`` raised, at the place of its answer.
    """
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[V]] = deque()
        for item in items:
            waiting.append(pool.submit(function, item))
            if len(waiting) > 2 * threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
