"""The only place that asks the machine what time it is.

Everything else takes the time as an argument: an aware UTC datetime. Deadlines, scores and replays then
depend on nothing but the log, and a test moves a clock instead of sleeping.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time. `now()` is an aware datetime in UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's clock. It may be set back: the desk never writes an entry before the one it follows."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class FastClock:
    """Runs `rate` times as fast as the machine's clock since `base`; all processes of a demo share one base."""

    base: datetime
    rate: float

    def now(self) -> datetime:
        return self.base + (datetime.now(UTC) - self.base) * self.rate


class MovedClock:
    """Stands still until it is moved. For tests and simulated drills."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at

    def move(self, by: timedelta) -> datetime:
        """Move by an amount, which may be negative, and return the new time."""
        self._at += by
        return self._at

    def set(self, at: datetime) -> None:
        self._at = at


def monotonic() -> float:
    """Seconds that never run backwards. For time-outs inside a process, never for the log."""
    return time.monotonic()


def iso(at: datetime) -> str:
    """ISO 8601 in UTC with milliseconds and `Z`: the one form in which a time leaves the program."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
