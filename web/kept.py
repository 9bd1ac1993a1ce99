"""Answers of the store, kept for a few seconds: every request asks who it is from."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

from incident.clock import monotonic

K = TypeVar("K")
V = TypeVar("V")


class Kept(Generic[K, V]):
    """Keeps up to `size` answers for `seconds`, also None. What another process revokes is seen after that time."""

    def __init__(self, seconds: float, *, size: int = 4096, now: Callable[[], float] = monotonic) -> None:
        self._seconds, self._size, self._now = seconds, size, now
        self._found: OrderedDict[K, tuple[float, V]] = OrderedDict()
        self._lock = Lock()

    def has(self, key: K) -> bool:
        with self._lock:
            kept = self._found.get(key)
        return kept is not None and self._now() - kept[0] <= self._seconds

    def get(self, key: K, read: Callable[[], V]) -> V:
        """The kept answer, or a new one from `read`, which may block."""
        with self._lock:
            kept = self._found.get(key)
        if kept is not None and self._now() - kept[0] <= self._seconds:
            return kept[1]
        value = read()
        with self._lock:
            self._found[key] = (self._now(), value)
            self._found.move_to_end(key)
            while len(self._found) > self._size:
                self._found.popitem(last=False)
        return value

    def forget(self, key: K) -> None:
        with self._lock:
            self._found.pop(key, None)

    def clear(self) -> None:
        with self._lock:
            self._found.clear()
