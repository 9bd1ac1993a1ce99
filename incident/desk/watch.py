"""The watch: looks at every incident whose time has come.

There is no table of timers: the board's `wake_at` says when to look, a `Tick` decides what is due, and the commit of
what it wrote moves `wake_at` on. Two watches may race: the second one's `Tick` finds nothing due and writes nothing.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Engine

from incident.clock import Clock, FastClock, monotonic
from incident.commands import Tick
from incident.desk.desk import Desk
from incident.desk.requests import Act, Outcome, StoreDown
from incident.store import board, maintenance
from incident.store.engine import changing, reading

_log = logging.getLogger(__name__)

LIMIT: Final = 200
LOOK_S: Final = 0.5
"""The longest sleep: an incident that another process opened may be due before the one that was last seen."""
REST_S: Final = 0.01
REST_MOST_S: Final = 0.05
"""Every commit nudges; in a storm one look is enough for those of so many seconds. The longer one while nothing that is
known is due before it: what has just been opened is never due at once."""
_FIRST_REST: Final = timedelta(seconds=1)
_LONGEST_REST: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Aside:
    """An incident that cannot be looked at: how often it failed in a row, and when it is tried again."""

    failures: int
    until: datetime
    error: str


class Watch:
    """`lateness` is by how much the most overdue incident was late at the last look."""

    def __init__(self, desk: Desk, engine: Engine, clock: Clock) -> None:
        self._desk, self._engine, self._clock = desk, engine, clock
        self._rate = clock.rate if isinstance(clock, FastClock) else 1.0
        self._aside: dict[str, Aside] = {}
        self._next: datetime | None = None
        self._nudged = threading.Event()
        self._reconsidered = float("-inf")
        self.lateness = timedelta(0)
        self.beat: Callable[[], None] = lambda: None
        """Called each time the loop comes round: the sign of life of the process whose loop it is."""

    @property
    def aside(self) -> dict[str, Aside]:
        """The incidents that fail, by id. Whoever runs the watch reports them."""
        return dict(self._aside)

    def run_due(self, now: datetime, limit: int = LIMIT) -> int:
        """Look at up to `limit` incidents that are due at `now`; how many were looked at.

        One that fails is set aside for a while, longer each time, and the others go on. Raises StoreDown, or the
        database's own error, when nothing can be read or written.
        """
        with reading(self._engine) as connection:
            first = board.next_wake(connection)
            is_due = first is not None and first <= now
            due = board.due(connection, now, limit + len(self._aside)) if is_due else []
        self._next = None if is_due else first
        self.lateness = max(now - first, timedelta(0)) if first is not None else timedelta(0)
        wanted = [incident for incident in due if not self._rests(incident, now)][:limit]
        asked = [(incident, self._desk.submit(Act(incident, Tick(), "system"))) for incident in wanted]
        for incident, future in asked:
            self._note(incident, future, now)
        return len(asked)

    def reconsider(self) -> int:
        """Windows of planned maintenance were changed: look again at all that they hold back. How many that were.

        What was changed is noted only after all of it was looked at: whoever comes after a crash does it again, and a
        second look finds nothing.
        """
        with reading(self._engine) as connection:
            standing = maintenance.version(connection)
            if standing == maintenance.seen(connection):
                return 0
            held = [one.incident for one in maintenance.held(connection)]
        asked = [(incident, self._desk.submit(Act(incident, Tick(), "system"))) for incident in held]
        failed = [incident for incident, future in asked if not _was_looked_at(incident, future)]
        if not failed:
            with changing(self._engine) as connection:
                maintenance.see(connection, standing)
        return len(held)

    def next_wake(self) -> datetime | None:
        """When the next incident that is not set aside must be looked at."""
        with reading(self._engine) as connection:
            return board.next_wake(connection, besides=self._aside)

    def nudge(self) -> None:
        """Look now: something was written that may be due before what was waited for."""
        self._nudged.set()

    def run(self, stop: threading.Event) -> None:
        """Look, sleep until the next time or for half a second, and look again, until `stop` is set."""
        while not stop.is_set():
            self.beat()
            self._nudged.clear()
            try:
                if monotonic() - self._reconsidered > LOOK_S:
                    self._reconsidered = monotonic()
                    self.reconsider()
                looked = self.run_due(self._clock.now())
                sleep = 0.0 if looked >= LIMIT else self._sleep()
            except Exception:  # the database is away: the watch is what must be there when it comes back
                _log.exception("the watch could not look; it tries again")
                sleep = LOOK_S
            until = monotonic() + sleep
            if self._nudged.wait(sleep):
                stop.wait(min(max(until - monotonic(), REST_S), REST_MOST_S))

    def _sleep(self) -> float:
        wake = self._next or self.next_wake()
        if wake is None:
            return LOOK_S
        gap = (wake - self._clock.now()).total_seconds() / self._rate
        return min(max(gap, 0.0), LOOK_S)

    def _rests(self, incident: str, now: datetime) -> bool:
        aside = self._aside.get(incident)
        return aside is not None and now < aside.until

    def _note(self, incident: str, future: Future[Outcome], now: datetime) -> None:
        try:
            outcome = future.result()
        except StoreDown:
            raise
        except Exception as error:  # a poison incident: whatever its state does to the core, the line goes on
            self._set_aside(incident, now, error)
            return
        state = outcome.state
        assert state is not None
        if not outcome.entries and self._still_due(incident, now):
            self._set_aside(incident, now, RuntimeError("due, and a tick writes nothing"))
        else:
            self._aside.pop(incident, None)

    def _still_due(self, incident: str, now: datetime) -> bool:
        with reading(self._engine) as connection:
            found = board.standings(connection, [incident]).get(incident)
        return found is not None and found.wake_at is not None and found.wake_at <= now

    def _set_aside(self, incident: str, now: datetime, error: Exception) -> None:
        before = self._aside.get(incident)
        failures = before.failures + 1 if before else 1
        rest = min(_FIRST_REST * 2 ** min(failures - 1, 16), _LONGEST_REST)
        self._aside[incident] = Aside(failures, now + rest, f"{type(error).__name__}: {error}")
        _log.error(
            "incident %s cannot be looked at (%d times now), next in %s", incident, failures, rest, exc_info=error
        )


def _was_looked_at(incident: str, future: Future[Outcome]) -> bool:
    """Raises StoreDown. What fails by itself stays held until its time, and is tried again with the next look."""
    try:
        future.result()
    except StoreDown:
        raise
    except Exception:
        _log.exception("incident %s is held by maintenance and could not be looked at again", incident)
        return False
    return True
