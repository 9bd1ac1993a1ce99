"""The decisive times of every incident, as the clerk has read them off the log, and what a period comes to."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, and_, delete, func, insert, select, text, update

from incident.levels import Level
from incident.record.measures import Measured, Totals
from incident.record.trend import Life
from incident.store.derived import measures, reached
from incident.store.tables import board
from incident.store.types import micros

CLERK: Final = "clerk"
WORDS: Final = "words"
"""Two readers of the log: of what is measured, and of what is searched by its words."""
_DECISIVE: Final = ("reported_at", "happened_at", "paged_at", "answered_at", "restored_at")
_PUT: Final = text(
    "INSERT INTO measures (incident, source, level, drill, maintenance, phase, reported_at, happened_at, paged_at,"
    " answered_at, restored_at) VALUES (:incident, :source, :level, :drill, :maintenance, :phase, :reported_at,"
    " :happened_at, :paged_at, :answered_at, :restored_at) ON CONFLICT (incident) DO UPDATE SET level = excluded.level,"
    " phase = excluded.phase, maintenance = excluded.maintenance, paged_at = excluded.paged_at,"
    " answered_at = excluded.answered_at, restored_at = excluded.restored_at"
)


@dataclass(frozen=True, slots=True)
class Mark:
    """How far the clerk has read: the last position of the log, and the last number of a code."""

    position: int = 0
    number: int = 0


def mark(connection: Connection, reader: str = CLERK) -> Mark:
    row = connection.execute(select(reached.c.position, reached.c.number).where(reached.c.reader == reader)).first()
    return Mark(*row) if row else Mark()


def move(connection: Connection, old: Mark, new: Mark, reader: str = CLERK) -> bool:
    """Read on from `old` to `new`. False when another clerk has: then nothing of it may be written a second time."""
    there = and_(reached.c.reader == reader, reached.c.position == old.position, reached.c.number == old.number)
    change = update(reached).where(there)
    if connection.execute(change.values(position=new.position, number=new.number)).rowcount == 1:
        return True
    if old != Mark() or mark(connection, reader) != Mark():
        return False
    connection.execute(insert(reached).values(reader=reader, position=new.position, number=new.number))
    return True


def known(connection: Connection, incidents: Collection[str]) -> dict[str, tuple[Measured, str]]:
    """What is kept of these incidents: their times, and the phase that they were last in."""
    m = measures.c
    columns = (
        m.happened_at,
        m.source,
        m.reported_at,
        m.level,
        m.drill,
        m.paged_at,
        m.answered_at,
        m.restored_at,
        m.maintenance,
    )
    rows = connection.execute(select(m.incident, m.phase, *columns).where(m.incident.in_(list(incidents))))
    return {row[0]: (Measured(*tuple(row)[2:]), row[1]) for row in rows}


def keep(connection: Connection, found: Mapping[str, tuple[Measured, str]]) -> None:
    if found:
        connection.execute(_PUT, [_row(incident, one, phase) for incident, (one, phase) in found.items()])


def _row(incident: str, one: Measured, phase: str) -> dict[str, Any]:
    times = {name: getattr(one, name) for name in _DECISIVE}
    lying = {name: None if at is None else micros(at) for name, at in times.items()}
    return {
        "incident": incident,
        "source": one.source,
        "level": one.level,
        "drill": one.drill,
        "maintenance": one.maintenance,
        "phase": phase,
        **lying,
    }


def forget(connection: Connection) -> None:
    """Begin anew with the first entry of the log, and with the words of the first incident."""
    connection.execute(delete(reached))
    connection.execute(delete(measures))


def period(connection: Connection, since: datetime, until: datetime) -> Totals:
    """What was reported in that time."""
    m = measures.c
    inside = m.reported_at.between(since, until)
    drills, planned, paged = 0, 0, 0
    by_level: dict[str, int] = {}
    phases: dict[str, int] = {}
    groups = select(m.drill, m.maintenance, m.level, m.phase, func.count(), func.count(m.paged_at)).where(inside)
    grouped = groups.group_by(m.drill, m.maintenance, m.level, m.phase)
    for drill, maintenance, level, phase, count, pages in connection.execute(grouped):
        if drill:
            drills += count
            continue
        if maintenance:
            planned += count
            continue
        paged += pages
        by_level[level] = by_level.get(level, 0) + count
        phases[phase] = phases.get(phase, 0) + count
    real = (
        f"FROM measures WHERE reported_at BETWEEN {micros(since)} AND {micros(until)} AND NOT drill AND NOT maintenance"
    )
    spans: dict[str, list[float]] = {}
    for source, span in _spans(connection, f"source, reported_at - happened_at {real} AND happened_at < reported_at"):
        spans.setdefault(source, []).append(span / 1e6)
    return Totals(
        drills=drills,
        maintenance=planned,
        by_level=by_level,
        phases=phases,
        paged=paged,
        answered=_seconds(connection, f"answered_at - paged_at {real} AND paged_at > 0 AND answered_at > 0"),
        restored=_seconds(connection, f"restored_at - reported_at {real} AND restored_at > 0"),
        noticed=spans,
    )


def lives(connection: Connection, since: datetime, until: datetime) -> Iterator[Life]:
    """The real incidents that were reported in that time, in no order, as far as the clerk has read; without what fell
    into planned maintenance. One after the other, while the connection is open."""
    real = f"reported_at BETWEEN {micros(since)} AND {micros(until)} AND NOT drill AND NOT maintenance AND level != ''"
    rows = _spans(connection, f"level, reported_at, paged_at, answered_at, restored_at FROM measures WHERE {real}")
    levels = {str(level): level for level in Level}
    return (Life(levels[level], *times) for level, *times in rows)


@dataclass(frozen=True, slots=True)
class Told:
    """An incident in a table: what the board says of it, and its decisive times."""

    code: str
    title: str
    level: str
    kind: str
    unit: str
    source: str
    phase: str
    happened_at: datetime
    reported_at: datetime
    paged_at: datetime | None
    answered_at: datetime | None
    restored_at: datetime | None


def table(connection: Connection, since: datetime, until: datetime, most: int) -> list[Told]:
    """The real incidents that were reported in that time, the newest first, without what fell into maintenance."""
    m = measures.c
    times = (m.happened_at, m.reported_at, m.paged_at, m.answered_at, m.restored_at)
    query = select(board.c.code, board.c.row, m.level, board.c.unit, m.source, board.c.phase, *times)
    real = and_(m.reported_at.between(since, until), m.drill.is_(False), m.maintenance.is_(False))
    found = query.join_from(measures, board, board.c.incident == m.incident).where(real)
    told = []
    for code, row, level, unit, source, phase, *at in connection.execute(
        found.order_by(m.reported_at.desc(), board.c.number.desc()).limit(most)
    ):
        shown = json.loads(row)
        told.append(Told(code, shown["title"], level, shown["kind"], unit, source, phase, *at))
    return told


def _seconds(connection: Connection, what: str) -> list[float]:
    """A first answer before any page (on the web) counts as zero wait."""
    return [max(0, span) / 1e6 for (span,) in _spans(connection, what)]


def _spans(connection: Connection, what: str) -> Any:
    """Whole microseconds as they lie in the table: tens of thousands of them, which nobody need turn into dates."""
    return connection.exec_driver_sql(f"SELECT {what}")
