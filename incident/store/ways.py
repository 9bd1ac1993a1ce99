"""What is known of the people's ways: confirmed, broken, stopped; and the codes that confirm them.

The organisation's document holds none of it, so that loading it again changes nothing here. Each change of a fact moves
the version of the register `ways`: whoever keeps a copy of the organisation looks at that version anyway.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select, update

from incident.errors import Reason
from incident.organisation.reach import Fact, Facts
from incident.store.tables import directory, way_codes, way_facts

REGISTER: Final = "ways"


@dataclass(frozen=True, slots=True)
class WayId:
    """One way of one person, without its address."""

    person: str
    kind: str
    digest: str


@dataclass(frozen=True, slots=True)
class Code:
    """The last code sent to a way. It follows from `nonce`; `sent` codes have gone out since `since`."""

    nonce: str
    sent_at: datetime
    expires_at: datetime
    tries: int
    since: datetime
    sent: int


def facts(connection: Connection) -> Facts:
    """All of them: one small row for each way that anything is known of."""
    return {(row.person, row.kind, row.digest): _fact(row) for row in connection.execute(select(way_facts))}


def _fact(row: Any) -> Fact:
    broken = Reason(row.broken["key"], tuple(sorted(row.broken["params"].items()))) if row.broken else None
    return Fact(row.confirmed_at, row.confirmed_by, row.broken_at, broken, row.stopped_at)


def confirm(connection: Connection, ways: Iterable[WayId], *, at: datetime, by: str) -> int:
    """They are confirmed, and whatever was broken about them is mended. What was confirmed before keeps by whom and
    when, unless it was broken. Returns how many of them this changed."""
    changed = 0
    for way in ways:
        fresh = way_facts.c.confirmed_at.is_(None) | way_facts.c.broken_at.is_not(None)
        values = {"confirmed_at": at, "confirmed_by": by, "broken_at": None, "broken": None}
        changed += _set(connection, way, values, when=fresh)
    return changed


def broke(connection: Connection, way: WayId, reason: Reason, at: datetime) -> bool:
    """It does not work, for good. False when that was known: its owner has been told then."""
    values = {"broken_at": at, "broken": {"key": reason.key, "params": dict(reason.params)}}
    return bool(_set(connection, way, values, when=way_facts.c.broken_at.is_(None)))


def mend(connection: Connection, way: WayId) -> bool:
    """Something arrived by it after all. False when it was not broken."""
    change = update(way_facts).where(_is(way), way_facts.c.broken_at.is_not(None))
    return _moved(connection, connection.execute(change.values(broken_at=None, broken=None)).rowcount) > 0


def stopped(connection: Connection, way: WayId, at: datetime) -> bool:
    """Its owner has stopped texts to it. False when that was known."""
    return bool(_set(connection, way, {"stopped_at": at}, when=way_facts.c.stopped_at.is_(None)))


def restarted(connection: Connection, way: WayId) -> bool:
    """Its owner takes texts again. False when they had not stopped them."""
    change = update(way_facts).where(_is(way), way_facts.c.stopped_at.is_not(None))
    return _moved(connection, connection.execute(change.values(stopped_at=None)).rowcount) > 0


def code(connection: Connection, way: WayId) -> Code | None:
    row = connection.execute(select(way_codes).where(_same(way))).first()
    return Code(row.nonce, row.sent_at, row.expires_at, row.tries, row.since, row.sent) if row else None


def put_code(connection: Connection, way: WayId, new: Code) -> None:
    """From now on only this one counts."""
    connection.execute(delete(way_codes).where(_same(way)))
    connection.execute(insert(way_codes).values(person=way.person, kind=way.kind, digest=way.digest, **_values(new)))


def tried(connection: Connection, way: WayId, nonce: str, most: int) -> bool:
    """Count one attempt before it is looked at. False when there were too many, or another code has been sent."""
    change = update(way_codes).where(_same(way), way_codes.c.nonce == nonce, way_codes.c.tries < most)
    return connection.execute(change.values(tries=way_codes.c.tries + 1)).rowcount == 1


def use_up(connection: Connection, way: WayId) -> None:
    """The code has confirmed its way: it is worth nothing any more."""
    connection.execute(delete(way_codes).where(_same(way)))


def _values(new: Code) -> dict[str, object]:
    return {name: getattr(new, name) for name in Code.__slots__}


def _is(way: WayId) -> ColumnElement[bool]:
    return and_(way_facts.c.person == way.person, way_facts.c.kind == str(way.kind), way_facts.c.digest == way.digest)


def _same(way: WayId) -> ColumnElement[bool]:
    return and_(way_codes.c.person == way.person, way_codes.c.kind == str(way.kind), way_codes.c.digest == way.digest)


def _set(connection: Connection, way: WayId, values: dict[str, Any], *, when: ColumnElement[bool]) -> int:
    """Change a fact if `when` holds, or make the row. The number of rows that changed: 0 or 1."""
    if connection.scalar(select(way_facts.c.person).where(_is(way)).with_for_update()) is None:
        new = insert(way_facts).values(person=way.person, kind=str(way.kind), digest=way.digest, **values)
        connection.execute(new)
        return _moved(connection, 1)
    change = update(way_facts).where(_is(way), when)
    return _moved(connection, connection.execute(change.values(values)).rowcount)


def _moved(connection: Connection, changed: int) -> int:
    """Move the register's version on if anything was changed, so that every copy is read again."""
    if changed:
        on = update(directory).where(directory.c.name == REGISTER).values(version=directory.c.version + 1)
        if connection.execute(on).rowcount == 0:
            connection.execute(insert(directory).values(name=REGISTER, version=1, body="{}"))
    return changed
