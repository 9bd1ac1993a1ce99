"""When a service that ended is started again. Pure: times are seconds of a monotonic clock, handed in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

FIRST_WAIT: Final = 0.1
LONGEST_WAIT: Final = 5.0
STEADY_AFTER: Final = 10.0
"""Seconds alive after which an end counts as the first again: it ran, so its start is not what is wrong."""


@dataclass(frozen=True, slots=True)
class Record:
    """How often in a row a service has ended soon, since when it runs, and when it is next to be started.

    Exactly one of `since` (it runs) and `due` (it waits) is a time.
    """

    ends: int
    since: float | None
    due: float | None

    def started(self, now: float) -> Record:
        return Record(self.ends, now, None)

    def ended(self, now: float) -> Record:
        """0.1 s of waiting after the first end, doubling to 5 s; never given up, since a pager that gave up is dead."""
        steady = self.since is not None and now - self.since >= STEADY_AFTER
        ends = 1 if steady else self.ends + 1
        wait = min(FIRST_WAIT * 2.0 ** min(ends - 1, 10), LONGEST_WAIT)
        return Record(ends, None, now + wait)

    def is_due(self, now: float) -> bool:
        return self.due is not None and self.due <= now


def fresh(now: float) -> Record:
    """A service that has never run: due at once."""
    return Record(0, None, now)
