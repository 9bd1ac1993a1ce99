"""The only place that asks the machine what time it is.

Everything else takes the time as an argument: an aware UTC datetime. Deadlines, scores and replays then
depend on nothing but the log, and a test moves a clock instead of sleeping.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Final, Protocol


class Clock(Protocol):
    """Tells the time. `now()` is an aware datetime in UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's clock, as it is set at this moment."""

    def now(self) -> datetime:
        return datetime.now(UTC)


LONGEST_HELD: Final = timedelta(hours=1)
CATCHING_UP: Final = 0.9


class SteadyClock:
    """The machine's clock, but for a process that must not live the same minute twice.

    When the machine's clock is set back by up to an hour this one goes on, a tenth slower, until the two agree: waits
    go on being waits, and nothing that is due lies suddenly in the future. A greater error is followed at once: rosters
    would be read at the wrong time for days. Set forward, it is followed too. Begins not before `written`, the time of
    the last entry: what was written before this process started has been.
    """

    def __init__(
        self,
        written: datetime | None = None,
        *,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
        tick: Callable[[], float] = time.monotonic,
    ) -> None:
        self._wall, self._tick = wall, tick
        self._lock = Lock()
        self._at = written or wall()
        self._ticked = tick()

    def now(self) -> datetime:
        with self._lock:
            wall, ticked = self._wall(), self._tick()
            held = self._at + timedelta(seconds=(ticked - self._ticked) * CATCHING_UP)
            self._at = held if wall < held <= wall + LONGEST_HELD else wall
            self._ticked = ticked
            return self._at


@dataclass(frozen=True, slots=True)
class FastClock:
    """Runs `rate` times as fast as the machine's clock since `base`; all processes of a demo share one base."""

    base: datetime
    rate: float
    machine: Clock = field(default_factory=SystemClock, compare=False)

    def now(self) -> datetime:
        return self.base + (self.machine.now() - self.base) * self.rate


def steady(clock: Clock, written: datetime | None) -> Clock:
    """The same clock, never set back. `written` is the newest time, as this clock tells it, that was written down."""
    match clock:
        case SystemClock():
            return SteadyClock(written)
        case FastClock():
            machine = clock.base + (written - clock.base) / clock.rate if written else None
            return replace(clock, machine=SteadyClock(machine))
        case _:
            return clock


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


def pause(seconds: float) -> None:
    """Let others run for so long. For the fractions of a millisecond in which a lock may come free; nothing is timed
    by it."""
    time.sleep(seconds)


def iso(at: datetime) -> str:
    """ISO 8601 in UTC with milliseconds and `Z`: the one form in which a time leaves the program."""
    if at.tzinfo is not UTC:
        at = at.astimezone(UTC)
    return f"{at.isoformat(timespec='milliseconds')[:-6]}Z"
