"""What the auditor reads: a few bounded questions, each served by an index, none that a page would wait for."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, and_, func, select

from incident.audit.seen import Head, House, Leased, Unsent, Untold, Watched
from incident.levels import Level
from incident.record.urgency import is_held
from incident.store import directory, measured, signs
from incident.store.tables import SENDING, WAITING, attempts, board, log, outbox

MOST: Final = 200
"""Messages of one kind that are looked at: with so many late ones the first tell enough."""
CHUNK: Final = 500
"""Open incidents at a time: some ten milliseconds."""
_LEVELS: Final = {level.rank: level for level in Level}

_last_seq: Final = (
    select(log.c.seq)
    .where(log.c.incident == board.c.incident)
    .order_by(log.c.seq.desc())
    .limit(1)
    .correlate(board)
    .scalar_subquery()
)
_last_at: Final = (
    select(log.c.at)
    .where(log.c.incident == board.c.incident)
    .order_by(log.c.seq.desc())
    .limit(1)
    .correlate(board)
    .scalar_subquery()
)
_a_page: Final = (
    select(outbox.c.id)
    .where(outbox.c.incident == board.c.incident, outbox.c.page > 0)
    .limit(1)
    .correlate(board)
    .scalar_subquery()
)


def watched(connection: Connection, after: int, limit: int = CHUNK) -> tuple[list[Watched], int | None]:
    """The open incidents whose numbers come after `after`, without drills; and where to go on, None at the end."""
    columns = (board.c.incident, board.c.number, board.c.code, board.c.seq, board.c.drill, board.c.opened_at)
    query = (
        select(*columns, board.c.wake_at, board.c.row, _last_seq.label("log_seq"), _last_at.label("at"), _a_page)
        .where(board.c.over.is_(False), board.c.number > after)
        .order_by(board.c.number)
        .limit(limit)
    )
    rows = connection.execute(query).all()
    found = [_watched(row, json.loads(row.row)) for row in rows if row.drill is None]
    return found, rows[-1].number if len(rows) == limit else None


def _watched(row: Any, shown: Mapping[str, Any]) -> Watched:
    paged = [datetime.fromisoformat(who["at"]) for who in shown["paged"]]
    return Watched(
        incident=row.incident,
        code=row.code,
        phase=shown["phase"],
        opened_at=row.opened_at,
        wake_at=row.wake_at,
        next_at=datetime.fromisoformat(shown["next_at"]) if shown["next_at"] else None,
        paged_at=max(paged, default=None),
        ringing=shown["ringing"],
        unreachable=shown["unreachable"],
        commander=shown["commander"],
        held=is_held(shown),
        ordered=row[-1] is not None,
        seq=row.seq,
        log_seq=row.log_seq or 0,
        at=row.at or row.opened_at,
    )


_put_off: Final = and_(outbox.c.attempts > 0, outbox.c.held_since.is_(None))
"""Tried, and to be tried again. What the limits hold back waits for its own time, however often it was looked at."""


def unsent(connection: Connection, before: datetime, limit: int = MOST) -> list[Unsent]:
    """What should have gone out before then and waits: it was never tried, or what was tried put it off."""
    query = (
        select(
            outbox.c.id,
            outbox.c.incident,
            outbox.c.page,
            outbox.c.person,
            outbox.c.way,
            outbox.c.urgency,
            outbox.c.first,
            outbox.c.not_before,
            outbox.c.attempts,
            outbox.c.held_since,
        )
        .where(outbox.c.state == WAITING, (outbox.c.not_before <= before) | _put_off)
        .where(outbox.c.drill.is_(None))
        .order_by(outbox.c.not_before)
        .limit(limit)
    )
    rows = connection.execute(query).all()
    since = _first_tries(connection, [row.id for row in rows if row.attempts and row.held_since is None])
    reached = _reached(connection, {row.incident for row in rows})
    codes = _codes(connection, {row.incident for row in rows})
    return [
        Unsent(
            incident=row.incident,
            code=codes.get(row.incident, ""),
            person=row.person,
            way=row.way,
            level=_LEVELS[row.urgency],
            first=bool(row.first),
            answer=row.page > 0,
            since=min(row.not_before, since.get(row.id, row.not_before)),
            attempts=row.attempts,
            reached=(row.incident, row.page, row.person) in reached,
            held=row.held_since is not None,
        )
        for row in rows
    ]


def _first_tries(connection: Connection, sends: Collection[int]) -> dict[int, datetime]:
    query = select(attempts.c.send, func.min(attempts.c.at)).where(attempts.c.send.in_(list(sends)))
    return {row[0]: row[1] for row in connection.execute(query.group_by(attempts.c.send))} if sends else {}


def _reached(connection: Connection, incidents: Collection[str]) -> set[tuple[str, int, str]]:
    """Which page went to whom by any way, as far as a provider has taken it over."""
    if not incidents:
        return set()
    query = select(outbox.c.incident, outbox.c.page, outbox.c.person).where(outbox.c.incident.in_(list(incidents)))
    rows = connection.execute(query.where(outbox.c.page > 0, outbox.c.state.in_(["sent", "delivered"])))
    return {(row.incident, row.page, row.person) for row in rows}


def _codes(connection: Connection, incidents: Collection[str]) -> dict[str, str]:
    if not incidents:
        return {}
    query = select(board.c.incident, board.c.code).where(board.c.incident.in_(list(incidents)))
    return {row.incident: row.code for row in connection.execute(query)}


def leased(connection: Connection, before: datetime, limit: int = MOST) -> list[Leased]:
    """What is in the hands of workers whose time was over before then."""
    query = select(outbox.c.incident, outbox.c.lease_until).where(
        outbox.c.state == SENDING, outbox.c.lease_until < before, outbox.c.drill.is_(None)
    )
    rows = connection.execute(query.order_by(outbox.c.lease_until).limit(limit)).all()
    codes = _codes(connection, {row.incident for row in rows})
    return [Leased(row.incident, codes.get(row.incident, ""), row.lease_until) for row in rows]


def untold(connection: Connection, before: datetime, limit: int = MOST) -> list[Untold]:
    """Pages that ended before then, of which their incident's log knows nothing yet."""
    query = select(outbox.c.incident, outbox.c.settled_at).where(
        outbox.c.untold.is_(True), outbox.c.settled_at < before, outbox.c.drill.is_(None)
    )
    rows = connection.execute(query.order_by(outbox.c.settled_at).limit(limit)).all()
    codes = _codes(connection, {row.incident for row in rows})
    return [Untold(row.incident, codes.get(row.incident, ""), row.settled_at) for row in rows]


def house(connection: Connection) -> House:
    """What is true of the whole."""
    last = connection.execute(
        select(log.c.position, log.c.incident, log.c.at, log.c.seq, board.c.code, board.c.seq.label("shown"))
        .select_from(log.outerjoin(board, board.c.incident == log.c.incident))
        .order_by(log.c.position.desc())
        .limit(1)
    ).first()
    read = measured.mark(connection).position
    behind = last is not None and read < last.position
    unread_since = connection.scalar(select(log.c.at).where(log.c.position == read + 1)) if behind else None
    return House(
        worker_at=signs.heard(connection, signs.WORKER),
        web_at=signs.heard(connection, signs.WEB),
        unread=last.position - read if last is not None else 0,
        unread_since=unread_since,
        somebody=directory.version(connection) > 0,
        head=Head(last.incident, last.code, last.at, last.seq, last.shown) if last is not None else None,
    )
