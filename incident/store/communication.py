"""What an assessment of the communication is counted from: entries, messages, and what people texted or pressed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, func, select

from incident.events import Entry
from incident.marks import APART
from incident.orders import ANSWER, INJECT
from incident.record.communication import UNASKED, Facts, Heard, Message, facts
from incident.store.derived import measures
from incident.store.log import Stored
from incident.store.tables import board, heard, log, outbox

MOST: Final = 400
"""Incidents of a period that are looked at, the newest: each one's log is read."""

_LINE: Final = [log.c[name] for name in Stored._fields]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The incidents of a period that paged somebody, each with its unit, the newest first; `of` how many there are."""

    units: dict[str, str]
    of: int


def chosen(connection: Connection, since: datetime, until: datetime, *, drill: bool) -> Chosen:
    """Of what was reported in that time, as far as the clerk has read. Test pages and practices are neither drills nor
    real: nobody is called by the one, and one person alone plays the other."""
    m = measures.c
    inside: ColumnElement[bool] = m.reported_at.between(since, until) & m.paged_at.is_not(None)
    inside &= m.drill.is_(drill) & m.maintenance.is_(False)
    if drill:
        inside &= and_(*(~board.c.drill.startswith(mark) for mark in APART))
    joined = measures.join(board, board.c.incident == m.incident)
    found = select(m.incident, board.c.unit).select_from(joined).where(inside)
    newest = connection.execute(found.order_by(m.reported_at.desc()).limit(MOST)).all()
    of = len(newest)
    if of == MOST:
        of = connection.scalar(select(func.count()).select_from(joined).where(inside)) or of
    return Chosen({row.incident: row.unit for row in newest}, of)


def of_incidents(connection: Connection, incidents: Collection[str], now: datetime) -> dict[str, Facts]:
    """The facts of each."""
    entries = _entries(connection, incidents)
    messages, spoken = _messages(connection, incidents), _heard(connection, incidents)
    return {name: facts(entries[name], messages[name], spoken[name], now) for name in incidents}


def of_incident(connection: Connection, incident: str, entries: list[Entry], now: datetime) -> Facts:
    """The facts of one whose entries are at hand."""
    return facts(entries, _messages(connection, [incident])[incident], _heard(connection, [incident])[incident], now)


def _entries(connection: Connection, incidents: Collection[str]) -> dict[str, list[Entry]]:
    """But for the longest kinds, which tell nothing here."""
    asked = select(*_LINE).where(log.c.incident.in_(list(incidents)), log.c.kind.not_in(sorted(UNASKED)))
    found: dict[str, list[Entry]] = {name: [] for name in incidents}
    for row in connection.execute(asked.order_by(log.c.incident, log.c.seq)):
        found[row.incident].append(Stored(*row).entry())
    return found


def _messages(connection: Connection, incidents: Collection[str]) -> dict[str, list[Message]]:
    """All that the incident itself had to say: what exercise control let somebody say, and replies, are left out."""
    o = outbox.c
    query = select(o.incident, o.way, o.state, o.position).where(o.incident.in_(list(incidents)))
    found: dict[str, list[Message]] = {name: [] for name in incidents}
    for row in connection.execute(query.where(o.purpose.not_in((INJECT, ANSWER)))):
        found[row.incident].append(Message(row.way, row.state, row.position))
    return found


def _heard(connection: Connection, incidents: Collection[str]) -> dict[str, list[Heard]]:
    query = select(heard.c.incident, heard.c.person, heard.c.at).where(heard.c.incident.in_(list(incidents)))
    found: dict[str, list[Heard]] = {name: [] for name in incidents}
    for row in connection.execute(query):
        found[row.incident].append(Heard(row.person, row.at))
    return found
