"""Doing a thing once when many threads ask for it."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from concurrent.futures import Future
from threading import Lock
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


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
