"""What the hub and the operators' pages read from the store. Everything here blocks: call it on a worker thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from incident.clock import FastClock, iso
from incident.levels import Level
from incident.store import board, lineup, log, meta, outbox
from incident.store.engine import cause, changing, reading
from incident.store.log import Stored
from web.audit import Standing
from web.house import House
from web.hub import Health, Snapshot
from web.load import told

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class StoreSource:
    """The hub's `Source`. `beside` is written together with each sign of life. Ages are real seconds also while
    a demo's clock runs fast."""

    house: House
    beside: Callable[[Connection], None] = lambda connection: None

    def snapshot(self, incident: str | None) -> Snapshot:
        """The board and its position, of one moment."""
        with reading(self.house.engine) as connection:
            position = log.last_position(connection)
            counts = _said(board.counts(connection))
            if incident is None:
                rows = [listed.row for listed in lineup.for_wall(connection)]
            else:
                found = board.get(connection, incident)
                rows = [found.row] if found else []
        return Snapshot(position, rows, counts)

    def after(self, position: int, limit: int) -> list[Stored]:
        with reading(self.house.engine) as connection:
            return log.after(connection, position, limit)

    def health(self) -> Health:
        now = self.house.clock.now()
        with reading(self.house.engine) as connection:
            position = log.last_position(connection)
            wake = board.next_wake(connection)
            unsent = outbox.oldest_unsent(connection, now)
            counts = board.counts(connection)
            audit = Standing.read(connection, self.house)
            load = told(connection, self.house)
        return Health(
            position=position,
            watch_lag_ms=round(self._age(wake, now) * 1000),
            oldest_unsent_s=self._age(unsent, now),
            blind_s=self.house.tail.blind_s,
            open=_said(counts),
            audit=audit.heartbeat(self.house),
            load=load,
        )

    def writable(self) -> bool:
        """Whether something can be written now: only writing tells."""
        try:
            with changing(self.house.engine) as connection:
                meta.put(connection, "written", iso(self.house.clock.now()))
                self.beside(connection)
        except (SQLAlchemyError, OSError) as error:
            _log.warning("nothing can be written", problem=cause(error))
            return False
        return True

    def _age(self, since: datetime | None, now: datetime) -> float:
        """Seconds; 0 for nothing and for what is still to come."""
        clock = self.house.clock
        rate = clock.rate if isinstance(clock, FastClock) else 1.0
        return max(0.0, (now - since).total_seconds()) / rate if since else 0.0


def _said(counts: Mapping[Level, int]) -> dict[str, int]:
    return {str(level): number for level, number in counts.items()}
