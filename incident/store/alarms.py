"""The alarm load as the board tells it: when the last incidents were opened, and where."""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import Connection, select

from incident.store import board as boards
from incident.store.tables import board

LOOK_BACK: Final = 200
"""Incidents looked at, the newest: a flood shows in the last dozen of them, its sources in a few more."""


class Alarm(NamedTuple):
    """An incident as an alarm: when it was opened, where, and under which dedup key."""

    opened_at: datetime
    unit: str
    code: str
    key: str | None


def newest(connection: Connection, most: int = LOOK_BACK) -> list[Alarm]:
    """The last real alarms, the newest first; of the last `most` incidents, drills left out."""
    query = select(board.c.opened_at, board.c.unit, board.c.code, board.c.dedup_key)
    last = boards.last_number(connection)
    found = query.where(board.c.number > last - most, board.c.drill.is_(None)).order_by(board.c.number.desc())
    return [Alarm(*row) for row in connection.execute(found)]
