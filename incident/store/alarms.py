"""The alarm load as the board tells it: when the last incidents were opened, and where."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, func, literal_column, select

from incident.levels import Level
from incident.orders import PAGE
from incident.record.load import Ring
from incident.store import board as boards
from incident.store.derived import measures
from incident.store.tables import IS_CHATTER, IS_FOLDED, board, outbox
from incident.store.types import Big, micros

LOOK_BACK: Final = 200
"""Incidents looked at, the newest: a flood shows in the last dozen of them, its sources in a few more."""


_HELD_BACK: Final = '%"held":true%'
"""As `record.row` writes it; quotes inside a title are escaped there."""


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
    incident: str


def newest(connection: Connection, most: int = LOOK_BACK) -> list[Alarm]:
    """The last real alarms, the newest first; of the last `most` incidents, without drills and without what planned
    maintenance holds back, which rings nobody."""
    query = select(board.c.opened_at, board.c.unit, board.c.code, board.c.dedup_key, board.c.incident)
    last = boards.last_number(connection)
    found = query.where(board.c.number > last - most, board.c.drill.is_(None), board.c.row.not_like(_HELD_BACK))
    found = found.order_by(board.c.number.desc())
    return [Alarm(*row) for row in connection.execute(found)]


def chatter(connection: Connection, since: datetime, least: int, limit: int) -> list[Chatter]:
    """Open incidents whose report came at least so often within a minute that began since then, the worst first."""
    query = select(board.c.code, board.c.burst, board.c.unit).where(IS_CHATTER, board.c.burst_from > since)
    worst = query.where(board.c.burst >= least).order_by(board.c.burst.desc(), board.c.number).limit(limit)
    return [Chatter(*row) for row in connection.execute(worst)]


def folded(connection: Connection, since: datetime, limit: int) -> list[Chatter]:
    """Open incidents into which the most reports were folded, of those that got one since then."""
    query = select(board.c.code, board.c.repeats, board.c.unit).where(IS_FOLDED, board.c.last_seen > since)
    most = query.order_by(board.c.repeats.desc(), board.c.number).limit(limit)
    return [Chatter(*row) for row in connection.execute(most)]


def slots(connection: Connection, since: datetime, until: datetime, width: timedelta) -> list[tuple[int, Level, int]]:
    """How many real alarms of each level were reported, by spans of `width` from `since` on, as far as the clerk has
    read. What fell into planned maintenance is left out."""
    # Whole numbers, divided as such by both databases; written out, so that they are the same in both their places.
    which: ColumnElement[int] = literal_column(
        f"(reported_at - {micros(since)}) / {width // timedelta(microseconds=1)}", Big
    )
    query = select(which, measures.c.level, func.count()).where(
        measures.c.reported_at >= since, measures.c.reported_at < until
    )
    real = query.where(measures.c.drill.is_(False), measures.c.maintenance.is_(False))
    rows = connection.execute(real.group_by(which, measures.c.level))
    return [(int(index), Level(level), count) for index, level, count in rows]


NEWEST: Final = 20_000
"""Messages looked at: the outbox keeps all that were ever wanted."""


def rings(connection: Connection, since: datetime) -> list[Ring]:
    """The pages that went to phones since then, without drills and tests, among the newest messages."""
    last = select(func.max(outbox.c.id)).scalar_subquery()
    query = select(outbox.c.id, outbox.c.bundle, outbox.c.person, outbox.c.way, outbox.c.sent_at)
    went = query.where(outbox.c.id > last - NEWEST, outbox.c.sent_at >= since, outbox.c.purpose == PAGE)
    rows = connection.execute(went.where(outbox.c.drill.is_(None))).all()
    leads = [row.id for row in rows if row.bundle == row.id]
    carried: dict[int, int] = {}
    if leads:
        others = select(outbox.c.bundle, func.count()).where(outbox.c.bundle >= min(leads), outbox.c.sent_at.is_(None))
        carried = {row[0]: row[1] for row in connection.execute(others.group_by(outbox.c.bundle))}
    return [Ring(row.person, row.way, row.sent_at, carried.get(row.id, 0)) for row in rows]
