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
    """Keeps up to `size` answers for `seconds`, and as many times None: a thousand guesses push no right answer out.
    What another process revokes is seen after that time."""

    def __init__(self, seconds: float, *, size: int = 4096, now: Callable[[], float] = monotonic) -> None:
        self._seconds, self._size, self._now = seconds, size, now
        self._found: OrderedDict[K, tuple[float, V]] = OrderedDict()
        self._none: OrderedDict[K, tuple[float, V]] = OrderedDict()
        self._lock = Lock()

    def has(self, key: K) -> bool:
        return self.look(key) is not None

    def look(self, key: K) -> tuple[V] | None:
        """The kept answer in a tuple of its own, since it may be None; without one, None. Never blocks."""
        kept = self._look(key)
        return (kept[1],) if kept is not None and self._now() - kept[0] <= self._seconds else None

    def get(self, key: K, read: Callable[[], V]) -> V:
        """The kept answer, or a new one from `read`, which may block."""
        kept = self.look(key)
        if kept is not None:
            return kept[0]
        value = read()
        self.put(key, value)
        return value

    def put(self, key: K, value: V) -> None:
        shelf, other = (self._none, self._found) if value is None else (self._found, self._none)
        with self._lock:
            other.pop(key, None)
            shelf[key] = (self._now(), value)
            shelf.move_to_end(key)
            while len(shelf) > self._size:
                shelf.popitem(last=False)

    def forget(self, key: K) -> None:
        with self._lock:
            self._found.pop(key, None)
            self._none.pop(key, None)

    def clear(self) -> None:
        with self._lock:
            self._found.clear()
            self._none.clear()

    def _look(self, key: K) -> tuple[float, V] | None:
        with self._lock:
            return self._found.get(key) or self._none.get(key)
