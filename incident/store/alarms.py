"""The alarm load as the board tells it: when the last incidents were opened, and where."""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import Connection, select

from incident.store import board as boards
from incident.store.tables import IS_CHATTER, board

LOOK_BACK: Final = 200
"""Incidents looked at, the newest: a flood shows in the last dozen of them, its sources in a few more."""


class Chatter(NamedTuple):
    """A source that comes and goes: the incident it stands in, and how often it came."""

    code: str
    times: int
    unit: str


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


def chatter(connection: Connection, since: datetime, least: int, limit: int) -> list[Chatter]:
    """Open incidents whose report came at least so often within a minute that began since then, the worst first."""
    query = select(board.c.code, board.c.burst, board.c.unit).where(IS_CHATTER, board.c.burst_from > since)
    worst = query.where(board.c.burst >= least).order_by(board.c.burst.desc(), board.c.number).limit(limit)
    return [Chatter(*row) for row in connection.execute(worst)]


def folded(connection: Connection, since: datetime, limit: int) -> list[Chatter]:
    """Open incidents into which the most reports were folded, of those that got one since then."""
    query = select(board.c.code, board.c.repeats, board.c.unit).where(board.c.over.is_(False), board.c.repeats > 0)
    most = query.where(board.c.last_seen > since).order_by(board.c.repeats.desc(), board.c.number).limit(limit)
    return [Chatter(*row) for row in connection.execute(most)]
