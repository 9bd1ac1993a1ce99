"""So many attempts in so much time, for each name: against guessing passwords, links and keys.

Kept in the process: several web processes together allow that many times more, which a guesser of 59-bit secrets or
of argon2 passwords does not notice.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from incident.clock import monotonic


class Limiter:
    """A bucket of `tries` for each name that fills again within `seconds`. At most `names` are remembered, the
    longest unused forgotten first."""

    def __init__(
        self, tries: int, seconds: float, *, names: int = 10_000, now: Callable[[], float] = monotonic
    ) -> None:
        self._tries, self._rate, self._names, self._now = tries, tries / seconds, names, now
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def wait(self, name: str) -> float:
        """Seconds until this name may try again: 0.0 when it may now. Counts nothing."""
        with self._lock:
            left = self._filled(name)
        return 0.0 if left >= 1 else (1 - left) / self._rate

    def count(self, name: str) -> None:
        """One attempt that failed (or that cost something)."""
        with self._lock:
            left = self._filled(name)
            self._left[name] = (max(0.0, left - 1), self._now())
            self._left.move_to_end(name)
            while len(self._left) > self._names:
                self._left.popitem(last=False)

    def back(self, name: str) -> None:
        """What was counted before it was known to be right is given back; what failed before still counts."""
        with self._lock:
            if name in self._left:
                self._left[name] = (min(float(self._tries), self._filled(name) + 1), self._now())

    def forget(self, name: str) -> None:
        """The right answer was given: its failures no longer count."""
        with self._lock:
            self._left.pop(name, None)

    def _filled(self, name: str) -> float:
        left, at = self._left.get(name, (float(self._tries), self._now()))
        return min(float(self._tries), left + (self._now() - at) * self._rate)
